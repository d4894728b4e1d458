public import Postgres
public import Rules

/// An act as it is kept outside the database: enough to record it again, and no plaintext of a person.
public struct JournalEntry: Hashable, Sendable {
    /// Where the act stands in the ledger.
    public let position: ActPosition
    /// At whom it happened.
    public let controller: Slug
    public let act: Act
    public let key: AddressKey
    /// The key of the alias form, where that is another address.
    public let alias: AddressKey?
    /// Set on an entry that stops every address at a domain.
    public let domain: String?
    /// Set on an entry on whoever's address has a digest, of which the key is made.
    public let hashed: HashedAddress.Kind?
    public let at: Instant
    public let recordedAt: Instant

    public init(
        position: ActPosition, controller: Slug, act: Act, key: AddressKey, alias: AddressKey?, domain: String?,
        hashed: HashedAddress.Kind?, at: Instant, recordedAt: Instant
    ) {
        (self.position, self.controller, self.act, self.key, self.alias) = (position, controller, act, key, alias)
        (self.domain, self.hashed, self.at, self.recordedAt) = (domain, hashed, at, recordedAt)
    }

    /// Whether both say the same, whatever numbers the ledger gave them.
    public func says(whatSays other: JournalEntry) -> Bool {
        controller == other.controller && key == other.key && act == other.act && at == other.at
    }

    /// The refusals that no restore may lose: opt-outs, erasures and restrictions.
    static let refusals: Set<Event.Name> = [
        .unsubscribed, .consentWithdrawn, .objected, .complained, .erased, .suppressed, .restricted,
    ]
    /// Beside these the marks, and what an erasure waits for.
    private static let acts = refusals.union([.bounced, .leftOrganisation, .holdPlaced, .holdReleased])

    /// Whether the act is one of those that are kept outside. A soft bounce marks nothing.
    static func isKept(_ act: Act) -> Bool { acts.contains(act.name) && act.bounce != .soft }
}

/// How far a ledger was read: all acts of transactions below `frontier` but for those that were open then.
public struct JournalMark: Hashable, Sendable {
    let open: [XID8]
    let frontier: XID8

    /// Where to go on where all acts of transactions below `floor` were read.
    public init(floor: UInt64) { self.init(open: [], frontier: XID8(floor)) }

    init(open: [XID8], frontier: XID8) { (self.open, self.frontier) = (open, frontier) }

    /// All acts of transactions below it were read.
    public var floor: UInt64 { min(open.min() ?? frontier, frontier).value }
}

/// The next acts of the ledger, as far as they are for the journal.
public struct JournalPage: Sendable {
    public let entries: [JournalEntry]
    /// Up to where these acts stand; nil where there are no more.
    public let reached: ActPosition?
    /// From where the acts are new that this page could not see.
    public let mark: JournalMark
}

/// How many acts one step reads for the journal.
public let actsPerJournalStepMax = 2_000

enum JournalSQL {
    static let mark = Statement(
        "journal.mark",
        """
        select array(select (x::text::bigint + c.tx_offset)::text::xid8 from pg_snapshot_xip(s.seen) as x) as open,
            (pg_snapshot_xmax(s.seen)::text::bigint + c.tx_offset)::text::xid8 as frontier
        from cluster c, (select pg_current_snapshot() as seen) as s
        """,
        in: (), out: ("open", [XID8]?.self), ("frontier", XID8?.self),
        into: { open, frontier in JournalMark(open: open ?? [], frontier: frontier ?? XID8(0)) })

    /// Acts of the transactions `$1`, and of those at or beyond `$2`, behind a place.
    static let next = Statement(
        "journal.next",
        """
        with fresh as materialized (
            (select l.id, l.tx from ledger l
            where l.tx = any($1::xid8[]) and l.tx < $2::xid8 and (l.tx, l.id) > ($3::xid8, $4)
            order by l.tx, l.id limit $5)
            union all
            (select l.id, l.tx from ledger l where l.tx >= $2::xid8 and (l.tx, l.id) > ($3::xid8, $4)
            order by l.tx, l.id limit $5)
            order by tx, id limit $5
        )
        select l.id, l.tx, c.slug, l.act, l.purpose, l.topic, l.scope, l.suppression, l.bounce, l.hold, l.until,
            l.address_key, l.alias_key, l.domain, l.hashed, l.at, l.recorded_at
        from fresh f join ledger l on l.id = f.id join holder c on c.id = l.controller_id order by f.tx, f.id
        """,
        in: ([XID8].self, XID8.self, XID8.self, Int64.self, Int64.self), out: ("id", Int64.self), ("tx", XID8.self),
        ("slug", Slug.self), ("act", String.self), ("purpose", Slug?.self), ("topic", Slug?.self),
        ("scope", Scope?.self), ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self),
        ("hold", Slug?.self), ("until", Instant?.self), ("address_key", AddressKey?.self),
        ("alias_key", AddressKey?.self), ("domain", String?.self), ("hashed", HashedAddress.Kind?.self),
        ("at", Instant.self), ("recorded_at", Instant.self), into: JournalRow.init)

    /// The newest of these acts.
    static let newest = Statement(
        "journal.newest",
        """
        select l.id, l.tx, c.slug, l.act, l.purpose, l.topic, l.scope, l.suppression, l.bounce, l.hold, l.until,
            l.address_key, l.alias_key, l.domain, l.hashed, l.at, l.recorded_at
        from ledger l join holder c on c.id = l.controller_id
        where l.act = any($1::text[]) and l.address_key is not null order by l.tx desc, l.id desc limit 1
        """,
        in: ([Event.Name].self), out: ("id", Int64.self), ("tx", XID8.self), ("slug", Slug.self), ("act", String.self),
        ("purpose", Slug?.self), ("topic", Slug?.self), ("scope", Scope?.self),
        ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self), ("hold", Slug?.self),
        ("until", Instant?.self), ("address_key", AddressKey?.self), ("alias_key", AddressKey?.self),
        ("domain", String?.self), ("hashed", HashedAddress.Kind?.self), ("at", Instant.self),
        ("recorded_at", Instant.self), into: JournalRow.init)

    /// Which of these acts the ledger lacks, by what they say and not by their numbers, which a restore gives anew.
    static let lacking = Statement(
        "journal.lacking",
        """
        select r.place
        from unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[])
            with ordinality as r(slug, address_key, act, at, purpose, topic, scope, hold, place)
        where not exists (
            select from holder c join ledger l on l.holder_id in (c.id, c.group_id)
            where c.kind = 'controller' and c.slug = r.slug and l.controller_id = c.id and l.address_key = r.address_key
                and l.act = r.act and l.at = r.at and l.purpose is not distinct from r.purpose
                and l.topic is not distinct from r.topic and l.scope is not distinct from r.scope
                and l.hold is not distinct from r.hold
        )
        order by r.place
        """,
        in: (
            [Slug].self, [AddressKey].self, [Event.Name].self, [Instant].self, [Slug?].self, [Slug?].self,
            [Scope?].self, [Slug?].self
        ),
        out: ("place", Int64?.self), into: { (place: Int64?) in place ?? 0 })

    static let want = Statement(
        "journal.want", "select count(want_restore_check($1)) as wanted", in: (String.self),
        out: ("wanted", Int64.self))

    static let all: [AnyStatement] = [mark.erased, next.erased, newest.erased, lacking.erased, want.erased]
}

/// A row of the ledger as the journal reads it.
struct JournalRow {
    let position: ActPosition
    /// Nil for an act that the journal does not keep.
    let entry: JournalEntry?

    init(
        id: Int64, transaction: XID8, controller: Slug, word: String, purpose: Slug?, topic: Slug?, scope: Scope?,
        suppression: Event.Suppression?, bounce: Event.Bounce?, hold: Slug?, until: Instant?, key: AddressKey?,
        alias: AddressKey?, domain: String?, hashed: HashedAddress.Kind?, at: Instant, recordedAt: Instant
    ) {
        position = ActPosition(transaction: transaction.value, id: id)
        guard let name = Event.Name(rawValue: word), let key else {
            entry = nil
            return
        }
        let act = Act(
            name, purpose: purpose, topic: topic, scope: scope, suppression: suppression, bounce: bounce, hold: hold,
            until: until)
        guard JournalEntry.isKept(act) else {
            entry = nil
            return
        }
        entry = JournalEntry(
            position: position, controller: controller, act: act, key: key, alias: alias, domain: domain,
            hashed: hashed, at: at, recordedAt: recordedAt)
    }
}

/// Reads the ledger for the journal, on a connection of its own that nothing else holds up.
public final class JournalDesk: Sendable {
    let database: Database

    /// Connects with one connection; the login must be allowed to take the role `maysend_seal`.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(
            url: url, role: "maysend_seal", name: "maysend_journal", random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    /// The committed acts that `mark` had not seen, behind a place. However long another transaction is open, none waits
    /// for it.
    public func journalPage(
        since mark: JournalMark, after place: ActPosition
    ) async throws(StoreError) -> JournalPage {
        try await database.read(.bulk, isolation: .repeatableRead) { tx throws(StoreError) in
            let now = try tx.one(JournalSQL.mark, ())
            let rows = try tx.all(
                JournalSQL.next,
                (mark.open, mark.frontier, XID8(place.transaction), place.id, Int64(actsPerJournalStepMax)))
            return JournalPage(
                entries: rows.compactMap(\.entry),
                reached: rows.count < actsPerJournalStepMax ? nil : rows.last?.position, mark: now)
        }
    }

    /// How many of the entries the ledger lacks, and in which run of the database.
    public func lacking(_ entries: [JournalEntry]) async throws(StoreError) -> (count: Int, run: DatabaseRun) {
        try await database.read(.bulk, isolation: .repeatableRead) { tx throws(StoreError) in
            let edition = try tx.one(CatalogueSQL.edition, ())
            let count = entries.isEmpty ? 0 : try JournalEntry.lacking(entries, in: tx).count
            return (count, edition.run)
        }
    }

    /// Has every server of this database refuse until `maysend restore-check`; `why` is one sentence.
    public func wantRestoreCheck(_ why: String) async throws(StoreError) {
        _ = try await database.write(.bulk) { tx throws(StoreError) in try tx.one(JournalSQL.want, why) }
    }
}

extension RestoreDesk {
    /// The newest refusal that the database has; nil where it has none. A journal that is newer than the backup has it too.
    public func newestRefusal() async throws(StoreError) -> JournalEntry? {
        try await write { tx throws(StoreError) in
            try tx.first(JournalSQL.newest, Array(JournalEntry.refusals))?.entry
        }
    }
}

extension JournalEntry {
    fileprivate static func lacking(
        _ entries: [JournalEntry], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [JournalEntry] {
        let places = try tx.all(
            JournalSQL.lacking,
            (
                entries.map(\.controller), entries.map(\.key), entries.map(\.act.name), entries.map(\.at),
                entries.map(\.act.purpose), entries.map(\.act.topic), entries.map(\.act.scope),
                entries.map(\.act.hold)
            ))
        return places.compactMap { entries.indices.contains(Int($0) - 1) ? entries[Int($0) - 1] : nil }
    }

    fileprivate func subject() throws(StoreError) -> LedgerSubject {
        if let hashed { return .hashed(hashed, key: key) }
        guard let domain else { return .address(PersonKeys(own: key, alias: alias ?? key)) }
        do throws(AddressError) {
            return .domain(try Domain(parsing: domain), key: key)
        } catch {
            throw .damaged("journal \(position.transaction).\(position.id)")
        }
    }
}

/// The most entries that one transaction records again.
public let journalEntriesPerStepMax = 200

extension Verb where Result == Int {
    /// Records again what of these entries the ledger lacks, with its old time; how many that were. All of one controller.
    ///
    /// Harmless again and again. Nothing here loosens anything.
    public static func replay(_ entries: [JournalEntry]) -> Verb {
        Verb(.bulk) { scene, tx throws(StoreError) in
            guard entries.count <= journalEntriesPerStepMax else { throw .tooMany(limit: journalEntriesPerStepMax) }
            return try scene.replay(entries, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func replay(
        _ entries: [JournalEntry], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Int {
        var subjects: [LedgerSubject] = []
        for entry in entries { subjects.append(try entry.subject()) }
        try writer.lock(subjects, in: tx)
        // The same entry may stand in two files.
        var seen: Set<JournalEntry> = []
        let lacking = try JournalEntry.lacking(entries, in: tx).filter { seen.insert($0).inserted }
        guard !lacking.isEmpty else { return 0 }
        let now = try writer.clock(tx)
        var rows: [LedgerRow] = []
        for entry in lacking {
            let evidence = #"{"method":"journal","act":"\#(entry.position.id)"}"#
            rows.append(
                LedgerRow(subject: try entry.subject(), act: entry.act, at: entry.at, evidence: JSONB(evidence)))
        }
        let receipts = try writer.append(rows, in: tx)
        let places = lacking.map { StandingPlace(holder: writer.holder(of: $0.act), key: $0.key) }
        try writer.derive(places, at: now, in: tx)
        // Behind the holds of the same step, which are derived by now.
        for (entry, receipt) in zip(lacking, receipts) {
            guard case .address(let person) = try entry.subject() else { continue }
            try forget(person, by: receipt, entry, at: now, in: tx)
            try writer.deriveAliases(of: person, holder: writer.holder(of: entry.act), at: now, in: tx)
        }
        return lacking.count
    }

    /// What follows for the contact: an erasure waits where a hold keeps it, and goes on where the last one is released.
    private func forget(
        _ person: PersonKeys, by receipt: LedgerReceipt, _ entry: JournalEntry, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        switch entry.act.name {
        case .erased:
            let subject = Report.Subject.person(
                KeyedPerson(pepper: peppers.current.version, own: person.own, alias: person.alias))
            let facts = try facts(of: subject, in: tx)
            try forgetContact(of: subject, by: receipt, act: entry.act, at: now, before: facts, in: tx)
            // The link to the organisation has gone with the contact.
            try writer.derive([StandingPlace(holder: controller.id, key: person.own)], at: now, in: tx)
        case .holdReleased:
            // A contact that cannot be read is the next sweep's to tell of.
            _ = try settleErasures(of: [person.own], in: tx)
        default: break
        }
    }
}
