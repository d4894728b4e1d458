import Postgres
import Rules

/// Slices that are merged at one time in a database: one for each of two cores, and as many lanes an import has.
public let importLanes = 2

/// Staged rows that one transaction merges, at most; how many depends on its locks, and on how long it takes: an opt-out of
/// somebody in the slice, which waits for its end, is not to wait for long.
public let importSliceRowsMax = 4_000

/// What one slice did.
public enum ImportStep: Hashable, Sendable {
    case merged(rows: Int)
    /// All lines have their verdicts; the import is over.
    case finished
    /// Others are at all of it, or there is nothing to do.
    case notOurs
}

/// An import that has something to do.
public struct ImportTurn: Hashable, Sendable {
    let number: Int64
    let controller: Int64
}

/// An import as a slice finds it.
struct HeldImport {
    let id: ImportID
    let pepper: Int64
    let kind: ImportKind
    let state: ImportState
    let scope: Event.WideScope
    let consentPurpose: Slug?
    let createdAt: Instant
    let createdBy: String
    /// The part of it that this transaction holds; of an undo all.
    let lane: Int32
    /// The last key of the lane.
    let untilKey: AddressKey
    let cursorKey: AddressKey?
    let cursorLine: Int64?
    let cursorFirst: Int64?
    /// People that an undo looks at.
    let people: Int64
}

enum MergeSQL {
    /// So many slices at a time, whoever merges them and of whichever import; how many locks each may take, nil where there
    /// are as many slices as may be.
    ///
    /// A row takes three at most: of the address, of its alias form and of its organisation. The server has room for so many
    /// of all its transactions together; a third of that is left to others.
    static let turn = Statement(
        "import.turn",
        """
        select case when pg_try_advisory_xact_lock(hashtextextended('maysend.import/0', 0)) then true
            else pg_try_advisory_xact_lock(hashtextextended('maysend.import/1', 0)) end as mine,
            current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint
                + current_setting('max_prepared_transactions')::bigint) / 3 as locks
        """,
        in: (), out: ("mine", Bool?.self), ("locks", Int64?.self),
        into: { (mine: Bool?, locks: Int64?) in mine == true ? Int(locks ?? 0) : nil })
    /// The first lane that nobody holds.
    static let hold = Statement(
        "import.hold",
        """
        select i.id, i.pepper::bigint, i.kind, i.state, i.scope, i.consent_purpose, i.created_at, i.created_by, l.lane,
            l.until_key, l.cursor_key, l.cursor_line, l.cursor_first, 0::bigint as people
        from import i join import_lane l on l.controller_id = i.controller_id and l.number = i.number and not l.is_done
        where i.controller_id = $1 and i.number = $2 and i.state = 'merging'
        order by l.lane limit 1 for update of l skip locked
        """,
        in: (Int64.self, Int64.self), out: ("id", ImportID.self), ("pepper", Int64.self), ("kind", ImportKind.self),
        ("state", ImportState.self), ("scope", Event.WideScope.self), ("consent_purpose", Slug?.self),
        ("created_at", Instant.self), ("created_by", String.self), ("lane", Int32.self), ("until_key", AddressKey.self),
        ("cursor_key", AddressKey?.self), ("cursor_line", Int64?.self), ("cursor_first", Int64?.self),
        ("people", Int64.self), into: HeldImport.init)
    static let holdUndo = Statement(
        "import.hold-undo",
        """
        select id, pepper::bigint, kind, state, scope, consent_purpose, created_at, created_by, 0 as lane,
            'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid as until_key, cursor_key, null::bigint as cursor_line,
            null::bigint as cursor_first, created + updated as people
        from import where controller_id = $1 and number = $2 and state = 'undoing'
        for update skip locked
        """,
        in: (Int64.self, Int64.self), out: ("id", ImportID.self), ("pepper", Int64.self), ("kind", ImportKind.self),
        ("state", ImportState.self), ("scope", Event.WideScope.self), ("consent_purpose", Slug?.self),
        ("created_at", Instant.self), ("created_by", String.self), ("lane", Int32.self),
        ("until_key", AddressKey.self), ("cursor_key", AddressKey?.self), ("cursor_line", Int64?.self),
        ("cursor_first", Int64?.self), ("people", Int64.self), into: HeldImport.init)
    static let advance = Statement(
        "import.advance",
        """
        update import_lane set cursor_key = $4, cursor_line = $5, cursor_first = $6
        where controller_id = $1 and number = $2 and lane = $3
        """,
        in: (Int64.self, Int64.self, Int32.self, AddressKey.self, Int64.self, Int64.self))
    /// The last that a slice writes: the other lane waits for this row until the slice is committed.
    static let count = Statement(
        "import.count",
        """
        update import set created = created + $3, updated = updated + $4, unchanged = unchanged + $5,
            suppressed = suppressed + $6, no_ground = no_ground + $7, duplicate = duplicate + $8,
            served_at = clock_timestamp()
        where controller_id = $1 and number = $2
        """,
        in: (
            Int64.self, Int64.self, Int64.self, Int64.self, Int64.self, Int64.self, Int64.self, Int64.self
        ))
    static let endLane = Statement(
        "import.end-lane",
        "update import_lane set is_done = true where controller_id = $1 and number = $2 and lane = $3",
        in: (Int64.self, Int64.self, Int32.self))
    /// Lanes that end at the same time do so one after the other, so that the last one knows that it is.
    static let lock = Statement(
        "import.lock",
        "update import set served_at = clock_timestamp() where controller_id = $1 and number = $2 returning number",
        in: (Int64.self, Int64.self), out: ("number", Int64.self))
    static let postpone = Statement(
        "import.postpone",
        "update import set served_at = clock_timestamp() where controller_id = $1 and number = $2",
        in: (Int64.self, Int64.self))
    static let finish = Statement(
        "import.finish",
        """
        update import i set lease_by = null, lease_until = null, finished_at = clock_timestamp(),
            state = case when s.adds_up then 'finished' else 'failed' end,
            failure = case when s.adds_up then null else 'the verdicts do not add up to the lines' end
        from (
            select o.number, o.lines = o.created + o.updated + o.unchanged + o.suppressed + o.no_ground + o.duplicate
                + o.invalid + o.empty as adds_up
            from import o where o.controller_id = $1 and o.number = $2 and o.state = 'merging'
                and not exists (
                    select from import_lane l
                    where l.controller_id = o.controller_id and l.number = o.number and not l.is_done)
        ) s
        where i.number = s.number and i.controller_id = $1 returning i.state
        """,
        in: (Int64.self, Int64.self), out: ("state", ImportState.self))

    static let all: [AnyStatement] = [
        turn.erased, hold.erased, holdUndo.erased, advance.erased, count.erased, endLane.erased, lock.erased,
        postpone.erased, finish.erased,
    ]
}

extension Store {
    /// The import whose turn it is, of whichever controller; nil where there is nothing to do.
    public func nextImport() async throws(StoreError) -> ImportTurn? {
        try await writes.write(.bulk) { tx throws(StoreError) in
            try tx.first(ImportSQL.next, ()).map { ImportTurn(number: $0.0, controller: $0.1) }
        }
    }

    /// Gives up uploads that nobody has continued for `importReceptionSecondsMax`; how many.
    public func dropBrokenImports() async throws(StoreError) -> Int {
        try await writes.write(.bulk) { tx throws(StoreError) in Int(try tx.one(ImportSQL.dropBroken, ())) }
    }

    /// Has the others go first, after a slice that failed.
    public func postponeImport(_ turn: ImportTurn) async throws(StoreError) {
        let controller = try await catalogue().controller(turn.controller)
        try await write(.bulk, for: controller) { tx throws(StoreError) in
            _ = try tx.run(MergeSQL.postpone, (controller.id, turn.number))
        }
    }

    /// Does the next slice of an import, in one transaction with its cursor: whatever happens, a line is merged once.
    /// While others merge `importLanes` slices, of whatever imports, `.notOurs` at once.
    public func mergeImport(
        _ turn: ImportTurn, rowsMax: Int = importSliceRowsMax
    ) async throws(StoreError) -> ImportStep {
        let controller = try await catalogue().controller(turn.controller)
        while true {
            do throws(StoreError) {
                return try await write(.bulk, for: controller) { tx throws(StoreError) in
                    guard let locksMax = try tx.one(MergeSQL.turn, ()),
                        let held = try self.hold(turn.number, of: controller, in: tx)
                    else { return .notOurs }
                    return try self.step(
                        turn.number, held, at: controller, rowsMax: max(rowsMax, 1), locksMax: locksMax, in: tx)
                }
            } catch .organisationsMoved {
                // Somebody made one of its organisations meanwhile, which now has a lock to be taken.
                continue
            }
        }
    }

    private func hold(
        _ number: Int64, of controller: ControllerRecord, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> HeldImport? {
        if let lane = try tx.first(MergeSQL.hold, (controller.id, number)) { return lane }
        return try tx.first(MergeSQL.holdUndo, (controller.id, number))
    }

    private func step(
        _ number: Int64, _ held: HeldImport, at controller: ControllerRecord, rowsMax: Int, locksMax: Int,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> ImportStep {
        // Under a version that no check tries, nothing that is written would be found.
        guard peppers.all.contains(where: { $0.version == Int(held.pepper) }) else { throw .deadPepper }
        let catalogue = try catalogue(tx)
        let access = Access(controller: try catalogue.controller(controller.id), scopes: [], actor: held.createdBy)
        let posting = NoticePosting(catalogue: catalogue, peppers: peppers)
        let scene = WriteScene(
            writer: LedgerWriter(
                access: access, posting: posting, reckoner: DueReckoner(catalogue: catalogue, peppers: peppers)),
            catalogue: catalogue, peppers: peppers)
        if held.state == .undoing { return try scene.undoSlice(number, held, rowsMax: rowsMax, in: tx) }
        return try scene.mergeSlice(
            number, held, rowsMax: min(rowsMax, importSliceRowsMax), locksMax: locksMax, in: tx)
    }
}

extension WriteScene {
    fileprivate func mergeSlice(
        _ number: Int64, _ held: HeldImport, rowsMax: Int, locksMax: Int, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> ImportStep {
        let wanted = SliceRange(number, after: held, rowsMax: rowsMax)
        let people = SlicePeople(try tx.all(SliceSQL.people, wanted.parameters(and: controller.id)))
            .fitting(locksMax: locksMax)
        let range = SliceRange(number, after: held, rowsMax: people.count)
        guard let last = people.last else { return try endLane(number, held, in: tx) }
        // What anybody has recorded of these people is read behind their locks, the same that every writer takes.
        try lock(people, in: tx)
        let now = try writer.clock(tx)
        let shared = try SharedFacts(of: people.organisations, in: tx)
        let (classes, singles) = try parts(of: people, range, held, shared, at: now, in: tx)
        var judge = SliceJudge(
            held, policy: try catalogue.policy(of: controller, at: now), now: now, controller: controller)
        for one in classes { judge.judge(newcomers: one, shared: shared.of(one.row)) }
        if !singles.isEmpty {
            let known = try SliceKnowledge(
                singles, range, of: held, shared, for: self, in: tx)
            try judge.judge(singles, known)
        }
        let made = try createOrganisations(people.newOrganisations(of: judge.keptLines), range, in: tx)
        try write(judge.newcomers, people, range, of: held, made: made, at: now, in: tx)
        // What the entries of single rows mean for other addresses of their alias forms may stand beside a newcomer.
        try write(judge, of: held, range, at: now, in: tx)
        try tx.run(
            MergeSQL.advance,
            (
                controller.id, number, held.lane, last.key, last.line,
                singles.last?.key == last.key ? judge.lastFirst : last.line
            ))
        try tx.run(
            MergeSQL.count,
            (
                controller.id, number, judge.count(.created), judge.count(.updated), judge.count(.unchanged),
                judge.count(.suppressed), judge.count(.noGround), judge.count(.duplicate)
            ))
        return .merged(rows: people.count)
    }

    /// The lane has no more rows; where it is the last, the import is over.
    private func endLane(
        _ number: Int64, _ held: HeldImport, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> ImportStep {
        try tx.run(MergeSQL.endLane, (controller.id, number, held.lane))
        _ = try tx.one(MergeSQL.lock, (controller.id, number))
        guard try tx.first(MergeSQL.finish, (controller.id, number)) != nil else { return .merged(rows: 0) }
        _ = try tx.one(StagingSQL.drop, number)
        return .finished
    }

    /// Takes the locks of the people, and holds their organisations together with whoever else only adds people to them.
    private func lock(_ people: SlicePeople, in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        try writer.share(people.organisations, in: tx)
        try writer.lock(people.subjects, in: tx)
    }

    /// The slice as it is judged: classes of newcomers, and the rows that are judged one by one.
    private func parts(
        of people: SlicePeople, _ range: SliceRange, _ held: HeldImport, _ shared: SharedFacts, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (classes: [SliceClass], singles: [SliceRow]) {
        // Whoever was the first to enter somebody for the whole group has moved the edition before giving the lock up.
        let isNews = try tx.one(CatalogueSQL.edition, ()) != catalogue.edition
        let known =
            knowsByKeysAlone
            ? try tx.all(
                SliceSQL.known,
                (
                    people.keys, people.aliases, controller.id, controller.group,
                    isNews || controller.groupHasPersons
                ))
            : []
        // A recipient that must be told the address is told of each by itself.
        let isTellable = try recipients(at: now).allSatisfy { !catalogue.needsAddress($0) }
        let (classes, singles) = people.parts(
            known: Set(known), isTellable: isTellable, isByKeysAlone: knowsByKeysAlone, cursorKey: held.cursorKey,
            shared)
        guard !singles.isEmpty else { return (classes, []) }
        let which = range.parameters
        return (
            classes,
            try tx.all(
                SliceSQL.singles,
                (which.0, which.1, which.2, which.3, which.4, singles.map(\.line), singles.map(\.shared)))
        )
    }
}
