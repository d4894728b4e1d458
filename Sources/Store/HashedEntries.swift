import Postgres
public import Rules

/// Entries on addresses of which only a digest is known. Such an entry is an act in the ledger and a standing like any
/// other, under a key made of the kind and the digest; the digest itself, which a list of addresses would open, is kept
/// nowhere. A check makes the digests of its address, of the kinds that the controller has entries of, and looks their keys
/// up together with its own.
public struct HashedEntry: Sendable {
    public let hashed: HashedAddress
    /// Since when the list says so; nil is now.
    public let at: Instant?
    public let evidence: Evidence?

    public init(_ hashed: HashedAddress, at: Instant? = nil, evidence: Evidence? = nil) {
        (self.hashed, self.at, self.evidence) = (hashed, at, evidence)
    }
}

/// What became of a hashed entry.
public enum HashedVerdict: String, Sendable, CaseIterable {
    case created
    /// Such an entry stands already, as early or earlier.
    case unchanged
}

/// Hashed entries that one transaction records.
public let hashedEntriesPerTransactionMax = 5_000

extension Verb where Result == [HashedVerdict] {
    /// Suppresses whoever's address has one of the digests, also one that is first seen later; the verdicts in order.
    /// An entry that stands already is not recorded once more, so a list can be read in again.
    public static func suppress(_ entries: [HashedEntry], scope: Event.WideScope = .controller) -> Verb {
        Verb(entries.count == 1 ? .optOut : .bulk) { scene, tx throws(StoreError) in
            guard entries.count <= hashedEntriesPerTransactionMax else {
                throw .tooMany(limit: hashedEntriesPerTransactionMax)
            }
            return try scene.suppress(entries, scope, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func suppress(
        _ entries: [HashedEntry], _ scope: Event.WideScope, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [HashedVerdict] {
        let keys = entries.map { entry in peppers.all.map { $0.key(for: entry.hashed) } }
        try writer.lock(zip(entries, keys).map { .hashed($0.hashed.kind, key: $1[0]) }, in: tx)
        let now = try writer.clock(tx)
        let act = Event.suppressed(.imported, scope: scope).act(under: try catalogue.policy(of: controller, at: now))
        guard let entry = act.entry else { throw .damaged("suppressed") }
        let holder = writer.holder(of: act)
        let places = keys.flatMap { $0 }.map { StandingPlace(holder: holder, key: $0) }
        let standings = try writer.readStandings(Array(Set(places)).sorted(), in: tx)
        var counted: [AddressKey: Instant] = [:]
        var rows: [LedgerRow] = []
        var verdicts: [HashedVerdict] = []
        for (item, keys) in zip(entries, keys) {
            let known = try standings.merged(keys.map { StandingPlace(holder: holder, key: $0) }, at: controller)
            let at = try Stamp(now: now, before: known)
                .instant(for: act, claimed: item.at, before: known, under: catalogue.policy(of: controller, at: now))
            let stands = (known.own + known.group).contains { $0.kind == .entry(entry) && $0.at <= at }
            guard !stands, counted[keys[0]].map({ $0 > at }) ?? true else {
                verdicts.append(.unchanged)
                continue
            }
            counted[keys[0]] = at
            verdicts.append(.created)
            rows.append(
                LedgerRow(
                    subject: .hashed(item.hashed.kind, key: keys[0]), act: act, at: at,
                    evidence: item.evidence.map { JSONB($0.json) }))
        }
        _ = try writer.append(rows, in: tx)
        try writer.derive(counted.keys.map { StandingPlace(holder: holder, key: $0) }, at: now, in: tx)
        return verdicts
    }
}

/// Kinds of digests, as a set that is cheap to compare.
struct HashKinds: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ kinds: [HashedAddress.Kind]) { self.init(kinds.map { HashKinds($0) }) }

    private init(_ kind: HashedAddress.Kind) {
        let place = HashedAddress.Kind.allCases.firstIndex(of: kind) ?? 0
        self.init(rawValue: 1 << UInt8(place))
    }

    func contains(_ kind: HashedAddress.Kind) -> Bool { contains(HashKinds(kind)) }
}

/// A digest of an address, and of its alias form where that is another address.
struct AddressDigest {
    let own: HashedAddress
    let alias: HashedAddress?

    static func all(of address: Address, _ kinds: HashKinds) -> [AddressDigest] {
        let isAlias = address.alias != address.canonical
        return HashedAddress.Kind.allCases.filter { kinds.contains($0) }.map { kind in
            AddressDigest(
                own: HashedAddress(of: address, kind), alias: isAlias ? HashedAddress(ofAliasOf: address, kind) : nil)
        }
    }
}

/// The keys of a digest under one pepper.
struct HashedKeys: Sendable {
    let kind: HashedAddress.Kind
    let own: AddressKey
    let alias: AddressKey?

    init(_ digest: AddressDigest, _ pepper: Pepper) {
        kind = digest.own.kind
        own = pepper.key(for: digest.own)
        alias = digest.alias.map { pepper.key(for: $0) }
    }
}
