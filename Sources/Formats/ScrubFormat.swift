/// How a list of addresses is written, on its way in and on its way out.
public enum ScrubFormat: String, Sendable, CaseIterable {
    /// A header and a row for each address, with any delimiter.
    case csv
    /// A JSON object on each line.
    case ndjson
}

/// Bytes of one row or line of a list.
public let scrubRowBytesMax = 256 * 1_024
/// Bytes that are held back to find out delimiter and encoding, where they are not said.
public let scrubSampleBytesMax = 16 * 1_024
/// Rows that are looked at to find the column of the addresses where no heading says it.
public let scrubGuessRowsMax = 20
/// Levels of objects and arrays in a line of JSON.
public let scrubDepthMax = 32
/// Values in a line of JSON.
public let scrubValuesMax = 4_096

/// What is known of a list beforehand, and how it is to come out.
public struct ScrubOptions: Sendable {
    public let input: ScrubFormat
    public let output: ScrubFormat
    /// The heading or `#3` of the column with the addresses, or the name of the member; nil: found out.
    public var column: String?
    public var header: CSVHeaderRule
    /// Nil: found out, from the first bytes.
    public var delimiter: CSVDelimiter?
    /// Nil: found out, from the first bytes.
    public var encoding: CSVEncoding?

    /// A list of which nothing more is known.
    public init(
        input: ScrubFormat, output: ScrubFormat, column: String? = nil, header: CSVHeaderRule = .guess,
        delimiter: CSVDelimiter? = nil, encoding: CSVEncoding? = nil
    ) {
        (self.input, self.output, self.column) = (input, output, column)
        (self.header, self.delimiter, self.encoding) = (header, delimiter, encoding)
    }

    var table: CSVOptions {
        CSVOptions(
            delimiter: delimiter, encoding: encoding, header: header,
            limits: CSVLimits(lineBytesMax: scrubRowBytesMax, sampleBytesMax: scrubSampleBytesMax))
    }
}

/// What is appended to every row, and what it says where nobody could be asked.
enum ScrubColumns {
    static let names = ["eligible", "reason", "ground", "until"]
    static let invalidAddress = "invalid-address"
    static let invalidRow = "invalid-row"
}

/// Why a list cannot be taken at all. May quote its headings, so it is for the sender and not for a log.
public enum ScrubListError: Error, Sendable, Equatable, CustomStringConvertible {
    case empty
    case headerMissing
    case headerBroken(String)
    case columnUnknown(String)
    case columnNotFound(known: [String])
    case columnAmbiguous([String])
    case columnTaken(String)
    case columnTwice(String)
    /// Such a list has to be unpacked first.
    case packed(Packing)

    /// What is wrong and what is allowed.
    public var description: String {
        switch self {
        case .empty: "The list is empty; it begins with a header that names its columns."
        case .headerMissing:
            "The first row holds an address, so it is no header; add a header, or say that there is none (header=absent)."
        case .headerBroken(let why): "The header cannot be read: \(why)."
        case .columnUnknown(let why): "The column of the addresses: \(why)."
        case .columnNotFound(let known):
            "No column looks like addresses; name it with “column”. The columns are \(Self.quoted(known))."
        case .columnAmbiguous(let names):
            "Several columns may be the addresses: \(Self.quoted(names)); name one with “column”."
        case .columnTaken(let name):
            "The list has a column “\(excerpt(name))” already, which would be appended; take it out or rename it."
        case .columnTwice(let name):
            "Two columns are called “\(excerpt(name))”, which an object cannot have; rename one, or ask for CSV."
        case .packed(let packing):
            "The list is packed (\(packing.rawValue)\(packing == .zip ? ", as an .xlsx is too" : "")); allowed is CSV or "
                + "NDJSON as it is, unpacked."
        }
    }

    private static func quoted(_ names: [String]) -> String {
        let namesMax = 50
        let shown = names.prefix(namesMax).map { "“\(excerpt($0))”" }.joined(separator: ", ")
        return names.count > namesMax ? shown + ", …" : shown
    }
}
