import Postgres
public import Rules

/// A notice that this courier alone may send until its lease ends.
public struct ClaimedNotice: Sendable {
    /// The same however often it is sent.
    public let webhookID: String
    /// The act's word, as `unsubscribed`.
    public let act: String
    public let actID: Int64
    public let purpose: Slug?
    public let topic: Slug?
    public let scope: Scope?
    public let suppression: Event.Suppression?
    public let at: Instant
    public let recordedAt: Instant
    public let key: AddressKey
    public let newKey: AddressKey?
    /// Set on an act that stops every address at a domain.
    public let domain: String?
    /// Where the recipient needs it and it is known; of a rectification the old one.
    public internal(set) var address: String?
    /// Of a corrected address, the one that is right.
    public internal(set) var newAddress: String?
    /// How often it was tried, this time included.
    public let attempt: Int
    let id: Int64
    let month: String
    let lease: PGUUID
}

/// Notices that were claimed together.
public struct NoticeClaim: Sendable {
    public let notices: [ClaimedNotice]
    /// Not later than the claim: until the lease has passed since then nobody else has them.
    public let at: ContinuousClock.Instant
}

/// What became of a notice.
public enum NoticeOutcome: Hashable, Sendable {
    case delivered(answer: String)
    /// Tried again after so long; those of the same person wait behind it. `answer` is a code, never a text.
    case later(after: Duration, answer: String)
    /// Tried often enough: it waits, and what is behind it waits with it, until somebody replays it.
    case quarantined(answer: String)
    /// The recipient is not told, and nothing waits behind it.
    case undeliverable(answer: String)
    /// Not tried, or turned away unread, and not counted as a try.
    case untried(after: Duration = .zero, answer: String? = nil)
}

struct NoticeRow {
    let claimed: ClaimedNotice
    let sealed: [UInt8]?
}

enum NoticeQueueSQL {
    /// Writes a bundle of an import's notices out; how many it had.
    static let unpack = Statement(
        "notice.unpack", "select unpack_notices($1, $2) as unpacked", in: (Int64.self, Slug.self),
        out: ("unpacked", Int64.self))
    /// Looks at those that are due, oldest first, and takes those of them that have none before them of the same person;
    /// the others are put off, so that they are not looked at over and over. Nothing is taken for an endpoint that is no longer
    /// `$7` at `$8`, or that is not live; and no address for one that is not set to need it.
    ///
    /// A notice is visible only together with every earlier one of its person, because their numbers are given behind the
    /// person's lock; and one that waits or is in quarantine never comes back from having been settled. So what is first here is
    /// first, once all bundles are unpacked: while the recipient has one, none is taken. Nor is one from a restored database
    /// before that is checked.
    static let claim = Statement(
        "notice.claim",
        """
        with due as materialized (
            select n.month, n.id, (
                select max(case e.state when 'quarantined' then $6::float8 else $5::float8 end) from notice e
                where e.controller_id = n.controller_id and e.recipient = n.recipient
                    and e.address_key = n.address_key and e.id < n.id and e.state <> 'delivered'
                    and e.state <> 'undeliverable'
            ) as behind
            from notice n
            where n.controller_id = $1 and n.recipient = $2 and n.state = 'waiting'
                and n.due_at <= statement_timestamp() and is_settled()
                and not exists (select from notice_bundle b where b.controller_id = $1 and b.recipient = $2)
                and exists (
                    select from recipient_endpoint e
                    where e.controller_id = $1 and e.recipient = $2 and e.kind = $7 and e.url = $8 and e.state = 'live'
                )
            order by n.due_at, n.id limit $3 for update of n skip locked
        ), taken as (
            update notice n set
                due_at = clock_timestamp() + make_interval(secs => coalesce(d.behind, $4)),
                attempts = n.attempts + case when d.behind is null then 1 else 0 end,
                lease = case when d.behind is null then gen_random_uuid() end
            from due d where n.controller_id = $1 and n.recipient = $2 and n.month = d.month and n.id = d.id
            returning n.id, n.month, n.webhook_id, n.act_id, n.act, n.purpose, n.topic, n.scope, n.suppression, n.at,
                n.recorded_at, n.address_key, n.new_key, n.domain, n.address, n.attempts, n.lease
        )
        select t.id, t.month::text, t.webhook_id, t.act_id, t.act, t.purpose, t.topic, t.scope, t.suppression, t.at,
            t.recorded_at, t.address_key, t.new_key, t.domain, case when (
                select e.with_address from recipient_endpoint e where e.controller_id = $1 and e.recipient = $2
            ) then t.address end as address, t.attempts, t.lease
        from taken t where t.lease is not null order by t.id
        """,
        in: (
            Int64.self, Slug.self, Int64.self, Double.self, Double.self, Double.self, Endpoint.Kind.self, String.self
        ), out: ("id", Int64.self), ("month", String?.self),
        ("webhook_id", PGUUID.self), ("act_id", Int64.self), ("act", String.self), ("purpose", Slug?.self),
        ("topic", Slug?.self), ("scope", Scope?.self), ("suppression", Event.Suppression?.self), ("at", Instant.self),
        ("recorded_at", Instant.self), ("address_key", AddressKey.self), ("new_key", AddressKey?.self),
        ("domain", String?.self), ("address", Bytea?.self), ("attempts", Int32.self), ("lease", PGUUID?.self),
        into: NoticeRow.init)
    /// The addresses of persons who are stored, for notices that this transaction has taken.
    static let stored = Statement(
        "notice.stored-addresses", "select id, address, new_address from notice_addresses($1, $2, $3)",
        in: (Int64.self, Slug.self, [Int64].self), out: ("id", Int64?.self), ("address", String?.self),
        ("new_address", String?.self))
    static let settle = Statement(
        "notice.settle",
        """
        update notice n set state = r.state, answer = coalesce(r.answer, n.answer), lease = null,
            attempts = n.attempts - case when r.is_untried then 1 else 0 end,
            address = case when r.state in ('delivered', 'undeliverable') then null else n.address end,
            settled_at = case when r.state = 'waiting' then null else clock_timestamp() end,
            due_at = clock_timestamp() + make_interval(secs => r.pause)
        from unnest($3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::float8[], $9::boolean[])
            as r(month, id, lease, state, answer, pause, is_untried)
        where n.controller_id = $1 and n.recipient = $2 and n.month = r.month::date and n.id = r.id and n.lease = r.lease
            and n.state = 'waiting'
        """,
        in: (
            Int64.self, Slug.self, [String].self, [Int64].self, [PGUUID].self, [String].self, [String?].self,
            [Double].self,
            [Bool].self
        ))
    /// What comes next of these persons is due as soon as what was before it is: now, or when that is tried again.
    static let follow = Statement(
        "notice.follow",
        """
        update notice n set due_at = clock_timestamp() + make_interval(secs => r.pause)
        from unnest($3::uuid[], $4::bigint[], $5::float8[]) as r(address_key, id, pause)
        where n.controller_id = $1 and n.recipient = $2 and n.address_key = r.address_key and n.id > r.id
            and n.state = 'waiting' and n.lease is null
        """,
        in: (Int64.self, Slug.self, [AddressKey].self, [Int64].self, [Double].self))

    static let all: [AnyStatement] = [
        unpack.erased, claim.erased, stored.erased, settle.erased, follow.erased,
    ]
}

extension NoticeRow {
    fileprivate init(
        id: Int64, month: String?, webhookID: PGUUID, actID: Int64, act: String, purpose: Slug?, topic: Slug?,
        scope: Scope?, suppression: Event.Suppression?, at: Instant, recordedAt: Instant, key: AddressKey,
        newKey: AddressKey?, domain: String?, address: Bytea?, attempts: Int32, lease: PGUUID?
    ) {
        sealed = address?.bytes
        claimed = ClaimedNotice(
            webhookID: webhookID.description, act: act, actID: actID, purpose: purpose, topic: topic, scope: scope,
            suppression: suppression, at: at, recordedAt: recordedAt, key: key, newKey: newKey, domain: domain,
            address: nil, newAddress: nil, attempt: Int(attempts), id: id, month: month ?? "",
            lease: lease ?? PGUUID(high: 0, low: 0))
    }

    /// With its address in the clear.
    fileprivate func opened(by peppers: Peppers, for endpoint: Endpoint) throws(StoreError) -> ClaimedNotice {
        var notice = claimed
        guard let sealed else { return notice }
        let place = SealedPlace.notice(endpoint.controller, endpoint.recipient, notice.key)
        let words = String(decoding: try peppers.opened(sealed, for: place), as: UTF8.self).split(separator: "\n")
        (notice.address, notice.newAddress) = (words.first.map(String.init), words.dropFirst().first.map(String.init))
        return notice
    }
}

/// How long a notice behind another is not looked at; it is due at once when that one is delivered.
private let behindPause: Duration = .seconds(5)
/// The same behind one in quarantine.
private let behindQuarantinePause: Duration = .seconds(600)

extension Outbox {
    /// Takes at most so many notices of a recipient that are due, one for a person, oldest first.
    ///
    /// To one that is set to need addresses they come with the address that they were posted with, or else with that of the
    /// contact that is stored now.
    public func claimNotices(
        for endpoint: Endpoint, max: Int, lease: Duration
    ) async throws(StoreError) -> NoticeClaim {
        let peppers = peppers
        // A bundle has as many as a slice, so each is a transaction of its own.
        while !Task.isCancelled,
            try await write({ tx throws(StoreError) in
                try tx.one(NoticeQueueSQL.unpack, (endpoint.controller, endpoint.recipient))
            }) > 0
        {}
        let now = ContinuousClock.now
        let notices = try await write { tx throws(StoreError) -> [ClaimedNotice] in
            let rows = try tx.all(
                NoticeQueueSQL.claim,
                (
                    endpoint.controller, endpoint.recipient, Int64(max), lease.inSeconds, behindPause.inSeconds,
                    behindQuarantinePause.inSeconds, endpoint.kind, endpoint.url
                ))
            var notices: [ClaimedNotice] = []
            for row in rows { notices.append(try row.opened(by: peppers, for: endpoint)) }
            return try endpoint.withAddress ? Self.addressed(notices, for: endpoint, in: tx) : notices
        }
        return NoticeClaim(notices: notices, at: now)
    }

    private static func addressed(
        _ notices: [ClaimedNotice], for endpoint: Endpoint, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [ClaimedNotice] {
        var notices = notices
        let missing = notices.filter { $0.address == nil && $0.domain == nil }.map(\.id)
        guard !missing.isEmpty else { return notices }
        for (id, address, new) in try tx.all(
            NoticeQueueSQL.stored, (endpoint.controller, endpoint.recipient, missing))
        {
            guard let index = notices.firstIndex(where: { $0.id == id }) else { continue }
            (notices[index].address, notices[index].newAddress) = (address, new)
        }
        return notices
    }

    /// Writes down what became of them; how many were still this courier's.
    @discardableResult
    public func settle(
        _ settled: [(notice: ClaimedNotice, outcome: NoticeOutcome)], for endpoint: Endpoint
    ) async throws(StoreError) -> Int {
        guard !settled.isEmpty else { return 0 }
        return try await write { tx throws(StoreError) in
            let rows = settled.map { SettledRow($0.outcome) }
            let count = try tx.run(
                NoticeQueueSQL.settle,
                (
                    endpoint.controller, endpoint.recipient, settled.map(\.notice.month), settled.map(\.notice.id),
                    settled.map(\.notice.lease), rows.map(\.state), rows.map(\.answer), rows.map(\.pause),
                    rows.map(\.isUntried)
                ))
            try tx.run(
                NoticeQueueSQL.follow,
                (
                    endpoint.controller, endpoint.recipient, settled.map(\.notice.key), settled.map(\.notice.id),
                    rows.map(\.pause)
                ))
            return count
        }
    }
}

private struct SettledRow {
    var state = "waiting"
    var answer: String?
    var pause = 0.0
    var isUntried = false

    init(_ outcome: NoticeOutcome) {
        switch outcome {
        case .delivered(let answer): (state, self.answer) = ("delivered", answer)
        case .later(let pause, let answer): (self.pause, self.answer) = (pause.inSeconds, answer)
        case .quarantined(let answer):
            (state, self.answer, pause) = ("quarantined", answer, behindQuarantinePause.inSeconds)
        case .undeliverable(let answer): (state, self.answer) = ("undeliverable", answer)
        case .untried(let pause, let answer): (isUntried, self.pause, self.answer) = (true, pause.inSeconds, answer)
        }
    }
}
