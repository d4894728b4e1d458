import ArgumentParser
import Foundation
import Rules
import Store

/// The command `maysend policy …`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Test, check, show, try and apply policies.",
        subcommands: [PolicyTest.self, PolicyCheck.self, PolicyShow.self, PolicyDiff.self, PolicyApply.self])
}

/// The command `maysend policy test FILE…`.
struct PolicyTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Replay scenario files without a database.",
        discussion:
            "Prints a line per failing scenario. Exit 0 if all pass, 1 if one fails, 2 if a file cannot be read.")

    @Argument(help: "Scenario files (YAML).", completion: .file(extensions: ["yaml"]))
    var files: [String]

    func run() async throws {
        var passed = 0
        var failed = 0
        for file in files {
            let scenarios: ScenarioFile
            do {
                scenarios = try readScenarios(file)
            } catch {
                Terminal.error(error.description)
                throw ExitCode(2)
            }
            for scenario in scenarios.scenarios {
                switch scenario.run(under: scenarios.policy) {
                case .passed: passed += 1
                case .failed(let expected, let got):
                    failed += 1
                    Terminal.line("\(file):\(scenario.line): \(scenario.name): expected \(expected); got \(got)")
                }
            }
        }
        Terminal.line("\(passed) passed, \(failed) failed")
        if failed > 0 { throw ExitCode(1) }
    }

    private func readScenarios(_ file: String) throws(FileError) -> ScenarioFile {
        try ScenarioFile(parsing: SystemFile.text(file), file: file) { word throws(FileError) in
            try PolicyFiles.policy(named: word, besides: file)
        }
    }
}

/// The command `maysend policy check FILE…`.
struct PolicyCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read policy files without a database and say what is wrong in them.",
        discussion: """
            Prints a line per file: what it holds, or file, line, path, and what is allowed. Exit 0 if all are good, 2 if \
            one is not. A shipped policy is checked by its name.

              maysend policy check deploy/policies/*.yaml
            """)

    @Argument(help: "Policy files (YAML).", completion: .file(extensions: ["yaml"]))
    var files: [String]

    func run() async throws {
        var isGood = true
        for file in files {
            do {
                let policy = try PolicyFiles.policy(named: file)
                let controllers = policy.controllers.map(\.id.text).joined(separator: ", ")
                Terminal.line(
                    "\(file): ok: \(policy.label), in effect from \(policy.effective), \(policy.purposes.count) purposes,"
                        + " controllers \(controllers)")
            } catch {
                isGood = false
                Terminal.error(error.description)
            }
        }
        if !isGood { throw ExitCode(2) }
    }
}

/// The command `maysend policy show [NAME]`.
struct PolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List the versions of the policies in the database, and which of each is in effect.",
        discussion: """
              maysend policy show
              maysend policy show stratsys --text
            """)

    @Argument(help: "The policy's name; without it all.", transform: Words.slug)
    var name: Slug?
    @Flag(help: "Print the text of the version in effect instead; needs NAME.")
    var text = false

    func validate() throws {
        guard !text || name != nil else { throw ValidationError("--text needs the policy's NAME.") }
    }

    func run() async throws {
        let policies = try await Connections.withAdministration { administration in
            try await administration.policies(named: name)
        }
        let now = Machine.now()
        var inEffect: [String: AppliedPolicy] = [:]
        for policy in policies where policy.effective <= now { inEffect[policy.name] = policy }
        guard !policies.isEmpty else {
            guard let name else { return Terminal.note("No policy is applied; 'maysend policy apply FILE' does that.") }
            throw Failure("no policy '\(name)' is applied", hint: "'maysend policy show' lists those that are.")
        }
        if text, let name {
            guard let policy = inEffect[name.text] else { throw Failure("no version of '\(name)' is in effect yet") }
            return Terminal.text(policy.source)
        }
        Terminal.table(
            ["POLICY", "VERSION", "EFFECTIVE", "STATE", "APPLIED", "BY"],
            policies.map { policy in
                let state =
                    policy == inEffect[policy.name] ? "in effect" : policy.effective > now ? "to come" : "superseded"
                return [
                    policy.name, "\(policy.version)", "\(policy.effective)", state, "\(policy.appliedAt.wholeSecond)",
                    policy.appliedBy,
                ]
            })
    }
}

/// The command `maysend policy apply FILE`.
struct PolicyApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Put a version of a policy into effect from its date on, and make its controllers known.",
        discussion: """
            A version is never changed once applied: raise 'version' and 'effective' for a new one. The same file again is \
            harmless.

              maysend policy apply deploy/policies/stratsys.yaml
            """)

    @Argument(help: "A policy file (YAML), or the name of a shipped one.", completion: .file(extensions: ["yaml"]))
    var file: String

    func run() async throws {
        let source: String
        let policy: Policy
        do throws(FileError) {
            source = try PolicyFiles.text(named: file)
            policy = try Policy(parsing: source, file: file)
        } catch {
            throw Failure(error)
        }
        let outcome = try await Connections.withAdministration { administration in
            try await administration.apply(policy, source: source, by: Machine.user)
        }
        switch outcome {
        case .applied:
            let isNow = policy.effective <= Machine.now()
            Terminal.line(
                "applied \(policy.label), in effect from \(policy.effective)\(isNow ? "" : ", which is to come")")
        case .unchanged: Terminal.line("\(policy.label) was applied before and is the same")
        }
    }
}
