import ArgumentParser
import Rules
import Store
import Work

/// The command `maysend recipient …`.
struct RecipientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipient",
        abstract: "Say how third parties that got the data are told of opt-outs and erasures, and see how that goes.",
        discussion: """
            The policy names the recipients; here is said how each is reached. Its notices wait until that is set.

              maysend recipient set hubspot --kind hubspot --url https://api.hubapi.com --secret-file token
              maysend recipient set crm --url https://crm.example/hooks/maysend
              maysend recipient list
            """,
        subcommands: [
            RecipientSet.self, RecipientList.self, RecipientPause.self, RecipientResume.self, RecipientReplay.self,
            RecipientDiscard.self, RecipientRotateSecret.self,
        ])
}

/// The recipient that a command is about.
struct RecipientArgument: ParsableArguments {
    @Argument(help: "The recipient, by its id in the policy.", transform: Words.slug)
    var recipient: Slug

    /// Refused is one that the policy does not name.
    func checked(_ operated: Operator) throws(Failure) -> Slug {
        let known = operated.policy.recipients.map(\.id)
        guard known.contains(recipient) else {
            throw Failure(
                "policy \(operated.policy.label) names no recipient '\(recipient)'",
                hint: known.isEmpty
                    ? "It names none; add them under 'recipients:'."
                    : "It names \(known.map(\.text).joined(separator: ", ")).")
        }
        return recipient
    }
}

/// The command `maysend recipient set ID …`.
struct RecipientSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say how a recipient is reached, and let its notices go out.",
        discussion: """
            A webhook gets signed JSON (Standard Webhooks). Without --secret-file a secret and a signing key are made; what \
            the recipient needs of them goes to standard output, once. HubSpot gets calls of its API; its private app's \
            token stands in the --secret-file, and it is always told the address.
            """)

    @OptionGroup var which: RecipientArgument
    @OptionGroup var whose: ControllerOption
    @Option(help: "Where: an https URL on the open Internet, unless MAYSEND_OUTBOUND_ALLOW allows more.")
    var url: String
    @Option(help: "What is there: webhook or hubspot.", transform: Self.kind)
    var kind: Endpoint.Kind = .webhook
    @Option(
        help: ArgumentHelp("A file with the secret: whsec_… and/or whsk_…, or HubSpot's token.", valueName: "file"))
    var secretFile: String?
    @Flag(help: "Tell it the address, and not the address key alone.")
    var withAddress = false

    private static func kind(_ text: String) throws -> Endpoint.Kind {
        guard let kind = Endpoint.Kind(rawValue: text) else {
            throw ValidationError("'\(text)' is no kind; allowed are webhook and hubspot")
        }
        return kind
    }

    func run() async throws {
        let parsed: OutboundURL
        do { parsed = try OutboundURL(parsing: url) } catch { throw Failure("--url: \(error.description)") }
        do {
            _ = try await OutboundGuard(allowed: Settings.outboundAllowed()).admit(parsed)
        } catch let refusal as OutboundRefusal where refusal.isPassing {
            Terminal.note("\(parsed.host) has no address now; it is asked again when there is something to tell.")
        } catch let refusal as OutboundRefusal {
            throw Failure("--url: \(refusal.description)")
        }
        let secret = try RecipientSecret.read(secretFile, for: kind)
        try await Operator.open(whose) { operated in
            let recipient = try which.checked(operated)
            let peppers = operated.store.peppers
            try await Connections.withAdministration { administration in
                try await administration.setEndpoint(
                    recipient, of: operated.access.controller, kind: kind,
                    url: kind == .hubspot && url.hasSuffix("/") ? String(url.dropLast()) : url,
                    withAddress: withAddress || kind == .hubspot, secret: secret.text, sealedBy: peppers,
                    by: Machine.user)
            }
            Terminal.note("\(recipient) of \(operated.access.controller.slug) is told at \(parsed.host) from now on.")
            secret.show()
        }
    }
}

/// A secret as it is stored, and what the recipient needs of it.
struct RecipientSecret {
    let text: String
    /// Nil where the recipient has it already.
    let shown: String?

    static func read(_ file: String?, for kind: Endpoint.Kind) throws(Failure) -> RecipientSecret {
        guard let file else {
            guard kind == .webhook else {
                throw Failure("--secret-file is missing: HubSpot wants the token of a private app")
            }
            let text = WebhookSecret.text(
                shared: Machine.randomOctets(WebhookSecret.sharedOctetsNew),
                signing: Machine.randomOctets(WebhookSecret.signingOctets))
            return RecipientSecret(text: text, shown: try webhook(text, "the new secret").shown)
        }
        var text: String
        do { text = try SystemFile.text(file) } catch { throw Failure("the secret file \(error.description)") }
        text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...Endpoint.secretBytesMax).contains(text.utf8.count) else {
            throw Failure("\(file) is empty, or has more than \(Endpoint.secretBytesMax) bytes in it")
        }
        if kind == .webhook {
            _ = try webhook(text, file)
        } else {
            guard text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
                throw Failure("\(file) holds no token: one word of visible ASCII is allowed")
            }
        }
        return RecipientSecret(text: text, shown: nil)
    }

    private static func webhook(_ text: String, _ place: String) throws(Failure) -> WebhookSecret {
        do { return try WebhookSecret(parsing: text) } catch { throw Failure("\(place): \(error.description)") }
    }

    func show() {
        guard let shown else { return }
        Terminal.note("What it checks the signatures by, shown this once:")
        Terminal.line(shown)
    }
}

/// The command `maysend recipient list`.
struct RecipientList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show every recipient, how it is reached, and what waits for it.")

    @OptionGroup var whose: ControllerOption

    func run() async throws {
        try await Operator.open(whose) { operated in
            let recipients = try await operated.store.recipients(by: operated.access)
            guard !recipients.isEmpty else {
                return Terminal.note("The policy \(operated.policy.label) names no recipients.")
            }
            Terminal.table(
                [
                    "RECIPIENT", "KIND", "STATE", "WAITING", "QUARANTINED", "UNDELIVERABLE", "DELIVERED", "OLDEST",
                    "URL",
                    "FAILING",
                ],
                recipients.map { one in
                    [
                        one.recipient.text, one.kind?.rawValue ?? "-", one.state.rawValue, "\(one.waiting)",
                        "\(one.quarantined)", "\(one.undeliverable)", "\(one.delivered)",
                        one.oldest?.wholeSecond.description ?? "-", one.url ?? "-", Self.failure(of: one),
                    ]
                })
        }
    }

    private static func failure(of one: EndpointState) -> String {
        guard let failure = one.failure, let since = one.failingSince else { return "-" }
        return "since \(since.wholeSecond): \(failure)"
    }
}

/// The command `maysend recipient pause ID`.
struct RecipientPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Tell a recipient nothing for a while; its notices wait.")

    @OptionGroup var which: RecipientArgument
    @OptionGroup var whose: ControllerOption

    func run() async throws { try await setRecipient(which, whose, .paused) }
}

/// The command `maysend recipient resume ID`.
struct RecipientResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Tell a recipient again that was paused, or that said it was gone.")

    @OptionGroup var which: RecipientArgument
    @OptionGroup var whose: ControllerOption

    func run() async throws { try await setRecipient(which, whose, .live) }
}

private func setRecipient(
    _ which: RecipientArgument, _ whose: ControllerOption, _ state: EndpointState.State
) async throws {
    try await Operator.open(whose) { operated in
        let recipient = try which.checked(operated)
        let isThere = try await Connections.withAdministration { administration in
            try await administration.setEndpoint(
                recipient, of: operated.access.controller, paused: state, by: Machine.user)
        }
        guard isThere else { throw Failure.noEndpoint(recipient) }
        Terminal.line("\(recipient) is \(state.rawValue)")
    }
}

/// The command `maysend recipient replay ID`.
struct RecipientReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send again what is in quarantine, from the first try on.")

    @OptionGroup var which: RecipientArgument
    @OptionGroup var whose: ControllerOption
    @Option(help: ArgumentHelp("Only this notice.", valueName: "number"))
    var notice: Int64?

    func run() async throws {
        try await Operator.open(whose) { operated in
            let count = try await operated.store.run(
                .replayNotices(of: which.recipient, only: notice), by: operated.access)
            Terminal.line("\(count) sent again")
        }
    }
}

/// The command `maysend recipient discard ID`.
struct RecipientDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Settle what is in quarantine as never told.",
        discussion: """
            What waits behind it goes out. Say by other means what must be said: the recipient hears nothing of it from here.
            """)

    @OptionGroup var which: RecipientArgument
    @OptionGroup var whose: ControllerOption
    @Option(help: ArgumentHelp("Only this notice.", valueName: "number"))
    var notice: Int64?

    func run() async throws {
        try await Operator.open(whose) { operated in
            let count = try await operated.store.run(
                .discardNotices(of: which.recipient, only: notice), by: operated.access)
            Terminal.line("\(count) discarded")
        }
    }
}

/// The command `maysend recipient rotate-secret ID`.
struct RecipientRotateSecret: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-secret", abstract: "Sign with a new secret beside the old one, until --finish.",
        discussion: """
            Give the recipient the new secret, and when it checks by that one:

              maysend recipient rotate-secret crm --finish

            While two secrets sign, a third is refused: the recipient may check by either, and --force drops the older one. \
            HubSpot's token is replaced at once.
            """)

    @OptionGroup var which: RecipientArgument
    @OptionGroup var whose: ControllerOption
    @Option(help: ArgumentHelp("A file with the new secret; without it one is made.", valueName: "file"))
    var secretFile: String?
    @Flag(help: "The old secret signs no more.")
    var finish = false
    @Flag(help: "Where two secrets sign, drop the older one.")
    var force = false

    func run() async throws {
        try await Operator.open(whose) { operated in
            let recipient = try which.checked(operated)
            let controller = operated.access.controller
            if finish {
                let isThere = try await Connections.withAdministration { administration in
                    try await administration.endRotation(recipient, of: controller, by: Machine.user)
                }
                guard isThere else { throw Failure.noEndpoint(recipient) }
                return Terminal.line("\(recipient) is told with the newest secret alone")
            }
            let states = try await operated.store.recipients(by: operated.access)
            guard let kind = states.first(where: { $0.recipient == recipient })?.kind else {
                throw Failure.noEndpoint(recipient)
            }
            let secret = try RecipientSecret.read(secretFile, for: kind)
            let rotation = try await Connections.withAdministration { administration in
                try await administration.rotateSecret(
                    recipient, of: controller, to: secret.text, force ? .droppingTheOlder : .oneAtATime,
                    sealedBy: operated.store.peppers, by: Machine.user)
            }
            guard rotation != .underWay else {
                throw Failure(
                    "two secrets of '\(recipient)' sign already, and nothing was changed",
                    hint: "--finish drops the older one, when the recipient checks by the newer; --force drops it now.")
            }
            Terminal.note("\(recipient) is told with the new secret\(kind == .webhook ? " and the old one" : "").")
            secret.show()
        }
    }
}

extension Failure {
    fileprivate static func noEndpoint(_ recipient: Slug) -> Failure {
        Failure(
            "nobody has said how '\(recipient)' is reached",
            hint: "'maysend recipient set \(recipient) --url …' says it.")
    }
}
