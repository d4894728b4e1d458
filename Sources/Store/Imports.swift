public import Postgres
public import Rules

/// How far an import is.
public enum ImportState: String, Sendable, CaseIterable, PostgresWrapped {
    /// Its lines are coming in; nothing is stored of anybody.
    case receiving
    /// All lines are in; they are merged slice by slice.
    case merging
    /// Every line has its verdict.
    case finished
    /// Not taken; why is said.
    case failed
    case undoing, undone

    /// Whether nothing more happens to it of itself.
    public var isOver: Bool { self == .finished || self == .failed || self == .undone }
}

/// The name of an import outside.
public struct ImportID: Hashable, Sendable, CustomStringConvertible, PostgresWrapped {
    public let postgresValue: PGUUID

    public init(postgresValue: PGUUID) { self.postgresValue = postgresValue }

    /// Reads the text of a UUID; nil for any other.
    public init?(parsing text: String) {
        guard let value = PGUUID(text) else { return nil }
        postgresValue = value
    }

    public var description: String { postgresValue.description }
}

extension ImportKind: PostgresWrapped {}
extension Event.WideScope: PostgresWrapped {}

/// What became of a line.
public enum ImportVerdict: String, Sendable, CaseIterable, PostgresWrapped {
    case created, updated, unchanged
    /// In the register: not stored, or of a suppression list, entered.
    case suppressed
    /// Not stored: nothing would keep it.
    case noGround = "no-ground"
    /// The address of an earlier line.
    case duplicate
    /// Cannot be read.
    case invalid
    /// Nothing in it.
    case empty
}

/// Lines by what became of them.
public struct ImportCounts: Hashable, Sendable {
    private var counts: [Int64]

    /// None.
    public init() { counts = Array(repeating: 0, count: ImportVerdict.allCases.count) }

    /// How many with this verdict.
    public internal(set) subscript(_ verdict: ImportVerdict) -> Int {
        get { Int(counts[Self.place(verdict)]) }
        set { counts[Self.place(verdict)] = Int64(newValue) }
    }

    /// Lines that have a verdict.
    public var total: Int { Int(counts.reduce(0, +)) }

    private static func place(_ verdict: ImportVerdict) -> Int {
        switch verdict {
        case .created: 0
        case .updated: 1
        case .unchanged: 2
        case .suppressed: 3
        case .noGround: 4
        case .duplicate: 5
        case .invalid: 6
        case .empty: 7
        }
    }
}

/// What is said of an import when it begins.
public struct ImportOpening: Sendable {
    public var kind: ImportKind
    /// What whoever brings it calls it.
    public var name: String?
    /// Where the data comes from (Art. 14(2)(f)).
    public var source: String?
    public var collectedAt: Instant?
    /// Of suppressions: whom they bind.
    public var scope = Event.WideScope.controller
    /// The purpose that the list's consent column claims consent for; nil: that column counts for nothing.
    public var consentPurpose: Slug?

    public init(_ kind: ImportKind) { self.kind = kind }

    /// The longest name, in bytes.
    public static let nameBytesMax = 200
}

/// An import as it is now.
public struct ImportRecord: Sendable {
    let number: Int64
    public let id: ImportID
    public let kind: ImportKind
    public let state: ImportState
    public let name: String?
    public let source: String?
    public let collectedAt: Instant?
    /// How the file was understood: a JSON object.
    public let guess: String?
    /// Why it was not taken.
    public let failure: String?
    /// The import that had the same file, where that is why.
    public let sameAs: ImportID?
    public let createdAt: Instant
    public let createdBy: String
    public let finishedAt: Instant?
    /// Lines that came in.
    public let lines: Int
    public let counts: ImportCounts
    /// Of an undo: people taken back.
    public let takenBack: Int
    /// Of an undo: people left as they are, because somebody acted on them since.
    public let leftBehind: Int
}

enum ImportSQL {
    static let open = Statement(
        "import.open",
        """
        insert into import (controller_id, kind, name, source, collected_at, scope, consent_purpose, state, created_by,
            lease_by, lease_until, pepper)
        values ($1, $2, $3, $4, $5, $6, $7, 'receiving', $8, $9, clock_timestamp() + make_interval(secs => $10),
            $11::bigint::integer)
        returning number, id
        """,
        in: (
            Int64.self, ImportKind.self, String?.self, String?.self, Instant?.self, Event.WideScope.self, Slug?.self,
            String.self, String.self, Double.self, Int64.self
        ), out: ("number", Int64.self), ("id", ImportID.self))
    static let openRows = Statement(
        "import.open-rows", "select count(open_import_rows($1)) as opened", in: (Int64.self),
        out: ("opened", Int64.self))
    static let find = Statement(
        "import.find",
        """
        select number, id, kind, state, name, source, collected_at, guess::text, failure, same_as, created_at, created_by,
            finished_at, lines, array[created, updated, unchanged, suppressed, no_ground, duplicate, invalid, empty] as counts,
            taken_back, left_behind
        from import where controller_id = $1 and id = $2
        """,
        in: (Int64.self, ImportID.self), out: ("number", Int64.self), ("id", ImportID.self), ("kind", ImportKind.self),
        ("state", ImportState.self), ("name", String?.self), ("source", String?.self), ("collected_at", Instant?.self),
        ("guess", String?.self), ("failure", String?.self), ("same_as", ImportID?.self), ("created_at", Instant.self),
        ("created_by", String.self), ("finished_at", Instant?.self), ("lines", Int64.self), ("counts", [Int64].self),
        ("taken_back", Int64.self), ("left_behind", Int64.self), into: ImportRecord.init)
    static let list = Statement(
        "import.list",
        """
        select number, id, kind, state, name, source, collected_at, guess::text, failure, same_as, created_at, created_by,
            finished_at, lines, array[created, updated, unchanged, suppressed, no_ground, duplicate, invalid, empty] as counts,
            taken_back, left_behind
        from import where controller_id = $1 and number < $2 order by number desc limit $3
        """,
        in: (Int64.self, Int64.self, Int64.self), out: ("number", Int64.self), ("id", ImportID.self),
        ("kind", ImportKind.self), ("state", ImportState.self), ("name", String?.self), ("source", String?.self),
        ("collected_at", Instant?.self), ("guess", String?.self), ("failure", String?.self),
        ("same_as", ImportID?.self),
        ("created_at", Instant.self), ("created_by", String.self), ("finished_at", Instant?.self),
        ("lines", Int64.self),
        ("counts", [Int64].self), ("taken_back", Int64.self), ("left_behind", Int64.self), into: ImportRecord.init)
    static let next = Statement(
        "import.next", "select number, controller_id from next_import()", in: (),
        out: ("number", Int64.self), ("controller_id", Int64.self))
    static let dropBroken = Statement(
        "import.drop-broken", "select drop_broken_imports() as dropped", in: (), out: ("dropped", Int64.self))
    static let rollVerdicts = Statement(
        "import.roll-verdicts", "select count(roll_import_verdicts(current_date)) as rolled", in: (),
        out: ("rolled", Int64.self))

    static let all: [AnyStatement] =
        [open.erased, openRows.erased, find.erased, list.erased, next.erased, dropBroken.erased, rollVerdicts.erased]
        + StagingSQL.all + MergeSQL.all + SliceSQL.all + NewcomerSQL.all + ImportVerdictSQL.all + UndoSQL.all
}

extension ImportRecord {
    init(
        number: Int64, id: ImportID, kind: ImportKind, state: ImportState, name: String?, source: String?,
        collectedAt: Instant?, guess: String?, failure: String?, sameAs: ImportID?, createdAt: Instant,
        createdBy: String,
        finishedAt: Instant?, lines: Int64, counts: [Int64], takenBack: Int64, leftBehind: Int64
    ) {
        (self.number, self.id, self.kind, self.state, self.name) = (number, id, kind, state, name)
        (self.source, self.collectedAt, self.guess, self.failure) = (source, collectedAt, guess, failure)
        (self.sameAs, self.createdAt, self.createdBy, self.finishedAt) = (sameAs, createdAt, createdBy, finishedAt)
        self.lines = Int(lines)
        var tally = ImportCounts()
        for (verdict, count) in zip(ImportVerdict.allCases, counts) { tally[verdict] = Int(count) }
        self.counts = tally
        (self.takenBack, self.leftBehind) = (Int(takenBack), Int(leftBehind))
    }
}

/// Imports on one page of their list, at most.
public let importsPerPageMax = 100
/// Seconds after which an upload that nobody was heard to continue is given up.
public let importReceptionSecondsMax = 3_600

extension Store {
    /// The import of that id; nil where the controller has none such.
    public func importRecord(_ id: ImportID, by access: Access) async throws(StoreError) -> ImportRecord? {
        try await read(for: access.controller) { tx throws(StoreError) in
            try tx.first(ImportSQL.find, (access.controller.id, id))
        }
    }

    /// The controller's imports, newest first, from before `last`.
    public func imports(
        before last: ImportRecord? = nil, limit: Int = importsPerPageMax, by access: Access
    ) async throws(StoreError) -> [ImportRecord] {
        try await read(for: access.controller) { tx throws(StoreError) in
            try tx.all(
                ImportSQL.list,
                (access.controller.id, last?.number ?? .max, Int64(min(max(limit, 1), importsPerPageMax))))
        }
    }
}

extension ImportRecord {
    /// Its turn, for whoever works on this one alone.
    public func turn(at access: Access) -> ImportTurn { ImportTurn(number: number, controller: access.controller.id) }
}
