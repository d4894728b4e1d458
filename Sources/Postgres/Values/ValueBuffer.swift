/// Values in the binary format, each behind its length; used again for every statement of a connection.
public struct ValueBuffer: ~Copyable {
    /// The longest value PostgreSQL takes: 1 GiB less one byte.
    public static let valueBytesMax = 0x3fff_ffff

    // A row of a COPY is written field by field, each of another type: what is inlined is made for the type.
    @usableFromInline var bytes: [UInt8] = []
    /// Fields begun in this statement or row; at a failure, the number of the one that failed.
    @usableFromInline var fields = 0

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        fields = 0
    }

    /// Begins a row of a binary COPY.
    mutating func startRow(columns: Int16) {
        fields = 0
        append(columns)
    }

    /// Appends an integer in network byte order.
    @inlinable mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    @inlinable mutating func append(contentsOf raw: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: raw)
    }

    mutating func append(contentsOf raw: [UInt8]) {
        bytes.append(contentsOf: raw)
    }

    /// Appends a value behind its length, NULL as the length -1.
    @inlinable public mutating func append<Value: PostgresValue>(field value: Value) throws(ValueReason) {
        fields += 1
        try append(element: value)
    }

    /// As `append(field:)`, for what is inside a field.
    @inlinable mutating func append<Value: PostgresValue>(element value: Value) throws(ValueReason) {
        guard !value.isNull else {
            append(Int32(-1))
            return
        }
        let start = bytes.count
        append(Int32(0))
        try value.encode(into: &self)
        let length = bytes.count - start - 4
        guard length <= Self.valueBytesMax else { throw .tooLong }
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: Int32(length).bigEndian, toByteOffset: start, as: Int32.self)
        }
    }
}
