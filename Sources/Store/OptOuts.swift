import Postgres
public import Rules

/// An opt-out that came by a link.
public struct LinkOptOut: Sendable {
    public let link: Link
    /// How far it reaches; nil is the policy's default.
    public let scope: Scope?
    /// When it was received, where that was before now; nil is now.
    public let at: Instant?
    /// How it was made.
    public let evidence: Evidence?
    /// Whether the person has said more than no, which is recorded once even where nothing new is stopped.
    public let saysMore: Bool

    public init(
        _ link: Link, scope: Scope? = nil, at: Instant? = nil, evidence: Evidence? = nil,
        saysMore: Bool = false
    ) {
        (self.link, self.scope, self.at, self.evidence) = (link, scope, at, evidence)
        self.saysMore = saysMore
    }
}

/// What stands after an act by a link was committed: nothing else can say that it was done.
public struct LinkReceipt: Sendable {
    /// What the act's number in the ledger is; nil where the same stood already and nothing was recorded.
    public let id: Int64?
    /// The entry that binds what was asked for: the new one, or the one that stood. Nil after coming back.
    public let entry: DatedEntry?
    let after: LinkFacts

    /// The company whose mail it was.
    public var controller: ControllerRecord { after.controller }
    /// What stands now. Reckoned when it is asked for: a machine that pressed is shown none of it.
    public var standing: LinkStanding { after.standing }
}

enum OptOutSQL {
    /// Takes the locks, as `ledger.lock` does, and says for whom the transaction is.
    static let enter = Statement(
        "opt-out.enter",
        """
        select count(pg_advisory_xact_lock(k))::bigint as locks, set_config('maysend.controller', $2, true) as controller,
            set_config('maysend.group', $3, true) as "group"
        from (select unnest($1::bigint[]) as k) as keys
        """,
        in: ([Int64].self, String.self, String.self), out: ("locks", Int64.self), ("controller", String?.self),
        ("group", String?.self))

    /// What is to be known behind the locks: the edition and the clock, the standings, and what was lifted at other companies of
    /// the group, if there are any. The standings are held as `standing.hold` holds them.
    static let read = Statement(
        "opt-out.read",
        """
        select e.epoch, clock_timestamp() as now, null::bigint as holder_id, null::uuid as address_key, null::bytea as facts,
            null::bytea as aliases, null::timestamptz as lifted_at, e.incarnation,
            hashtextextended(pg_relation_filepath(e.tableoid), 0) as place, pg_postmaster_start_time() as started_at
        from catalogue_epoch e
        union all
        select null, null, s.holder_id, s.address_key, s.facts, s.aliases, null, null, null, null from (
            select s.* from (
                select * from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key) order by holder_id, address_key
            ) k
            cross join lateral (
                select s.* from standing s where s.holder_id = k.holder_id and s.address_key = k.address_key for update
            ) s
        ) s
        union all
        select null, null, null, l.address_key, null, null, l.at, null, null, null from lifted_elsewhere($3::uuid[]) l
        where exists (select from holder h where h.group_id = current_group() and h.id <> current_controller())
        """,
        in: ([Int64].self, [AddressKey].self, [AddressKey].self), out: ("epoch", Int64?.self), ("now", Instant?.self),
        ("holder_id", Int64?.self), ("address_key", AddressKey?.self), ("facts", Bytea?.self), ("aliases", Bytea?.self),
        ("lifted_at", Instant?.self), ("incarnation", PGUUID?.self), ("place", Int64?.self),
        ("started_at", Instant?.self), into: OptOutRow.init)

    static let isAnswered = Statement(
        "opt-out.is-answered",
        """
        select exists (
            select from ledger
            where holder_id = any($1::bigint[]) and address_key = $2 and act = 'unsubscribed' and at >= $3
                and evidence ?| array['reason', 'note']
        ) as answered
        """,
        in: ([Int64].self, AddressKey.self, Instant.self), out: ("answered", Bool.self))

    /// What `ledger.append` and `notice.post` do, for opt-outs of persons whose recipients need no address: the acts, and a
    /// notice of each to the recipients of its company, or of every company of the group where it binds that.
    static let append = Statement(
        "opt-out.append",
        """
        with acts as (
            insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, topic, scope, at, actor,
                evidence)
            select r.holder_id, $1, r.address_key, r.alias_key, 'unsubscribed', r.purpose, r.topic, r.scope, r.at, $3,
                r.evidence
            from unnest($4::bigint[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::timestamptz[],
                $11::jsonb[]) with ordinality
                as r(holder_id, address_key, alias_key, purpose, topic, scope, at, evidence, place)
            order by r.place
            returning id, holder_id, address_key, act, purpose, topic, scope, at, recorded_at
        ), told as (
            insert into notice (controller_id, group_id, recipient, act_id, act, purpose, topic, scope, at, recorded_at,
                address_key)
            select p.controller_id, $2, p.recipient, a.id, a.act, a.purpose, a.topic, a.scope, a.at, a.recorded_at,
                a.address_key
            from acts a
            join unnest($12::bigint[], $13::text[]) as p(controller_id, recipient)
                on p.controller_id = $1 or a.holder_id <> $1
            order by a.id
        )
        select id, recorded_at from acts order by id
        """,
        in: (
            Int64.self, Int64.self, String.self, [Int64].self, [AddressKey].self, [AddressKey?].self, [Slug?].self,
            [Slug?].self, [Scope?].self, [Instant].self, [JSONB?].self, [Int64].self, [Slug].self
        ),
        out: ("id", Int64.self), ("recorded_at", Instant.self))

    static let all: [AnyStatement] = [enter.erased, read.erased, isAnswered.erased, append.erased]
}

/// The most opt-outs that one transaction takes: each holds two locks.
public let optOutsPerTransactionMax = 256

extension Verb where Result == LinkReceipt {
    /// Takes back what the person stopped by the link a short while ago; see ``Undo``.
    ///
    /// The evidence has the method of a person's own act. Throws `.nothingToUndo` where nothing stands that may be undone.
    public static func comeBack(_ link: Link, evidence: Evidence) -> Verb {
        undo(link, evidence) { $0.acts }
    }

    /// Declines the topic of the mail alone, where the person had stopped more a short while ago; see ``Undo``.
    public static func narrow(_ link: Link, evidence: Evidence) -> Verb {
        undo(link, evidence) { $0.narrowingActs }
    }

    private static func undo(
        _ link: Link, _ evidence: Evidence, _ acts: @escaping @Sendable (Undo) -> [Act]
    ) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            guard Evidence.liftingMethods.contains(evidence.method ?? "") else { throw .nothingToUndo }
            return try scene.undo(link, evidence, acts, in: tx)
        }
    }
}

extension WriteScene {
    /// Whether the person has said why since the entry stands: once is recorded, however often the page is sent.
    func isAnswered(
        _ entry: DatedEntry, by person: PersonKeys, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Bool {
        try tx.one(OptOutSQL.isAnswered, ([controller.id, controller.group], person.own, entry.at))
    }

    fileprivate func undo(
        _ link: Link, _ evidence: Evidence, _ acts: (Undo) -> [Act], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> LinkReceipt {
        let press = try press(of: link, in: tx)
        let acts = Undo(of: link, from: press.before, under: press.policy, at: press.stamp.instant).map(acts) ?? []
        guard !acts.isEmpty else { throw .nothingToUndo }
        let rows = acts.map {
            LedgerRow(subject: .address(press.person), act: $0, at: press.stamp.instant, evidence: JSONB(evidence.json))
        }
        let (receipts, after) = try record(rows, of: press, in: tx)
        return LinkReceipt(
            id: receipts.first?.id, entry: nil,
            after: LinkFacts(
                link: link, facts: after, controller: controller, catalogue: catalogue, policy: press.policy,
                now: press.now))
    }

    /// Takes the lock of a link's person and reads what stands.
    func press(of link: Link, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> PersonPress {
        let person = try keys(of: link)
        try writer.lock([.address(person)], in: tx)
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let lookup = LookupKeys(link.person)
        var before = try writer.readStandings(lookup.places(at: controller), in: tx).facts(of: lookup, at: controller)
        before.liftedElsewhere = try liftsElsewhere(of: [person.own], in: tx)[person.own]
        return PersonPress(
            person: person, now: now, policy: policy, lookup: lookup, before: before,
            stamp: Stamp(now: now, before: before))
    }

    /// Appends the person's acts; what stands after them.
    func record(
        _ rows: [LedgerRow], of press: PersonPress, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (receipts: [LedgerReceipt], after: Facts) {
        let receipts = try writer.append(rows, in: tx)
        try follow(rows, at: press.now, in: tx)
        let standings = try writer.readStandings(press.lookup.places(at: controller), in: tx)
        var after = try standings.facts(of: press.lookup, at: controller)
        after.liftedElsewhere = press.before.liftedElsewhere
        return (receipts, after)
    }

    /// Derives the standings of those whom the rows are of.
    func follow(
        _ rows: [LedgerRow], at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let moved = Moved(rows, by: writer)
        try writer.derive(moved.places, at: now, in: tx)
        try deriveAliases(moved, at: now, in: tx)
    }

    /// The same where the rows of all these standings were held when they were read.
    func followHeld(
        _ rows: [LedgerRow], at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let moved = Moved(rows, by: writer)
        try writer.deriveHeld(moved.places.sorted(), at: now, in: tx)
        try deriveAliases(moved, at: now, in: tx)
    }

    private func deriveAliases(
        _ moved: Moved, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        for (holder, persons) in moved.aliases {
            try writer.deriveAliases(of: persons, holder: holder, at: now, in: tx)
        }
    }

    /// The keys of the link's person, where a check would find them.
    ///
    /// They were made under the pepper of the time. While that is live a check looks under it too, so the entry is kept under
    /// the link's own keys; under a pepper that is live no more nobody would find it, and nothing may be acknowledged.
    func keys(of link: Link) throws(StoreError) -> PersonKeys {
        try requireLive(link.person)
        return PersonKeys(own: link.person.own, alias: link.person.alias)
    }

    /// Throws `.deadPepper` where no check would find what is recorded under the keys.
    func requireLive(_ person: KeyedPerson) throws(StoreError) {
        guard peppers.isLive(person) else { throw .deadPepper }
    }

    /// Whose standings the rows of persons move.
    private struct Moved {
        private(set) var places: Set<StandingPlace> = []
        /// By holder, those with an alias form.
        private(set) var aliases: [Int64: [PersonKeys]] = [:]

        init(_ rows: [LedgerRow], by writer: LedgerWriter) {
            places.reserveCapacity(rows.count)
            for row in rows {
                guard case .address(let person) = row.subject else { continue }
                let holder = writer.holder(of: row.act)
                places.insert(StandingPlace(holder: holder, key: person.own))
                if person.alias != person.own { aliases[holder, default: []].append(person) }
            }
        }
    }
}

extension Peppers {
    /// Whether a check looks under the keys.
    func isLive(_ person: KeyedPerson) -> Bool { all.contains { $0.version == person.pepper } }
}

/// A link's person behind their lock, at the instant at which an act of theirs counts.
struct PersonPress {
    let person: PersonKeys
    let now: Instant
    let policy: Policy
    let lookup: LookupKeys
    let before: Facts
    let stamp: Stamp
}
