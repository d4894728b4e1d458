extension Array: PostgresValue where Element: PostgresElement {
    /// The element's array type.
    public static var postgresType: OID { Element.postgresArrayType }

    /// Arrays of what the element reads.
    public static var readableTypes: [OID] {
        Element.readableTypes.count > 1 ? [postgresType, 1015, 1014, 1003] : [postgresType]
    }

    /// One dimension, counted from 1; an empty array has none.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        guard let length = Int32(exactly: count) else { throw .tooLong }
        buffer.append(Int32(isEmpty ? 0 : 1))
        buffer.append(Int32(Element.isNullable && contains { $0.isNull } ? 1 : 0))
        buffer.append(Element.postgresType.value)
        guard !isEmpty else { return }
        buffer.append(length)
        buffer.append(Int32(1))
        guard !encodeNumbers(into: &buffer) else { return }
        for element in self {
            try buffer.append(element: element)
        }
    }

    /// As `encode`, without asking each of many numbers what it is; false where they are none.
    private func encodeNumbers(into buffer: inout ValueBuffer) -> Bool {
        guard Element.self == Int64.self else { return false }
        for number in unsafeBitCast(self, to: [Int64].self) {
            buffer.append(Int32(MemoryLayout<Int64>.size))
            buffer.append(number)
        }
        return true
    }

    /// The elements in order; ``ValueReason/array`` for several dimensions or other elements.
    public static func decode(_ cell: Cell) throws(ValueReason) -> [Element] {
        var reader = ArrayReader(bytes: try cell.present())
        let dimensions = try reader.number(Int32.self)
        _ = try reader.number(Int32.self)
        guard Element.readableTypes.contains(OID(try reader.number(UInt32.self))) else { throw .array }
        guard dimensions != 0 else { return [] }
        guard dimensions == 1 else { throw .array }
        let count = Int(try reader.number(Int32.self))
        _ = try reader.number(Int32.self)
        // Each element has a length of four bytes, so a count beyond that is no array of ours.
        guard count >= 0, count <= reader.left / 4 else { throw .array }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            elements.append(try reader.cell().read(Element.self))
        }
        return elements
    }
}

/// Reads what is inside an array, never past its end.
private struct ArrayReader {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    var left: Int { bytes.count - position }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(ValueReason) -> Number {
        guard left >= MemoryLayout<Number>.size else { throw .array }
        defer { position += MemoryLayout<Number>.size }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    mutating func cell() throws(ValueReason) -> Cell {
        let length = Int(try number(Int32.self))
        guard length != -1 else { return Cell(bytes: nil) }
        guard length >= 0, length <= left else { throw .array }
        defer { position += length }
        return Cell(bytes: UnsafeRawBufferPointer(rebasing: bytes[position..<position + length]))
    }
}
