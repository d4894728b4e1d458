import Postgres
public import Rules

/// What became of a lead.
public enum LeadVerdict: Hashable, Sendable {
    case created, updated, unchanged
    /// Not stored: an entry of the register covers what it could be used for.
    case suppressed(EntryReason)
    /// Not stored: no ground of the policy would keep it.
    case noGround(Verdict.Reason)

    /// The word in the API and in summaries.
    public var word: String {
        switch self {
        case .created: "created"
        case .updated: "updated"
        case .unchanged: "unchanged"
        case .suppressed: "suppressed"
        case .noGround: "no-ground"
        }
    }

    /// The reason code of a lead that is not stored.
    public var reason: String? {
        switch self {
        case .created, .updated, .unchanged: nil
        case .suppressed(let reason): reason.rawValue
        case .noGround(let reason): reason.code
        }
    }
}

struct ContactRow: Hashable {
    var key: AddressKey
    var name: String?
    var position: String?
    var phone: String?
    var source: String?
    var organisation: Int64?
}

enum ContactSQL {
    static let read = Statement(
        "contact.read",
        """
        select address_key, name, position, phone, source, organisation_id from contact
        where controller_id = $1 and address_key = any($2::uuid[])
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("name", String?.self),
        ("position", String?.self), ("phone", String?.self), ("source", String?.self), ("organisation_id", Int64?.self),
        into: ContactRow.init(key:name:position:phone:source:organisation:))
    static let put = Statement(
        "contact.put",
        """
        insert into contact (controller_id, address_key, address, name, position, phone, source, organisation_id)
        select $1, r.address_key, r.address, r.name, r.position, r.phone, r.source, r.organisation_id
        from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
            as r(address_key, address, name, position, phone, source, organisation_id)
        on conflict on constraint contact_key do update set name = excluded.name, position = excluded.position,
            phone = excluded.phone, source = excluded.source, organisation_id = excluded.organisation_id,
            updated_at = now()
        """,
        in: (
            Int64.self, [AddressKey].self, [String].self, [String?].self, [String?].self, [String?].self,
            [String?].self,
            [Int64?].self
        ))
    static let forget = Statement(
        "contact.forget", "delete from contact where controller_id = $1 and address_key = any($2::uuid[])",
        in: (Int64.self, [AddressKey].self))

    static let setSource = Statement(
        "contact.set-source",
        """
        update contact set source = $3, updated_at = now()
        where controller_id = $1 and address_key = any($2::uuid[]) and source is null
        """,
        in: (Int64.self, [AddressKey].self, String.self))

    static let all: [AnyStatement] = [read.erased, put.erased, forget.erased, setSource.erased]
}

/// The most leads that one transaction takes: each holds a lock of its own.
public let leadsPerTransactionMax = 500

extension Verb where Result == [LeadVerdict] {
    /// Takes leads in, each address at most once, and says for each what became of it, in order.
    ///
    /// A lead that no ground would keep is not stored, and nothing is recorded of it. Nothing here lifts anything.
    public static func collect(_ leads: [Lead]) -> Verb {
        Verb(leads.count == 1 ? .normal : .bulk) { scene, tx throws(StoreError) in
            guard leads.count <= leadsPerTransactionMax else { throw .tooMany(limit: leadsPerTransactionMax) }
            return try scene.collect(leads, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func collect(
        _ leads: [Lead], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [LeadVerdict] {
        let people = leads.map { keys(of: $0.address) }
        let known = try OrganisationBook(leads.compactMap(\.organisation), controller: controller.id, in: tx)
        try writer.lock(
            people.map { .address($0) } + known.ids.map { .organisation($0) }, in: tx)

        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let current = try catalogue.controller(controller.id)
        let lookups = leads.map { LookupKeys($0.address, peppers, at: current) }
        let standings = try writer.readStandings(lookups.flatMap { $0.places(at: current) }, in: tx)
        let contacts = try stored(leads, in: tx)
        let shared = try known.facts(in: tx)

        var verdicts: [LeadVerdict] = []
        var acts: [LedgerRow] = []
        var rows: [(Lead, ContactRow)] = []
        for (index, lead) in leads.enumerated() {
            let facts = try standings.facts(of: lookups[index], at: current)
            let new = lead.facts(notIn: facts.own, now: now)
            let organisation = lead.organisation.flatMap { known[$0] }
            if let refusal = refusal(
                of: lead, facts, new.map(\.fact) + (organisation.flatMap { shared[$0] } ?? []), under: policy, at: now)
            {
                verdicts.append(refusal)
                continue
            }
            let old = contacts[index]
            let row = lead.row(old?.key ?? people[index].own, over: old, organisation: organisation)
            verdicts.append(old == nil ? .created : old == row ? .unchanged : .updated)
            if old != row { rows.append((lead, row)) }
            acts += new.map { LedgerRow(subject: .address(people[index]), act: $0.act, at: $0.fact.at, evidence: nil) }
        }
        try store(rows, of: known, in: tx)
        _ = try writer.append(acts, in: tx)
        let moved = verdicts.indices.filter { verdicts[$0].reason == nil }
        try writer.derive(
            moved.flatMap { index in
                [people[index].own, contacts[index]?.key ?? people[index].own].map {
                    StandingPlace(holder: controller.id, key: $0)
                }
            }, at: now, in: tx)
        return verdicts
    }

    /// The contact that is stored of each lead's address already, under whichever pepper.
    private func stored(
        _ leads: [Lead], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [ContactRow?] {
        let keys = leads.map { peppers.keys(for: $0.address) }
        let rows = Dictionary(
            try tx.all(ContactSQL.read, (controller.id, keys.flatMap { $0 })).map { ($0.key, $0) },
            uniquingKeysWith: { first, _ in first })
        return keys.map { keys in keys.lazy.compactMap { rows[$0] }.first }
    }

    /// Why the lead is not stored; nil where something would keep it.
    private func refusal(
        of lead: Lead, _ facts: Facts, _ new: [Fact], under policy: Policy, at now: Instant
    ) -> LeadVerdict? {
        var facts = facts
        facts.own += new
        let asked = max(now, facts.latestEntry ?? now)
        return switch admit(facts, address: lead.address.isRole ? .role : .named, under: policy, at: asked) {
        case .admitted: nil
        case .suppressed(let reason): .suppressed(reason)
        case .noGround(let reason): .noGround(reason)
        }
    }

    private func store(
        _ rows: [(Lead, ContactRow)], of known: OrganisationBook, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !rows.isEmpty else { return }
        var created = known
        let missing = rows.compactMap { $0.1.organisation == nil ? $0.0.organisation : nil }
        try created.create(missing, in: tx)
        try tx.run(
            ContactSQL.put,
            (
                controller.id, rows.map(\.1.key), rows.map(\.0.address.canonical), rows.map(\.1.name),
                rows.map(\.1.position), rows.map(\.1.phone), rows.map(\.1.source),
                rows.map { $0.1.organisation ?? $0.0.organisation.flatMap { created[$0] } }
            ))
    }
}

extension Lead {
    /// The acts that the lead adds, with the facts they leave; none that is known already.
    fileprivate func facts(notIn known: [Fact], now: Instant) -> [(act: Act, fact: Fact)] {
        let giver: ConsentSource? = source == Lead.sourcePerson ? .person(confirmsObjection: false) : nil
        var new = [(Act(.collected, source: giver), Fact(at: collectedAt ?? now, .collected))]
        if collectedAt == nil, known.contains(where: { $0.kind == .collected && $0.at <= now }) { new = [] }
        if let contactedAt { new.append((Act(.contacted), Fact(at: contactedAt, .contacted))) }
        return new.filter { !known.contains($0.1) }.map { (act: $0.0, fact: $0.1) }
    }

    /// The row to store: what the lead says, and what was known where it says nothing.
    fileprivate func row(_ key: AddressKey, over old: ContactRow?, organisation id: Int64?) -> ContactRow {
        ContactRow(
            key: key, name: name ?? old?.name, position: position ?? old?.position, phone: phone ?? old?.phone,
            source: source ?? old?.source, organisation: organisation == nil ? old?.organisation : id)
    }
}
