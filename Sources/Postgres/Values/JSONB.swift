/// A JSON document as text; the server parses it and refuses what is none (SQLSTATE 22P02).
public struct JSONB: Hashable, Sendable, PostgresElement {
    /// The document.
    public var text: String

    /// The document, not checked here.
    public init(_ text: String) {
        self.text = text
    }

    /// `jsonb`
    public static var postgresType: OID { 3802 }
    /// `jsonb[]`
    public static var postgresArrayType: OID { 3807 }

    private static let version: UInt8 = 1

    /// A version byte, then the text.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        buffer.append(Self.version)
        try text.encode(into: &buffer)
    }

    /// The server's rendering of the document; ``ValueReason/version`` for a form other than 1.
    public static func decode(_ cell: Cell) throws(ValueReason) -> JSONB {
        let bytes = try cell.present()
        guard bytes.first == version else { throw .version }
        return JSONB(try Cell.text(in: UnsafeRawBufferPointer(rebasing: bytes.dropFirst())))
    }
}
