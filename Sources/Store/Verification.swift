public import Postgres
public import Rules

/// A standing that is not what the ledger says.
public struct Drift: Hashable, Sendable {
    public let holder: Int64
    public let key: AddressKey
    public let problem: Problem

    public enum Problem: String, Sendable {
        /// The ledger has acts, and there is no row.
        case missing
        /// The row's facts are not those of the acts.
        case facts
        /// What other addresses of the alias form may read is not what the acts say.
        case aliases
        /// The row's bytes cannot be read.
        case damaged
        /// There is a row, and the ledger has no act for it.
        case unfounded
        /// The ledger has acts on a domain that is not among the known ones, so that no check looks for it.
        case unlisted
    }
}

/// How a verification came out.
public struct VerificationReport: Sendable {
    /// How many rows were compared.
    public let compared: Int
    /// The first of those that differ, at most `driftsShownMax`.
    public let drifts: [Drift]
    /// How many differ.
    public let driftCount: Int

    public static let driftsShownMax = 1_000
}

enum VerificationSQL {
    /// Every place that has a row or an act, in order; a slice at a time.
    static let places = Statement(
        "verification.places",
        """
        select coalesce(s.holder_id, l.holder_id) as holder_id, coalesce(s.address_key, l.address_key) as address_key,
            s.facts, s.aliases, s.derived_at, l.holder_id is not null as has_acts,
            exists (
                select from ledger a where a.holder_id = coalesce(s.holder_id, l.holder_id)
                    and a.alias_key = coalesce(s.address_key, l.address_key)
            ) as has_aliases
        from (
            select holder_id, address_key, facts, aliases, derived_at from standing
            where (holder_id, address_key) > ($1, $2) order by holder_id, address_key limit $3
        ) s
        full join (
            (select distinct holder_id, address_key from ledger
                where address_key is not null and (holder_id, address_key) > ($1, $2)
                order by holder_id, address_key limit $3)
            union
            (select distinct holder_id, alias_key from ledger
                where alias_key is not null and (holder_id, alias_key) > ($1, $2)
                order by holder_id, alias_key limit $3)
        ) l on l.holder_id = s.holder_id and l.address_key = s.address_key
        order by 1, 2 limit $3
        """,
        in: (Int64.self, AddressKey.self, Int64.self), out: ("holder_id", Int64?.self),
        ("address_key", AddressKey?.self),
        ("facts", Bytea?.self), ("aliases", Bytea?.self), ("derived_at", Instant?.self), ("has_acts", Bool?.self),
        ("has_aliases", Bool?.self))

    /// Domains that checks would pass over.
    static let unlistedDomains = Statement(
        "verification.unlisted-domains",
        """
        select distinct l.holder_id, l.address_key from ledger l
        where l.domain is not null and l.address_key is not null and not exists (
            select from known_domain d where d.holder_id = l.holder_id and d.address_key = l.address_key
        )
        """,
        in: (), out: ("holder_id", Int64.self), ("address_key", AddressKey?.self))

    static let all: [AnyStatement] = [places.erased, unlistedDomains.erased]
}

/// Recomputes standings from the acts and compares. Reads everything, changes nothing.
public final class Verifier: Sendable {
    private let database: Database

    /// Connects with one connection; the login must be allowed to take the role `maysend_audit`.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(
            url: url, role: "maysend_audit", name: "maysend_audit", isForBulk: true, random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    /// How many places one step compares.
    private static let placesPerStep = 2_000

    /// Compares every standing with the ledger, in bounded steps, each in a snapshot of its own. `progress` hears how many
    /// were compared.
    public func verify(
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(StoreError) -> VerificationReport {
        var cursor = StandingPlace(holder: 0, key: AddressKey(high: 0, low: 0))
        var compared = 0
        var drifts: [Drift] = []
        var count = 0
        while true {
            let from = cursor
            let (last, step, found) = try await database.read(.bulk, isolation: .repeatableRead) {
                tx throws(StoreError) in
                try Self.step(after: from, in: tx)
            }
            compared += step
            count += found.count
            drifts += found.prefix(max(0, VerificationReport.driftsShownMax - drifts.count))
            progress(compared)
            guard let last else { break }
            cursor = last
        }
        let unlisted = try await database.read(.bulk) { tx throws(StoreError) in try Self.unlisted(in: tx) }
        count += unlisted.count
        drifts += unlisted.prefix(max(0, VerificationReport.driftsShownMax - drifts.count))
        return VerificationReport(compared: compared, drifts: drifts, driftCount: count)
    }

    private static func unlisted(in tx: borrowing Transaction<StoreError>) throws(StoreError) -> [Drift] {
        try tx.all(VerificationSQL.unlistedDomains, ()).compactMap { holder, key in
            key.map { Drift(holder: holder, key: $0, problem: .unlisted) }
        }
    }

    private static func step(
        after place: StandingPlace, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (last: StandingPlace?, compared: Int, drifts: [Drift]) {
        let rows = try tx.all(VerificationSQL.places, (place.holder, place.key, Int64(placesPerStep)))
        var byHolder: [Int64: [AddressKey]] = [:]
        for (holder, key, _, _, _, _, _) in rows {
            if let holder, let key { byHolder[holder, default: []].append(key) }
        }
        var derived: [StandingPlace: [Fact]] = [:]
        for (holder, keys) in byHolder {
            let places = keys.map { StandingPlace(holder: holder, key: $0) }
            derived.merge(try LedgerWriter.facts(at: places, controller: holder, in: tx)) { first, _ in first }
        }
        var drifts: [Drift] = []
        var last: StandingPlace?
        for (holder, key, facts, aliases, derivedAt, hasActs, hasAliases) in rows {
            guard let holder, let key else { continue }
            let place = StandingPlace(holder: holder, key: key)
            last = place
            let acts = hasAliases == true ? try LedgerWriter.aliasFacts(of: key, holder: holder, in: tx) : []
            if let problem = compare(facts, aliases, derivedAt, hasActs ?? false, with: derived[place] ?? [], acts) {
                drifts.append(Drift(holder: holder, key: key, problem: problem))
            }
        }
        return (rows.count < placesPerStep ? nil : last, rows.count, drifts)
    }

    private static func compare(
        _ facts: Bytea?, _ aliases: Bytea?, _ derivedAt: Instant?, _ hasActs: Bool, with derived: [Fact],
        _ derivedAliases: [(key: AddressKey, facts: [Fact])]
    ) -> Drift.Problem? {
        guard let facts, let aliases, let derivedAt else {
            // Where an alias form is nobody's address, there is a row only once there is an entry to show.
            return derived.isEmpty && derivedAliases.allSatisfy(\.facts.isEmpty) ? nil : .missing
        }
        guard FactsCode.decode(facts.bytes) != nil, FactsCode.decodeAliases(aliases.bytes) != nil else {
            return .damaged
        }
        if FactsCode.encode(Facts.pruned(derived, at: derivedAt)) != facts.bytes {
            return hasActs ? .facts : .unfounded
        }
        if FactsCode.encodeAliases(derivedAliases) != aliases.bytes { return .aliases }
        return nil
    }
}
