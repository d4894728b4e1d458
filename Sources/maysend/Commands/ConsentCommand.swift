import ArgumentParser
import Rules
import Store

/// The command `maysend consent ADDRESS --purpose P`.
struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "Record that a person has consented to a purpose.",
        discussion: """
            An operator's word counts where nobody has declined, and is refused against a standing opt-out: only the \
            person's own act lifts that, by \(Evidence.liftingMethods.joined(separator: " or ")), and it takes evidence of \
            it.

              maysend consent kari@firma.example --purpose newsletter --method form

            Exit 0 if recorded, 1 if refused because of an opt-out, 2 if it cannot be done.
            """)

    @Argument(help: "The address, or - to read it from standard input.")
    var address: String
    @Option(help: ArgumentHelp("What is consented to.", valueName: "id"))
    var purpose: String
    @Option(
        help: ArgumentHelp("Whose word it is: operator or person.", valueName: "who"),
        completion: .list(By.allCases.map(\.rawValue)),
        transform: { try Words.word($0, among: By.allCases) })
    var by: By = .operator
    @Option(help: ArgumentHelp("How the person acted, as form, phone or double-opt-in.", valueName: "word"))
    var method: String?
    @Option(
        help: ArgumentHelp("What shows it; no address in it; repeat for more.", valueName: "name=word"),
        transform: Words.pair)
    var evidence: [Words.Pair] = []
    @Option(
        help: ArgumentHelp(
            "When an operator's claim says it was given; a person's own act is stamped now.", valueName: "time"),
        transform: Words.instant)
    var at: Instant?
    @OptionGroup var controller: ControllerOption

    enum By: String, CaseIterable {
        case `operator`, person
    }

    func validate() throws {
        guard by == .person else { return }
        guard at == nil else {
            throw ValidationError("--at is for an operator's claim; a person's own act counts from now.")
        }
        guard !evidence.isEmpty else {
            throw ValidationError(
                "--by person needs --evidence of the person's own act, as a number of the confirmation.")
        }
    }

    func run() async throws {
        let address = try Words.address(address)
        let evidence = try Words.evidence(method: method, evidence)
        try await Operator.open(controller) { person in
            let event: Event
            do throws(EventError) {
                event = try Event(.consentGiven, fields: ["purpose": purpose, "by": by.rawValue], under: person.policy)
            } catch {
                throw Failure("--\(error.field): \(error.problem)")
            }
            let report = Report(event, of: .address(address), at: at, evidence: evidence)
            let receipt = try await person.store.run(.record(report), by: person.access)
            Terminal.line("recorded: \(receipt.words), counts from \(receipt.at) (ledger \(receipt.id))")
            if by == .person, receipt.act.source == .operator {
                Terminal.note(
                    "As the operator's word: only the methods \(Evidence.liftingMethods.joined(separator: " and ")) are the person's own."
                )
            }
        }
    }
}
