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

    init(reservingRows rows: Int = 0, bytes: Int = 0) {
        addresses.reserveCapacity(rows)
        ends.reserveCapacity(rows)
        kinds.reserveCapacity(rows)
        leads.reserveCapacity(bytes)
    }

    public var rowCount: Int { ends.count }
    public var byteCount: Int { leads.count }

    /// Adds a row whose lead the closure appends; the closure says how it is answered.
    mutating func add(_ row: (_ leads: inout [UInt8], _ addresses: inout AddressList) -> Kind) {
        kinds.append(row(&leads, &addresses))
        ends.append(leads.count)
    }
}
