public import Rules

/// Rows of a list in order: what each begins with in the answer, and the addresses to be asked.
public struct ScrubPage: Sendable {
    /// How a row is answered.
    enum Kind: UInt8, Sendable {
        /// By the verdict on the next of the addresses.
        case asked
        case invalidAddress
        case invalidRow
    }

    /// The addresses of the rows that have one, in order.
    public private(set) var addresses = AddressList()
    /// The bytes with which the rows begin in the answer, one after another.
    private(set) var leads: [UInt8] = []
    /// Where the lead of each row ends.
    private(set) var ends: [Int] = []
    private(set) var kinds: [Kind] = []
    /// The rows without an address that is one, by the line of the list on which each begins, in order.
    public private(set) var unread: [UnreadRow] = []

    init(reservingRows rows: Int = 0, bytes: Int = 0) {
        addresses.reserveCapacity(rows)
        ends.reserveCapacity(rows)
        kinds.reserveCapacity(rows)
        leads.reserveCapacity(bytes)
    }

    public var rowCount: Int { ends.count }
    public var byteCount: Int { leads.count }

    /// Adds a row that begins on that line, whose lead the closure appends; the closure says how it is answered.
    mutating func add(line: Int, _ row: (_ leads: inout [UInt8], _ addresses: inout AddressList) -> Kind) {
        let kind = row(&leads, &addresses)
        if kind != .asked { unread.append(UnreadRow(line: line, isBroken: kind == .invalidRow)) }
        kinds.append(kind)
        ends.append(leads.count)
    }
}

/// A row of a list of which nobody can be asked.
public struct UnreadRow: Hashable, Sendable {
    /// The line of the list on which it begins, counted from 1.
    public let line: Int
    /// Whether the row itself cannot be read; else what stands in its place for the address is none.
    public let isBroken: Bool
}
