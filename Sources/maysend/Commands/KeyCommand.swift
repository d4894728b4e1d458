import ArgumentParser
import Rules
import Store

/// The command `maysend key …`.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke the API keys of mail tools; add a key that seals links.",
        subcommands: [KeyCreate.self, KeyList.self, KeyRevoke.self, KeyRotateLinks.self])
}

/// The command `maysend key create …`.
struct KeyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key of one controller and print it, once.",
        discussion: """
            The key alone goes to standard output; only its digest is stored.

              maysend key create --controller stratsys-ab --name hubspot --scope check

            Scopes: check asks for verdicts; write records acts and contacts; import takes lists; subject serves the \
            rights of data subjects; admin sees the console.
            """)

    @Option(help: ArgumentHelp("The controller it asks for.", valueName: "id"), transform: Words.slug)
    var controller: Slug
    @Option(help: "What uses it, for whoever must revoke it one day.")
    var name: String
    @Option(
        help: ArgumentHelp("What it may do; repeat for more.", valueName: "scope"),
        completion: .list(AccessScope.allCases.map(\.rawValue)),
        transform: Words.scope)
    var scope: [AccessScope]
    @Option(
        help: ArgumentHelp("From when it opens nothing any more, as 2027-01-01T00:00:00Z.", valueName: "time"),
        transform: Words.instant)
    var expires: Instant?

    private static let nameCharactersMax = 100

    func validate() throws {
        guard !scope.isEmpty else {
            throw ValidationError(
                "--scope is missing; allowed are \(AccessScope.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard !name.isEmpty, name.count <= Self.nameCharactersMax, !name.contains("\0") else {
            throw ValidationError("--name is 1 to \(Self.nameCharactersMax) characters.")
        }
    }

    func run() async throws {
        if let expires, expires <= Machine.now() {
            throw Failure("--expires \(expires) is past: the key would open nothing")
        }
        let key = APIKey(random: Machine.randomOctets(APIKey.randomOctets))
        try await Connections.withAdministration { administration in
            try await administration.add(
                key, named: name, for: controller, scopes: Set(scope), expiresAt: expires, by: Machine.user)
        }
        Terminal.note("The key '\(name)' of \(controller), shown this once; it is stored nowhere:")
        Terminal.line(key.secret)
    }
}

/// The command `maysend key list`.
struct KeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List every key without its secret, those that open nothing any more too.")

    func run() async throws {
        let keys = try await Connections.withAdministration { administration in
            try await administration.keys()
        }
        guard !keys.isEmpty else { return Terminal.note("There are no keys; 'maysend key create' makes one.") }
        let now = Machine.now()
        Terminal.table(
            ["PREFIX", "CONTROLLER", "NAME", "SCOPES", "CREATED", "STATE"],
            keys.map { key in
                [
                    key.prefix, key.controller.text, key.name, key.scopes.map(\.rawValue).joined(separator: ","),
                    key.createdAt.wholeSecond.description, state(of: key, at: now),
                ]
            })
    }

    private func state(of key: KeyDescription, at now: Instant) -> String {
        if let revoked = key.revokedAt { return "revoked \(revoked.wholeSecond)" }
        guard let expiry = key.expiresAt else { return "live" }
        return expiry <= now ? "expired \(expiry)" : "live until \(expiry)"
    }
}

/// The command `maysend key revoke PREFIX`.
struct KeyRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Make a key open nothing from now on.",
        discussion: "PREFIX is the part between msk_ and the next _; 'maysend key list' shows it.")

    @Argument(help: "The key's prefix; the whole key will do.")
    var prefix: String

    func run() async throws {
        let wanted = APIKey(parsing: prefix)?.prefix ?? prefix
        let isRevoked = try await Connections.withAdministration { administration in
            let isRevoked = try await administration.revoke(prefix: wanted)
            if !isRevoked, !(try await administration.keys().contains { $0.prefix == wanted }) {
                throw Failure("there is no key with that prefix", hint: "'maysend key list' shows them.")
            }
            return isRevoked
        }
        Terminal.line(isRevoked ? "revoked \(wanted)" : "\(wanted) was revoked before")
    }
}

extension Instant {
    /// Without the fraction of a second, for lists.
    var wholeSecond: Instant { Instant(microseconds: microseconds - microseconds % 1_000_000) }
}
