import Postgres
import Rules

/// One row of standing: the facts of an address at a holder.
struct StandingRow: Sendable {
    let holder: Int64
    let key: AddressKey
    let facts: [Fact]
    let aliases: [(key: AddressKey, facts: [Fact])]

    init(holder: Int64, key: AddressKey, facts: Bytea, aliases: Bytea) throws(StoreError) {
        guard let facts = FactsCode.decode(facts.bytes), let aliases = FactsCode.decodeAliases(aliases.bytes) else {
            throw .damaged("standing \(holder)/\(key)")
        }
        (self.holder, self.key, self.facts, self.aliases) = (holder, key, facts, aliases)
    }
}

/// Where a standing is.
struct StandingPlace: Hashable {
    let holder: Int64
    let key: AddressKey
}

enum StandingSQL {
    static let read = Statement(
        "standing.read",
        """
        select s.holder_id, s.address_key, s.facts, s.aliases
        from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
        join standing s on s.holder_id = k.holder_id and s.address_key = k.address_key
        """,
        in: ([Int64].self, [AddressKey].self), out: ("holder_id", Int64.self), ("address_key", AddressKey.self),
        ("facts", Bytea.self), ("aliases", Bytea.self))

    static let put = Statement(
        "standing.put",
        """
        insert into standing (holder_id, address_key, facts, derived_at)
        select k.holder_id, k.address_key, k.facts, $4
        from unnest($1::bigint[], $2::uuid[], $3::bytea[]) as k(holder_id, address_key, facts)
        on conflict on constraint standing_key do update set facts = excluded.facts, derived_at = excluded.derived_at
        """,
        in: ([Int64].self, [AddressKey].self, [Bytea].self, Instant.self))

    static let putAliases = Statement(
        "standing.put-aliases",
        """
        insert into standing (holder_id, address_key, facts, aliases, derived_at) values ($1, $2, '', $3, $4)
        on conflict on constraint standing_key do update set aliases = excluded.aliases
        """,
        in: (Int64.self, AddressKey.self, Bytea.self, Instant.self))

    /// Which of these persons belong to an organisation, and so share its facts.
    static let organisations = Statement(
        "standing.organisations",
        """
        select address_key, organisation_id from contact
        where controller_id = $1 and address_key = any($2::uuid[]) and organisation_id is not null
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("organisation_id", Int64?.self))

    static let all: [AnyStatement] = [read.erased, put.erased, putAliases.erased, organisations.erased]
}

extension LedgerWriter {
    /// Derives the standings at these places from the ledger anew: the one way in which a standing ever changes.
    func derive(
        _ places: some Sequence<StandingPlace>, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let places = Set(places).sorted { ($0.holder, $0.key) < ($1.holder, $1.key) }
        guard !places.isEmpty else { return }
        let derived = try Self.facts(at: places, controller: access.controller.id, in: tx)
        try tx.run(
            StandingSQL.put,
            (
                places.map(\.holder), places.map(\.key),
                places.map { Bytea(FactsCode.encode(Facts.pruned(derived[$0] ?? [], at: now))) }, now
            ))
    }

    /// All facts at these places, as the ledger has them: the person's own acts and those of their organisation.
    static func facts(
        at places: [StandingPlace], controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [StandingPlace: [Fact]] {
        var facts: [StandingPlace: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofPersons, (places.map(\.holder), places.map(\.key))) {
            guard let key = stored.key else { continue }
            facts[StandingPlace(holder: stored.holder, key: key), default: []] += try stored.facts()
        }
        let own = places.filter { $0.holder == controller }
        let members = try tx.all(StandingSQL.organisations, (controller, own.map(\.key)))
        guard !members.isEmpty else { return facts }
        var ofOrganisation: [Int64: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofOrganisations, Array(Set(members.compactMap(\.1)))) {
            guard let organisation = stored.organisation else { continue }
            ofOrganisation[organisation, default: []] += try stored.facts()
        }
        for (key, organisation) in members {
            guard let organisation, let shared = ofOrganisation[organisation] else { continue }
            facts[StandingPlace(holder: controller, key: key), default: []] += shared
        }
        return facts
    }

    /// Derives what other addresses of the same alias form may read of this one: its entries and what lifts them.
    func deriveAliases(
        of person: PersonKeys, holder: Int64, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard person.alias != person.own else { return }
        let aliases = try Self.aliasFacts(of: person.alias, holder: holder, in: tx)
        try tx.run(
            StandingSQL.putAliases, (holder, person.alias, Bytea(FactsCode.encodeAliases(aliases)), now))
    }

    /// The entries and lifts of all addresses with that alias form, each behind its key.
    static func aliasFacts(
        of alias: AddressKey, holder: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [(key: AddressKey, facts: [Fact])] {
        var facts: [AddressKey: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofAliases, (holder, alias)) {
            guard let key = stored.key else { continue }
            facts[key, default: []] += try stored.facts().filter(\.mattersToAliases)
        }
        return facts.map { (key: $0.key, facts: $0.value) }
    }

    func readStandings(
        _ places: [StandingPlace], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Standings {
        var rows: [StandingRow] = []
        for (holder, key, facts, aliases) in try tx.all(StandingSQL.read, (places.map(\.holder), places.map(\.key))) {
            rows.append(try StandingRow(holder: holder, key: key, facts: facts, aliases: aliases))
        }
        return Standings(rows)
    }
}

/// The standings that one query read.
struct Standings {
    private var rows: [StandingPlace: StandingRow] = [:]

    init(_ rows: [StandingRow]) {
        for row in rows { self.rows[StandingPlace(holder: row.holder, key: row.key)] = row }
    }

    /// All that answers questions about the address at the controller.
    func facts(of keys: LookupKeys, at controller: ControllerRecord) -> Facts {
        var facts = Facts()
        for key in keys.own {
            facts.own += self[controller.id, key]?.facts ?? []
            facts.group += self[controller.group, key]?.facts ?? []
        }
        for key in keys.domain {
            facts.domain += (self[controller.id, key]?.facts ?? []) + (self[controller.group, key]?.facts ?? [])
        }
        facts.aliases = aliases(of: keys, at: controller)
        return facts
    }

    private func aliases(of keys: LookupKeys, at controller: ControllerRecord) -> [Facts.Alias] {
        var others: [AddressKey: [Fact]] = [:]
        for anchor in keys.alias {
            for holder in [controller.id, controller.group] {
                guard let row = self[holder, anchor] else { continue }
                others[anchor, default: []] += row.facts.filter(\.mattersToAliases)
                for (key, facts) in row.aliases { others[key, default: []] += facts }
            }
        }
        return others.filter { !keys.own.contains($0.key) && !$0.value.isEmpty }.map { Facts.Alias(facts: $0.value) }
    }

    private subscript(_ holder: Int64, _ key: AddressKey) -> StandingRow? {
        rows[StandingPlace(holder: holder, key: key)]
    }
}

/// Every key under which something may be known of an address: of all live peppers.
struct LookupKeys {
    let own: [AddressKey]
    let alias: [AddressKey]
    let domain: [AddressKey]

    init(_ address: Address, _ peppers: Peppers) {
        own = peppers.keys(for: address)
        alias = peppers.aliasKeys(for: address)
        domain = peppers.domainKeys(for: address)
    }

    /// The rows that answer questions about the address at the controller; at most six for one pepper.
    func places(at controller: ControllerRecord) -> [StandingPlace] {
        var keys = own
        for key in alias where !own.contains(key) { keys.append(key) }
        return (keys + domain).flatMap {
            [StandingPlace(holder: controller.id, key: $0), StandingPlace(holder: controller.group, key: $0)]
        }
    }
}

extension Fact {
    /// Whether another address of the same alias form may read it: an entry, or an act of the person that lifts one.
    fileprivate var mattersToAliases: Bool {
        switch kind {
        case .entry, .consentGiven(_, by: .person), .topicResumed: true
        default: false
        }
    }
}

extension Standings {
    /// The facts at these places alone, a domain's for example.
    func merged(_ places: [StandingPlace], at controller: ControllerRecord) -> Facts {
        var facts = Facts()
        for place in places {
            let row = self[place.holder, place.key]?.facts ?? []
            if place.holder == controller.group { facts.group += row } else { facts.own += row }
        }
        return facts
    }
}
