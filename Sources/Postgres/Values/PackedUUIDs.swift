/// Many uuids (`uuid[]`), made in the very form in which they are sent.
public struct PackedUUIDs: Sendable, PostgresValue {
    private var elements: [UInt8] = []
    /// How many there are.
    public private(set) var count = 0

    private static let elementBytes = 20

    /// None yet, with room for so many.
    public init(reserving capacity: Int = 0) { elements.reserveCapacity(capacity * Self.elementBytes) }

    /// Adds one of two halves, each read as a number in network byte order.
    public mutating func append(high: UInt64, low: UInt64) {
        withUnsafeBytes(of: (UInt32(16).bigEndian)) { elements.append(contentsOf: $0) }
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { elements.append(contentsOf: $0) }
        count += 1
    }

    /// `uuid[]`
    public static var postgresType: OID { PGUUID.postgresArrayType }

    /// One dimension, counted from 1; an empty array has none.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        guard let length = Int32(exactly: count) else { throw .tooLong }
        buffer.append(Int32(count == 0 ? 0 : 1))
        buffer.append(Int32(0))
        buffer.append(PGUUID.postgresType.value)
        guard count > 0 else { return }
        buffer.append(length)
        buffer.append(Int32(1))
        buffer.append(contentsOf: elements)
    }

    /// The elements in order.
    public static func decode(_ cell: Cell) throws(ValueReason) -> PackedUUIDs {
        let uuids = try [PGUUID].decode(cell)
        var packed = PackedUUIDs(reserving: uuids.count)
        for uuid in uuids { packed.append(high: uuid.high, low: uuid.low) }
        return packed
    }
}
