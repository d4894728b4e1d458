/// The bytes of one value as they came, or NULL; valid only while they are being decoded.
public struct Cell {
    /// Nil is NULL.
    let bytes: UnsafeRawBufferPointer?

    /// The value, or ``ValueReason/null`` where the type has none.
    func read<Value: PostgresValue>(_ type: Value.Type) throws(ValueReason) -> Value {
        guard bytes != nil || Value.isNullable else { throw .null }
        return try Value.decode(self)
    }

    /// The bytes of a cell that is not NULL.
    func present() throws(ValueReason) -> UnsafeRawBufferPointer {
        guard let bytes else { throw .null }
        return bytes
    }

    /// The cell as one number in network byte order.
    func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(ValueReason) -> Number {
        let bytes = try present()
        guard bytes.count == MemoryLayout<Number>.size else { throw .length }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    /// The cell as text; ``ValueReason/notUTF8`` if it is none.
    func text() throws(ValueReason) -> String {
        try Self.text(in: present())
    }

    static func text(in bytes: UnsafeRawBufferPointer) throws(ValueReason) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return text
    }
}
