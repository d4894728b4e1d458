public import Formats
public import Rules

/// A row and where it begins.
public struct ListRow: Sendable {
    /// The physical line of the file, from 1.
    public let line: Int
    public let reading: RowReading
}

/// A lead list as it is read: bytes in, in pieces of any size, rows out. Asks nothing and stores nothing.
public struct LeadList: Sendable {
    private let order: ImportOrder
    private let now: Instant
    private var reader: CSVReader
    /// How the columns are understood; nil until the header has been read.
    public private(set) var plan: ListPlan?

    public init(_ order: ImportOrder, now: Instant) {
        (self.order, self.now) = (order, now)
        reader = CSVReader(order.options)
    }

    /// Takes the next piece of the file.
    public mutating func feed(_ bytes: [UInt8]) { reader.feed(bytes) }

    /// There are no more pieces.
    public mutating func finish() { reader.finish() }

    /// How the file turned out to be written; nil until enough of it is known.
    public var dialect: CSVDialect? { reader.dialect }

    /// Lines without a single character, which are no rows.
    public var emptyLines: Int { reader.emptyLines }

    /// The next row of those fed; nil where more must be fed. Throws where the list cannot be taken at all.
    public mutating func next() throws(ListError) -> ListRow? {
        while let item = reader.next() {
            switch item {
            case .header(let row):
                plan = try ListPlan(header: row.fields, width: row.fields.count, order: order, now: now)
            case .broken(let broken):
                return ListRow(line: broken.rowLine, reading: .invalid(RowFault(nil, broken.description)))
            case .row(let row):
                let known: ListPlan
                if let plan {
                    known = plan
                } else {
                    known = try ListPlan(header: nil, width: row.fields.count, order: order, now: now)
                    plan = known
                }
                return ListRow(line: row.line, reading: known.read(row))
            }
        }
        return nil
    }
}
