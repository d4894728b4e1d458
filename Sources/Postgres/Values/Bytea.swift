/// A string of bytes (`bytea`).
public struct Bytea: Hashable, Sendable, PostgresElement {
    /// The bytes.
    public var bytes: [UInt8]

    /// These bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// `bytea`
    public static var postgresType: OID { 17 }
    /// `bytea[]`
    public static var postgresArrayType: OID { 1001 }

    /// The bytes as they are.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        buffer.append(contentsOf: bytes)
    }

    /// The bytes as they are.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Bytea { Bytea([UInt8](try cell.present())) }
}
