import Postgres
public import Rules

/// A refusal as it is kept outside the database: enough to record it again, and no plaintext of a person.
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

    /// The acts that no restore may lose: opt-outs, erasures and restrictions.
    public static let acts: Set<Event.Name> = [
        .unsubscribed, .consentWithdrawn, .objected, .complained, .erased, .suppressed, .restricted,
    ]
}

/// The next acts of the ledger, as far as they are for the journal.
public struct JournalPage: Sendable {
    public let entries: [JournalEntry]
    /// Up to where the ledger was read; nil when there was nothing.
    public let reached: ActPosition?
}

/// How many acts one step reads for the journal.
public let actsPerJournalStepMax = 2_000

enum JournalSQL {
    static let next = Statement(
        "journal.next",
        """
        select l.id, l.tx, c.slug, l.act, l.purpose, l.topic, l.scope, l.suppression, l.address_key, l.alias_key, l.domain,
            l.hashed, l.at, l.recorded_at
        from ledger l join holder c on c.id = l.controller_id
        where (l.tx, l.id) > ($1::xid8, $2) and l.tx < ledger_horizon() order by l.tx, l.id limit $3
        """,
        in: (XID8.self, Int64.self, Int64.self), out: ("id", Int64.self), ("tx", XID8.self), ("slug", Slug.self),
        ("act", String.self), ("purpose", Slug?.self), ("topic", Slug?.self), ("scope", Scope?.self),
        ("suppression", Event.Suppression?.self), ("address_key", AddressKey?.self), ("alias_key", AddressKey?.self),
        ("domain", String?.self), ("hashed", HashedAddress.Kind?.self), ("at", Instant.self),
        ("recorded_at", Instant.self))

    /// Which of these acts the ledger lacks, by what they say and not by their numbers, which a restore gives anew.
    static let lacking = Statement(
        "journal.lacking",
        """
        select r.place from unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
            with ordinality as r(slug, address_key, act, at, purpose, topic, scope, place)
        where not exists (
            select from holder c join ledger l on l.holder_id in (c.id, c.group_id)
            where c.kind = 'controller' and c.slug = r.slug and l.controller_id = c.id and l.address_key = r.address_key
                and l.act = r.act and l.at = r.at and l.purpose is not distinct from r.purpose
                and l.topic is not distinct from r.topic and l.scope is not distinct from r.scope
        )
        order by r.place
        """,
        in: (
            [Slug].self, [AddressKey].self, [Event.Name].self, [Instant].self, [Slug?].self, [Slug?].self, [Scope?].self
        ),
        out: ("place", Int64?.self), into: { (place: Int64?) in place ?? 0 })

    static let want = Statement(
        "journal.want", "select count(want_restore_check($1)) as wanted", in: (String.self),
        out: ("wanted", Int64.self))

    static let all: [AnyStatement] = [next.erased, lacking.erased, want.erased]
}

extension SealDesk {
    /// The next committed acts behind a place, in the order of their transactions, so that none is stepped over.
    public func journalPage(after place: ActPosition) async throws(StoreError) -> JournalPage {
        let rows = try await database.read(.bulk) { tx throws(StoreError) in
            try tx.all(JournalSQL.next, (XID8(place.transaction), place.id, Int64(actsPerJournalStepMax)))
        }
        var entries: [JournalEntry] = []
        for (
            id, transaction, controller, word, purpose, topic, scope, suppression, key, alias, domain, hashed, at,
            recorded
        )
            in rows
        {
            guard let name = Event.Name(rawValue: word), JournalEntry.acts.contains(name), let key else { continue }
            entries.append(
                JournalEntry(
                    position: ActPosition(transaction: transaction.value, id: id), controller: controller,
                    act: Act(name, purpose: purpose, topic: topic, scope: scope, suppression: suppression), key: key,
                    alias: alias, domain: domain, hashed: hashed, at: at, recordedAt: recorded))
        }
        return JournalPage(
            entries: entries, reached: rows.last.map { ActPosition(transaction: $0.1.value, id: $0.0) })
    }

    /// How many of the entries the ledger lacks.
    public func lacking(_ entries: [JournalEntry]) async throws(StoreError) -> Int {
        try await database.read(.bulk) { tx throws(StoreError) in
            try JournalEntry.lacking(entries, in: tx).count
        }
    }

    /// Has every server of this database refuse until `maysend restore-check`; `why` is one sentence.
    public func wantRestoreCheck(_ why: String) async throws(StoreError) {
        _ = try await database.write(.bulk) { tx throws(StoreError) in try tx.one(JournalSQL.want, why) }
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
                entries.map(\.act.purpose), entries.map(\.act.topic), entries.map(\.act.scope)
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
        _ = try writer.append(rows, in: tx)
        let erased = lacking.filter { $0.act.name == .erased }.map(\.key)
        if !erased.isEmpty { try tx.run(ContactSQL.forget, (controller.id, erased)) }
        try writer.derive(
            lacking.map { StandingPlace(holder: writer.holder(of: $0.act), key: $0.key) }, at: now, in: tx)
        for entry in lacking {
            guard case .address(let person) = try entry.subject() else { continue }
            try writer.deriveAliases(of: person, holder: writer.holder(of: entry.act), at: now, in: tx)
        }
        return lacking.count
    }
}
