import ArgumentParser
import Rules
import Store

/// The command `maysend suppress ADDRESS`.
struct SuppressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppress",
        abstract: "Enter an opt-out into the register, for an address or for a whole domain.",
        discussion: """
            Done when it says so; from then on no check of what it stops says eligible. Only a newer act of the person \
            lifts it.

              maysend suppress kari@firma.example --reason unsubscribed
              maysend suppress kari@firma.example --reason unsubscribed --topic events
              maysend suppress kari@firma.example --reason objected --evidence letter=2026-114
              maysend suppress --domain acme.example

            What a reason binds: unsubscribed, the policy's default scope unless --scope says otherwise; \
            consent-withdrawn, its --purpose; objected, its --purpose, or all direct marketing; complained, all direct \
            marketing; imported, the controller, or with --scope group its group.
            """)

    @Argument(help: "The address, or - to read it from standard input.")
    var address: String?
    @Option(help: ArgumentHelp("Every address at this domain, instead of one.", valueName: "domain"))
    var domain: String?
    @Option(
        help: ArgumentHelp("Why: \(Self.reasons.map(\.rawValue).joined(separator: ", ")).", valueName: "reason"),
        completion: .list(reasons.map(\.rawValue)), transform: { try Words.word($0, among: Self.reasons) })
    var reason: EntryReason?
    @Option(
        help: ArgumentHelp("How far it reaches: topic, purpose, controller, group.", valueName: "scope"),
        completion: .list(Scope.allCases.map(\.rawValue)))
    var scope: String?
    @Option(help: ArgumentHelp("The purpose it names, or that the mail was for.", valueName: "id"))
    var purpose: String?
    @Option(help: ArgumentHelp("The topic it names.", valueName: "id"))
    var topic: String?
    @Option(
        help: ArgumentHelp("When it was declared, as 2026-01-31T10:00:00Z; without it now.", valueName: "time"),
        transform: Words.instant)
    var at: Instant?
    @Option(
        help: ArgumentHelp("What shows it; no address in it; repeat for more.", valueName: "name=word"),
        transform: Words.pair)
    var evidence: [Words.Pair] = []
    @OptionGroup var controller: ControllerOption

    private static let reasons: [EntryReason] = [
        .unsubscribed, .consentWithdrawn, .objected, .complained, .imported, .domainSuppressed,
    ]

    func validate() throws {
        switch (address, domain) {
        case (nil, nil): throw ValidationError("Give an ADDRESS, or --domain.")
        case (.some, .some): throw ValidationError("Give an ADDRESS or --domain, not both.")
        case (.some, nil):
            guard let reason else {
                throw ValidationError(
                    "--reason is missing; allowed are \(Self.reasons.dropLast().map(\.rawValue).joined(separator: ", "))."
                )
            }
            if reason == .domainSuppressed { throw ValidationError("The reason domain-suppressed needs --domain.") }
        case (nil, .some):
            if let reason, reason != .domainSuppressed {
                throw ValidationError("A domain is suppressed for the reason domain-suppressed alone.")
            }
        }
    }

    func run() async throws {
        let subject = try subject()
        let evidence = try Words.evidence(method: nil, evidence)
        try await Operator.open(controller) { person in
            let event = try event(under: person.policy)
            let report = Report(event, of: subject, at: at, evidence: evidence)
            let receipt = try await person.store.run(.record(report), by: person.access)
            say(receipt)
        }
    }

    private func subject() throws(Failure) -> Report.Subject {
        if let address { return .address(try Words.address(address)) }
        do {
            return .domain(try Domain(parsing: domain ?? ""))
        } catch {
            throw Failure("no domain (\(error.code)): \(error.sentence)")
        }
    }

    private func event(under policy: Policy) throws(Failure) -> Event {
        var fields: [String: String] = [:]
        fields["scope"] = scope
        fields["purpose"] = purpose
        fields["topic"] = topic
        let name: Event.Name
        switch reason ?? .domainSuppressed {
        case .unsubscribed: name = .unsubscribed
        case .consentWithdrawn: name = .consentWithdrawn
        case .objected: name = .objected
        case .complained: name = .complained
        case .erased: name = .erased
        case .imported, .domainSuppressed:
            name = .suppressed
            fields["reason"] = (reason ?? .domainSuppressed).rawValue
        }
        do {
            return try Event(name, fields: fields, under: policy)
        } catch {
            guard error.kind == .unknownField else { throw Failure("--\(error.field): \(error.problem)") }
            let allowed = name.fields.filter { $0 != "reason" && $0 != "by" && $0 != "confirms" }.map { "--" + $0 }
            throw Failure(
                "--\(error.field) does not belong to this reason",
                hint: allowed.isEmpty
                    ? "It takes none of --scope, --purpose, --topic." : "It takes \(allowed.joined(separator: ", ")).")
        }
    }

    private func say(_ receipt: Receipt) {
        Terminal.line("recorded: \(receipt.words), counts from \(receipt.at) (ledger \(receipt.id))")
        guard !receipt.isLifted else {
            return Terminal.line("It stops nothing: a newer act of the person lifts it.")
        }
        Terminal.line("stops: \(receipt.stops.map(\.text).joined(separator: ", "))")
    }
}

extension Receipt {
    /// The act and what it is about: `unsubscribed, scope controller`.
    var words: String {
        var text = act.suppression?.rawValue ?? act.name.rawValue
        if let scope = act.scope { text += ", scope \(scope.rawValue)" }
        if let purpose = act.purpose { text += ", purpose \(purpose)" }
        if let topic = act.topic { text += ", topic \(topic)" }
        return text
    }
}
