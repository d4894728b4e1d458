public import Rules

/// A row and where it begins.
public struct ListRow: Sendable {
    public let place: ImportPlace
    public let reading: RowReading
}

/// A lead list as it is read: bytes in, in pieces of any size, rows out. Asks nothing and stores nothing.
public struct LeadList: Sendable {
    private let order: ImportOrder
    private let now: Instant
    private var reader: ListReader
    private var rows = ImportRowCount()
    private var isFileNew = true
    /// How the columns of the file under way are understood, or of the one before it until its header has been read.
    public private(set) var plan: ListPlan?
    /// How the files so far were written.
    public private(set) var guesses: [ListGuess] = []

    public init(_ order: ImportOrder, now: Instant) {
        (self.order, self.now) = (order, now)
        reader = ListReader(order.options)
    }

    /// Takes the next piece of the file.
    public mutating func feed(_ bytes: [UInt8]) { reader.feed(bytes) }

    /// There are no more pieces.
    public mutating func finish() { reader.finish() }

    /// How the file under way is written, or else the last one; nil until enough of it is known.
    public var guess: ListGuess? { reader.guess ?? guesses.last }

    /// Lines without a single character, which are no rows.
    public var emptyLines: Int { reader.emptyLines }

    /// The next row of those fed; nil where more must be fed. Throws where the list cannot be taken at all.
    public mutating func next() throws(ListError) -> ListRow? {
        while let event = try nextEvent() {
            switch event {
            case .file:
                rows.beginFile()
                isFileNew = true
            case .header(let row):
                isFileNew = false
                plan = try ListPlan(header: row.fields, width: row.fields.count, order: order, now: now)
            case .broken(let broken):
                return ListRow(place: rows.place(broken.rowLine), reading: .invalid(RowFault(nil, broken.description)))
            case .row(let row):
                let known: ListPlan
                if let plan, !isFileNew {
                    known = plan
                } else {
                    isFileNew = false
                    known = try ListPlan(header: nil, width: row.fields.count, order: order, now: now)
                    plan = known
                }
                return ListRow(place: rows.place(row.line), reading: known.read(row))
            case .end(let guess): if let guess { guesses.append(guess) }
            }
        }
        return nil
    }

    private mutating func nextEvent() throws(ListError) -> ListEvent? {
        do throws(UnpackError) { return try reader.next() } catch { throw .unpacking(error) }
    }
}
