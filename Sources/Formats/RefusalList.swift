public import Rules

/// A list of people who are not to be written to, as it is read: bytes in, in pieces of any size, lines out.
public struct RefusalList: Sendable {
    private var reader: SuppressionReader
    private var rows = ImportRowCount()
    /// The shapes that were recognised, in the order of the files.
    public private(set) var dialects: [SuppressionDialect] = []
    /// How the files so far were written.
    public private(set) var guesses: [ListGuess] = []

    /// A dialect of nil is found out, and so is the column of the addresses without an override of it.
    public init(_ order: ImportOrder) {
        let column = order.overrides.first { $0.field == .email }?.column
        reader = SuppressionReader(order.dialect, addressColumn: column, order.options)
    }

    /// Takes the next piece of the file.
    public mutating func feed(_ bytes: [UInt8]) { reader.feed(bytes) }

    /// There are no more pieces.
    public mutating func finish() { reader.finish() }

    /// How the file under way is written, or else the last one; nil until enough of it is known.
    public var guess: ListGuess? { reader.guess ?? guesses.last }

    /// Lines without a single character, which are no rows.
    public var emptyLines: Int { reader.emptyLines }

    /// The next line of those fed; nil where more must be fed. Throws where the list cannot be taken at all.
    public mutating func next() throws(ListError) -> ImportLine? {
        while let event = try nextEvent() {
            switch event {
            case .file: rows.beginFile()
            case .recognised(let dialect): dialects.append(dialect)
            case .entry(let line, let entry): return ImportLine(rows.place(line), .declined(entry.imported))
            case .passedOver(let line, .blank): return ImportLine(rows.place(line), .empty)
            case .passedOver(let line, .noOptOut): return ImportLine(rows.place(line), .passedOver)
            case .invalid(let line, _, let fault): return ImportLine(rows.place(line), .invalid(fault.description))
            case .end(let guess): if let guess { guesses.append(guess) }
            }
        }
        return nil
    }

    private mutating func nextEvent() throws(ListError) -> SuppressionListEvent? {
        do throws(SuppressionListError) { return try reader.next() } catch { throw .suppressions(error) }
    }
}

extension Suppression {
    /// The entry as the store takes it.
    var imported: ImportedRefusal {
        let subject: ImportedRefusal.Subject =
            switch self.subject {
            case .address(let address): .address(address)
            case .hashed(let hashed): .hashed(hashed)
            }
        return ImportedRefusal(subject, reason, at: at, words: words)
    }

    private var words: String? {
        guard !evidence.isEmpty else { return nil }
        // What cannot be kept as evidence is left out; the refusal never is.
        do throws(EvidenceError) { return try Evidence(evidence.map { ($0.name, $0.word) }).json } catch { return nil }
    }
}
