import Postgres
public import Rules

/// A right of the person that is carried out on one address.
public struct ErasureReceipt: Sendable {
    public let receipt: Receipt
    /// Whether anything besides the key was stored.
    public let hadContact: Bool
    /// What is there of the person now; the holds among it keep what is stored until they end, and there are none where it
    /// is gone.
    public let traces: KeptAfterErasure.Traces

    /// Whether the contact is gone.
    public var isCarriedOut: Bool { traces.holds.isEmpty }

    /// What the erasure leaves, and what that rests on: Article 17(3).
    public var kept: [KeptAfterErasure] { KeptAfterErasure.all(of: traces) }
}

extension Verb where Result == ErasureReceipt {
    /// Erases what is stored of the person: Article 17.
    ///
    /// What is known is forgotten for every decision at once. Where a hold keeps the contact, what was stored goes when the
    /// last hold ends, also of a person who has come back since. Sent again, it is done again where something is stored again.
    public static func erase(_ address: Address, evidence: Evidence?) -> Verb {
        var verb = Verb(.optOut) { scene, tx throws(StoreError) in
            try scene.erase(.address(address), evidence: evidence, in: tx)
        }
        let report = Report(.erased, of: .address(address), evidence: evidence)
        verb.stillStands = { scene, tx throws(StoreError) in try scene.stillStops(report, in: tx) }
        return verb
    }
}

extension WriteScene {
    func erase(
        _ subject: Report.Subject, evidence: Evidence?, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> ErasureReceipt {
        let keys = contactKeys(of: subject)
        let stored = try tx.all(ContactSQL.read, (controller.id, keys)).map(\.key)
        let held = try tx.all(PendingErasureSQL.find, (controller.id, keys)).map(\.key)
        let had = !(stored + held).isEmpty
        let receipt = try record(Report(.erased, of: subject, evidence: evidence), in: tx)
        let facts = try facts(of: subject, in: tx)
        let policy = try catalogue.policy(of: controller, at: receipt.recordedAt)
        let now = max(receipt.at, receipt.recordedAt)
        let reasons = keepReasons(facts, address: subject.addressClass, under: policy, at: now)
        let traces = try traces(
            of: subject, facts, holds: had ? reasons.filter { $0.hold != nil } : [], under: policy, at: now, in: tx)
        return ErasureReceipt(receipt: receipt, hadContact: had, traces: traces)
    }

    /// Takes the contact away. What a hold keeps of it lies apart until the hold ends: nothing reads it but the hold, and what
    /// is stored of the person from now on is a contact of its own. The standing is derived after this.
    func forgetContact(
        of subject: Report.Subject, by receipt: LedgerReceipt, act: Act, at instant: Instant, before: Facts,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let keys = contactKeys(of: subject)
        let policy = try catalogue.policy(of: controller, at: receipt.recordedAt)
        let holds = keepReasons(before, address: subject.addressClass, under: policy, at: instant)
            .filter { $0.hold != nil }
        guard !holds.isEmpty else {
            try tx.run(ContactSQL.forget, (controller.id, keys))
            try tx.run(PendingErasureSQL.done, (controller.id, keys))
            return
        }
        guard act.name == .erased else { return }
        try tx.run(PendingErasureSQL.hold, (controller.id, keys, receipt.id, receipt.recordedAt, holds.end))
    }

    /// Throws `.personNotTold` where the person is restricted and no act says that they were told of the lifting since:
    /// Article 18(3).
    func requireTold(_ subject: Report.Subject, before: Facts, in tx: borrowing Transaction<StoreError>)
        throws(StoreError)
    {
        guard let restricted = before.restrictedSince else { return }
        let told = try tx.first(SubjectSQL.told, (controller.id, contactKeys(of: subject)))
        guard let told, told > restricted else { throw .personNotTold(since: restricted) }
    }
}

enum SubjectSQL {
    static let told = Statement(
        "subject.told",
        """
        select at from ledger
        where holder_id = $1 and address_key = any($2::uuid[]) and act = 'restriction-lifting-told'
        order by at desc limit 1
        """,
        in: (Int64.self, [AddressKey].self), out: ("at", Instant.self), into: { (at: Instant) in at })

    static let all: [AnyStatement] = [told.erased]
}
