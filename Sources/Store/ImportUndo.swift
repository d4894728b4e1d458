import Postgres
import Rules

enum UndoSQL {
    static let begin = Statement(
        "import.begin-undo",
        """
        update import set state = 'undoing', finished_at = null where controller_id = $1 and id = $2
            and state = 'finished' and kind = 'leads' and created_at > clock_timestamp() - interval '12 months'
        returning number
        """,
        in: (Int64.self, ImportID.self), out: ("number", Int64.self))
    /// Whom the import created or changed, of the keys from one up to another: as they lie in the table, one by one or
    /// together with all of their slice.
    static let keys = Statement(
        "import.undo-keys",
        """
        select v.address_key, v.verdict from import_verdict v
        where v.number = $1 and v.controller_id = $2 and v.lines is null and v.verdict in ('created', 'updated')
            and v.address_key between $3 and $4
        union all
        select k.address_key, v.verdict
        from import_verdict v cross join lateral unnest(v.address_keys) as k(address_key)
        where v.number = $1 and v.controller_id = $2 and v.lines is not null and v.verdict in ('created', 'updated')
            and v.address_key <= $4 and v.until_key >= $3 and k.address_key between $3 and $4
        """,
        in: (Int64.self, Int64.self, AddressKey.self, AddressKey.self), out: ("address_key", AddressKey?.self),
        ("verdict", ImportVerdict.self))
    /// Whose act is whose: the import's own, or recorded by somebody since.
    static let marks = Statement(
        "import.undo-marks",
        """
        select l.id, l.address_key, l.alias_key, coalesce(l.evidence ->> 'import' = $3, false) as is_ours,
            l.recorded_at >= $4 as is_since
        from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
        cross join lateral (
            select l.* from ledger l where l.holder_id = k.holder_id and l.address_key = k.address_key offset 0
        ) l
        """,
        in: ([Int64].self, [AddressKey].self, String.self, Instant.self), out: ("id", Int64.self),
        ("address_key", AddressKey?.self), ("alias_key", AddressKey?.self), ("is_ours", Bool.self),
        ("is_since", Bool.self))
    /// Contacts that somebody has changed since, or that are gone.
    static let touched = Statement(
        "import.undo-touched",
        """
        select k.address_key from unnest($3::uuid[]) as k(address_key)
        left join lateral (
            select c.updated_at, c.created_at from contact c
            where c.controller_id = $2 and c.address_key = k.address_key offset 0
        ) c on true
        left join lateral (
            select b.changed_at from import_before b
            where b.controller_id = $2 and b.address_key = k.address_key and b.number = $1 offset 0
        ) b on true
        where c.created_at is null or c.updated_at <> coalesce(b.changed_at, c.created_at)
        """,
        in: (Int64.self, Int64.self, [AddressKey].self), out: ("address_key", AddressKey?.self),
        into: { (key: AddressKey?) in key })
    static let restore = Statement(
        "import.undo-restore",
        """
        update contact c set name = b.name, position = b.position, phone = b.phone, source = b.source,
            organisation_id = b.organisation_id, updated_at = now()
        from import_before b
        where b.number = $1 and b.controller_id = $2 and b.address_key = any($3::uuid[])
            and c.controller_id = b.controller_id and c.address_key = b.address_key
        """,
        in: (Int64.self, Int64.self, [AddressKey].self))
    static let advance = Statement(
        "import.undo-advance",
        """
        update import set cursor_key = $3, taken_back = taken_back + $4, left_behind = left_behind + $5,
            served_at = clock_timestamp()
        where controller_id = $1 and number = $2
        """,
        in: (Int64.self, Int64.self, AddressKey.self, Int64.self, Int64.self))
    static let finish = Statement(
        "import.undo-finish",
        """
        update import set state = 'undone', finished_at = clock_timestamp(), lease_by = null, lease_until = null,
            cursor_key = null, taken_back = taken_back + $3, left_behind = left_behind + $4
        where controller_id = $1 and number = $2
        """,
        in: (Int64.self, Int64.self, Int64.self, Int64.self))

    static let all: [AnyStatement] = [
        begin.erased, keys.erased, marks.erased, touched.erased, restore.erased, advance.erased, finish.erased,
    ]
}

extension Store {
    /// Begins to take an import of leads back; whoever works on imports does it, slice by slice.
    ///
    /// Taken back is whom it created and what it changed in a contact, as far as nobody acted on it since. What it entered
    /// into the register stays. Throws `.importState` for one that is not finished, or a list of suppressions.
    public func undoImport(_ record: ImportRecord, by access: Access) async throws(StoreError) {
        guard record.kind == .leads else {
            throw .importState("a list of suppressions is never undone: an opt-out is lifted by the person alone")
        }
        try await write(.normal, for: access.controller) { tx throws(StoreError) in
            guard try tx.first(UndoSQL.begin, (access.controller.id, record.id)) != nil else {
                throw StoreError.importState(
                    "only a finished import of the last 12 months can be undone, and this one is \(record.state.rawValue), of "
                        + record.createdAt.description)
            }
        }
    }
}

extension WriteScene {
    /// Takes the next people back: those in the next part of all keys, which has about as many as may be.
    func undoSlice(
        _ number: Int64, _ held: HeldImport, rowsMax: Int, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> ImportStep {
        let start = held.cursorKey ?? AddressKey(high: 0, low: 0)
        let end = start.endOfPart(of: Int(held.people) / max(min(rowsMax, undoSlicePeople), 1) + 1)
        let rows = try tx.all(UndoSQL.keys, (number, controller.id, start, end))
        let people = rows.compactMap { key, verdict in key.map { UndonePerson(key: $0, verdict: verdict) } }
        try writer.lock(people.map { .address(PersonKeys(own: $0.key, alias: $0.key)) }, in: tx)
        let back = people.isEmpty ? 0 : try takeBack(people, number, held, in: tx)
        guard let next = end.next else {
            try tx.run(
                UndoSQL.finish, (controller.id, number, Int64(back), Int64(people.count - back)))
            return .finished
        }
        try tx.run(UndoSQL.advance, (controller.id, number, next, Int64(back), Int64(people.count - back)))
        return .merged(rows: people.count)
    }
}

/// People whom one transaction takes back, about.
private let undoSlicePeople = 1_000

extension AddressKey {
    /// The last key of the part that begins here, where all keys are cut into so many parts of the same length.
    fileprivate func endOfPart(of parts: Int) -> AddressKey {
        guard parts > 1 else { return AddressKey(high: .max, low: .max) }
        let (end, isPast) = high.addingReportingOverflow(.max / UInt64(parts))
        return isPast ? AddressKey(high: .max, low: .max) : AddressKey(high: end, low: .max)
    }

    /// The key behind this one, which ends a part; nil behind the last.
    fileprivate var next: AddressKey? { high == .max ? nil : AddressKey(high: high + 1, low: 0) }
}

private struct UndonePerson {
    let key: AddressKey
    let verdict: ImportVerdict
}

extension WriteScene {
    /// How many of them could be taken back; the others stay as they are.
    fileprivate func takeBack(
        _ people: [UndonePerson], _ number: Int64, _ held: HeldImport, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Int {
        let now = try writer.clock(tx)
        let keys = people.map(\.key)
        let history = try UndoHistory(keys, held, at: controller, in: tx)
        let touched = Set(try tx.all(UndoSQL.touched, (number, controller.id, keys)).compactMap { $0 })
        let open = people.filter { !touched.contains($0.key) && !history.isActedOn($0.key) }
        let created = open.filter { $0.verdict == .created && history.isAlone($0.key) }.map(\.key)
        let updated = open.filter { $0.verdict == .updated }.map(\.key)
        if !created.isEmpty {
            let acts = created.map { key in
                SliceAct(
                    subject: .address(PersonKeys(own: key, alias: history.alias(of: key) ?? key)), imported: .takenBack,
                    at: max(now, (history.latest(of: key) ?? now).advanced(byMicroseconds: 1)))
            }
            // While the contact is there: whoever must be told by name is.
            try append(acts, of: held, in: tx)
            try tx.run(ContactSQL.forget, (controller.id, created))
        }
        if !updated.isEmpty { try tx.run(UndoSQL.restore, (number, controller.id, updated)) }
        try writer.derive(
            (created + updated).map { StandingPlace(holder: controller.id, key: $0) }, at: now, in: tx)
        // An act of the list on somebody who was known before cannot be taken out of an append-only ledger.
        return created.count + updated.count { !history.hasOurs($0) }
    }
}

/// What the ledger has of the people of an undo.
private struct UndoHistory {
    private var actedOn: Set<AddressKey> = []
    private var knownBefore: Set<AddressKey> = []
    private var ours: Set<AddressKey> = []
    private var aliases: [AddressKey: AddressKey] = [:]
    private var latest: [AddressKey: Instant] = [:]

    init(
        _ keys: [AddressKey], _ held: HeldImport, at controller: ControllerRecord,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let holders = Set([controller.id, controller.group])
        let places = keys.flatMap { key in holders.map { (holder: $0, key: key) } }
        let input = (places.map(\.holder), places.map(\.key))
        var others: Set<Int64> = []
        for (id, key, alias, isOurs, isSince) in try tx.all(
            UndoSQL.marks, (input.0, input.1, held.id.description, held.createdAt))
        {
            guard let key else { continue }
            if let alias { aliases[key] = alias }
            if isOurs {
                ours.insert(key)
            } else {
                others.insert(id)
                if isSince { actedOn.insert(key) }
            }
        }
        var facts: [AddressKey: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofPersons, input) {
            guard let key = stored.key else { continue }
            latest[key] = max(latest[key] ?? stored.at, stored.at)
            if others.contains(stored.id) { facts[key, default: []] += try stored.facts() }
        }
        for (key, facts) in facts where facts.makesKnown { knownBefore.insert(key) }
    }

    /// Whether anybody but the import has recorded something since it began.
    func isActedOn(_ key: AddressKey) -> Bool { actedOn.contains(key) }
    /// Whether nothing but the import makes the person known.
    func isAlone(_ key: AddressKey) -> Bool { !knownBefore.contains(key) }
    /// Whether the import has recorded anything of the person.
    func hasOurs(_ key: AddressKey) -> Bool { ours.contains(key) }
    func alias(of key: AddressKey) -> AddressKey? { aliases[key] }
    func latest(of key: AddressKey) -> Instant? { latest[key] }
}

extension [Fact] {
    /// Whether something remains of them that sweeping would forget.
    fileprivate var makesKnown: Bool {
        let forgotten = filter { $0.kind == .forgotten }.map(\.at).max()
        return contains { fact in
            if let forgotten, fact.at <= forgotten { return false }
            switch fact.kind {
            case .entry, .leftOrganisation, .hardBounced, .topicResumed, .forgotten: return false
            // A hold keeps what there is, whoever brought it.
            default: return true
            }
        }
    }
}
