import Postgres
import Rules

/// One row of standing as it is stored: the facts of an address at a holder.
struct StandingRow: Sendable {
    let place: StandingPlace
    private let storedFacts: Bytea
    private let storedAliases: Bytea

    init(_ place: StandingPlace, facts: Bytea, aliases: Bytea) {
        (self.place, storedFacts, storedAliases) = (place, facts, aliases)
    }

    func facts() throws(StoreError) -> [Fact] {
        guard let facts = FactsCode.decode(storedFacts.bytes) else { throw damaged }
        return facts
    }

    /// Entries, and what lifts them, of other addresses of the same alias form.
    func aliases() throws(StoreError) -> [(key: AddressKey, facts: [Fact])] {
        guard let aliases = FactsCode.decodeAliases(storedAliases.bytes) else { throw damaged }
        return aliases
    }

    private var damaged: StoreError { .damaged("standing \(place.holder)/\(place.key)") }
}

/// The contact behind a standing.
struct StandingContact: Sendable {
    let key: AddressKey
    let organisation: Int64?
    let address: String
    let dueAt: Instant?
    let ground: String?
}

/// Where a standing is.
struct StandingPlace: Hashable, Comparable, Sendable {
    let holder: Int64
    let key: AddressKey

    /// The order of the primary key.
    static func < (left: StandingPlace, right: StandingPlace) -> Bool {
        (left.holder, left.key) < (right.holder, right.key)
    }

    /// A key is a digest: half of it tells places apart well enough.
    func hash(into hasher: inout Hasher) { hasher.combine(key.low) }
}

/// Each look-up of a row by its key is a subquery that is not flattened (`offset 0`): a plan made while the table was small
/// would else read all that the controller has.
enum StandingSQL {
    static let read = Statement(
        "standing.read",
        """
        select s.holder_id, s.address_key, s.facts, s.aliases
        from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
        cross join lateral (
            select s.* from standing s where s.holder_id = k.holder_id and s.address_key = k.address_key offset 0
        ) s
        """,
        in: ([Int64].self, [AddressKey].self), out: ("holder_id", Int64.self), ("address_key", AddressKey.self),
        ("facts", Bytea.self), ("aliases", Bytea.self))

    /// Holds the rows before the ledger is read for them, so that an organisation's act, which takes no lock on each of its
    /// people, and an act of one of them follow one another. In the order of the key, so that nobody waits in a circle.
    static let hold = Statement(
        "standing.hold",
        """
        select count(*) as held from (
            select from (
                select * from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key) order by holder_id, address_key
            ) k
            cross join lateral (
                select from standing s where s.holder_id = k.holder_id and s.address_key = k.address_key for update
            ) s
        ) as rows
        """,
        in: ([Int64].self, [AddressKey].self), out: ("held", Int64.self))

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

    /// The contacts behind standings: to which organisation they belong, whose facts they share, and when they fall due.
    static let contacts = Statement(
        "standing.contacts",
        """
        select address_key, organisation_id, address, due_at, due_ground from contact
        where controller_id = $1 and address_key = any($2::uuid[])
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("organisation_id", Int64?.self),
        ("address", String.self), ("due_at", Instant?.self), ("due_ground", String?.self),
        into: StandingContact.init(key:organisation:address:dueAt:ground:))

    /// Which of these persons belong to an organisation, and so share its facts.
    static let organisations = Statement(
        "standing.organisations",
        """
        select address_key, organisation_id from contact
        where controller_id = $1 and address_key = any($2::uuid[]) and organisation_id is not null
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("organisation_id", Int64?.self))

    static let all: [AnyStatement] = [
        read.erased, hold.erased, put.erased, putAliases.erased, contacts.erased, organisations.erased,
    ]
}

extension LedgerWriter {
    /// Derives the standings at these places from the ledger anew: the one way in which a standing ever changes.
    func derive(
        _ places: some Sequence<StandingPlace>, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let places = Set(places).sorted()
        guard !places.isEmpty else { return }
        try hold(places, in: tx)
        try deriveHeld(places, at: now, in: tx)
    }

    /// The same for places whose rows are held; each place once, in order.
    func deriveHeld(
        _ places: [StandingPlace], at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !places.isEmpty else { return }
        let id = access.controller.id
        let contacts = try tx.all(StandingSQL.contacts, (id, Set(places.map(\.key)).sorted()))
        let own = Set(places.lazy.filter { $0.holder == id }.map(\.key))
        let members = contacts.lazy.filter { own.contains($0.key) }.map { ($0.key, $0.organisation) }
        let derived = try Self.facts(at: places, members: Array(members), controller: id, in: tx)
        try tx.run(
            StandingSQL.put,
            (
                places.map(\.holder), places.map(\.key),
                places.map { Bytea(FactsCode.encode(Facts.pruned(derived[$0] ?? [], at: now))) }, now
            ))
        try reckonDue(places, contacts, at: now, in: tx)
    }

    /// Holds the rows until the transaction ends, in the order that is the same for everybody.
    func hold(_ places: [StandingPlace], in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        let places = places.sorted()
        try tx.run(StandingSQL.hold, (places.map(\.holder), places.map(\.key)))
    }

    /// All facts at these places, as the ledger has them: the person's own acts and those of their organisation.
    static func facts(
        at places: [StandingPlace], controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [StandingPlace: [Fact]] {
        let own = places.filter { $0.holder == controller }.map(\.key)
        let members = try tx.all(StandingSQL.organisations, (controller, own))
        return try facts(at: places, members: members, controller: controller, in: tx)
    }

    private static func facts(
        at places: [StandingPlace], members: [(AddressKey, Int64?)], controller: Int64,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [StandingPlace: [Fact]] {
        var facts: [StandingPlace: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofPersons, (places.map(\.holder), places.map(\.key))) {
            guard let key = stored.key else { continue }
            facts[StandingPlace(holder: stored.holder, key: key), default: []] += try stored.facts()
        }
        let organisations = Set(members.compactMap(\.1))
        guard !organisations.isEmpty else { return facts }
        var ofOrganisation: [Int64: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofOrganisations, Array(organisations)) {
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
            rows.append(StandingRow(StandingPlace(holder: holder, key: key), facts: facts, aliases: aliases))
        }
        return Standings(rows)
    }
}

/// The standings that one query read.
struct Standings: Sendable {
    private var rows: [StandingPlace: StandingRow] = [:]

    init(_ rows: [StandingRow]) {
        self.rows.reserveCapacity(rows.count)
        for row in rows { self.rows[row.place] = row }
    }

    var isEmpty: Bool { rows.isEmpty }

    func knows(_ place: StandingPlace) -> Bool { rows[place] != nil }

    /// All that answers questions about the address at the controller.
    func facts(of keys: LookupKeys, at controller: ControllerRecord) throws(StoreError) -> Facts {
        var facts = Facts()
        guard !rows.isEmpty else { return facts }
        try keys.each { forms throws(StoreError) in
            facts.own += try self.facts(controller.id, forms.own)
            facts.group += try self.facts(controller.group, forms.own)
            for hashed in forms.hashed {
                facts.own += try self.facts(controller.id, hashed.own)
                facts.group += try self.facts(controller.group, hashed.own)
            }
            guard let domain = forms.domain else { return }
            facts.domain += try self.facts(controller.id, domain)
            facts.domain += try self.facts(controller.group, domain)
        }
        facts.aliases = try aliases(of: keys, at: controller)
        return facts
    }

    private func aliases(of keys: LookupKeys, at controller: ControllerRecord) throws(StoreError) -> [Facts.Alias] {
        var others: [AddressKey: [Fact]] = [:]
        try keys.each { forms throws(StoreError) in
            for holder in [controller.id, controller.group] {
                guard let row = rows[StandingPlace(holder: holder, key: forms.alias)] else { continue }
                if !keys.isOwn(forms.alias) {
                    others[forms.alias, default: []] += try row.facts().filter(\.mattersToAliases)
                }
                for (key, facts) in try row.aliases() where !keys.isOwn(key) { others[key, default: []] += facts }
            }
            // A digest of the alias form is an entry of that other address.
            for key in forms.hashed.compactMap(\.alias) {
                let found = try facts(controller.id, key) + facts(controller.group, key)
                others[forms.alias, default: []] += found.filter(\.mattersToAliases)
            }
        }
        return others.values.filter { !$0.isEmpty }.map { Facts.Alias(facts: $0) }
    }

    func facts(_ holder: Int64, _ key: AddressKey) throws(StoreError) -> [Fact] {
        guard let row = rows[StandingPlace(holder: holder, key: key)] else { return [] }
        return try row.facts()
    }
}

/// Every key under which something may be known of an address: of all live peppers.
struct LookupKeys: Sendable {
    /// The three keys under one pepper.
    struct Forms: Sendable {
        let own: AddressKey
        let alias: AddressKey
        /// Nil where nothing can be known of the domain.
        let domain: AddressKey?
        /// Of the address's digests, as far as there are entries of their kind.
        let hashed: [HashedKeys]
    }

    /// Under the newest pepper.
    let current: Forms
    /// Under the older ones that are live.
    let older: [Forms]
    private let pepper: Int

    /// The person under every pepper that is live.
    var owns: [AddressKey] { [current.own] + older.map(\.own) }

    /// The person as a link names them: under the newest pepper.
    var person: KeyedPerson { KeyedPerson(pepper: pepper, own: current.own, alias: current.alias) }

    /// All keys under which something is known of the address at the controller.
    init(_ address: Address, _ peppers: Peppers, at controller: ControllerRecord) {
        self.init(address, peppers, withDomain: true, hashes: controller.hashes.union(controller.groupHashes))
    }

    /// The keys that a check at the controller needs.
    init(_ address: Address, _ peppers: Peppers, toCheckAt controller: ControllerRecord) {
        self.init(
            address, peppers, withDomain: controller.hasDomains || controller.groupHasDomains,
            hashes: controller.hashes.union(controller.groupHashes))
    }

    /// The keys of the person by which an entry can ever refuse the address, whatever kinds of digests are known of: not the
    /// domain's.
    init(_ address: Address, ofEveryKind peppers: Peppers) {
        self.init(address, peppers, withDomain: false, hashes: HashKinds(HashedAddress.Kind.allCases))
    }

    /// The keys that a link has of its person: under the pepper of its time, none of the domain and none of a digest.
    init(_ person: KeyedPerson) {
        current = Forms(own: person.own, alias: person.alias, domain: nil, hashed: [])
        older = []
        pepper = person.pepper
    }

    private init(_ address: Address, _ peppers: Peppers, withDomain: Bool, hashes: HashKinds) {
        let digests = hashes.isEmpty ? [] : AddressDigest.all(of: address, hashes)
        current = Forms(address, peppers.current, withDomain: withDomain, digests)
        pepper = peppers.current.version
        older = peppers.older.isEmpty ? [] : peppers.older.map { Forms(address, $0, withDomain: withDomain, digests) }
    }

    /// Whether it is the very address's key and not only one of its alias form.
    func isOwn(_ key: AddressKey) -> Bool {
        key == current.own || older.contains { key == $0.own }
    }

    /// Whether it is the key of the address's domain.
    func isDomain(_ key: AddressKey) -> Bool {
        key == current.domain || older.contains { key == $0.domain }
    }

    /// Whether it is the key of a digest of the address, or of its alias form.
    func hashed(_ key: AddressKey) -> RegisterEntry.Via? {
        for forms in [current] + older {
            if forms.hashed.contains(where: { $0.own == key }) { return .hash }
            if forms.hashed.contains(where: { $0.alias == key }) { return .alias }
        }
        return nil
    }

    /// Which other address of the alias form the key is about, by itself or by a digest; nil where it is about this one.
    func other(_ key: AddressKey) -> AddressKey? {
        if isOwn(key) { return nil }
        for forms in [current] + older {
            if forms.hashed.contains(where: { $0.own == key }) { return nil }
            if forms.hashed.contains(where: { $0.alias == key }) { return forms.alias }
        }
        return key
    }

    /// What whoever writes of the address under any of its keys holds.
    var subjects: [LedgerSubject] {
        ([current] + older).flatMap { forms -> [LedgerSubject] in
            [.address(PersonKeys(own: forms.own, alias: forms.alias))]
                + forms.hashed.flatMap { hashed in
                    ([hashed.own] + (hashed.alias.map { [$0] } ?? [])).map { .hashed(hashed.kind, key: $0) }
                }
        }
    }

    /// Each key once.
    var all: [AddressKey] {
        Array(
            Set(
                ([current] + older).flatMap { forms in
                    [forms.own, forms.alias] + (forms.domain.map { [$0] } ?? [])
                        + forms.hashed.flatMap { [$0.own] + ($0.alias.map { [$0] } ?? []) }
                }))
    }

    func each(_ body: (Forms) throws(StoreError) -> Void) throws(StoreError) {
        try body(current)
        for forms in older { try body(forms) }
    }

    /// The rows that answer questions about the address at the controller; at most six for one pepper.
    func places(at controller: ControllerRecord) -> [StandingPlace] {
        let holders = [controller.id, controller.group]
        return places(holders: holders, domainHolders: holders, controller).all
    }

    /// Those among them that there can be, as far as this record of the controller tells: whoever leaves rows out by it has
    /// to see that it is still the record of the epoch that was read with the rows.
    func checkPlaces(at controller: ControllerRecord) -> CheckPlaces {
        let group = controller.group
        return places(
            holders: controller.groupHasPersons ? [controller.id, group] : [controller.id],
            domainHolders: (controller.hasDomains ? [controller.id] : []) + (controller.groupHasDomains ? [group] : []),
            controller)
    }

    private func places(holders: [Int64], domainHolders: [Int64], _ controller: ControllerRecord) -> CheckPlaces {
        var places = CheckPlaces()
        places.persons.reserveCapacity(2 * holders.count * (1 + older.count))
        func append(_ forms: Forms) {
            for holder in holders {
                places.persons.append(StandingPlace(holder: holder, key: forms.own))
                if forms.alias != forms.own {
                    places.persons.append(StandingPlace(holder: holder, key: forms.alias))
                }
            }
            for hashed in forms.hashed {
                for (holder, kinds) in [(controller.id, controller.hashes), (controller.group, controller.groupHashes)]
                where kinds.contains(hashed.kind) {
                    places.persons.append(StandingPlace(holder: holder, key: hashed.own))
                    if let alias = hashed.alias { places.persons.append(StandingPlace(holder: holder, key: alias)) }
                }
            }
            guard let domain = forms.domain else { return }
            for holder in domainHolders { places.domains.append(StandingPlace(holder: holder, key: domain)) }
        }
        append(current)
        for forms in older { append(forms) }
        return places
    }
}

/// Where a check looks: for persons among all standings, for domains among those of which something is known.
struct CheckPlaces: Sendable {
    var persons: [StandingPlace] = []
    var domains: [StandingPlace] = []

    var all: [StandingPlace] { domains.isEmpty ? persons : persons + domains }
    var count: Int { persons.count + domains.count }
}

extension LookupKeys.Forms {
    fileprivate init(_ address: Address, _ pepper: Pepper, withDomain: Bool, _ digests: [AddressDigest]) {
        own = pepper.key(for: address)
        let alias = address.alias
        self.alias = alias == address.canonical ? own : pepper.aliasKey(for: address)
        domain = withDomain ? pepper.domainKey(for: address) : nil
        hashed = digests.map { HashedKeys($0, pepper) }
    }
}

extension Fact {
    /// Whether another address of the same alias form may read it: an entry, or an act of the person that lifts one.
    var mattersToAliases: Bool {
        switch kind {
        case .entry, .consentGiven(_, by: .person), .topicResumed: true
        default: false
        }
    }
}

extension Standings {
    /// The facts at these places alone, a domain's for example.
    func merged(_ places: [StandingPlace], at controller: ControllerRecord) throws(StoreError) -> Facts {
        var facts = Facts()
        for place in places {
            let found = try self.facts(place.holder, place.key)
            if place.holder == controller.group { facts.group += found } else { facts.own += found }
        }
        return facts
    }
}
