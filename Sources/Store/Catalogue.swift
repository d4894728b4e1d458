import Postgres
public import Rules

/// What every request needs and few change: controllers, policies and keys, in one edition.
public final class Catalogue: Sendable {
    let edition: Edition
    /// Every controller, oldest first.
    public let controllers: [ControllerRecord]
    private let versions: [Int64: [PolicyVersion]]
    private let keysByPrefix: [String: KeyRecord]
    private let addressedRecipients: Set<RecipientPlace>

    fileprivate init(
        edition: Edition, controllers: [ControllerRecord], versions: [Int64: [PolicyVersion]],
        keysByPrefix: [String: KeyRecord], addressedRecipients: Set<RecipientPlace>
    ) {
        (self.edition, self.controllers, self.versions) = (edition, controllers, versions)
        (self.keysByPrefix, self.addressedRecipients) = (keysByPrefix, addressedRecipients)
    }

    /// Whether the recipient is told the address and not its key alone.
    func needsAddress(_ place: RecipientPlace) -> Bool { addressedRecipients.contains(place) }

    /// The controller of that name.
    public func controller(_ slug: Slug) throws(StoreError) -> ControllerRecord {
        guard let found = controllers.first(where: { $0.slug == slug }) else {
            throw .unknownController(slug, known: controllers.map(\.slug))
        }
        return found
    }

    /// The controller of that id as it is now.
    func controller(_ id: Int64) throws(StoreError) -> ControllerRecord {
        guard let found = controllers.first(where: { $0.id == id }) else { throw .damaged("controller \(id)") }
        return found
    }

    /// The policy version that judges at the instant.
    public func policy(of controller: ControllerRecord, at instant: Instant) throws(StoreError) -> Policy {
        try version(of: controller, at: instant).policy
    }

    func version(of controller: ControllerRecord, at instant: Instant) throws(StoreError) -> PolicyVersion {
        let versions = versions[controller.group] ?? []
        guard let version = versions.last(where: { $0.policy.effective <= instant }) else {
            throw .noPolicy(group: controller.groupSlug, at: instant, first: versions.first?.policy.effective)
        }
        return version
    }

    func key(prefix: String) -> KeyRecord? { keysByPrefix[prefix] }
}

/// A controller as the store knows it.
public struct ControllerRecord: Hashable, Sendable {
    public let id: Int64
    public let slug: Slug
    public let name: String
    /// The id of its group, which is a holder too.
    public let group: Int64
    public let groupSlug: Slug
    /// Whether a domain was ever suppressed at it. Where not, a check need not look for its address's domain.
    let hasDomains: Bool
    /// Whether an entry ever bound its whole group, of an address or of a domain.
    let groupHasPersons: Bool
    let groupHasDomains: Bool
    /// Of which kinds of digests there is an entry at it, or at its whole group. For others a check need not make any.
    let hashes: HashKinds
    let groupHashes: HashKinds
}

/// A version of a policy, compiled once and then handed from one catalogue to the next.
final class PolicyVersion: Sendable {
    let id: Int64
    let policy: Policy
    private let source: String

    init(id: Int64, policy: Policy, source: String) { (self.id, self.policy, self.source) = (id, policy, source) }

    func isMade(of text: String) -> Bool { source.utf8.elementsEqual(text.utf8) }
}

struct KeyRecord: Sendable {
    let id: Int64
    let controller: Int64
    let digest: [UInt8]
    let scopes: Set<AccessScope>
    let expiresAt: Instant?
    let revokedAt: Instant?
}

enum CatalogueSQL {
    static let edition = Statement(
        "catalogue.edition",
        """
        select e.epoch, e.incarnation, hashtextextended(pg_relation_filepath(e.tableoid), 0) as place,
            pg_postmaster_start_time() as started_at
        from catalogue_epoch e
        """,
        in: (), out: ("epoch", Int64.self), ("incarnation", PGUUID.self), ("place", Int64?.self),
        ("started_at", Instant?.self),
        into: { epoch, incarnation, place, startedAt in
            Edition(epoch: epoch, incarnation: incarnation, place: place ?? 0, startedAt: startedAt ?? .min)
        })
    static let controllers = Statement(
        "catalogue.controllers",
        """
        select c.id, c.slug, c.name, g.id as group_id, g.slug as group_slug, c.has_domains,
            g.has_persons as group_has_persons, g.has_domains as group_has_domains, c.has_hashes,
            g.has_hashes as group_has_hashes
        from holder c join holder g on g.id = c.group_id order by c.id
        """,
        in: (), out: ("id", Int64.self), ("slug", Slug.self), ("name", String.self), ("group_id", Int64.self),
        ("group_slug", Slug.self), ("has_domains", Bool.self), ("group_has_persons", Bool.self),
        ("group_has_domains", Bool.self), ("has_hashes", [HashedAddress.Kind].self),
        ("group_has_hashes", [HashedAddress.Kind].self), into: ControllerRecord.init)
    static let policies = Statement(
        "catalogue.policies", "select id, group_id, name, version, source from policy order by group_id, effective",
        in: (), out: ("id", Int64.self), ("group_id", Int64.self), ("name", String.self), ("version", Int32.self),
        ("source", String.self))
    static let keys = Statement(
        "catalogue.keys",
        "select id, controller_id, prefix, digest, scopes, expires_at, revoked_at from api_key",
        in: (), out: ("id", Int64.self), ("controller_id", Int64.self), ("prefix", String.self), ("digest", Bytea.self),
        ("scopes", [AccessScope].self), ("expires_at", Instant?.self), ("revoked_at", Instant?.self))

    static let addressedRecipients = Statement(
        "catalogue.addressed-recipients",
        "select controller_id, recipient from recipient_endpoint where with_address", in: (),
        out: ("controller_id", Int64.self), ("recipient", Slug.self), into: RecipientPlace.init(controller:recipient:))

    static let all: [AnyStatement] = [
        edition.erased, controllers.erased, policies.erased, keys.erased, addressedRecipients.erased,
    ]
}

extension ControllerRecord {
    fileprivate init(
        id: Int64, slug: Slug, name: String, group: Int64, groupSlug: Slug, hasDomains: Bool, groupHasPersons: Bool,
        groupHasDomains: Bool, hashes: [HashedAddress.Kind], groupHashes: [HashedAddress.Kind]
    ) {
        self.init(
            id: id, slug: slug, name: name, group: group, groupSlug: groupSlug, hasDomains: hasDomains,
            groupHasPersons: groupHasPersons, groupHasDomains: groupHasDomains, hashes: HashKinds(hashes),
            groupHashes: HashKinds(groupHashes))
    }
}

extension Catalogue {
    /// Reads all of it. The edition was read before, so what changes meanwhile is another one; policies that `former` has are not
    /// compiled again.
    static func load(
        _ edition: Edition, _ tx: borrowing Transaction<StoreError>, after former: Catalogue? = nil
    ) throws(StoreError) -> Catalogue {
        let known = Dictionary((former?.versions.values.flatMap { $0 } ?? []).map { ($0.id, $0) }) { $1 }
        var versions: [Int64: [PolicyVersion]] = [:]
        for (id, group, name, version, source) in try tx.all(CatalogueSQL.policies, ()) {
            if let same = known[id], same.isMade(of: source) {
                versions[group, default: []].append(same)
                continue
            }
            let policy: Policy
            do {
                policy = try Policy(parsing: source, file: "\(name)@\(version)")
            } catch {
                throw .damaged("policy \(name)@\(version): \(error)")
            }
            versions[group, default: []].append(PolicyVersion(id: id, policy: policy, source: source))
        }
        var keys: [String: KeyRecord] = [:]
        for (id, controller, prefix, digest, scopes, expiresAt, revokedAt) in try tx.all(CatalogueSQL.keys, ()) {
            keys[prefix] = KeyRecord(
                id: id, controller: controller, digest: digest.bytes, scopes: Set(scopes), expiresAt: expiresAt,
                revokedAt: revokedAt)
        }
        return Catalogue(
            edition: edition, controllers: try tx.all(CatalogueSQL.controllers, ()),
            versions: versions, keysByPrefix: keys,
            addressedRecipients: Set(try tx.all(CatalogueSQL.addressedRecipients, ())))
    }
}
