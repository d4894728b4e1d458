import Postgres
public import Rules

/// Somebody who is due the notice of Article 14.
public struct DueNotice: Sendable {
    public let key: AddressKey
    /// Personal data, for whoever sends the notice.
    public let address: String
    public let source: String?
    /// By when.
    public let due: Instant
}

/// A page of those who are due a notice, in the order of their keys.
public struct DueNoticePage: Sendable {
    public let notices: [DueNotice]
    /// Ask for what follows with this; nil at the end. A page may be empty and not the last.
    public let next: AddressKey?
}

enum DueNoticeSQL {
    static let contacts = Statement(
        "due-notice.contacts",
        """
        select c.address_key, c.address, c.source, s.facts from contact c
        join standing s on s.holder_id = c.controller_id and s.address_key = c.address_key
        where c.controller_id = $1 and c.address_key > $2 order by c.address_key limit $3
        """,
        in: (Int64.self, AddressKey.self, Int64.self), out: ("address_key", AddressKey.self), ("address", String.self),
        ("source", String?.self), ("facts", Bytea.self))

    static let all: [AnyStatement] = [contacts.erased]
}

/// Contacts that one page of notices looks through, at most.
public let dueNoticeContactsPerPageMax = 10_000

extension Store {
    /// Who of the contacts after that key is due a notice, or of them, who should have had it by now.
    public func dueNotices(
        _ choice: DueNoticeChoice, after key: AddressKey?, by access: Access
    ) async throws(StoreError) -> DueNoticePage {
        let controller = access.controller
        return try await write(.bulk, for: controller) { tx throws(StoreError) in
            let now = try tx.one(LedgerSQL.clock, ())
            let policy = try self.catalogue(tx).policy(of: controller, at: now)
            let rows = try tx.all(
                DueNoticeSQL.contacts,
                (controller.id, key ?? AddressKey(high: 0, low: 0), Int64(dueNoticeContactsPerPageMax)))
            var notices: [DueNotice] = []
            for (key, address, source, stored) in rows {
                guard let facts = FactsCode.decode(stored.bytes) else {
                    throw .damaged("standing \(controller.id)/\(key)")
                }
                guard let due = Facts(own: facts).noticeDue(under: policy, at: now), choice == .all || due <= now
                else { continue }
                notices.append(DueNotice(key: key, address: address, source: source, due: due))
            }
            return DueNoticePage(notices: notices, next: rows.count == dueNoticeContactsPerPageMax ? rows.last?.0 : nil)
        }
    }
}

/// Which notices are listed.
public enum DueNoticeChoice: Sendable {
    case all, overdue
}
