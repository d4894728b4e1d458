import ArgumentParser
import Rules
import Store

/// The command `maysend policy diff FILE`.
struct PolicyDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Try a policy against everybody in the database: how many verdicts flip, how many contacts would go.",
        discussion: """
            Changes nothing. Asks the version in effect and the file about everybody, at the file's date of effect if that is \
            to come, else now.

              maysend policy diff acme-2.yaml
            """)

    @Argument(help: "A policy file (YAML), or the name of a shipped one.", completion: .file(extensions: ["yaml"]))
    var file: String
    @Option(
        help: ArgumentHelp("Ask as of this instant (RFC 3339).", valueName: "time"), transform: Words.instant)
    var at: Instant?
    @Flag(help: "Show which reason became which.")
    var reasons = false

    func run() async throws {
        let policy: Policy
        do throws(FileError) {
            policy = try PolicyFiles.policy(named: file)
        } catch {
            throw Failure(error)
        }
        let bar = ProgressBar(total: 0)
        let (ground, difference) = try await Connections.withPolicyTrial(PepperFiles.read()) {
            trial -> (PolicyTrialGround, PolicyDifference) in
            let ground = try await trial.ground(of: policy, at: at)
            let difference = try await trial.difference(of: policy, on: ground) { people in
                bar.advance(to: Int(clamping: people), "\(people) asked about")
            }
            return (ground, difference)
        }
        bar.clear()
        show(difference, from: ground, to: policy)
    }

    private func show(_ difference: PolicyDifference, from ground: PolicyTrialGround, to policy: Policy) {
        Terminal.line(
            "\(ground.old.label) -> \(policy.label), \(difference.people) people at "
                + ground.controllers.map(\.slug.text).joined(separator: ", ") + ", as of \(ground.at.wholeSecond)")
        Terminal.line()
        Terminal.table(
            ["PURPOSE", "ELIGIBLE->NOT", "NOT->ELIGIBLE", "OTHER REASON", "SAME"],
            difference.purposes.map { purpose in
                let change = difference.changes[purpose] ?? PolicyDifference.Change()
                return [
                    purpose.text, "\(change.lost)", "\(change.gained)", "\(change.reasoned)", "\(change.unchanged)",
                ]
            })
        if reasons {
            Terminal.line()
            for purpose in difference.purposes {
                for (words, count) in (difference.changes[purpose]?.reasons ?? [:]).sorted(by: { $0.key < $1.key }) {
                    Terminal.line("\(purpose): \(words): \(count)")
                }
            }
        }
        Terminal.line()
        Terminal.line("contacts erased by the change  \(difference.erased)")
        for (name, count) in difference.grounds.sorted(by: { $0.key < $1.key }) {
            Terminal.line("  \(name): \(count)")
        }
        Terminal.line("contacts kept by the change    \(difference.rescued)")
        Terminal.line("contacts due under either      \(difference.dueAnyway)")
        Terminal.note("Nothing was changed.")
    }
}
