import Rules

/// The rows of a list in CSV, behind its header. They come out byte for byte as they came in, in UTF-8.
///
/// A row with too few fields gets the missing ones, so that what is appended stands in its columns; one with too many, or
/// one that cannot be read, comes out with all its fields empty.
struct ScrubTable: Sendable {
    private var reader: CSVReader
    private let column: Int
    /// The names of the columns, which are as many as each row must have fields.
    private let names: [String]
    private let output: ScrubFormat
    private let delimiter: UInt8
    let dialect: CSVDialect
    let writer: ScrubWriter
    /// What the answer begins with.
    let opening: [UInt8]

    /// The table that begins with these bytes; nil where more of them are needed to know its columns.
    init?(beginning bytes: [UInt8], _ extent: CSVDetection.Extent, options: ScrubOptions) throws(ScrubListError) {
        guard let beginning = try TableBeginning(bytes, extent, options) else { return nil }
        dialect = beginning.dialect
        (names, column, output) = (beginning.names, beginning.column, options.output)
        delimiter = dialect.delimiter.byte
        let lineEnd = dialect.lineEnding == .crlf ? [Byte.cr, Byte.lf] : [Byte.lf]
        switch options.output {
        case .csv:
            writer = ScrubWriter(.csv(delimiter: delimiter, lineEnd: lineEnd))
            opening = beginning.opening(lineEnd: lineEnd)
        case .ndjson:
            writer = ScrubWriter(.ndjson)
            opening = []
        }
        reader = CSVReader(options.table)
        reader.feed(bytes)
        if extent == .wholeFile { reader.finish() }
        if beginning.header != nil { _ = reader.nextRow() }
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) { reader.feed(bytes) }
    mutating func finish() { reader.finish() }

    /// Adds the next row; false when more bytes are needed, or after the last one.
    mutating func addRow(to page: inout ScrubPage) -> Bool {
        switch reader.nextRow() {
        case .row: reader.withRow { add($0, to: &page) }
        case .broken(let broken): page.add(line: broken.rowLine) { leads, _ in blank(&leads) }
        case nil: return false
        }
        return true
    }

    private func add(_ row: CSVRowBytes, to page: inout ScrubPage) {
        page.add(line: row.line) { leads, addresses in
            guard row.spans.count <= names.count else { return blank(&leads) }
            switch output {
            case .csv:
                leads.append(contentsOf: row.bytes)
                for _ in row.spans.count...names.count { leads.append(delimiter) }
            case .ndjson: object(row, to: &leads)
            }
            guard row.spans.count == names.count else { return .invalidRow }
            return Self.add(row.spans[column], in: row.bytes, to: &addresses) ? .asked : .invalidAddress
        }
    }

    /// Whether the field is an address, which is added.
    private static func add(
        _ span: CSVSpan, in bytes: UnsafeBufferPointer<UInt8>, to addresses: inout AddressList
    ) -> Bool {
        do throws(AddressError) {
            guard span.hasDoubledQuotes else {
                try addresses.append(
                    parsing: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[span.start..<span.end]))
                return true
            }
            guard let text = span.text(in: bytes) else { return false }
            addresses.append(try Address(parsing: text))
            return true
        } catch {
            return false
        }
    }

    /// The row with nothing in it.
    private func blank(_ leads: inout [UInt8]) -> ScrubPage.Kind {
        switch output {
        case .csv: leads.append(contentsOf: repeatElement(delimiter, count: names.count))
        case .ndjson: leads.append(Byte.openBrace)
        }
        return .invalidRow
    }

    /// The fields under the names of their columns, without the closing brace.
    private func object(_ row: CSVRowBytes, to leads: inout [UInt8]) {
        var object = JSONWriter(reservingBytes: row.bytes.count * 2)
        object.beginObject()
        for (span, name) in zip(row.spans, names) {
            object.key(named: name)
            object.value(span.text(in: row.bytes) ?? "")
        }
        leads.append(contentsOf: object.bytes)
        leads.append(Byte.comma)
    }
}

/// What the first rows tell of a table.
struct TableBeginning {
    /// The header as it stands in the file; nil where there is none.
    private(set) var header: [UInt8]?
    let names: [String]
    let column: Int
    let dialect: CSVDialect

    /// Nil where more bytes are needed.
    init?(_ bytes: [UInt8], _ extent: CSVDetection.Extent, _ options: ScrubOptions) throws(ScrubListError) {
        var reader = CSVReader(options.table)
        reader.feed(bytes)
        if extent == .wholeFile { reader.finish() }
        let step = reader.nextRow()
        guard let dialect = reader.dialect, let step else {
            if extent == .wholeFile { throw .empty }
            return nil
        }
        if case .broken(let broken) = step { throw .headerBroken(broken.description) }
        let first = reader.withRow { $0.texts() ?? [] }
        if options.header == .guess, first.contains(where: CSVReader.looksLikeAddress) { throw .headerMissing }
        var rows: [[String]] = []
        if options.header == .none {
            rows = [first]
            names = first.indices.map { "column-\($0 + 1)" }
        } else {
            header = reader.withRow { Array($0.bytes) }
            names = first
            try Self.refuseTaken(names, output: options.output)
        }
        self.dialect = dialect
        if let known = try AddressColumn(named: options.column, header: names) {
            column = known.index
            return
        }
        while rows.count < scrubGuessRowsMax, let step = reader.nextRow() {
            if case .row = step { rows.append(reader.withRow { $0.texts() ?? [] }) }
        }
        let isEnough = extent == .wholeFile || rows.count >= scrubGuessRowsMax || bytes.count >= scrubRowBytesMax
        guard isEnough else { return nil }
        column = try AddressColumn(lookingAt: rows, header: names).index
    }

    private static func refuseTaken(_ names: [String], output: ScrubFormat) throws(ScrubListError) {
        for name in names where ScrubColumns.names.contains(Heading.folded(name)) { throw .columnTaken(name) }
        guard output == .ndjson else { return }
        var seen: Set<UTF8Key> = []
        for name in names where !seen.insert(UTF8Key(name)).inserted { throw .columnTwice(name) }
    }

    /// What stood before the first row, with the appended columns named.
    func opening(lineEnd: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = dialect.hasByteOrderMark ? [0xEF, 0xBB, 0xBF] : []
        if dialect.hasSeparatorLine { bytes += Array("sep=".utf8) + [dialect.delimiter.byte] + lineEnd }
        guard let header else { return bytes }
        bytes += header
        for name in ScrubColumns.names {
            bytes.append(dialect.delimiter.byte)
            bytes += Array(name.utf8)
        }
        return bytes + lineEnd
    }
}
