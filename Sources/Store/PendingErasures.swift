import Postgres
import Rules

/// An erasure that waits until no hold stands any more.
struct PendingErasure {
    let key: AddressKey
    /// The act in the ledger.
    let act: Int64
    /// Nil where nothing is stored that could go.
    let address: String?
    /// Whether what the hold keeps lies apart from what was stored of the person since.
    let isApart: Bool
}

enum PendingErasureSQL {
    /// Takes the contacts away and keeps what was stored for the hold. What an earlier erasure left there stays where the
    /// later one has nothing.
    static let hold = Statement(
        "pending-erasure.hold",
        """
        with gone as (delete from contact where controller_id = $1 and address_key = any($2::uuid[]) returning *)
        insert into pending_erasure (controller_id, address_key, act_id, asked_at, due_at, address, name, position, phone, source,
            organisation_id, stored_at, updated_at)
        select controller_id, address_key, $3, $4, $5, address, name, position, phone, source, organisation_id, created_at,
            updated_at from gone
        on conflict on constraint pending_erasure_key do update
            set act_id = excluded.act_id, asked_at = excluded.asked_at, due_at = excluded.due_at, done_at = null,
                address = excluded.address, name = coalesce(excluded.name, pending_erasure.name),
                position = coalesce(excluded.position, pending_erasure.position),
                phone = coalesce(excluded.phone, pending_erasure.phone),
                source = coalesce(excluded.source, pending_erasure.source),
                organisation_id = coalesce(excluded.organisation_id, pending_erasure.organisation_id),
                stored_at = coalesce(pending_erasure.stored_at, excluded.stored_at), updated_at = excluded.updated_at
        """,
        in: (Int64.self, [AddressKey].self, Int64.self, Instant.self, Instant?.self))
    /// Puts apart what the hold of a waiting erasure keeps, where it still lies in the contact.
    static let part = Statement(
        "pending-erasure.part",
        """
        with gone as (delete from contact where controller_id = $1 and address_key = $2 returning *)
        update pending_erasure p set address = g.address, name = g.name, position = g.position, phone = g.phone,
            source = g.source, organisation_id = g.organisation_id, stored_at = g.created_at, updated_at = g.updated_at
        from gone g where p.controller_id = g.controller_id and p.address_key = g.address_key
        """,
        in: (Int64.self, AddressKey.self))
    static let find = Statement(
        "pending-erasure.find",
        """
        select p.address_key, p.act_id, coalesce(p.address, c.address) as address, p.address is not null as is_apart
        from pending_erasure p
        left join lateral (
            select c.address from contact c where c.controller_id = $1 and c.address_key = p.address_key offset 0
        ) c on p.address is null
        where p.controller_id = $1 and p.address_key = any($2::uuid[]) and p.done_at is null order by p.address_key
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("act_id", Int64.self),
        ("address", String?.self), ("is_apart", Bool.self), into: PendingErasure.init(key:act:address:isApart:))
    static let due = Statement(
        "pending-erasure.due",
        """
        select address_key from pending_erasure where controller_id = $1 and due_at <= $2 and done_at is null
        order by due_at limit $3
        """,
        in: (Int64.self, Instant.self, Int64.self), out: ("address_key", AddressKey.self),
        into: { (key: AddressKey) in key })
    /// A hold still stands: looked at again when it ends.
    static let postpone = Statement(
        "pending-erasure.postpone",
        "update pending_erasure set due_at = $3 where controller_id = $1 and address_key = $2 and done_at is null",
        in: (Int64.self, AddressKey.self, Instant?.self))
    /// A corrected address takes what waits along, to be looked at by the next sweep. What waits there already stays, and
    /// takes over what it lacks.
    static let move = Statement(
        "pending-erasure.move",
        """
        insert into pending_erasure (controller_id, address_key, act_id, asked_at, due_at, address, name, position, phone, source,
            organisation_id, stored_at, updated_at)
        select $1, $3, max(act_id), max(asked_at), clock_timestamp(), $4, max(name), max(position), max(phone), max(source),
            max(organisation_id), min(stored_at), max(updated_at)
        from pending_erasure where controller_id = $1 and address_key = any($2::uuid[]) and done_at is null
            and address is not null
        having count(*) > 0
        on conflict on constraint pending_erasure_key do update
            set act_id = greatest(excluded.act_id, pending_erasure.act_id),
                asked_at = greatest(excluded.asked_at, pending_erasure.asked_at), due_at = excluded.due_at, done_at = null,
                address = excluded.address, name = coalesce(pending_erasure.name, excluded.name),
                position = coalesce(pending_erasure.position, excluded.position),
                phone = coalesce(pending_erasure.phone, excluded.phone),
                source = coalesce(pending_erasure.source, excluded.source),
                organisation_id = coalesce(pending_erasure.organisation_id, excluded.organisation_id),
                stored_at = coalesce(pending_erasure.stored_at, excluded.stored_at), updated_at = excluded.updated_at
        """,
        in: (Int64.self, [AddressKey].self, AddressKey.self, String.self))
    static let correct = Statement(
        "pending-erasure.correct",
        """
        update pending_erasure set name = coalesce($3, name), position = coalesce($4, position), phone = coalesce($5, phone),
            updated_at = now()
        where controller_id = $1 and address_key = any($2::uuid[]) and address is not null
        """,
        in: (Int64.self, [AddressKey].self, String?.self, String?.self, String?.self))
    /// It is carried out, and what the hold kept goes.
    static let done = Statement(
        "pending-erasure.done",
        """
        update pending_erasure set done_at = clock_timestamp(), address = null, name = null, position = null, phone = null,
            source = null, organisation_id = null, stored_at = null, updated_at = null
        where controller_id = $1 and address_key = any($2::uuid[]) and done_at is null
        """,
        in: (Int64.self, [AddressKey].self))

    static let all: [AnyStatement] = [
        hold.erased, part.erased, find.erased, due.erased, postpone.erased, move.erased, correct.erased, done.erased,
    ]
}

/// What became of erasures that waited.
struct SettledErasures {
    /// The keys of those of whom nothing is left, in the order of their acts.
    var gone: [AddressKey] = []
    var damaged: [DamagedContact] = []

    /// Throws where one could not be read.
    func requireSound() throws(StoreError) {
        if let first = damaged.first { throw .damaged(first.cause) }
    }
}

extension WriteScene {
    /// Carries out what waits under these keys, as far as no hold stands any more: a release asks, and a sweep when a hold
    /// has ended by itself. The persons' locks are held.
    ///
    /// What the hold kept goes in any case. What was stored of the person since goes with it where nothing keeps that; whoever
    /// came back keeps it. The act about whom nothing is left has an evidence that begins with `evidence`, a JSON object
    /// without its end.
    func settleErasures(
        of keys: [AddressKey], evidence: String = #"{"method":"deferred-erasure""#,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> SettledErasures {
        var settled = SettledErasures()
        for one in try tx.all(PendingErasureSQL.find, (controller.id, keys)) {
            do throws(StoreError) {
                if let gone = try settle(one, evidence, in: tx) { settled.gone.append(gone) }
            } catch {
                settled.damaged.append(try DamagedContact(one.key, error))
            }
        }
        return settled
    }

    private func settle(
        _ pending: PendingErasure, _ evidence: String, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> AddressKey? {
        guard let address = try pending.parsed() else {
            try tx.run(PendingErasureSQL.done, (controller.id, [pending.key]))
            return nil
        }
        let subject = Report.Subject.address(address)
        let now = try writer.clock(tx)
        let facts = try facts(of: subject, in: tx)
        let reasons = keepReasons(
            facts, address: subject.addressClass, under: try catalogue.policy(of: controller, at: now),
            at: max(now, facts.latestStamped ?? now))
        let holds = reasons.filter { $0.hold != nil }
        if !pending.isApart { try part(pending, address, isBack: reasons.count > holds.count, at: now, in: tx) }
        guard holds.isEmpty else {
            try tx.run(PendingErasureSQL.postpone, (controller.id, pending.key, holds.end))
            return nil
        }
        try tx.run(PendingErasureSQL.done, (controller.id, [pending.key]))
        guard reasons.isEmpty else { return nil }
        let person = keys(of: address)
        let places = try places(of: subject, person, holder: controller.id, in: tx)
        let row = LedgerRow(
            subject: .address(person), act: Act(.swept), at: Stamp(now: now, before: facts).instant,
            evidence: JSONB(evidence + #","erasure":"\#(pending.act)"}"#), address: address)
        _ = try writer.append([row], in: tx)
        try tx.run(ContactSQL.forget, (controller.id, contactKeys(of: subject)))
        try writer.derive(places, at: row.at, in: tx)
        return person.own
    }

    /// Puts apart what the hold keeps. Of whoever is back the address stays: all else is of before the erasure.
    private func part(
        _ pending: PendingErasure, _ address: Address, isBack: Bool, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        try tx.run(PendingErasureSQL.part, (controller.id, pending.key))
        if isBack {
            try tx.run(
                ContactSQL.put, (controller.id, [pending.key], [address.canonical], [nil], [nil], [nil], [nil], [nil]))
        }
        try writer.derive([StandingPlace(holder: controller.id, key: pending.key)], at: now, in: tx)
    }
}

extension PendingErasure {
    func parsed() throws(StoreError) -> Address? {
        guard let address else { return nil }
        do throws(AddressError) { return try Address(parsing: address) } catch { throw .damaged("contact \(key)") }
    }
}

extension [KeptBy] {
    /// When the last of them ends; nil where one has no end.
    var end: Instant? {
        let ends = map(\.until)
        return ends.contains(nil) ? nil : ends.compactMap { $0 }.max()
    }
}
