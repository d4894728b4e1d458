public import Postgres
public import Rules

/// What an API key may do.
public enum AccessScope: String, Sendable, CaseIterable, PostgresWrapped {
    case check, write, `import`, subject, admin
}

/// Who asks, proven: a controller's key, or an operator at the command line.
public struct Access: Sendable {
    public let controller: ControllerRecord
    public let scopes: Set<AccessScope>
    /// As the ledger names it: `key:PREFIX`, `cli:USER` or `link`.
    public let actor: String

    /// An operator at the machine, who needs no key.
    public init(operator user: String, for controller: ControllerRecord) {
        self.init(controller: controller, scopes: Set(AccessScope.allCases), actor: "cli:" + user)
    }

    /// A part of the service itself, as the ledger names it.
    public init(service name: StaticString, for controller: ControllerRecord) {
        self.init(controller: controller, scopes: [], actor: name.description)
    }

    /// A person behind a link of the controller's mail, who may do what links do and nothing else.
    init(linkTo controller: ControllerRecord) {
        self.init(controller: controller, scopes: [], actor: "link")
    }

    static let keyActor = "key:"

    init(controller: ControllerRecord, scopes: Set<AccessScope>, actor: String) {
        (self.controller, self.scopes, self.actor) = (controller, scopes, actor)
    }
}

/// Why a key opens nothing.
public enum AccessRefusal: Error, Hashable, Sendable {
    case unknownKey, revokedKey, expiredKey
}

extension Catalogue {
    /// Whether whoever began with this access still has it: a key may be revoked while a request is under way.
    func stillOpens(_ access: Access) -> Bool {
        guard access.actor.hasPrefix(Access.keyActor) else { return true }
        guard let key = key(prefix: String(access.actor.dropFirst(Access.keyActor.count))) else { return false }
        return key.revokedAt == nil
    }

    /// Like `stillOpens`, where the key may have expired too.
    func stillOpens(_ access: Access, at now: Instant) -> Bool {
        guard stillOpens(access) else { return false }
        guard access.actor.hasPrefix(Access.keyActor) else { return true }
        let expiry = key(prefix: String(access.actor.dropFirst(Access.keyActor.count)))?.expiresAt
        return expiry.map { $0 > now } ?? true
    }

    /// Like `access`, as a value.
    func outcome(of key: APIKey, at now: Instant) -> Result<Access, AccessRefusal> {
        do throws(AccessRefusal) { return .success(try access(of: key, at: now)) } catch { return .failure(error) }
    }

    /// The access of a key at the instant. Compares digests in constant time.
    public func access(of key: APIKey, at now: Instant) throws(AccessRefusal) -> Access {
        guard let record = self.key(prefix: key.prefix), key.hasDigest(record.digest),
            let controller = controllers.first(where: { $0.id == record.controller })
        else { throw .unknownKey }
        if record.revokedAt != nil { throw .revokedKey }
        if let expiry = record.expiresAt, expiry <= now { throw .expiredKey }
        return Access(controller: controller, scopes: record.scopes, actor: Access.keyActor + key.prefix)
    }
}
