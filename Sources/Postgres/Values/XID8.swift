/// The number of a transaction, wide enough never to be used twice by one cluster.
public struct XID8: Hashable, Comparable, Sendable, CustomStringConvertible, PostgresElement {
    /// The number.
    public var value: UInt64

    /// The transaction with that number.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// The number in decimal.
    public var description: String { String(value) }

    /// Older first.
    public static func < (left: XID8, right: XID8) -> Bool { left.value < right.value }

    /// `xid8`
    public static var postgresType: OID { 5069 }
    /// `xid8[]`
    public static var postgresArrayType: OID { 271 }

    /// Eight bytes.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) { buffer.append(value) }

    /// Eight bytes.
    public static func decode(_ cell: Cell) throws(ValueReason) -> XID8 { XID8(try cell.number(UInt64.self)) }
}
