import Rules

/// Why a row of a suppression list cannot be taken; quotes nothing of the row.
public struct SuppressionFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The heading, or `#3` where there are none; nil where the row as a whole is meant.
    public let column: String?
    public let problem: String

    public var description: String { (column.map { $0 + ": " } ?? "") + problem }
}

/// Why a row stops nobody.
public enum SuppressionPass: String, Sendable, CaseIterable {
    /// Nothing in any field.
    case blank
    /// The list says that mail is welcome, or does not say that it is not; which is no consent, and lifts nothing.
    case noOptOut = "no-opt-out"
}

/// What a reader of suppression lists comes upon. Every row of the list is one of `entry`, `passedOver` and `invalid`.
public enum SuppressionListEvent: Sendable, Equatable {
    /// A file begins: the list itself, with an empty name, or one in an archive.
    case file(name: String)
    /// How the file is understood.
    case recognised(SuppressionDialect)
    case entry(line: Int, Suppression)
    case passedOver(line: Int, SuppressionPass)
    /// At a column of the line, counted in characters from 1, where that is known.
    case invalid(line: Int, column: Int?, SuppressionFault)
    case end(ListGuess?)
}

/// Why a suppression list cannot be taken at all, or no further. May quote its headings: for the sender, not for a log.
public enum SuppressionListError: Error, Sendable, Equatable, CustomStringConvertible {
    case unpacking(UnpackError)
    case columnUnknown(String)
    case columnAmbiguous([String])
    case columnNotFound([String])

    /// What is wrong and what is allowed.
    public var description: String {
        switch self {
        case .unpacking(let error): error.description
        case .columnUnknown(let problem): problem
        case .columnAmbiguous(let names):
            "several columns may hold the addresses: \(names.map(excerpt).joined(separator: ", ")); name one"
        case .columnNotFound(let names):
            "no column with addresses or digests was found among \(names.prefix(50).map(excerpt).joined(separator: ", "));"
                + " name it"
        }
    }
}

/// Reads the suppression lists of the providers as they come: push bytes, take events. Memory is bounded, and the events do
/// not depend on where the pieces were cut.
public struct SuppressionReader: Sendable {
    private let dialect: SuppressionDialect?
    private let addressColumn: String?
    private var list: ListReader
    private var columns: SuppressionColumns?
    /// The header of the file under way, while only a row can tell which column is which.
    private var header: [String]?
    private var recognised: SuppressionDialect?
    private var pending: SuppressionListEvent?

    /// A reader of a list of the dialect, or of one that is recognised; the column with the addresses by its heading or as
    /// `#3`, or found.
    public init(
        _ dialect: SuppressionDialect? = nil, addressColumn: String? = nil, _ options: CSVOptions = CSVOptions()
    ) {
        (self.dialect, self.addressColumn) = (dialect, addressColumn)
        list = ListReader(options)
    }

    /// How the file under way is written; nil until enough of it was read.
    public var guess: ListGuess? { list.guess }

    /// Lines without a single character, which are no rows; of all files.
    public var emptyLines: Int { list.emptyLines }

    /// Takes the next piece of the list.
    public mutating func feed(_ bytes: [UInt8]) { list.feed(bytes) }

    /// Says that the list ends here; `next` then gives what is left.
    public mutating func finish() { list.finish() }

    /// The next event; nil where more must be fed, or at the end.
    public mutating func next() throws(SuppressionListError) -> SuppressionListEvent? {
        if let event = pending {
            pending = nil
            return event
        }
        while let event = try nextOfList() {
            switch event {
            case .file(let name):
                (columns, header, recognised) = (nil, nil, nil)
                return .file(name: name)
            case .header(let row):
                if let event = try take(header: row) { return event }
            case .row(let row): return try take(row)
            case .broken(let broken):
                return .invalid(
                    line: broken.rowLine, column: broken.line == broken.rowLine ? broken.column : nil,
                    SuppressionFault(column: nil, problem: broken.description))
            case .end(let guess): return .end(guess)
            }
        }
        return nil
    }

    private mutating func nextOfList() throws(SuppressionListError) -> ListEvent? {
        do throws(UnpackError) {
            return try list.next()
        } catch {
            throw .unpacking(error)
        }
    }

    private mutating func take(header row: CSVRow) throws(SuppressionListError) -> SuppressionListEvent? {
        // A list of digests has no address in its first row by which that is known to be none.
        if columns == nil, let place = row.fields.firstIndex(where: { HashedAddress(parsing: $0.trimmed) != nil }) {
            return settle(SuppressionColumns(dialect ?? .hashed, address: place), row)
        }
        header = row.fields
        var columns = try SuppressionColumns(header: row.fields, dialect: dialect, addressColumn: addressColumn)
        columns?.formulas = formulas
        self.columns = columns
        guard let found = columns?.dialect, found != recognised else { return nil }
        recognised = found
        return .recognised(found)
    }

    private mutating func take(_ row: CSVRow) throws(SuppressionListError) -> SuppressionListEvent {
        if let columns { return Self.event(row, columns) }
        if row.isBlank { return .passedOver(line: row.line, .blank) }
        guard let place = Self.addressPlace(in: row) else {
            guard let header else {
                return .invalid(
                    line: row.line, column: nil,
                    SuppressionFault(column: nil, problem: "neither an address nor a digest"))
            }
            throw .columnNotFound(header)
        }
        let isDigest = HashedAddress(parsing: row.fields[place].trimmed) != nil
        let isSES =
            header == nil && place == 0 && row.fields.count == 2
            && SuppressionDialect.ses.shape.words.contains { $0.word == row.fields[1].trimmed.uppercased() }
        let found = dialect ?? (isSES ? .ses : isDigest ? .hashed : .plain)
        return settle(SuppressionColumns(found, address: place), row)
    }

    private var formulas: CSVFormulas { list.guess?.form == .table ? .neutralised : .kept }

    /// Takes the columns for the file, and says so before the row.
    private mutating func settle(_ columns: SuppressionColumns, _ row: CSVRow) -> SuppressionListEvent {
        var columns = columns
        columns.formulas = formulas
        self.columns = columns
        recognised = columns.dialect
        pending = Self.event(row, columns)
        return .recognised(columns.dialect)
    }

    private static func event(_ row: CSVRow, _ columns: SuppressionColumns) -> SuppressionListEvent {
        switch columns.read(row) {
        case .entry(let entry): .entry(line: row.line, entry)
        case .passedOver(let why): .passedOver(line: row.line, why)
        case .invalid(let fault): .invalid(line: row.line, column: nil, fault)
        }
    }

    private static func addressPlace(in row: CSVRow) -> Int? {
        row.fields.firstIndex { CSVReader.looksLikeAddress($0) || HashedAddress(parsing: $0.trimmed) != nil }
    }
}
