public import Rules

/// What became of a row.
public enum RowVerdict: Hashable, Sendable {
    case created, updated, unchanged
    /// Not stored: the register, or the list itself, says that the person declined.
    case suppressed(EntryReason)
    /// Not stored: no ground of the policy would keep it.
    case noGround(Verdict.Reason)
    /// The same address as on an earlier line, which was answered there.
    case duplicate(ofLine: Int)
    /// Not stored: the row cannot be read.
    case invalid(String)
    /// Nothing in any field.
    case empty

    /// The word in reports.
    public var word: String {
        switch self {
        case .created: "created"
        case .updated: "updated"
        case .unchanged: "unchanged"
        case .suppressed: "suppressed"
        case .noGround: "no-ground"
        case .duplicate: "duplicate"
        case .invalid: "invalid"
        case .empty: "empty"
        }
    }

    /// Why, where it is not stored.
    public var reason: String? {
        switch self {
        case .created, .updated, .unchanged, .empty: nil
        case .suppressed(let reason): reason.rawValue
        case .noGround(let reason): reason.code
        case .duplicate(let line): "of line \(line)"
        case .invalid(let problem): problem
        }
    }
}

/// A row's verdict and where the row begins.
public struct RowAnswer: Sendable {
    /// The physical line of the file, from 1.
    public let line: Int
    public let verdict: RowVerdict
    /// Personal data: for a caller who is to show it.
    public let address: Address?
}

/// How many rows came out how. The parts add up to the rows.
public struct ImportSummary: Hashable, Sendable {
    public private(set) var created = 0
    public private(set) var updated = 0
    public private(set) var unchanged = 0
    public private(set) var suppressed = 0
    public private(set) var noGround = 0
    public private(set) var duplicate = 0
    public private(set) var invalid = 0
    public private(set) var empty = 0

    public init() {}

    /// All rows that were answered, the header not counted.
    public var rows: Int { parts.reduce(0) { $0 + $1.count } }

    /// Each part with its word, in the order of a report.
    public var parts: [(word: String, count: Int)] {
        [
            ("created", created), ("updated", updated), ("unchanged", unchanged), ("suppressed", suppressed),
            ("no-ground", noGround), ("duplicate", duplicate), ("invalid", invalid), ("empty", empty),
        ]
    }

    mutating func count(_ verdict: RowVerdict) {
        switch verdict {
        case .created: created += 1
        case .updated: updated += 1
        case .unchanged: unchanged += 1
        case .suppressed: suppressed += 1
        case .noGround: noGround += 1
        case .duplicate: duplicate += 1
        case .invalid: invalid += 1
        case .empty: empty += 1
        }
    }

    /// Lines without a single character, which the reader steps over.
    mutating func count(emptyLines: Int) { empty += emptyLines }
}
