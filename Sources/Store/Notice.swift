import Postgres
import Rules

/// A recipient of one controller.
struct RecipientPlace: Hashable, Sendable {
    let controller: Int64
    let recipient: Slug
}

extension Event.Name {
    /// Whether recipients are told (Articles 19 and 21(3)): what stops, ends, corrects or limits the use of the data.
    var isTold: Bool {
        switch self {
        case .unsubscribed, .consentWithdrawn, .objected, .complained, .suppressed, .erased, .swept, .restricted,
            .restrictionLifted, .rectified, .addressCorrected:
            true
        default: false
        }
    }

    /// How a recipient is told of it: a corrected address is a rectification that names the new key.
    fileprivate var noticeWord: String { self == .addressCorrected ? Self.rectified.rawValue : rawValue }
}

enum NoticeSQL {
    static let post = Statement(
        "notice.post",
        """
        insert into notice (controller_id, group_id, recipient, act_id, act, purpose, topic, scope, suppression, at,
            recorded_at, address_key, domain, new_key, address)
        select r.controller_id, $1, r.recipient, r.act_id, r.act, r.purpose, r.topic, r.scope, r.suppression, r.at,
            r.recorded_at, r.address_key, r.domain, r.new_key, r.address
        from unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::timestamptz[], $11::timestamptz[], $12::uuid[], $13::text[], $14::uuid[], $15::bytea[])
            with ordinality as r(controller_id, recipient, act_id, act, purpose, topic, scope, suppression, at, recorded_at,
                address_key, domain, new_key, address, place)
        order by r.place
        """,
        in: (
            Int64.self, [Int64].self, [Slug].self, [Int64].self, [String].self, [Slug?].self, [Slug?].self,
            [Scope?].self,
            [Event.Suppression?].self, [Instant].self, [Instant].self, [AddressKey].self, [String?].self,
            [AddressKey?].self, [Bytea?].self
        ))
    static let addresses = Statement(
        "notice.addresses",
        "select address_key, address from contact where controller_id = $1 and address_key = any($2::uuid[])",
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("address", String.self))

    static let all: [AnyStatement] = [post.erased, addresses.erased]
}

/// One recipient's notice of one act.
struct Notice {
    let place: RecipientPlace
    let act: Int64
    let word: String
    let row: LedgerRow
    let key: AddressKey
    let receipt: LedgerReceipt
    var newKey: AddressKey?
    var sealed: [UInt8]?
}

/// Posts a notice to each recipient of each act that must be told, in the transaction of the act.
///
/// Notices of one person have numbers in the order of the acts: they are given behind the person's lock.
struct NoticePosting {
    let catalogue: Catalogue
    let peppers: Peppers

    func post(
        _ acts: [(LedgerRow, LedgerReceipt)], by writer: LedgerWriter, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let told = acts.filter { $0.0.act.name.isTold && $0.0.subject.noticeKey != nil }
        guard let first = told.first else { return }
        let controller = writer.access.controller
        let recipients = try catalogue.policy(of: controller, at: first.1.recordedAt).recipients.map(\.id)
        guard !recipients.isEmpty else { return }
        let group = catalogue.controllers.filter { $0.group == controller.group }
        var notices: [Notice] = []
        for (row, receipt) in told {
            guard let key = row.subject.noticeKey else { continue }
            let isGroupWide = writer.holder(of: row.act) == controller.group
            for place in isGroupWide ? group.map(\.id) : [controller.id] {
                notices += recipients.map {
                    Notice(
                        place: RecipientPlace(controller: place, recipient: $0), act: receipt.id,
                        word: row.act.name.noticeWord, row: row, key: key, receipt: receipt,
                        newKey: row.corrected.map { peppers.key(for: $0) })
                }
            }
        }
        try seal(&notices, at: controller, in: tx)
        try insert(notices, group: controller.group, in: tx)
    }

    /// Every recipient in the controller's group; nil where one of them needs an address.
    func places(of controller: ControllerRecord, under policy: Policy) -> [RecipientPlace]? {
        let recipients = policy.recipients.map(\.id)
        let places = catalogue.controllers.filter { $0.group == controller.group }.flatMap { company in
            recipients.map { RecipientPlace(controller: company.id, recipient: $0) }
        }
        return places.contains(where: catalogue.needsAddress) ? nil : places
    }

    /// Gives those that need it the address: the one that the act came with, or the contact's.
    private func seal(
        _ notices: inout [Notice], at controller: ControllerRecord, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let needy = notices.indices.filter {
            catalogue.needsAddress(notices[$0].place) && notices[$0].row.subject.isAddress
        }
        guard !needy.isEmpty else { return }
        let missing = Set(needy.filter { notices[$0].row.address == nil }.map { notices[$0].key })
        var stored: [AddressKey: String] = [:]
        if !missing.isEmpty {
            for (key, address) in try tx.all(NoticeSQL.addresses, (controller.id, Array(missing))) {
                stored[key] = address
            }
        }
        for index in needy {
            let notice = notices[index]
            guard let address = notice.row.address?.canonical ?? stored[notice.key] else { continue }
            let words = [address] + (notice.row.corrected.map { [$0.canonical] } ?? [])
            notices[index].sealed = try peppers.sealed(
                Array(words.joined(separator: "\n").utf8),
                for: SealedPlace.notice(notice.place.controller, notice.place.recipient, notice.key))
        }
    }

    private func insert(
        _ notices: [Notice], group: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !notices.isEmpty else { return }
        try tx.run(
            NoticeSQL.post,
            (
                group, notices.map(\.place.controller), notices.map(\.place.recipient), notices.map(\.act),
                notices.map(\.word), notices.map(\.row.act.purpose), notices.map(\.row.act.topic),
                notices.map(\.row.act.scope), notices.map(\.row.act.suppression), notices.map(\.row.at),
                notices.map(\.receipt.recordedAt), notices.map(\.key), notices.map(\.row.subject.noticeDomain),
                notices.map(\.newKey), notices.map { $0.sealed.map { Bytea($0) } }
            ))
    }
}

extension LedgerSubject {
    /// By which key a recipient is told; nil of what is no person's.
    fileprivate var noticeKey: AddressKey? {
        switch self {
        case .address(let person): person.own
        case .domain(_, let key): key
        // A recipient could do nothing with the key of a digest.
        case .organisation, .hashed: nil
        }
    }

    fileprivate var noticeDomain: String? { if case .domain(let domain, _) = self { domain.canonical } else { nil } }

    fileprivate var isAddress: Bool { if case .address = self { true } else { false } }
}
