/// Rows of one page, at most.
public let scrubPageRowsMax = 2_500
/// Bytes after which a page is full.
public let scrubPageBytesMax = 128 * 1_024

/// Reads a list of addresses: push bytes in pieces of any size, take pages of rows out until there is none, push more.
/// Memory is bounded by the limits of a row and by what has been fed and not yet taken. Where the pieces were cut changes
/// nothing but how the rows are spread over pages.
public struct ScrubReader: Sendable {
    private let options: ScrubOptions
    /// The first bytes, until it is known what they are and where the columns.
    private var beginning: [UInt8] = []
    private var nextLookBytes = 0
    /// Of the page before, for the room that the next is given.
    private var former = (rows: 0, bytes: 0)
    private var table: ScrubTable?
    private var lines: ScrubLines?

    /// A reader at the beginning of a list.
    public init(_ options: ScrubOptions) {
        self.options = options
    }

    /// What the answer begins with, such as a header; nil until it is known how the list is to be read.
    public var opening: [UInt8]? { table?.opening ?? lines?.opening }

    /// What writes the answer; nil until `opening` is known.
    public var writer: ScrubWriter? { table?.writer ?? lines?.writer }

    /// How a list in CSV turned out to be written; nil for another, and until `opening` is known.
    public var dialect: CSVDialect? { table?.dialect }

    /// Takes the next piece of the list from memory that the caller keeps alive for the call. Throws where the list cannot
    /// be taken at all, which is found out before `opening` is known.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(ScrubListError) {
        if table != nil {
            table?.feed(bytes)
        } else if lines != nil {
            lines?.feed(bytes)
        } else {
            beginning.append(contentsOf: bytes)
            // Looking at every byte that trickles in would cost the square of them.
            if beginning.count >= max(nextLookBytes, Packing.markBytes) { try begin(.beginning) }
        }
    }

    /// Takes the next piece of the list.
    public mutating func feed(_ bytes: [UInt8]) throws(ScrubListError) {
        try bytes.withUnsafeBufferPointer { piece throws(ScrubListError) in try feed(UnsafeRawBufferPointer(piece)) }
    }

    /// Says that the list ends here; `page` then gives what is left.
    public mutating func finish() throws(ScrubListError) {
        if table != nil {
            table?.finish()
        } else if lines != nil {
            lines?.finish()
        } else {
            try begin(.wholeFile)
        }
    }

    /// The next rows, as many as there are and fit; nil when more bytes are needed, or at the end.
    public mutating func page() -> ScrubPage? {
        var page = ScrubPage(reservingRows: former.rows, bytes: former.bytes)
        while page.rowCount < scrubPageRowsMax, page.byteCount < scrubPageBytesMax, addRow(to: &page) {}
        guard page.rowCount > 0 else { return nil }
        former = (page.rowCount, page.byteCount)
        return page
    }

    private mutating func addRow(to page: inout ScrubPage) -> Bool {
        table?.addRow(to: &page) ?? lines?.addRow(to: &page) ?? false
    }

    private mutating func begin(_ extent: CSVDetection.Extent) throws(ScrubListError) {
        if let packing = Packing(mark: beginning) { throw .packed(packing) }
        guard options.input == .csv else {
            lines = ScrubLines(options)
            let first = beginning
            beginning = []
            first.withUnsafeBytes { lines?.feed($0) }
            if extent == .wholeFile { lines?.finish() }
            return
        }
        table = try ScrubTable(beginning: beginning, extent, options: options)
        nextLookBytes = beginning.count < scrubSampleBytesMax ? 0 : beginning.count + scrubSampleBytesMax / 4
        if table != nil { beginning = [] }
    }
}
