public import Postgres
public import Rules

/// How a recipient is reached.
public struct Endpoint: Sendable {
    public let controller: Int64
    public let controllerName: Slug
    public let recipient: Slug
    public let kind: Kind
    public let url: String
    /// Whether it is told the address and not its key alone.
    public let withAddress: Bool
    /// Newest first; two while they are being rotated.
    public let secrets: [String]

    /// What is at the other end.
    public enum Kind: String, Sendable, CaseIterable, PostgresWrapped {
        case webhook, hubspot
    }

    /// A secret of either kind is at most this long, in bytes.
    public static let secretBytesMax = 1_024
    /// A URL is at most this long, in bytes.
    public static let urlBytesMax = 2_000
}

/// A recipient as it is shown: never its secrets.
public struct EndpointState: Sendable {
    public let recipient: Slug
    /// Nil where no endpoint was set: its notices wait.
    public let kind: Endpoint.Kind?
    public let url: String?
    public let withAddress: Bool
    public let state: State
    public let since: Instant?
    /// Why nothing arrives there, a code or a sentence, and since when; nil where it does, as far as is known.
    public let failure: String?
    public let failingSince: Instant?
    public let waiting: Int
    public let quarantined: Int
    /// What it was not told and will not be, of this month and the last.
    public let undeliverable: Int
    /// Those of this month and the last, as far as they are kept.
    public let delivered: Int
    /// When the oldest that waits or is in quarantine was posted.
    public let oldest: Instant?

    public enum State: String, Sendable, CaseIterable {
        case live, paused, gone
        case unset
    }
}

/// What came of rotating a secret.
public enum SecretRotation: Hashable, Sendable {
    case rotated(Endpoint.Kind)
    case noEndpoint
    /// Two secrets sign already, and the recipient may check by either. Nothing was changed.
    case underWay

    /// What is done where two secrets sign already.
    public enum Rule: Sendable {
        case oneAtATime, droppingTheOlder
    }
}

/// A notice as it is shown.
public struct NoticeState: Sendable {
    public let id: Int64
    public let webhookID: String
    public let act: Int64
    public let word: String
    public let key: AddressKey
    public let state: State
    public let attempts: Int
    public let answer: String?
    public let postedAt: Instant
    public let settledAt: Instant?

    public enum State: String, Sendable, CaseIterable {
        case waiting, delivered, quarantined, undeliverable
    }
}

enum EndpointSQL {
    /// Live ones for which something is due. The looks are scalars: a plan may not turn them into one over all that is due.
    static let due = Statement(
        "endpoint.due",
        """
        select e.controller_id, h.slug, e.recipient, e.kind, e.url, e.with_address, e.secrets
        from recipient_endpoint e join holder h on h.id = e.controller_id
        where e.state = 'live' and coalesce((
            select true from notice n
            where n.controller_id = e.controller_id and n.recipient = e.recipient and n.state = 'waiting'
                and n.due_at <= statement_timestamp()
            order by n.due_at limit 1
        ), (
            select true from notice_bundle b where b.controller_id = e.controller_id and b.recipient = e.recipient limit 1
        ), false)
        order by e.controller_id, e.recipient
        """,
        in: (), out: ("controller_id", Int64.self), ("slug", Slug.self), ("recipient", Slug.self),
        ("kind", Endpoint.Kind.self),
        ("url", String.self), ("with_address", Bool.self), ("secrets", [Bytea].self))
    static let failing = Statement(
        "endpoint.failing",
        """
        update recipient_endpoint set failure = $4::text,
            failing_since = case when $4::text is not null then coalesce(failing_since, now()) end
        where controller_id = $1 and recipient = $2 and url = $3 and failure is distinct from $4::text
        """,
        in: (Int64.self, Slug.self, String.self, String?.self))
    static let gone = Statement(
        "endpoint.gone",
        """
        update recipient_endpoint set state = 'gone', state_since = now()
        where controller_id = $1 and recipient = $2 and url = $3 and state = 'live'
        """,
        in: (Int64.self, Slug.self, String.self))
    static let put = Statement(
        "endpoint.put",
        """
        insert into recipient_endpoint (controller_id, recipient, kind, url, with_address, secrets, updated_by)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict on constraint recipient_endpoint_key do update set kind = excluded.kind, url = excluded.url,
            with_address = excluded.with_address, secrets = excluded.secrets, updated_at = now(),
            updated_by = excluded.updated_by, state = 'live', state_since = now(), failure = null, failing_since = null
        """,
        in: (Int64.self, Slug.self, Endpoint.Kind.self, String.self, Bool.self, [Bytea].self, String.self))
    static let setState = Statement(
        "endpoint.set-state",
        """
        update recipient_endpoint set state = $3, state_since = now(), updated_at = now(), updated_by = $4
        where controller_id = $1 and recipient = $2
        """,
        in: (Int64.self, Slug.self, String.self, String.self))
    static let secrets = Statement(
        "endpoint.secrets",
        "select kind, secrets from recipient_endpoint where controller_id = $1 and recipient = $2 for update",
        in: (Int64.self, Slug.self), out: ("kind", Endpoint.Kind.self), ("secrets", [Bytea].self))
    static let setSecrets = Statement(
        "endpoint.set-secrets",
        """
        update recipient_endpoint set secrets = $3, updated_at = now(), updated_by = $4
        where controller_id = $1 and recipient = $2
        """,
        in: (Int64.self, Slug.self, [Bytea].self, String.self))
    static let list = Statement(
        "endpoint.list",
        """
        select e.recipient, e.kind, e.url, e.with_address, e.state, e.state_since, e.failure, e.failing_since
        from recipient_endpoint e where e.controller_id = $1 order by e.recipient
        """,
        in: (Int64.self), out: ("recipient", Slug.self), ("kind", Endpoint.Kind.self), ("url", String.self),
        ("with_address", Bool.self), ("state", String.self), ("state_since", Instant.self), ("failure", String?.self),
        ("failing_since", Instant?.self))
    static let tally = Statement(
        "endpoint.tally",
        """
        select t.recipient, sum(t.waiting)::bigint as waiting, sum(t.quarantined)::bigint as quarantined,
            sum(t.delivered)::bigint as delivered, sum(t.undeliverable)::bigint as undeliverable, min(t.oldest) as oldest
        from (
            select n.recipient, count(*) filter (where n.state = 'waiting') as waiting,
                count(*) filter (where n.state = 'quarantined') as quarantined,
                count(*) filter (where n.state = 'delivered') as delivered,
                count(*) filter (where n.state = 'undeliverable') as undeliverable,
                min(n.posted_at) filter (where n.state in ('waiting', 'quarantined')) as oldest
            from notice n where n.controller_id = $1 group by n.recipient
            union all
            select b.recipient, sum(cardinality(b.act_ids))::bigint, 0, 0, 0, min(b.posted_at)
            from notice_bundle b where b.controller_id = $1 group by b.recipient
        ) t
        group by t.recipient
        """,
        in: (Int64.self), out: ("recipient", Slug.self), ("waiting", Int64?.self), ("quarantined", Int64?.self),
        ("delivered", Int64?.self), ("undeliverable", Int64?.self), ("oldest", Instant?.self))
    static let notices = Statement(
        "endpoint.notices",
        """
        select n.id, n.webhook_id, n.act_id, n.act, n.address_key, n.state, n.attempts, n.answer, n.posted_at, n.settled_at
        from notice n
        where n.controller_id = $1 and n.recipient = $2 and ($3::text is null or n.state = $3) and n.id > $4
        union all
        select u.id, notice_webhook_id($1, $2, l.id, l.address_key, l.recorded_at), l.id, l.act, l.address_key, 'waiting', 0,
            null, u.posted_at, null
        from (
            select p.id, p.act_id, b.posted_at
            from notice_bundle b cross join lateral unnest(b.notice_ids, b.act_ids) as p(id, act_id)
            where b.controller_id = $1 and b.recipient = $2 and b.last_id > $4 and p.id > $4
                and ($3::text is null or $3 = 'waiting')
            order by p.id limit $5
        ) u
        join ledger l on l.id = u.act_id
        order by id limit $5
        """,
        in: (Int64.self, Slug.self, String?.self, Int64.self, Int64.self), out: ("id", Int64.self),
        ("webhook_id", PGUUID.self), ("act_id", Int64.self), ("act", String.self), ("address_key", AddressKey.self),
        ("state", String.self), ("attempts", Int32.self), ("answer", String?.self), ("posted_at", Instant.self),
        ("settled_at", Instant?.self), into: NoticeState.init)
    /// What waits behind is due again by itself.
    static let replay = Statement(
        "endpoint.replay",
        """
        update notice set state = 'waiting', attempts = 0, due_at = clock_timestamp(), settled_at = null
        where controller_id = $1 and recipient = $2 and state = 'quarantined' and ($3::bigint is null or id = $3)
        """,
        in: (Int64.self, Slug.self, Int64?.self))
    /// What waited behind is due now.
    static let discard = Statement(
        "endpoint.discard",
        """
        with discarded as (
            update notice set state = 'undeliverable', address = null, settled_at = clock_timestamp(),
                answer = 'discarded by ' || $4 || coalesce('; it had answered ' || answer, '')
            where controller_id = $1 and recipient = $2 and state = 'quarantined' and ($3::bigint is null or id = $3)
            returning address_key
        ), followed as (
            update notice n set due_at = clock_timestamp() from (select distinct address_key from discarded) d
            where n.controller_id = $1 and n.recipient = $2 and n.address_key = d.address_key and n.state = 'waiting'
                and n.lease is null
        )
        select count(*) as discarded from discarded
        """,
        in: (Int64.self, Slug.self, Int64?.self, String.self), out: ("discarded", Int64.self))

    static let all: [AnyStatement] = [
        due.erased, failing.erased, gone.erased, put.erased, setState.erased, secrets.erased, setSecrets.erased,
        list.erased, tally.erased, notices.erased, replay.erased, discard.erased,
    ]
}

extension NoticeState {
    fileprivate init(
        id: Int64, webhookID: PGUUID, act: Int64, word: String, key: AddressKey, state: String, attempts: Int32,
        answer: String?, postedAt: Instant, settledAt: Instant?
    ) {
        self.init(
            id: id, webhookID: webhookID.description, act: act, word: word, key: key,
            state: State(rawValue: state) ?? .waiting, attempts: Int(attempts), answer: answer, postedAt: postedAt,
            settledAt: settledAt)
    }
}

private let unreadableSecret = "its secret cannot be opened: is the right pepper loaded?"

/// The most notices on a page.
public let noticePageMax = 1_000

extension Outbox {
    /// The recipients that can be told now and for which something is due.
    public func endpoints() async throws(StoreError) -> [Endpoint] {
        let peppers = peppers
        return try await write { tx throws(StoreError) in
            var endpoints: [Endpoint] = []
            for (controller, name, recipient, kind, url, withAddress, sealed) in try tx.all(EndpointSQL.due, ()) {
                var secrets: [String] = []
                do throws(StoreError) {
                    for octets in sealed {
                        let place = SealedPlace.secret(controller, recipient)
                        secrets.append(String(decoding: try peppers.opened(octets.bytes, for: place), as: UTF8.self))
                    }
                } catch {
                    // It keeps nobody else from being told.
                    try tx.run(EndpointSQL.failing, (controller, recipient, url, unreadableSecret))
                    continue
                }
                endpoints.append(
                    Endpoint(
                        controller: controller, controllerName: name, recipient: recipient, kind: kind, url: url,
                        withAddress: withAddress,
                        secrets: secrets))
            }
            return endpoints
        }
    }

    /// Stops telling an endpoint that says it is gone, until somebody resumes it. Its notices wait.
    public func markGone(_ endpoint: Endpoint) async throws(StoreError) {
        _ = try await write { tx throws(StoreError) in
            try tx.run(EndpointSQL.gone, (endpoint.controller, endpoint.recipient, endpoint.url))
        }
    }

    /// Writes down why nothing arrives at an endpoint, nil where something does; whether that is news.
    @discardableResult
    public func note(failure: String?, of endpoint: Endpoint) async throws(StoreError) -> Bool {
        try await write { tx throws(StoreError) in
            try tx.run(
                EndpointSQL.failing, (endpoint.controller, endpoint.recipient, endpoint.url, failure)) == 1
        }
    }
}

extension Administration {
    /// Sets how a recipient is reached; what waits for it goes out from now on, without the address where it needs none.
    public func setEndpoint(
        _ recipient: Slug, of controller: ControllerRecord, kind: Endpoint.Kind, url: String, withAddress: Bool,
        secret: String, sealedBy peppers: Peppers, by user: String
    ) async throws(StoreError) {
        let sealed = try peppers.sealed(Array(secret.utf8), for: SealedPlace.secret(controller.id, recipient))
        _ = try await write { tx throws(StoreError) in
            try tx.run(
                EndpointSQL.put, (controller.id, recipient, kind, url, withAddress, [Bytea(sealed)], user))
        }
        if !withAddress { while try await write({ tx throws(StoreError) in try AddressWipe.step(in: tx) }) {} }
    }

    /// Pauses a recipient, or resumes it; false where it has no endpoint.
    public func setEndpoint(
        _ recipient: Slug, of controller: ControllerRecord, paused: EndpointState.State, by user: String
    ) async throws(StoreError) -> Bool {
        try await write { tx throws(StoreError) in
            try tx.run(EndpointSQL.setState, (controller.id, recipient, paused.rawValue, user)) == 1
        }
    }

    /// Puts a new secret before the one there is, and both sign until the rotation is ended. HubSpot's token is replaced.
    public func rotateSecret(
        _ recipient: Slug, of controller: ControllerRecord, to secret: String, _ rule: SecretRotation.Rule,
        sealedBy peppers: Peppers, by user: String
    ) async throws(StoreError) -> SecretRotation {
        let sealed = try peppers.sealed(Array(secret.utf8), for: SealedPlace.secret(controller.id, recipient))
        return try await write { tx throws(StoreError) in
            guard let (kind, old) = try tx.first(EndpointSQL.secrets, (controller.id, recipient)) else {
                return .noEndpoint
            }
            guard old.count < 2 || rule == .droppingTheOlder else { return .underWay }
            let kept = kind == .webhook ? old.prefix(1) : []
            try tx.run(EndpointSQL.setSecrets, (controller.id, recipient, [Bytea(sealed)] + kept, user))
            return .rotated(kind)
        }
    }

    /// Ends a rotation: the older secret signs no more. False where there is no endpoint.
    public func endRotation(
        _ recipient: Slug, of controller: ControllerRecord, by user: String
    ) async throws(StoreError) -> Bool {
        try await write { tx throws(StoreError) in
            guard let (_, old) = try tx.first(EndpointSQL.secrets, (controller.id, recipient)) else { return false }
            try tx.run(EndpointSQL.setSecrets, (controller.id, recipient, Array(old.prefix(1)), user))
            return true
        }
    }
}

extension Store {
    /// Every recipient of the controller: those that its policy names and those that have an endpoint.
    public func recipients(by access: Access) async throws(StoreError) -> [EndpointState] {
        try await read(for: access.controller) { tx throws(StoreError) in
            let controller = access.controller
            let policy = try self.catalogue(tx).policy(of: controller, at: try tx.one(LedgerSQL.clock, ()))
            let rows = try tx.all(EndpointSQL.list, controller.id)
            let tallies = try tx.all(EndpointSQL.tally, controller.id)
            var names = policy.recipients.map(\.id)
            for name in rows.map(\.0) + tallies.map(\.0) where !names.contains(name) { names.append(name) }
            return names.map { name in
                let row = rows.first { $0.0 == name }
                let tally = tallies.first { $0.0 == name }
                return EndpointState(
                    recipient: name, kind: row?.1, url: row?.2, withAddress: row?.3 ?? false,
                    state: row.flatMap { EndpointState.State(rawValue: $0.4) } ?? .unset, since: row?.5,
                    failure: row?.6, failingSince: row?.7, waiting: Int(tally?.1 ?? 0),
                    quarantined: Int(tally?.2 ?? 0), undeliverable: Int(tally?.4 ?? 0), delivered: Int(tally?.3 ?? 0),
                    oldest: tally?.5)
            }
        }
    }

    /// The recipient's notices after the number, oldest first; nil for every state.
    public func notices(
        of recipient: Slug, in state: NoticeState.State?, after id: Int64, limit: Int, by access: Access
    ) async throws(StoreError) -> [NoticeState] {
        try await read(for: access.controller) { tx throws(StoreError) in
            try tx.all(
                EndpointSQL.notices,
                (access.controller.id, recipient, state?.rawValue, id, Int64(min(limit, noticePageMax))))
        }
    }
}

extension Verb where Result == Int {
    /// Sends again what is in quarantine: one notice, or all of the recipient; how many.
    public static func replayNotices(of recipient: Slug, only id: Int64? = nil) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            try tx.run(EndpointSQL.replay, (scene.controller.id, recipient, id))
        }
    }

    /// Settles what is in quarantine as never told, and lets what waits behind it go: one notice, or all of the recipient; how
    /// many.
    public static func discardNotices(of recipient: Slug, only id: Int64? = nil) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            Int(try tx.one(EndpointSQL.discard, (scene.controller.id, recipient, id, scene.writer.access.actor)))
        }
    }
}
