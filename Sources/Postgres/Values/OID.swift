/// The number of an object in the server's catalogue: here mostly of a type.
public struct OID: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible, PostgresElement {
    /// The number.
    public var value: UInt32

    /// The object with that number.
    public init(_ value: UInt32) {
        self.value = value
    }

    /// The object with that number.
    public init(integerLiteral value: UInt32) {
        self.value = value
    }

    /// The number in decimal.
    public var description: String { String(value) }

    /// `oid`
    public static var postgresType: OID { 26 }
    /// `oid[]`
    public static var postgresArrayType: OID { 1028 }

    /// Four bytes.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) { buffer.append(value) }

    /// Four bytes.
    public static func decode(_ cell: Cell) throws(ValueReason) -> OID { OID(try cell.number(UInt32.self)) }
}
