import Postgres
import Rules

/// An erasure that waits until no hold keeps the contact any more.
struct PendingErasure {
    let key: AddressKey
    /// The act in the ledger.
    let act: Int64
}

enum PendingErasureSQL {
    static let put = Statement(
        "pending-erasure.put",
        """
        insert into pending_erasure (controller_id, address_key, act_id, asked_at, due_at) values ($1, $2, $3, $4, $5)
        on conflict on constraint pending_erasure_key do update
            set act_id = excluded.act_id, asked_at = excluded.asked_at, due_at = excluded.due_at, done_at = null
        """,
        in: (Int64.self, AddressKey.self, Int64.self, Instant.self, Instant?.self))
    static let find = Statement(
        "pending-erasure.find",
        """
        select address_key, act_id from pending_erasure
        where controller_id = $1 and address_key = any($2::uuid[]) and done_at is null
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("act_id", Int64.self),
        into: PendingErasure.init(key:act:))
    /// A corrected address takes what waits along; one that waits there already stays.
    static let move = Statement(
        "pending-erasure.move",
        """
        insert into pending_erasure (controller_id, address_key, act_id, asked_at, due_at)
        select controller_id, $3, act_id, asked_at, due_at from pending_erasure
        where controller_id = $1 and address_key = any($2::uuid[]) and done_at is null limit 1
        on conflict on constraint pending_erasure_key do update
            set act_id = excluded.act_id, asked_at = excluded.asked_at, due_at = excluded.due_at, done_at = null
            where pending_erasure.done_at is not null
        """,
        in: (Int64.self, [AddressKey].self, AddressKey.self))
    /// Where the contact itself goes, the database notes it by itself.
    static let done = Statement(
        "pending-erasure.done",
        """
        update pending_erasure set done_at = clock_timestamp()
        where controller_id = $1 and address_key = any($2::uuid[]) and done_at is null
        """,
        in: (Int64.self, [AddressKey].self))

    static let all: [AnyStatement] = [put.erased, find.erased, move.erased, done.erased]
}

extension WriteScene {
    /// Carries out what waits for these keys, as far as no hold stands any more. Their locks are held.
    ///
    /// Asked when a hold is released; one that ends by itself is the sweep's to notice.
    func settleErasures(of keys: [AddressKey], in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        let pending = try tx.all(PendingErasureSQL.find, (controller.id, keys))
        guard !pending.isEmpty else { return }
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let places = pending.flatMap { one in
            [StandingPlace(holder: controller.id, key: one.key), StandingPlace(holder: controller.group, key: one.key)]
        }
        let standings = try writer.readStandings(places, in: tx)
        for one in pending {
            let facts = try standings.merged(places.filter { $0.key == one.key }, at: controller)
            let asked = max(now, facts.latestStamped ?? now)
            let reasons = keepReasons(facts, address: .named, under: policy, at: asked)
            if reasons.contains(where: { $0.hold != nil }) { continue }
            // Whoever came back since is kept on a ground of their own; what was to be erased is forgotten already.
            if reasons.isEmpty {
                let evidence = JSONB(#"{"method":"deferred-erasure","erasure":"\#(one.act)"}"#)
                let at = facts.latestStamped.map { max(now, $0.advanced(byMicroseconds: 1)) } ?? now
                _ = try writer.append(
                    [
                        LedgerRow(
                            subject: .address(PersonKeys(own: one.key, alias: one.key)), act: Act(.swept), at: at,
                            evidence: evidence)
                    ], in: tx)
                try tx.run(ContactSQL.forget, (controller.id, [one.key]))
                try writer.derive([StandingPlace(holder: controller.id, key: one.key)], at: at, in: tx)
            }
            try tx.run(PendingErasureSQL.done, (controller.id, [one.key]))
        }
    }
}
