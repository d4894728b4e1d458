public import Postgres
public import Rules

/// What an operator sets up: policies, controllers, keys, peppers. Runs as a role of its own, on a connection of its own.
public final class Administration: Sendable {
    private let database: Database

    /// Connects with one connection; the login must be allowed to take the role `maysend_admin`.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(
            url: url, role: "maysend_admin", name: "maysend_admin", random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await database.write(.normal, body)
    }
}

/// A version of a policy as it was applied.
public struct AppliedPolicy: Hashable, Sendable {
    public let name: String
    public let version: Int
    public let effective: Instant
    public let appliedAt: Instant
    public let appliedBy: String
    public let source: String
}

/// What applying a policy did.
public enum PolicyApplication: Hashable, Sendable {
    case applied
    /// The very same text was applied before.
    case unchanged
}

/// A key without its secret.
public struct KeyDescription: Hashable, Sendable {
    public let prefix: String
    public let controller: Slug
    public let name: String
    public let scopes: [AccessScope]
    public let createdAt: Instant
    public let expiresAt: Instant?
    public let revokedAt: Instant?
}

enum AdministrationSQL {
    static let lock = Statement(
        "administration.lock",
        "select count(pg_advisory_xact_lock(hashtextextended('maysend.policy', 0)))::bigint as locks",
        in: (), out: ("locks", Int64.self))
    static let holder = Statement(
        "administration.holder", "select id, group_id from holder where kind = $1 and slug = $2",
        in: (String.self, Slug.self), out: ("id", Int64.self), ("group_id", Int64?.self))
    static let addHolder = Statement(
        "administration.add-holder",
        "insert into holder (kind, slug, name, group_id) values ($1, $2, $3, $4) returning id",
        in: (String.self, Slug.self, String.self, Int64?.self), out: ("id", Int64.self))
    static let rename = Statement(
        "administration.rename", "update holder set name = $2 where id = $1 and name <> $2",
        in: (Int64.self, String.self))
    static let versions = Statement(
        "administration.versions",
        """
        select name, version, effective, applied_at, applied_by, source from policy
        where name = $1 order by version
        """,
        in: (String.self), out: ("name", String.self), ("version", Int32.self), ("effective", Instant.self),
        ("applied_at", Instant.self), ("applied_by", String.self), ("source", String.self))
    static let names = Statement(
        "administration.names", "select distinct name from policy order by name", in: (), out: ("name", String.self),
        into: { (name: String) in name })
    static let addPolicy = Statement(
        "administration.add-policy",
        """
        insert into policy (group_id, name, version, effective, source, digest, applied_by)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        in: (Int64.self, String.self, Int32.self, Instant.self, String.self, Bytea.self, String.self))
    static let addKey = Statement(
        "administration.add-key",
        """
        insert into api_key (controller_id, name, prefix, digest, scopes, created_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        in: (Int64.self, String.self, String.self, Bytea.self, [AccessScope].self, String.self, Instant?.self))
    static let keys = Statement(
        "administration.keys",
        """
        select k.prefix, h.slug, k.name, k.scopes, k.created_at, k.expires_at, k.revoked_at
        from api_key k join holder h on h.id = k.controller_id order by k.id
        """,
        in: (), out: ("prefix", String.self), ("slug", Slug.self), ("name", String.self),
        ("scopes", [AccessScope].self),
        ("created_at", Instant.self), ("expires_at", Instant?.self), ("revoked_at", Instant?.self),
        into: KeyDescription.init(prefix:controller:name:scopes:createdAt:expiresAt:revokedAt:))
    static let revoke = Statement(
        "administration.revoke", "update api_key set revoked_at = now() where prefix = $1 and revoked_at is null",
        in: (String.self))
    static let peppers = Statement(
        "administration.peppers", "select version, encode(fingerprint, 'hex') as fingerprint from pepper", in: (),
        out: ("version", Int32.self), ("fingerprint", String?.self))
    static let addPepper = Statement(
        "administration.add-pepper",
        "insert into pepper (version, fingerprint, note) values ($1, decode($2, 'hex'), $3)",
        in: (Int32.self, String.self, String?.self))

    static let all: [AnyStatement] = [
        lock.erased, holder.erased, addHolder.erased, rename.erased, versions.erased, names.erased, addPolicy.erased,
        addKey.erased, keys.erased, revoke.erased, peppers.erased, addPepper.erased,
    ]
}

extension Administration {
    /// Puts a version of a policy into effect from its date on, and makes its controllers known.
    ///
    /// Throws `.policyRefused` where the version was applied with another text, is not above the last, takes effect before
    /// the last, or names a controller of another policy.
    public func apply(
        _ policy: Policy, source: String, by user: String
    ) async throws(StoreError) -> PolicyApplication {
        try await write { tx throws(StoreError) in
            _ = try tx.one(AdministrationSQL.lock, ())
            let versions = try tx.all(AdministrationSQL.versions, policy.name.text)
            if let same = versions.first(where: { Int($0.1) == policy.version }) {
                guard same.5 == source else {
                    throw StoreError.policyRefused(
                        "\(policy.label) is applied with another text; raise 'version' to change the policy")
                }
                return .unchanged
            }
            if let last = versions.last {
                guard policy.version > Int(last.1) else {
                    throw StoreError.policyRefused(
                        "version \(policy.version) is not above version \(last.1), which is applied")
                }
                guard policy.effective > last.2 else {
                    throw StoreError.policyRefused(
                        "version \(policy.version) takes effect at \(policy.effective), not after version \(last.1) at \(last.2)"
                    )
                }
            }
            if let last = versions.last { try Self.refuseVanished(from: last.5, in: policy) }
            let group = try Self.group(of: policy, in: tx)
            try Self.controllers(of: policy, group: group, in: tx)
            try tx.run(
                AdministrationSQL.addPolicy,
                (
                    group, policy.name.text, Int32(clamping: policy.version), policy.effective, source,
                    Bytea(Digest(of: source).octets), user
                ))
            return .applied
        }
    }

    /// An entry on a purpose or topic that is gone would stop nothing under whatever name comes instead.
    private static func refuseVanished(from source: String, in policy: Policy) throws(StoreError) {
        let last: Policy
        do throws(FileError) {
            last = try Policy(parsing: source, file: "the applied version")
        } catch {
            throw .damaged("policy \(policy.name): \(error)")
        }
        for purpose in last.purposes {
            guard let kept = policy.purpose(purpose.id) else {
                throw .policyRefused(
                    "purpose '\(purpose.id)' of version \(last.version) is gone: entries that name it would stop nothing; keep it, if only for them"
                )
            }
            for topic in purpose.topics where !kept.topics.contains(topic) {
                throw .policyRefused(
                    "topic '\(topic)' of '\(purpose.id)' of version \(last.version) is gone: entries that name it would stop nothing; keep it, if only for them"
                )
            }
        }
    }

    private static func group(
        of policy: Policy, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Int64 {
        if let known = try tx.first(AdministrationSQL.holder, ("group", policy.name)) { return known.0 }
        return try tx.one(AdministrationSQL.addHolder, ("group", policy.name, policy.name.text, nil))
    }

    private static func controllers(
        of policy: Policy, group: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        for controller in policy.controllers {
            guard let (id, other) = try tx.first(AdministrationSQL.holder, ("controller", controller.id)) else {
                _ = try tx.one(AdministrationSQL.addHolder, ("controller", controller.id, controller.name, group))
                continue
            }
            guard other == group else {
                throw .policyRefused("controller '\(controller.id)' belongs to another policy; ids are unique")
            }
            try tx.run(AdministrationSQL.rename, (id, controller.name))
        }
    }

    /// The applied versions of a policy, oldest first; of all where none is named.
    public func policies(named name: Slug?) async throws(StoreError) -> [AppliedPolicy] {
        try await write { tx throws(StoreError) in
            var policies: [AppliedPolicy] = []
            var names = name.map { [$0.text] } ?? []
            if name == nil { names = try tx.all(AdministrationSQL.names, ()) }
            for known in names {
                for row in try tx.all(AdministrationSQL.versions, known) {
                    policies.append(
                        AppliedPolicy(
                            name: row.0, version: Int(row.1), effective: row.2, appliedAt: row.3, appliedBy: row.4,
                            source: row.5))
                }
            }
            return policies
        }
    }

    /// Stores a key's digest.
    public func add(
        _ key: APIKey, named name: String, for controller: Slug, scopes: Set<AccessScope>, expiresAt: Instant?,
        by user: String
    ) async throws(StoreError) {
        try await write { tx throws(StoreError) in
            guard let id = try tx.first(AdministrationSQL.holder, ("controller", controller))?.0 else {
                throw StoreError.unknownController(
                    controller, known: try tx.all(CatalogueSQL.controllers, ()).map(\.slug))
            }
            let scopes = AccessScope.allCases.filter(scopes.contains)
            try tx.run(AdministrationSQL.addKey, (id, name, key.prefix, Bytea(key.digest), scopes, user, expiresAt))
        }
    }

    /// Every key, without its secret.
    public func keys() async throws(StoreError) -> [KeyDescription] {
        try await write { tx throws(StoreError) in try tx.all(AdministrationSQL.keys, ()) }
    }

    /// Whether there was such a key that was not revoked before. It opens nothing from the commit on.
    public func revoke(prefix: String) async throws(StoreError) -> Bool {
        try await write { tx throws(StoreError) in try tx.run(AdministrationSQL.revoke, prefix) > 0 }
    }

    /// Compares the loaded peppers with those that the database knows, and makes a first or newer one known.
    ///
    /// Throws `.schema` for a pepper that differs from the registered one of its version, and where a version that the
    /// database knows is not loaded: keys made with it could not be found.
    public func register(_ peppers: Peppers, note: String?) async throws(StoreError) {
        try await write { tx throws(StoreError) in
            let known = Dictionary(
                try tx.all(AdministrationSQL.peppers, ()).map { (Int($0.0), $0.1 ?? "") },
                uniquingKeysWith: { first, _ in first })
            try peppers.check(against: known)
            for pepper in peppers.all where known[pepper.version] == nil {
                try tx.run(AdministrationSQL.addPepper, (Int32(clamping: pepper.version), pepper.fingerprint, note))
            }
        }
    }
}

extension Peppers {
    /// Throws `.schema` where a registered version is loaded with another secret, or not at all.
    func check(against known: [Int: String]) throws(StoreError) {
        for (version, fingerprint) in known.sorted(by: { $0.key < $1.key }) {
            guard let loaded = all.first(where: { $0.version == version }) else {
                throw .schema("the database has keys made with pepper v\(version), which is not in the pepper file")
            }
            guard loaded.fingerprint == fingerprint else {
                throw .schema(
                    "pepper v\(version) is not the one this database was filled with; the right file is needed, or the register cannot be read"
                )
            }
        }
    }
}
