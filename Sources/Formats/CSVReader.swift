/// Reads CSV as it really comes (RFC 4180 and the habits of spreadsheets): push bytes in pieces of any size, take items
/// out until there is none, push more. Memory is bounded by the limits and by what has been fed and not yet taken. The
/// items do not depend on where the pieces were cut.
/// ```swift
/// var reader = CSVReader()
/// reader.feed(bytes)
/// while let item = reader.next() { … }
/// reader.finish()
/// while let item = reader.next() { … }
/// ```
public struct CSVReader: Sendable {
    private let options: CSVOptions
    /// The first bytes of the file, until it is known how it is written.
    private var sample: [UInt8] = []
    private var detection: Detected?
    private var decoder = CSVDecoder(.utf8)
    private var scanner: CSVScanner
    private var columns: Int?
    private var hasHeader: Bool?

    private struct Detected: Sendable {
        let encoding: CSVEncoding
        let delimiter: CSVDelimiter
        let hasMark: Bool
        let hasSeparatorLine: Bool
        let endings: CSVEndings
    }

    /// Bytes that show a byte order mark and a `sep=` line, where nothing else has to be found out.
    private static let openingBytes = 16

    /// The names of the columns, once the header has been read.
    public private(set) var header: [String]?

    /// A reader at the beginning of a file.
    public init(_ options: CSVOptions = CSVOptions()) {
        self.options = options
        scanner = CSVScanner(delimiter: .comma, limits: options.limits)
    }

    /// How the file is written; nil until enough of it has been fed.
    public var dialect: CSVDialect? {
        guard let detection else { return nil }
        let endings = scanner.endings.total < detection.endings.total ? detection.endings : scanner.endings
        return CSVDialect(
            encoding: detection.encoding, hasByteOrderMark: detection.hasMark, delimiter: detection.delimiter,
            hasSeparatorLine: detection.hasSeparatorLine, hasHeader: hasHeader, lineEnding: endings.summary)
    }

    /// Lines without a single character, which are no rows.
    public var emptyLines: Int { scanner.emptyLines }

    /// Takes the next piece of the file.
    public mutating func feed(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { feed($0) }
    }

    /// Takes the next piece of the file from memory that the caller keeps alive for the call.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        bytes.withMemoryRebound(to: UInt8.self) { feed($0) }
    }

    /// Takes the next piece of the file from memory that the caller keeps alive for the call.
    public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard detection == nil else { return decode(bytes) }
        let missing = max(0, sampleBytes - sample.count)
        sample.append(contentsOf: bytes.prefix(missing))
        guard sample.count >= sampleBytes else { return }
        detect(.beginning)
        decode(UnsafeBufferPointer(rebasing: bytes.dropFirst(missing)))
    }

    /// Says that the file ends here; `next` then gives what is left.
    public mutating func finish() {
        if detection == nil { detect(.wholeFile) }
        scanner.feed { decoder.finish(into: &$0) }
        scanner.finish()
    }

    /// The next item; nil when more bytes are needed, or at the end.
    public mutating func next() -> CSVItem? {
        guard detection != nil, let event = scanner.next() else { return nil }
        switch event {
        case .broken(let broken):
            // Whatever it was, the rows after it are not its header.
            if hasHeader == nil { hasHeader = false }
            return .broken(broken)
        case .record(let line, let fields): return item(line, fields)
        }
    }

    /// Like `next`, but the fields of a row stay bytes, which `withRow` gives until the reader is fed or asked again. The
    /// header is a row like any other.
    mutating func nextRow() -> CSVStep? { detection == nil ? nil : scanner.nextRow() }

    /// Hands out the row that `nextRow` found.
    func withRow<Result>(_ body: (CSVRowBytes) -> Result) -> Result { scanner.withRow(body) }

    private var sampleBytes: Int {
        options.delimiter != nil && options.encoding != nil ? Self.openingBytes : options.limits.sampleBytesMax
    }

    private mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>) {
        scanner.feed { decoder.decode(bytes, into: &$0) }
    }

    private mutating func detect(_ extent: CSVDetection.Extent) {
        let found = CSVDetection(sample: sample, extent, options: options)
        detection = Detected(
            encoding: found.encoding, delimiter: found.delimiter, hasMark: found.markLength > 0,
            hasSeparatorLine: found.hasSeparatorLine, endings: found.endings)
        decoder = CSVDecoder(found.encoding)
        var text: [UInt8] = []
        sample.withUnsafeBufferPointer { bytes in
            decoder.decode(UnsafeBufferPointer(rebasing: bytes[min(found.markLength, bytes.count)...]), into: &text)
        }
        let rest = text.dropFirst(found.separatorLineLength)
        let endsInCR = found.hasSeparatorLine && text[found.separatorLineLength - 1] == Byte.cr
        scanner = CSVScanner(
            delimiter: found.delimiter, limits: options.limits, firstLine: found.hasSeparatorLine ? 2 : 1,
            follows: endsInCR ? .carriageReturn : .anything)
        scanner.feed { $0.append(contentsOf: rest) }
        sample = []
    }

    private mutating func item(_ line: Int, _ fields: [String]) -> CSVItem {
        let expected = columns ?? fields.count
        let isFirst = columns == nil
        columns = expected
        let missing = expected - fields.count
        let shape: CSVRow.Shape =
            missing > 0 ? .short(missing: missing) : missing < 0 ? .long(extra: -missing) : .complete
        let row = CSVRow(line: line, fields: fields, shape: shape)
        guard isFirst, hasHeader == nil else { return .row(row) }
        let names = namesColumns(fields)
        hasHeader = names
        guard names else { return .row(row) }
        header = fields
        return .header(row)
    }

    private func namesColumns(_ fields: [String]) -> Bool {
        switch options.header {
        case .firstRow: true
        case .none: false
        case .guess: !fields.contains(where: Self.looksLikeAddress)
        }
    }

    /// Something, an `@`, and something more.
    static func looksLikeAddress(_ field: String) -> Bool {
        guard let at = field.utf8.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return at > field.utf8.startIndex && field.utf8.index(after: at) < field.utf8.endIndex
    }
}
