/// What a reader found next.
public enum CSVItem: Sendable, Equatable {
    /// The names of the columns; at most one, and before every row.
    case header(CSVRow)
    case row(CSVRow)
    /// A row that could not be read; reading goes on at the next line.
    case broken(CSVBroken)
}

/// The fields of one row.
public struct CSVRow: Sendable, Equatable {
    /// How the row compares with the header, or with the first row where there is none.
    public enum Shape: Sendable, Equatable {
        case complete
        case short(missing: Int)
        case long(extra: Int)
    }

    /// The physical line on which the row begins, counted from 1.
    public let line: Int
    public let fields: [String]
    public let shape: Shape

    /// A row as a reader would give it.
    public init(line: Int, fields: [String], shape: Shape = .complete) {
        self.line = line
        self.fields = fields
        self.shape = shape
    }

    /// Whether no field holds anything but spaces and tabs, as in the `;;;` lines that spreadsheets leave behind.
    public var isBlank: Bool {
        fields.allSatisfy { $0.utf8.allSatisfy { $0 == Byte.space || $0 == Byte.tab } }
    }
}

/// Why a row could not be read.
public enum CSVFault: String, Sendable, CaseIterable {
    case fieldTooLong = "field-too-long"
    case lineTooLong = "line-too-long"
    case tooManyColumns = "too-many-columns"
    /// Begun at the line named, and not ended within the limit of a field or before the end of the file.
    case unterminatedQuote = "unterminated-quote"
    /// Something other than a delimiter or a line end follows the quotation mark that ends a field.
    case textAfterQuote = "text-after-quote"
    case nul
    case invalidEncoding = "invalid-encoding"
    /// An object or an array that is not written as JSON is.
    case json
}

/// A row that could not be read, and the place of the fault.
public struct CSVBroken: Sendable, Equatable, CustomStringConvertible {
    /// The physical line on which the row begins.
    public let rowLine: Int
    /// The physical line of the fault, counted from 1; of an unterminated quote, where the quote is.
    public let line: Int
    /// Characters of that line up to the fault, counted from 1.
    public let column: Int
    public let fault: CSVFault
    /// What is wrong and what is allowed; quotes nothing of the file.
    public let detail: String

    /// One sentence with line and column.
    public var description: String { "line \(line), column \(column): \(detail)" }
}

extension CSVFault {
    /// What is wrong and what is allowed.
    func detail(_ limits: CSVLimits, quoteLine: Int) -> String {
        switch self {
        case .fieldTooLong: "a field is longer than \(limits.fieldBytesMax) bytes"
        case .lineTooLong: "the row is longer than \(limits.lineBytesMax) bytes"
        case .tooManyColumns: "the row has more than \(limits.columnsMax) fields"
        case .unterminatedQuote:
            "the quotation mark here is not closed before the end of the file or within \(limits.fieldBytesMax) bytes"
        case .textAfterQuote:
            "the quoted field begun on line \(quoteLine) is followed by text; inside it, quotation marks are written twice"
        case .nul: "the character NUL is not allowed"
        case .json: "this is not JSON; a row is an object in braces"
        case .invalidEncoding: "a byte does not fit the encoding of the file; save it as UTF-8 or name its encoding"
        }
    }
}
