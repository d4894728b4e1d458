/// Takes the rows of a binary COPY; lent to its producer.
public struct CopySink<Row: Sendable, Failure: PostgresFailure>: ~Copyable {
    /// Rows are sent on when so many bytes have gathered.
    public static var chunkBytes: Int { copyChunkBytes }

    let session: Session
    let copy: CopyIn<Row>

    /// Takes one row; may wait until the server has taken those before.
    public func send(_ row: Row) throws(Failure) {
        do throws(PostgresError) {
            session.buffer.startRow(columns: Int16(truncatingIfNeeded: copy.columns.count))
            do throws(ValueReason) {
                try copy.bind(row, &session.buffer)
            } catch { throw unsendable(error) }
            guard session.buffer.fields == copy.columns.count else {
                throw PostgresError.columnMismatch(copy.name.description)
            }
            if session.buffer.bytes.count >= copyChunkBytes { try session.pushChunk(copy.name) }
        } catch { throw session.spoil(error) }
    }

    private func unsendable(_ reason: ValueReason) -> PostgresError {
        let index = session.buffer.fields - 1
        let column = copy.columns.indices.contains(index) ? copy.columns[index].name : ""
        let fault = ValueFault(statement: copy.name.description, place: .column(column), reason: reason)
        return .value(fault)
    }
}

/// Takes the bytes of a COPY in text or CSV format; lent to its producer.
public struct TextSink<Failure: PostgresFailure>: ~Copyable {
    let session: Session
    let name: StaticString

    /// Takes bytes, which may end anywhere; may wait until the server has taken those before.
    public func send(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        do throws(PostgresError) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(copyChunkBytes)
                session.buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
                if session.buffer.bytes.count >= copyChunkBytes { try session.pushChunk(name) }
            }
        } catch { throw session.spoil(error) }
    }

    /// Takes text.
    public func send(_ text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { (utf8: UnsafeBufferPointer<UInt8>) throws(Failure) -> Void in
            try send(UnsafeRawBufferPointer(utf8))
        }
    }
}

private let copyChunkBytes = 65_536
