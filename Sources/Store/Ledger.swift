import Postgres
import Rules

/// One act as it goes into the ledger.
struct LedgerRow {
    let subject: LedgerSubject
    let act: Act
    let at: Instant
    /// JSON without any address; nil without evidence.
    let evidence: JSONB?
    /// The address, where it is at hand: for recipients that must be told of it by name. Never written to the ledger.
    var address: Address?
    /// Of a corrected address, the one that is right; as little in the ledger.
    var corrected: Address?
}

/// Of whom an act is.
enum LedgerSubject: Hashable {
    case address(PersonKeys)
    case domain(Domain, key: AddressKey)
    /// Whoever's address has the digest of this kind, over which the key is.
    case hashed(HashedAddress.Kind, key: AddressKey)
    case organisation(Int64)
}

/// The keys of one address under the current pepper.
struct PersonKeys: Hashable {
    let own: AddressKey
    /// The key of its alias form; the same as `own` for most.
    let alias: AddressKey
}

/// A stored act, as a standing is derived from it.
struct StoredAct {
    let id: Int64
    let holder: Int64
    let key: AddressKey?
    let organisation: Int64?
    let at: Instant
    let act: Act

    func facts() throws(StoreError) -> [Fact] {
        guard let facts = act.facts(at: at) else { throw .damaged("ledger \(id)") }
        return facts
    }
}

enum LedgerSQL {
    static let append = Statement(
        "ledger.append",
        """
        insert into ledger (holder_id, controller_id, address_key, alias_key, domain, hashed, organisation_id, act, purpose,
            topic, scope, consent_by, confirms_objection, suppression, bounce, hold, until, at, actor, evidence)
        select r.holder_id, $1, r.address_key, r.alias_key, r.domain, r.hashed, r.organisation_id, r.act, r.purpose,
            r.topic, r.scope, r.consent_by, r.confirms_objection, r.suppression, r.bounce, r.hold, r.until, r.at, $2,
            r.evidence
        from unnest($3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::boolean[], $14::text[], $15::text[], $16::text[], $17::timestamptz[],
            $18::timestamptz[], $19::jsonb[], $20::text[])
            with ordinality as r(holder_id, address_key, alias_key, domain, organisation_id, act, purpose, topic, scope,
                consent_by, confirms_objection, suppression, bounce, hold, until, at, evidence, hashed, place)
        order by r.place
        returning id, recorded_at
        """,
        in: (
            Int64.self, String.self, [Int64].self, [AddressKey?].self, [AddressKey?].self, [String?].self,
            [Int64?].self,
            [Event.Name].self, [Slug?].self, [Slug?].self, [Scope?].self, [String?].self, [Bool].self,
            [Event.Suppression?].self, [Event.Bounce?].self, [Slug?].self, [Instant?].self, [Instant].self,
            [JSONB?].self, [HashedAddress.Kind?].self
        ),
        out: ("id", Int64.self), ("recorded_at", Instant.self))

    static let ofPersons = Statement(
        "ledger.of-persons",
        """
        select l.id, l.holder_id, l.address_key, l.organisation_id, l.at, l.act, l.purpose, l.topic, l.scope, l.consent_by,
            l.confirms_objection, l.suppression, l.bounce, l.hold, l.until
        from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
        cross join lateral (
            select l.* from ledger l where l.holder_id = k.holder_id and l.address_key = k.address_key offset 0
        ) l
        """,
        in: ([Int64].self, [AddressKey].self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("address_key", AddressKey?.self), ("organisation_id", Int64?.self), ("at", Instant.self),
        ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self), ("scope", Scope?.self),
        ("consent_by", String?.self), ("confirms_objection", Bool.self), ("suppression", Event.Suppression?.self),
        ("bounce", Event.Bounce?.self), ("hold", Slug?.self), ("until", Instant?.self), into: StoredAct.init)

    static let ofAliases = Statement(
        "ledger.of-aliases",
        """
        select l.id, l.holder_id, l.address_key, l.organisation_id, l.at, l.act, l.purpose, l.topic, l.scope, l.consent_by,
            l.confirms_objection, l.suppression, l.bounce, l.hold, l.until
        from ledger l where l.holder_id = $1 and l.alias_key = $2
        """,
        in: (Int64.self, AddressKey.self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("address_key", AddressKey?.self), ("organisation_id", Int64?.self), ("at", Instant.self),
        ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self), ("scope", Scope?.self),
        ("consent_by", String?.self), ("confirms_objection", Bool.self), ("suppression", Event.Suppression?.self),
        ("bounce", Event.Bounce?.self), ("hold", Slug?.self), ("until", Instant?.self), into: StoredAct.init)

    static let ofOrganisations = Statement(
        "ledger.of-organisations",
        """
        select l.id, l.holder_id, l.address_key, l.organisation_id, l.at, l.act, l.purpose, l.topic, l.scope, l.consent_by,
            l.confirms_objection, l.suppression, l.bounce, l.hold, l.until
        from ledger l where l.organisation_id = any($1::bigint[])
        """,
        in: ([Int64].self), out: ("id", Int64.self), ("holder_id", Int64.self), ("address_key", AddressKey?.self),
        ("organisation_id", Int64?.self), ("at", Instant.self), ("act", Event.Name.self), ("purpose", Slug?.self),
        ("topic", Slug?.self), ("scope", Scope?.self), ("consent_by", String?.self), ("confirms_objection", Bool.self),
        ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self), ("hold", Slug?.self),
        ("until", Instant?.self), into: StoredAct.init)

    /// Whoever moves a standing holds its lock from here to the end of the transaction, so acts on one person follow one
    /// another and their times can be put in order.
    static let lock = Statement(
        "ledger.lock",
        "select count(pg_advisory_xact_lock(k))::bigint as locks from (select unnest($1::bigint[]) as k) as keys",
        in: ([Int64].self), out: ("locks", Int64.self))

    static let share = Statement(
        "ledger.share",
        "select count(pg_advisory_xact_lock_shared(k))::bigint as locks from (select unnest($1::bigint[]) as k) as keys",
        in: ([Int64].self), out: ("locks", Int64.self))

    /// The database's clock: the only one that stamps acts and judges checks.
    static let clock = Statement(
        "ledger.clock", "select clock_timestamp() as now", in: (), out: ("now", Instant.self))

    static let all: [AnyStatement] = [
        append.erased, ofPersons.erased, ofAliases.erased, ofOrganisations.erased, lock.erased, share.erased,
        clock.erased,
    ]
}

extension StoredAct {
    init(
        id: Int64, holder: Int64, key: AddressKey?, organisation: Int64?, at: Instant, name: Event.Name, purpose: Slug?,
        topic: Slug?, scope: Scope?, consentBy: String?, confirmsObjection: Bool, suppression: Event.Suppression?,
        bounce: Event.Bounce?, hold: Slug?, until: Instant?
    ) {
        (self.id, self.holder, self.key, self.organisation, self.at) = (id, holder, key, organisation, at)
        let source: ConsentSource? =
            switch consentBy {
            case "person": .person(confirmsObjection: confirmsObjection)
            case "import": .import
            case "operator": .operator
            default: nil
            }
        act = Act(
            name, purpose: purpose, topic: topic, scope: scope, source: source, suppression: suppression,
            bounce: bounce,
            hold: hold, until: until)
    }
}

extension ConsentSource {
    var word: String {
        switch self {
        case .person: "person"
        case .import: "import"
        case .operator: "operator"
        }
    }
}

/// What the ledger gave an act.
struct LedgerReceipt: Hashable {
    let id: Int64
    let recordedAt: Instant
}

/// A transaction that writes acts of one controller.
struct LedgerWriter {
    let access: Access
    /// Who else must be told; nil where nothing is written.
    var posting: NoticePosting?
    /// Keeps the due dates of contacts; whoever only reads needs none.
    var reckoner: DueReckoner?

    var controller: ControllerRecord { access.controller }

    /// Of whom the standing moves.
    func holder(of act: Act) -> Int64 { act.scope == .group && act.entry != nil ? controller.group : controller.id }

    /// Takes the locks of all the subjects, in an order that is the same for everybody.
    func lock(_ subjects: some Sequence<LedgerSubject>, in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        let keys = Self.lockKeys(of: subjects)
        if !keys.isEmpty { _ = try tx.one(LedgerSQL.lock, keys) }
    }

    /// What the locks are called, in that order.
    static func lockKeys(of subjects: some Sequence<LedgerSubject>) -> [Int64] {
        var persons: Set<UInt64> = []
        var organisations: Set<Int64> = []
        for subject in subjects {
            switch subject {
            case .address(let person):
                persons.insert(person.own.lockKey)
                if person.alias != person.own { persons.insert(person.alias.lockKey) }
            case .domain(_, let key), .hashed(_, let key): persons.insert(key.lockKey)
            case .organisation(let id): organisations.insert(Self.lockKey(ofOrganisation: id))
            }
        }
        // Everybody takes organisations first, then persons, each in order, so that nobody waits in a circle.
        return organisations.sorted() + persons.sorted().map { Int64(bitPattern: $0) }
    }

    /// Holds these organisations together with whoever else only adds people to them, and against whoever writes of them;
    /// before the locks of any persons.
    func share(_ organisations: [Int64], in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        guard !organisations.isEmpty else { return }
        _ = try tx.one(LedgerSQL.share, organisations.map { Self.lockKey(ofOrganisation: $0) }.sorted())
    }

    /// Even numbers are organisations', odd ones persons'.
    private static func lockKey(ofOrganisation id: Int64) -> Int64 { id &* 2 }

    func clock(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Instant {
        try tx.one(LedgerSQL.clock, ())
    }

    /// Writes the acts, in order, and returns what the ledger gave them.
    func append(_ rows: [LedgerRow], in tx: borrowing Transaction<StoreError>) throws(StoreError) -> [LedgerReceipt] {
        guard !rows.isEmpty else { return [] }
        let receipts = try tx.all(
            LedgerSQL.append,
            (
                controller.id, access.actor, rows.map { holder(of: $0.act) }, rows.map(\.subject.addressKey),
                rows.map(\.subject.aliasKey), rows.map(\.subject.domain), rows.map(\.subject.organisation),
                rows.map(\.act.name), rows.map(\.act.purpose), rows.map(\.act.topic), rows.map(\.act.scope),
                rows.map { $0.act.source?.word }, rows.map { $0.act.source == .person(confirmsObjection: true) },
                rows.map(\.act.suppression), rows.map(\.act.bounce), rows.map(\.act.hold), rows.map(\.act.until),
                rows.map(\.at), rows.map(\.evidence), rows.map(\.subject.hashed)
            ))
        guard receipts.count == rows.count else { throw .damaged("ledger receipts") }
        let written = receipts.map { LedgerReceipt(id: $0.0, recordedAt: $0.1) }
        // No act is committed whose recipients are not told.
        guard let posting else { throw .damaged("a writer without an outbox") }
        try posting.post(zip(rows, written).map { ($0, $1) }, by: self, in: tx)
        return written
    }
}

extension LedgerWriter {
    /// Writes opt-outs of persons, in order, as `append` does, and tells their recipients with the same statement where
    /// none of these needs an address.
    func appendOptOuts(
        _ rows: [LedgerRow], under policy: Policy, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [LedgerReceipt] {
        guard !rows.isEmpty else { return [] }
        guard let places = posting?.places(of: controller, under: policy) else { return try append(rows, in: tx) }
        let receipts = try tx.all(
            OptOutSQL.append,
            (
                controller.id, controller.group, access.actor, rows.map { holder(of: $0.act) },
                rows.compactMap(\.subject.addressKey), rows.map(\.subject.aliasKey), rows.map(\.act.purpose),
                rows.map(\.act.topic), rows.map(\.act.scope), rows.map(\.at), rows.map(\.evidence),
                places.map(\.controller), places.map(\.recipient)
            ))
        guard receipts.count == rows.count else { throw .damaged("ledger receipts") }
        return receipts.map { LedgerReceipt(id: $0.0, recordedAt: $0.1) }
    }
}

extension LedgerSubject {
    fileprivate var addressKey: AddressKey? {
        switch self {
        case .address(let person): person.own
        case .domain(_, let key), .hashed(_, let key): key
        case .organisation: nil
        }
    }

    fileprivate var aliasKey: AddressKey? {
        if case .address(let person) = self, person.alias != person.own { person.alias } else { nil }
    }

    fileprivate var domain: String? { if case .domain(let domain, _) = self { domain.canonical } else { nil } }

    fileprivate var hashed: HashedAddress.Kind? { if case .hashed(let kind, _) = self { kind } else { nil } }

    fileprivate var organisation: Int64? { if case .organisation(let id) = self { id } else { nil } }
}

extension AddressKey {
    fileprivate var lockKey: UInt64 { high | 1 }
}
