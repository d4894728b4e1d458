import CPQ

/// Walks along the cells of one row, of a result or of a binary COPY.
struct RowReader {
    private enum Source {
        case result(OpaquePointer, row: Int32, columns: Int32)
        case bytes(UnsafeRawBufferPointer, offset: Int)
    }

    private var source: Source
    /// Cells begun; at a failure, the number of the one that failed, counted from 1.
    private(set) var column = 0

    init(result: OpaquePointer, row: Int32, columns: Int32) {
        source = .result(result, row: row, columns: columns)
    }

    /// `bytes` begins with the first field's length.
    init(fields bytes: UnsafeRawBufferPointer) {
        source = .bytes(bytes, offset: 0)
    }

    mutating func next<Value: PostgresValue>(_ type: Value.Type) throws(ValueReason) -> Value {
        try nextCell().read(Value.self)
    }

    private mutating func nextCell() throws(ValueReason) -> Cell {
        let index = Int32(truncatingIfNeeded: column)
        column += 1
        switch source {
        case .result(let result, let row, let columns):
            guard index < columns else { throw .length }
            guard PQgetisnull(result, row, index) == 0, let start = PQgetvalue(result, row, index) else {
                return Cell(bytes: nil)
            }
            return Cell(bytes: UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, index))))
        case .bytes(let bytes, let offset):
            guard bytes.count - offset >= 4 else { throw .length }
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            let start = offset + 4
            source = .bytes(bytes, offset: start + max(length, 0))
            guard length >= 0 else { return Cell(bytes: nil) }
            guard length <= bytes.count - start else { throw .length }
            return Cell(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))
        }
    }
}
