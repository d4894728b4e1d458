/// How a list is written.
public enum ListForm: String, Sendable, CaseIterable {
    case table
    /// Objects one behind the other, mostly a line each.
    case ndjson
    /// An array of objects, or an envelope around one.
    case json
}

/// How a list turned out to be written, for people to look at before they trust it.
public struct ListGuess: Sendable, Equatable, CustomStringConvertible {
    public let packing: Packing
    /// The name of the file in an archive; empty elsewhere.
    public let name: String
    public let form: ListForm
    public let encoding: CSVEncoding
    /// Of a table alone.
    public let table: CSVDialect?

    /// All of it in one line: `zip, “cleaned.csv”, table, utf-8, comma, header, lf`.
    public var description: String {
        var parts: [String] = packing == .plain ? [] : [packing.rawValue]
        if !name.isEmpty { parts.append("“\(name)”") }
        parts.append(form.rawValue)
        parts.append(table?.description ?? encoding.rawValue)
        return parts.joined(separator: ", ")
    }
}

/// What a list reader comes upon.
public enum ListEvent: Sendable, Equatable {
    /// A file begins: the list itself, with an empty name, or one in an archive. Its lines are counted from 1.
    case file(name: String)
    /// The names of the columns. Of objects they come as the objects bring them: a later header has columns more, behind
    /// those of the one before it.
    case header(CSVRow)
    case row(CSVRow)
    /// A row that could not be read; reading goes on behind it.
    case broken(CSVBroken)
    /// The file ends. Nil where it had nothing in it.
    case end(ListGuess?)
}

/// Reads a list as it really comes: plain, in gzip or in a zip archive; a table with any delimiter, objects of JSON one
/// behind the other, or an array of them; in UTF-8, UTF-16 or Windows-1252. Push bytes in pieces of any size, take events
/// out until there is none, push more. Memory is bounded by the limits and by what was fed and not yet taken. The events
/// do not depend on where the pieces were cut.
///
/// A reader of packed bytes shares its place in them with its copies: use one.
public struct ListReader: Sendable {
    private enum Body: Sendable {
        case none
        /// Not yet known how it is written.
        case sample([UInt8])
        case table(CSVReader)
        case json(JSONRowReader)
    }

    private let options: CSVOptions
    private let form: ListForm?
    private var unpacker = Unpacker()
    private var body = Body.none
    private var name = ""
    private var encoding = CSVEncoding.utf8
    private var isLastOfFile = false
    /// Lines without a single character, which are no rows; of all files.
    public private(set) var emptyLines = 0

    /// A reader at the beginning of a list; a form of nil is found out.
    public init(_ options: CSVOptions = CSVOptions(), form: ListForm? = nil) {
        self.options = options
        self.form = form
    }

    /// How the list is packed; nil until its first bytes were read.
    public var packing: Packing? { unpacker.packing }

    /// How the file under way is written; nil until enough of it was read.
    public var guess: ListGuess? {
        guard let packing else { return nil }
        switch body {
        case .none, .sample: return nil
        case .table(let reader):
            guard let dialect = reader.dialect else { return nil }
            return ListGuess(packing: packing, name: name, form: .table, encoding: dialect.encoding, table: dialect)
        case .json(let reader):
            let form = reader.isDocument ? ListForm.json : .ndjson
            return ListGuess(packing: packing, name: name, form: form, encoding: encoding, table: nil)
        }
    }

    /// Takes the next piece of the list.
    public mutating func feed(_ bytes: [UInt8]) { unpacker.feed(bytes) }

    /// Says that the list ends here; `next` then gives what is left.
    public mutating func finish() { unpacker.finish() }

    /// The next event; nil where more must be fed, or at the end.
    ///
    /// Throws where the packing is broken or not allowed: then nothing more can be read, though what came before may have
    /// been.
    public mutating func next() throws(UnpackError) -> ListEvent? {
        while true {
            if let event = nextOfBody() { return event }
            if isLastOfFile { return ended() }
            guard let piece = try unpacker.next() else { return nil }
            switch piece {
            case .file(let name):
                self.name = name
                body = .sample([])
                return .file(name: name)
            case .bytes(let bytes): try take(bytes)
            case .end:
                try finishBody()
                isLastOfFile = true
            }
        }
    }

    private mutating func nextOfBody() -> ListEvent? {
        let item: CSVItem?
        switch body {
        case .none, .sample: return nil
        case .table(var reader):
            body = .none
            item = reader.next()
            body = .table(reader)
        case .json(var reader):
            body = .none
            item = reader.next()
            body = .json(reader)
        }
        switch item {
        case .header(let row): return .header(row)
        case .row(let row): return .row(row)
        case .broken(let broken): return .broken(broken)
        case nil: return nil
        }
    }

    private mutating func ended() -> ListEvent {
        let guess = self.guess
        if case .table(let reader) = body { emptyLines += reader.emptyLines }
        body = .none
        isLastOfFile = false
        return .end(guess)
    }

    private mutating func take(_ bytes: [UInt8]) throws(UnpackError) {
        switch body {
        case .none: break
        case .sample(var sample):
            body = .none
            let missing = max(0, options.limits.sampleBytesMax - sample.count)
            sample += bytes.prefix(missing)
            body = .sample(sample)
            guard sample.count >= options.limits.sampleBytesMax else { return }
            try open(sample, .beginning)
            feedBody(Array(bytes.dropFirst(missing)))
        case .table, .json: feedBody(bytes)
        }
    }

    private mutating func finishBody() throws(UnpackError) {
        if case .sample(let sample) = body {
            guard !sample.isEmpty else {
                body = .none
                return
            }
            try open(sample, .wholeFile)
        }
        switch body {
        case .none, .sample: break
        case .table(var reader):
            body = .none
            reader.finish()
            body = .table(reader)
        case .json(var reader):
            body = .none
            reader.finish()
            body = .json(reader)
        }
    }

    private mutating func feedBody(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        switch body {
        case .none, .sample: break
        case .table(var reader):
            body = .none
            reader.feed(bytes)
            body = .table(reader)
        case .json(var reader):
            body = .none
            bytes.withUnsafeBufferPointer { reader.feed($0) }
            body = .json(reader)
        }
    }

    /// Decides by the first bytes how the file is written.
    private mutating func open(_ sample: [UInt8], _ extent: CSVDetection.Extent) throws(UnpackError) {
        if packing != .plain, Unpacker.isPacked(sample) { throw .packedTwice(file: name) }
        let start = CSVDetection.opening(of: sample, extent, options: options)
        guard isJSON(sample, start) else {
            body = .table(CSVReader(options))
            return feedBody(sample)
        }
        encoding = start.encoding
        body = .json(JSONRowReader(start.encoding, limits: options.limits))
        feedBody(Array(sample.dropFirst(start.markLength)))
    }

    private func isJSON(_ sample: [UInt8], _ start: (encoding: CSVEncoding, markLength: Int)) -> Bool {
        if let form { return form != .table }
        var text: [UInt8] = []
        var decoder = CSVDecoder(start.encoding)
        let first = sample.dropFirst(start.markLength).prefix(jsonOpeningBytes)
        Array(first).withUnsafeBufferPointer { decoder.decode($0, into: &text) }
        let visible = text.filter { $0 != Byte.space && $0 != Byte.tab && $0 != Byte.cr && $0 != Byte.lf }
        switch visible.first {
        case Byte.openBrace: return visible.count < 2 || visible[1] == Byte.quote || visible[1] == Byte.closeBrace
        case Byte.openBracket:
            return visible.count < 2 || visible[1] == Byte.openBrace || visible[1] == Byte.openBracket
                || visible[1] == Byte.closeBracket
        default: return false
        }
    }
}

/// Bytes that show whether a file is JSON.
private let jsonOpeningBytes = 1_024
