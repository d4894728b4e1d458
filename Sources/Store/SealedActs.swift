import Postgres
import Rules

/// An act with every column of its row, as a seal is taken of it.
struct SealedAct: Sendable {
    let id: Int64
    let transaction: XID8
    let record: SealedRecord
    let position: ActPosition
}

/// Where an act stands in the order in which acts are sealed, exported and journaled.
public struct ActPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let transaction: UInt64
    let id: Int64

    /// Before the first.
    public static let start = ActPosition(transaction: 0, id: 0)

    /// Takes the two numbers of an act's row.
    public init(transaction: UInt64, id: Int64) { (self.transaction, self.id) = (transaction, id) }

    /// As the export's cursor is written.
    public var description: String { "\(transaction).\(id)" }

    /// Earlier is less.
    public static func < (left: ActPosition, right: ActPosition) -> Bool {
        (left.transaction, left.id) < (right.transaction, right.id)
    }
}

enum SealedActSQL {
    /// What is committed behind a place and can have nothing slipped in before it any more.
    static let next = Statement(
        "sealed-act.next",
        """
        select l.id, l.holder_id, l.controller_id, l.address_key, l.alias_key, l.domain, l.hashed, l.organisation_id, l.act, l.purpose,
            l.topic, l.scope, l.consent_by, l.confirms_objection, l.suppression, l.bounce, l.hold, l.until, l.at,
            l.recorded_at, l.actor, l.evidence::text, l.tx
        from ledger l where (l.tx, l.id) > ($1::xid8, $2) and l.tx < ledger_horizon() order by l.tx, l.id limit $3
        """,
        in: (XID8.self, Int64.self, Int64.self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("controller_id", Int64.self), ("address_key", AddressKey?.self), ("alias_key", AddressKey?.self),
        ("domain", String?.self), ("hashed", String?.self), ("organisation_id", Int64?.self), ("act", String.self),
        ("purpose", String?.self),
        ("topic", String?.self), ("scope", String?.self), ("consent_by", String?.self),
        ("confirms_objection", Bool.self), ("suppression", String?.self), ("bounce", String?.self),
        ("hold", String?.self), ("until", Instant?.self), ("at", Instant.self), ("recorded_at", Instant.self),
        ("actor", String.self), ("evidence", String?.self), ("tx", XID8.self), into: SealedAct.init)

    static let byID = Statement(
        "sealed-act.by-id",
        """
        select l.id, l.holder_id, l.controller_id, l.address_key, l.alias_key, l.domain, l.hashed, l.organisation_id, l.act, l.purpose,
            l.topic, l.scope, l.consent_by, l.confirms_objection, l.suppression, l.bounce, l.hold, l.until, l.at,
            l.recorded_at, l.actor, l.evidence::text, l.tx
        from ledger l where l.id = any($1::bigint[])
        """,
        in: ([Int64].self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("controller_id", Int64.self), ("address_key", AddressKey?.self), ("alias_key", AddressKey?.self),
        ("domain", String?.self), ("hashed", String?.self), ("organisation_id", Int64?.self), ("act", String.self),
        ("purpose", String?.self),
        ("topic", String?.self), ("scope", String?.self), ("consent_by", String?.self),
        ("confirms_objection", Bool.self), ("suppression", String?.self), ("bounce", String?.self),
        ("hold", String?.self), ("until", Instant?.self), ("at", Instant.self), ("recorded_at", Instant.self),
        ("actor", String.self), ("evidence", String?.self), ("tx", XID8.self), into: SealedAct.init)

    static let all: [AnyStatement] = [next.erased, byID.erased]
}

extension SealedAct {
    init(
        id: Int64, holder: Int64, controller: Int64, key: AddressKey?, alias: AddressKey?, domain: String?,
        hashed: String?, organisation: Int64?, act: String, purpose: String?, topic: String?, scope: String?,
        consentBy: String?,
        confirmsObjection: Bool, suppression: String?, bounce: String?, hold: String?, until: Instant?, at: Instant,
        recordedAt: Instant, actor: String, evidence: String?, transaction: XID8
    ) {
        var record = SealedRecord()
        for number in [id, holder, controller] { record.add(number) }
        record.add(key)
        record.add(alias)
        record.add(domain)
        record.add(hashed)
        record.add(organisation)
        for text in [act, purpose, topic, scope, consentBy] { record.add(text) }
        record.add(confirmsObjection)
        for text in [suppression, bounce, hold] { record.add(text) }
        for instant in [until, at, recordedAt] { record.add(instant) }
        for text in [actor, evidence, transaction.description] { record.add(text) }
        (self.id, self.transaction, self.record) = (id, transaction, record)
        position = ActPosition(transaction: transaction.value, id: id)
    }
}
