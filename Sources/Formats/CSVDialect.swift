/// What stands between the fields of a row.
public enum CSVDelimiter: String, Sendable, CaseIterable {
    case tab
    case semicolon
    case pipe
    case comma

    /// The delimiter as a byte.
    public var byte: UInt8 {
        switch self {
        case .tab: Byte.tab
        case .semicolon: Byte.semicolon
        case .pipe: Byte.pipe
        case .comma: Byte.comma
        }
    }
}

/// How the characters of a file are written. Windows-1252 stands for Latin-1 too; its five unassigned bytes become the
/// control characters that Latin-1 has there.
public enum CSVEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"
}

/// What ends the rows of a file.
public enum CSVLineEnding: String, Sendable, CaseIterable {
    case lf
    case crlf
    case cr
    case mixed
    /// No line end has been seen.
    case none
}

/// Whether the first row names the columns.
public enum CSVHeaderRule: String, Sendable, CaseIterable {
    /// It does unless one of its fields looks like an email address, so that no person is lost as a heading.
    case guess
    case firstRow = "first-row"
    case none
}

/// How one file turned out to be written.
public struct CSVDialect: Sendable, Equatable, CustomStringConvertible {
    public let encoding: CSVEncoding
    public let hasByteOrderMark: Bool
    public let delimiter: CSVDelimiter
    /// Whether the first line is a spreadsheet's `sep=` directive; such a line is no row.
    public let hasSeparatorLine: Bool
    /// Nil until the first row has been read.
    public let hasHeader: Bool?
    /// What ended the rows seen so far.
    public let lineEnding: CSVLineEnding

    /// All of it in one line for a log or a report: `utf-8, semicolon, header, crlf`.
    public var description: String {
        var parts = [encoding.rawValue + (hasByteOrderMark ? " with mark" : ""), delimiter.rawValue]
        if hasSeparatorLine { parts.append("sep line") }
        if let hasHeader { parts.append(hasHeader ? "header" : "no header") }
        parts.append(lineEnding == .none ? "no line end" : lineEnding.rawValue)
        return parts.joined(separator: ", ")
    }
}

/// Bytes of one field as UTF-8, between its quotation marks.
public let csvFieldBytesMax = 64 * 1_024
/// Bytes of one row as UTF-8, its line end not counted.
public let csvLineBytesMax = 1_024 * 1_024
/// Bytes that are held back to find out encoding and delimiter.
public let csvSampleBytesMax = 64 * 1_024
/// Fields of one row.
public let csvColumnsMax = 1_024

/// What is known of a file beforehand, and what it may cost.
public struct CSVOptions: Sendable {
    /// Nil: found out from the sample.
    public var delimiter: CSVDelimiter?
    /// Nil: found out from the sample. A byte order mark in the file wins over both.
    public var encoding: CSVEncoding?
    public var header: CSVHeaderRule
    public let limits: CSVLimits

    /// Options for one file. With delimiter and encoding given, rows come out at once instead of after a sample.
    public init(
        delimiter: CSVDelimiter? = nil, encoding: CSVEncoding? = nil, header: CSVHeaderRule = .guess,
        limits: CSVLimits = .standard
    ) {
        self.delimiter = delimiter
        self.encoding = encoding
        self.header = header
        self.limits = limits
    }
}

/// What one row may cost, and how much is held back at the start.
public struct CSVLimits: Sendable, Equatable {
    public let fieldBytesMax: Int
    public let lineBytesMax: Int
    public let sampleBytesMax: Int
    public let columnsMax: Int

    /// Limits of at least one each, and of at most 1 GiB.
    public init(
        fieldBytesMax: Int = csvFieldBytesMax, lineBytesMax: Int = csvLineBytesMax,
        sampleBytesMax: Int = csvSampleBytesMax, columnsMax: Int = csvColumnsMax
    ) {
        let sane = 1...(1 << 30)
        self.fieldBytesMax = min(max(fieldBytesMax, sane.lowerBound), sane.upperBound)
        self.lineBytesMax = min(max(lineBytesMax, sane.lowerBound), sane.upperBound)
        self.sampleBytesMax = min(max(sampleBytesMax, sane.lowerBound), sane.upperBound)
        self.columnsMax = min(max(columnsMax, sane.lowerBound), sane.upperBound)
    }

    /// The named limits of this room.
    public static let standard = CSVLimits()
}
