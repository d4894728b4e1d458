import Postgres
public import Rules

/// What became of a list of people who left their organisations.
public struct LeaverCounts: Hashable, Sendable {
    /// Marked by this list.
    public var left = 0
    /// Marked before; nothing new was recorded.
    public var known = 0
    /// Of those marked, how many have data stored that the next sweep erases if nothing else keeps them.
    public var stored = 0

    public init() {}

    /// Both together.
    public static func + (one: LeaverCounts, other: LeaverCounts) -> LeaverCounts {
        var sum = one
        sum.left += other.left
        sum.known += other.known
        sum.stored += other.stored
        return sum
    }
}

/// The most people that one transaction marks: each holds a lock of its own.
public let leaversPerTransactionMax = 500

extension Verb where Result == LeaverCounts {
    /// Marks that these people no longer represent their organisations, since `at` or now; also those of whom nothing is known,
    /// so that no stale list brings them in.
    public static func leave(_ people: [Address], at: Instant?, evidence: Evidence?) -> Verb {
        Verb(.bulk) { scene, tx throws(StoreError) in
            guard people.count <= leaversPerTransactionMax else { throw .tooMany(limit: leaversPerTransactionMax) }
            return try scene.leave(Array(Set(people)), at: at, evidence: evidence, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func leave(
        _ people: [Address], at claimed: Instant?, evidence: Evidence?, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> LeaverCounts {
        let keys = people.map { self.keys(of: $0) }
        try writer.lock(keys.map { .address($0) }, in: tx)
        let now = try writer.clock(tx)
        if let claimed, claimed > now.advanced(byMicroseconds: clockSkewMicrosecondsMax) {
            throw .inTheFuture(.leftOrganisation)
        }
        let policy = try catalogue.policy(of: controller, at: now)
        let current = try catalogue.controller(controller.id)
        let lookups = people.map { LookupKeys($0, peppers, at: current) }
        let standings = try writer.readStandings(lookups.flatMap { $0.places(at: current) }, in: tx)
        let act = Act(.leftOrganisation)
        var new: [(person: PersonKeys, at: Instant)] = []
        var owns: [AddressKey] = []
        for (person, lookup) in zip(keys, lookups) {
            let facts = try standings.facts(of: lookup, at: current)
            let at = try Stamp(now: now, before: facts)
                .instant(for: act, claimed: claimed, before: facts, under: policy)
            let left = facts.left(under: policy, at: max(now, at))
            // A time that was stated and has passed may be a later one than was known; any other says no more than "now".
            guard left.map({ $0 < at && claimed == at }) ?? true else { continue }
            new.append((person, at))
            owns += lookup.owns
        }
        let json = evidence.map { JSONB($0.json) }
        _ = try writer.append(
            new.map { LedgerRow(subject: .address($0.person), act: act, at: $0.at, evidence: json) }, in: tx)
        let stored = try tx.all(ContactSQL.read, (controller.id, owns)).map(\.key)
        try writer.derive(
            (new.map(\.person.own) + stored).map { StandingPlace(holder: controller.id, key: $0) }, at: now, in: tx)
        var counts = LeaverCounts()
        counts.left = new.count
        counts.known = people.count - new.count
        counts.stored = stored.count
        return counts
    }
}
