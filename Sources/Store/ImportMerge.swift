import Postgres
import Rules

/// Staged rows that one transaction merges, at most.
///
/// Each takes three locks at most: of the address, of its alias form and of its organisation. PostgreSQL has room for 6,400
/// unless it is told otherwise (`max_locks_per_transaction`), and one slice is merged at a time, so half of that is left to
/// others. And an opt-out of somebody in the slice, which waits for its end, is not to wait for long.
public let importSliceRowsMax = 1_000

/// What one slice did.
public enum ImportStep: Hashable, Sendable {
    case merged(rows: Int)
    /// All lines have their verdicts; the import is over.
    case finished
    /// Somebody else is at it, or there is nothing to do.
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
    let cursorKey: AddressKey?
    let cursorLine: Int64?
    let cursorFirst: Int64?
    /// People that an undo looks at.
    let people: Int64
}

enum MergeSQL {
    /// Slices follow one another, whoever merges them and of whichever import.
    static let turn = Statement(
        "import.turn", "select pg_try_advisory_xact_lock(hashtextextended('maysend.import', 0)) as mine", in: (),
        out: ("mine", Bool.self))
    static let hold = Statement(
        "import.hold",
        """
        select id, pepper::bigint, kind, state, scope, consent_purpose, created_at, created_by, cursor_key, cursor_line,
            cursor_first, created + updated as people
        from import where controller_id = $1 and number = $2 and state in ('merging', 'undoing')
        for update skip locked
        """,
        in: (Int64.self, Int64.self), out: ("id", ImportID.self), ("pepper", Int64.self), ("kind", ImportKind.self),
        ("state", ImportState.self), ("scope", Event.WideScope.self), ("consent_purpose", Slug?.self),
        ("created_at", Instant.self), ("created_by", String.self), ("cursor_key", AddressKey?.self),
        ("cursor_line", Int64?.self), ("cursor_first", Int64?.self), ("people", Int64.self), into: HeldImport.init)
    static let advance = Statement(
        "import.advance",
        """
        update import set cursor_key = $3, cursor_line = $4, cursor_first = $5, created = created + $6,
            updated = updated + $7, unchanged = unchanged + $8, suppressed = suppressed + $9, no_ground = no_ground + $10,
            duplicate = duplicate + $11, served_at = clock_timestamp()
        where controller_id = $1 and number = $2
        """,
        in: (
            Int64.self, Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self, Int64.self, Int64.self,
            Int64.self, Int64.self, Int64.self
        ))
    static let postpone = Statement(
        "import.postpone",
        "update import set served_at = clock_timestamp() where controller_id = $1 and number = $2",
        in: (Int64.self, Int64.self))
    static let finish = Statement(
        "import.finish",
        """
        update import i set lease_by = null, lease_until = null, finished_at = clock_timestamp(), cursor_key = null,
            cursor_line = null, cursor_first = null, state = case when s.adds_up then 'finished' else 'failed' end,
            failure = case when s.adds_up then null else 'the verdicts do not add up to the lines' end
        from (
            select o.number, o.lines = o.created + o.updated + o.unchanged + o.suppressed + o.no_ground + o.duplicate
                + o.invalid + o.empty as adds_up
            from import o where o.controller_id = $1 and o.number = $2
        ) s
        where i.number = s.number and i.controller_id = $1 returning i.state
        """,
        in: (Int64.self, Int64.self), out: ("state", ImportState.self))

    static let all: [AnyStatement] = [
        turn.erased, hold.erased, advance.erased, postpone.erased, finish.erased,
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
    /// While somebody else merges a slice, of whatever import, `.notOurs` at once.
    public func mergeImport(
        _ turn: ImportTurn, rowsMax: Int = importSliceRowsMax
    ) async throws(StoreError) -> ImportStep {
        let controller = try await catalogue().controller(turn.controller)
        while true {
            do throws(StoreError) {
                return try await write(.bulk, for: controller) { tx throws(StoreError) in
                    guard try tx.one(MergeSQL.turn, ()),
                        let held = try tx.first(MergeSQL.hold, (controller.id, turn.number))
                    else { return .notOurs }
                    return try self.step(turn.number, held, at: controller, rowsMax: max(rowsMax, 1), in: tx)
                }
            } catch .organisationsMoved {
                // Somebody made one of its organisations meanwhile, which now has a lock to be taken.
                continue
            }
        }
    }

    private func step(
        _ number: Int64, _ held: HeldImport, at controller: ControllerRecord, rowsMax: Int,
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
        return try scene.mergeSlice(number, held, rowsMax: min(rowsMax, importSliceRowsMax), in: tx)
    }
}

extension WriteScene {
    fileprivate func mergeSlice(
        _ number: Int64, _ held: HeldImport, rowsMax: Int, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> ImportStep {
        let range = SliceRange(number, after: held, rowsMax: rowsMax)
        let people = try tx.all(SliceSQL.people, range.parameters(and: controller.id))
        guard let last = people.last else {
            _ = try tx.one(MergeSQL.finish, (controller.id, number))
            _ = try tx.one(StagingSQL.drop, number)
            return .finished
        }
        // What anybody has recorded of these people is read behind their locks, the same that every writer takes.
        let organisations = Set(people.compactMap(\.organisationID))
        try writer.lock(people.map(\.subject) + organisations.map { .organisation($0) }, in: tx)
        let now = try writer.clock(tx)
        let shared = try SharedFacts(of: organisations.sorted(), in: tx)
        let (classes, singles) = try parts(of: range, people, held, shared, at: now, in: tx)
        var judge = SliceJudge(
            held, policy: try catalogue.policy(of: controller, at: now), now: now, controller: controller)
        for row in classes { judge.judge(newcomers: row, shared: shared.of(row)) }
        if !singles.isEmpty {
            let known = try SliceKnowledge(
                singles, range, of: held, shared, for: self, in: tx)
            try judge.judge(singles, known)
        }
        let kept = Set(judge.keptLines)
        let new = people.filter { $0.newOrganisation != nil && kept.contains($0.line) }
        var members = Dictionary(people.map { ($0.line, $0.organisationID) }) { first, _ in first }.compactMapValues {
            $0
        }
        try members.merge(
            createOrganisations(
                Dictionary(new.map { ($0.line, $0.newOrganisation ?? "") }) { first, _ in first }, range, in: tx)
        ) { first, _ in first }
        try write(judge.newcomers, range, of: held, organisations: members, at: now, in: tx)
        // What the entries of single rows mean for other addresses of their alias forms may stand beside a newcomer.
        try write(judge, of: held, range, at: now, in: tx)
        try tx.run(
            MergeSQL.advance,
            (
                controller.id, number, last.key, last.line,
                singles.last?.key == last.key ? judge.lastFirst : last.line, judge.count(.created),
                judge.count(.updated), judge.count(.unchanged), judge.count(.suppressed), judge.count(.noGround),
                judge.count(.duplicate)
            ))
        return .merged(rows: people.count)
    }

    /// The slice as it is judged: classes of newcomers, and the rows that are judged one by one.
    private func parts(
        of range: SliceRange, _ people: [SlicePerson], _ held: HeldImport, _ shared: SharedFacts, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (classes: [SliceRow], singles: [SliceRow]) {
        // A recipient that must be told the address is told of each by itself.
        let isTellable = try recipients(at: now).allSatisfy { !catalogue.needsAddress($0) }
        let members = people.filter { $0.organisationID.map(shared.isKnown) ?? false }
        let parameters = range.parameters
        var (classes, singles): ([SliceRow], [SliceRow]) = ([], [])
        for row in try tx.all(
            SliceSQL.parts,
            (
                parameters.0, parameters.1, parameters.2, parameters.3, controller.id, controller.group,
                held.cursorKey ?? AddressKey(high: 0, low: 0), isTellable, !knowsByKeysAlone,
                members.map(\.line), members.compactMap(\.organisationID)
            ))
        { if row.lines.isEmpty { singles.append(row) } else { classes.append(row) } }
        return (classes, singles)
    }
}

/// Which staged rows a slice has, as its statements name them.
struct SliceRange {
    let parameters: (Int64, AddressKey, Int64, Int64)

    init(_ number: Int64, after held: HeldImport, rowsMax: Int) {
        parameters = (
            number, held.cursorKey ?? AddressKey(high: 0, low: 0), held.cursorLine ?? 0, Int64(rowsMax)
        )
    }

    func parameters(and controller: Int64) -> (Int64, AddressKey, Int64, Int64, Int64) {
        (parameters.0, parameters.1, parameters.2, parameters.3, controller)
    }

    func parameters(
        and controller: Int64, lines: [Int64]
    ) -> (Int64, AddressKey, Int64, Int64, Int64, [Int64]) {
        (parameters.0, parameters.1, parameters.2, parameters.3, controller, lines)
    }
}
