import ArgumentParser
import Rules
import Store
import Web

/// The command `maysend request …`.
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "What persons have asked for, by when it is due (Article 12(3)).",
        discussion: """
              maysend request list
              maysend request open kari@firma.example --kind export --language nb
              maysend request refuse 8 --reason "nothing shows who asks"
              maysend request complete 7 --note "sent by letter"

            Who is refused, or has to wait longer, gets a letter where their address is stored; else it is said that you tell \
            them, and 'maysend request told' records that you did.
            """,
        subcommands: [
            RequestList.self, RequestShow.self, RequestOpen.self, RequestExtend.self, RequestRefuse.self,
            RequestComplete.self, RequestTold.self,
        ], defaultSubcommand: RequestList.self)
}

/// The command `maysend request list`.
struct RequestList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Open requests, what is due first at the top; overdue ones are marked.")

    @OptionGroup var controller: ControllerOption

    func run() async throws {
        try await Operator.open(controller) { person in
            var rows: [[String]] = []
            var last: (dueAt: Instant, id: Int64)?
            let now = Machine.now()
            while true {
                let page = try await person.store.openRequests(
                    after: last, limit: requestsPageMax, by: person.access)
                rows += page.map { request in
                    [
                        String(request.id), request.kind.rawValue, request.state.rawValue,
                        "\(request.dueAt)" + (request.dueAt <= now ? " overdue" : ""),
                        request.address ?? "key \(request.key)",
                    ]
                }
                guard page.count == requestsPageMax, let end = page.last else { break }
                last = (end.dueAt, end.id)
            }
            if rows.isEmpty { return Terminal.line("no open request") }
            Terminal.table(["REQUEST", "KIND", "STATE", "DUE", "WHO"], rows)
        }
    }
}

/// The command `maysend request show ID`.
struct RequestShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One request with its history.")

    @Argument(help: "Its number.")
    var id: Int64
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        try await Operator.open(controller) { person in
            let file = try await person.store.request(id, by: person.access)
            file.request.say()
            for step in file.steps {
                Terminal.line("\(step.at)  \(step.step.rawValue)  \(step.actor)" + (step.note.map { "  \($0)" } ?? ""))
            }
        }
    }
}

/// The command `maysend request open ADDRESS --kind export`.
struct RequestOpen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Take a request in that came by letter, mail or telephone.")

    @Argument(help: "The address, or - to read it from standard input.")
    var address: String
    @Option(
        help: ArgumentHelp("What is asked for.", valueName: "verb"),
        completion: .list(RequestKind.allCases.map(\.rawValue)),
        transform: { try Words.word($0, among: RequestKind.allCases) })
    var kind: RequestKind
    @Option(help: ArgumentHelp("In which the person is answered, as nb.", valueName: "tag"))
    var language: String?
    @Option(
        help: ArgumentHelp(
            "When it came; now without. One that is open and came earlier than was known is due earlier.",
            valueName: "time"), transform: Words.instant)
    var receivedAt: Instant?
    @Flag(help: "Send a link to the address itself, at most one a day; whoever follows it has the request carried out.")
    var askIdentity = false
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        let address = try Words.address(address)
        let means = askIdentity ? try Self.means() : nil
        try await Operator.open(controller) { person in
            let letter = means.map { pages, issuer in
                pages.identityLetter(
                    issuer, random: { UInt64.random(in: 0 ... .max) }, of: person.access.controller,
                    under: person.policy, in: language, at: Machine.now())
            }
            let opening = try await person.store.run(
                .openRequest(
                    kind, of: .address(address), language: language,
                    from: .staff(receivedAt: receivedAt, letter: letter)), by: person.access)
            let known = opening.isNew ? "" : ", open since \(opening.receivedAt)"
            let asked = askIdentity ? ", \(opening.state.rawValue)" : ""
            Terminal.line("request \(opening.id), due \(opening.dueAt)\(known)\(asked)")
        }
    }

    /// What a link is sent with.
    private static func means() throws(Failure) -> (WebServer.RecipientPages, LinkIssuer) {
        guard let issuer = try LinkKeyFiles.issuer() else {
            throw Failure(
                "links are not set up: MAYSEND_LINK_KEYS and MAYSEND_PUBLIC_URL are not set",
                hint: "'maysend key rotate-links --first' makes the keys.")
        }
        return (try TextFiles.pages(), issuer)
    }
}

/// The command `maysend request extend ID --months 1 --reason …`.
struct RequestExtend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract:
            "Take longer, for a reason that the person is told: \(RequestClock.extensionMonthsMax) months at most.")

    @Argument(help: "Its number.")
    var id: Int64
    @Option(help: "By how many months in all, 1 or 2.")
    var months: Int
    @OptionGroup var reason: ReasonOption
    @OptionGroup var controller: ControllerOption

    func run() async throws { try await controller.move(id, .extend(months: months, reason: reason.reason)) }
}

/// The command `maysend request refuse ID --reason …`.
struct RequestRefuse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse", abstract: "Refuse, for a reason that the person is told (Article 12(4)).")

    @Argument(help: "Its number.")
    var id: Int64
    @OptionGroup var reason: ReasonOption
    @OptionGroup var controller: ControllerOption

    func run() async throws { try await controller.move(id, .refuse(reason: reason.reason)) }
}

/// The command `maysend request complete ID`.
struct RequestComplete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete", abstract: "Answered: the clock ends.")

    @Argument(help: "Its number.")
    var id: Int64
    @Option(help: "How, for the history; no address in it.")
    var note: String?
    @OptionGroup var controller: ControllerOption

    func validate() throws {
        if let note { try ReasonOption.check(note, "--note") }
    }

    func run() async throws { try await controller.move(id, .complete(note: note)) }
}

/// The command `maysend request told ID --method phone`.
struct RequestTold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "told", abstract: "Record that you have told the person of an extension or a refusal.")

    @Argument(help: "Its number.")
    var id: Int64
    @Option(help: ArgumentHelp("How, as letter, phone or mail; no address in it.", valueName: "word"))
    var method: String
    @OptionGroup var controller: ControllerOption

    func validate() throws { try ReasonOption.check(method, "--method") }

    func run() async throws {
        try await Operator.open(controller) { person in
            try await person.store.run(.told(id, method: method), by: person.access).say()
        }
    }
}

/// Why something is done with a request.
struct ReasonOption: ParsableArguments {
    @Option(help: "Why, for the history and the person; no address in it.")
    var reason: String

    func validate() throws { try Self.check(reason, "--reason") }

    /// The history outlives an erasure.
    static func check(_ text: String, _ option: String) throws {
        guard !text.isEmpty, text.utf8.count <= Lead.textBytesMax, !text.utf8.contains(0), !text.contains("@") else {
            throw ValidationError("\(option) is 1 to \(Lead.textBytesMax) bytes without an address.")
        }
    }
}

extension ControllerOption {
    fileprivate func move(_ id: Int64, _ move: RequestMove) async throws {
        let pages = move.isTold ? try TextFiles.pages() : nil
        try await Operator.open(self) { person in
            let letter = pages?.moveLetter(move, of: person.access.controller, under: person.policy)
            let moved = try await person.store.run(
                .move(id, move, letter: letter ?? { _, _ in nil }), by: person.access)
            moved.say()
        }
    }
}

extension MovedRequest {
    fileprivate func say() {
        request.say()
        switch telling {
        case .letter: Terminal.line("told      by a letter with the reason, on its way to the address")
        case .staff: Terminal.line("told      by you")
        case .notYet:
            Terminal.line("told      not yet")
            Terminal.note(
                "No address is stored, or mail to it came back: tell the person, then 'maysend request told \(request.id)'."
            )
        case nil: break
        }
    }
}

extension SubjectRequest {
    fileprivate func say() {
        Terminal.line("request \(id): \(kind.rawValue), Article \(kind.article), \(state.rawValue)")
        Terminal.line("who       \(address ?? "key \(key)")")
        Terminal.line("received  \(receivedAt)")
        Terminal.line(
            "due       \(dueAt)"
                + (extendedMonths > 0
                    ? ", extended by \(extendedMonths == 1 ? "a month" : "\(extendedMonths) months")" : ""))
        if let closedAt { Terminal.line("closed    \(closedAt)") }
    }
}
