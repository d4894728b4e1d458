import Postgres
import Rules

extension CheckSQL {
    /// The controller and its keys, the group and its keys, the holders of domains and the domains' keys.
    typealias ListQuestion = (Int64, PackedUUIDs, Int64, PackedUUIDs, [Int64], PackedUUIDs)

    /// As ``standings``, for thousands of keys of one controller: each array is walked along the index, which costs less than
    /// a join with it, and a row says no more than whose it is.
    static let list = Statement(
        "check.list",
        """
        select e.epoch, clock_timestamp() as now, p.name as peer, p.seconds_left, null::boolean as of_group,
            null::uuid as address_key, null::bytea as facts, null::bytea as aliases, e.incarnation,
            hashtextextended(pg_relation_filepath(e.tableoid), 0) as place, pg_postmaster_start_time() as started_at
        from catalogue_epoch e left join lateral (
            select i.name, ceil(greatest(i.absence_seconds - i.missed_seconds, 0))::integer as seconds_left
            from instance i
            where i.state = 'live' and i.beat_at not between clock_timestamp() - interval '3 seconds' and clock_timestamp()
            limit 1
        ) p on true
        union all
        select null, null, null, null, false, s.address_key, s.facts, s.aliases, null, null, null
        from standing s where s.holder_id = $1::bigint and s.address_key = any($2::uuid[])
        union all
        select null, null, null, null, true, s.address_key, s.facts, s.aliases, null, null, null
        from standing s where s.holder_id = $3::bigint and s.address_key = any($4::uuid[])
        union all
        select null, null, null, null, s.holder_id = $3, s.address_key, s.facts, s.aliases, null, null, null
        from unnest($5::bigint[]) as k(holder_id)
        cross join lateral (
            select d.* from known_domain d where d.holder_id = k.holder_id and d.address_key = any($6::uuid[]) offset 0
        ) d
        cross join lateral (
            select s.* from standing s where s.holder_id = d.holder_id and s.address_key = d.address_key offset 0
        ) s
        """,
        in: (Int64.self, PackedUUIDs.self, Int64.self, PackedUUIDs.self, [Int64].self, PackedUUIDs.self),
        out: ("epoch", Int64?.self), ("now", Instant?.self), ("peer", String?.self), ("seconds_left", Int32?.self),
        ("of_group", Bool?.self), ("address_key", AddressKey?.self), ("facts", Bytea?.self), ("aliases", Bytea?.self),
        ("incarnation", PGUUID?.self), ("place", Int64?.self), ("started_at", Instant?.self))
}

/// What a query saw of a slice of a list, by the numbers of its keys.
struct ListReading: Sendable {
    let edition: Edition
    let now: Instant
    private let keys: ListKeys
    private var ofController: [Int32]
    private var ofGroup: [Int32]
    private var rows: [Row] = []
    /// What the rows hold, one behind another.
    private var octets: [UInt8] = []

    private static let none: Int32 = -1

    private struct Row {
        let factsStart: Int
        let factsEnd: Int
        let aliasesEnd: Int

        var hasAliases: Bool { aliasesEnd > factsEnd }
    }

    /// Takes over what is there of the result of ``CheckSQL/list``.
    static func read(
        _ result: borrowing ResultTable, of keys: ListKeys
    ) throws(ValueReason) -> Result<ListReading, StoreError> {
        var moment: (edition: Edition, now: Instant)?
        for row in 0..<result.rowCount where result.bytes(row, 5) == nil {
            if let peer = try result.value(row, 2, as: String?.self) {
                let secondsLeft = try result.value(row, 3, as: Int32?.self) ?? 0
                return .failure(.heldBack(HeldBack(instance: peer, secondsLeft: Int(secondsLeft))))
            }
            let edition = Edition(
                epoch: try result.value(row, 0) as Int64, incarnation: try result.value(row, 8) as PGUUID,
                place: try result.value(row, 9) as Int64, startedAt: try result.value(row, 10) as Instant)
            moment = (edition, try result.value(row, 1))
        }
        guard let moment else { return .failure(.damaged("catalogue_epoch")) }
        var reading = ListReading(keys, moment.edition, now: moment.now)
        reading.rows.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard let key = result.bytes(row, 5) else { continue }
            guard key.count == AddressKey.octetCount, let ofGroup = result.bytes(row, 4)?.first,
                let facts = result.bytes(row, 6), let aliases = result.bytes(row, 7)
            else { return .failure(.damaged("check.list")) }
            reading.add(AddressKey(bigEndian: key), isOfGroup: ofGroup != 0, facts, aliases)
        }
        return .success(reading)
    }

    private init(_ keys: ListKeys, _ edition: Edition, now: Instant) {
        (self.keys, self.edition, self.now) = (keys, edition, now)
        ofController = Array(repeating: Self.none, count: keys.table.keys.count)
        ofGroup = ofController
    }

    private mutating func add(
        _ key: AddressKey, isOfGroup: Bool, _ facts: UnsafeRawBufferPointer, _ aliases: UnsafeRawBufferPointer
    ) {
        guard let number = keys.table.number(of: key) else { return }
        let start = octets.count
        octets.append(contentsOf: facts)
        octets.append(contentsOf: aliases)
        let factsEnd = start + facts.count
        let row = Int32(truncatingIfNeeded: rows.count)
        rows.append(Row(factsStart: start, factsEnd: factsEnd, aliasesEnd: octets.count))
        if isOfGroup { ofGroup[Int(number)] = row } else { ofController[Int(number)] = row }
    }

    /// All that answers questions about the address at the place, and who they are; nil facts: nothing is known.
    func facts(
        _ index: Int, at controller: ControllerRecord
    ) throws(StoreError) -> (person: Person, facts: Facts?) {
        guard case .plain(let own, let domain) = keys.looks[index] else { return try allFacts(index, at: controller) }
        let isKnown = ofController[Int(own)] & ofGroup[Int(own)] != Self.none
        let isDomainKnown = domain.map { ofController[Int($0)] & ofGroup[Int($0)] != Self.none } ?? false
        guard isKnown || isDomainKnown else { return (.plain(own), nil) }
        if hasAliases(ofController[Int(own)]) || hasAliases(ofGroup[Int(own)]) {
            return try allFacts(index, at: controller)
        }
        var facts = Facts()
        if isKnown {
            facts.own = try self.facts(own, ofController, controller.id)
            facts.group = try self.facts(own, ofGroup, controller.group)
        }
        if isDomainKnown, let domain {
            facts.domain = try self.facts(domain, ofController, controller.id)
            facts.domain += try self.facts(domain, ofGroup, controller.group)
        }
        return (.plain(own), facts)
    }

    /// Who an address is, as far as it was needed to find out.
    enum Person {
        case plain(Int32)
        case full(LookupKeys)
    }

    func person(_ person: Person) -> KeyedPerson {
        switch person {
        case .plain(let own): keys.person(own)
        case .full(let keys): keys.person
        }
    }

    private func hasAliases(_ row: Int32) -> Bool { row != Self.none && rows[Int(row)].hasAliases }

    private func facts(_ number: Int32, _ places: [Int32], _ holder: Int64) throws(StoreError) -> [Fact] {
        let row = places[Int(number)]
        guard row != Self.none else { return [] }
        let place = rows[Int(row)]
        let facts = octets.withUnsafeBufferPointer {
            FactsCode.decode(UnsafeBufferPointer(rebasing: $0[place.factsStart..<place.factsEnd]))
        }
        guard let facts else { throw .damaged("standing \(holder)/\(keys.table.keys[Int(number)])") }
        return facts
    }

    /// By all keys of the address, as a single check does it.
    private func allFacts(
        _ index: Int, at controller: ControllerRecord
    ) throws(StoreError) -> (person: Person, facts: Facts?) {
        let lookup = keys.lookup(index)
        var found: [StandingRow] = []
        for place in lookup.places(at: controller) {
            guard let number = keys.table.number(of: place.key) else { continue }
            let row = (place.holder == controller.id ? ofController : ofGroup)[Int(number)]
            guard row != Self.none else { continue }
            let stored = rows[Int(row)]
            found.append(
                StandingRow(
                    place, facts: Bytea(Array(octets[stored.factsStart..<stored.factsEnd])),
                    aliases: Bytea(Array(octets[stored.factsEnd..<stored.aliasesEnd]))))
        }
        guard !found.isEmpty else { return (.full(lookup), nil) }
        return (.full(lookup), try Standings(found).facts(of: lookup, at: controller))
    }
}

extension AddressKey {
    /// Of 16 octets in memory.
    fileprivate init(bigEndian octets: UnsafeRawBufferPointer) {
        self.init(
            high: UInt64(bigEndian: octets.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
