/// An open transaction. It cannot be kept: it is lent to the body that uses it, in which nothing can be awaited.
public struct Transaction<Failure: PostgresFailure>: ~Copyable {
    let session: Session

    /// The number of this transaction; nil in a `read`.
    public let transactionID: XID8?

    /// The first row, or nil.
    public func first<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws(Failure) -> Row? {
        do throws(PostgresError) {
            return try session.rows(statement, input, atMost: 1).first
        } catch { throw Failure(error) }
    }

    /// The only row; ``PostgresError/rowCount(_:)`` for none or several.
    public func one<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws(Failure) -> Row {
        do throws(PostgresError) {
            let rows = try session.rows(statement, input, atMost: 2)
            guard rows.count == 1, let row = rows.first else { throw .rowCount(statement.name.description) }
            return row
        } catch { throw Failure(error) }
    }

    /// All rows.
    public func all<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws(Failure) -> [Row] {
        do throws(PostgresError) {
            return try session.rows(statement, input)
        } catch { throw Failure(error) }
    }

    /// Runs it; the number of rows it touched.
    @discardableResult
    public func run<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws(Failure) -> Int {
        do throws(PostgresError) {
            return try session.run(statement, input)
        } catch { throw Failure(error) }
    }

    /// Hands on row after row without holding them; no other statement may run inside `body`.
    /// A failure of `body` ends the statement, and with it the transaction.
    public func forEach<Input, Row>(
        _ statement: Statement<Input, Row>, _ input: Input, _ body: (Row) throws(Failure) -> Void
    ) throws(Failure) {
        try session.stream(statement, input, body)
    }

    /// Sends rows by a binary COPY; how many were stored. Memory holds at most one chunk
    /// (``CopySink/chunkBytes``). A failure of `produce` aborts the COPY, and with it the transaction.
    @discardableResult
    public func copyIn<Row>(
        _ copy: CopyIn<Row>, _ produce: (borrowing CopySink<Row, Failure>) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        try session.copyIn(copy, produce)
    }

    /// Hands on the rows of a binary COPY one by one. A failure of `body` ends the COPY, and with it the transaction.
    public func copyOut<Row>(_ copy: CopyOut<Row>, _ body: (Row) throws(Failure) -> Void) throws(Failure) {
        try session.copyOut(copy, body)
    }

    /// Sends bytes in the format that the COPY's own text names; how many rows were stored.
    @discardableResult
    public func copyTextIn(
        _ copy: CopyText, _ produce: (borrowing TextSink<Failure>) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        try session.copyTextIn(copy, produce)
    }

    /// Hands on the bytes of a COPY in pieces as they come; each is valid only within the call.
    public func copyTextOut(
        _ copy: CopyText, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try session.copyPieces(copy.text.description, copy.name, body)
    }

    /// Runs commands that are no `StaticString`: migrations, tests. They must not end the transaction.
    public func run(_ script: Script) throws(Failure) {
        do throws(PostgresError) {
            try session.run(script)
        } catch { throw Failure(error) }
    }
}
