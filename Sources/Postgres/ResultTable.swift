import CPQ

/// The rows of a result where they lie in memory, for who reads thousands of them and wants no value made of each. Good
/// inside the closure that it is lent to.
public struct ResultTable: ~Copyable {
    private let result: OpaquePointer
    /// How many rows there are.
    public let rowCount: Int

    init(_ answer: borrowing Answer) {
        result = answer.pointer
        rowCount = answer.rows
    }

    /// The bytes of a cell in PostgreSQL's binary format; nil is NULL.
    public func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        let (row, column) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
    }

    /// The value of a cell.
    public func value<Value: PostgresValue>(
        _ row: Int, _ column: Int, as type: Value.Type = Value.self
    ) throws(ValueReason) -> Value {
        try Cell(bytes: bytes(row, column)).read(type)
    }
}

extension Session {
    /// Runs a statement and lends its rows.
    func table<Input, Row, Value>(
        _ statement: Statement<Input, Row>, _ input: Input,
        _ body: (borrowing ResultTable) throws(ValueReason) -> Value
    ) throws(PostgresError) -> Value {
        let answer = try answer(to: statement, input)
        do throws(ValueReason) {
            return try body(ResultTable(answer))
        } catch {
            throw .value(ValueFault(statement: statement.name.description, place: .column(""), reason: error))
        }
    }
}

extension Database {
    /// Lends the rows of a statement that reads, in one round trip, on the connection's own thread, which must not be
    /// blocked. What the closure throws is the statement's fault.
    public func table<Input, Row, Value: Sendable>(
        _ statement: Statement<Input, Row>, _ input: Input, priority: Priority = .normal, deadlines: Deadlines? = nil,
        _ body: @escaping @Sendable (borrowing ResultTable) throws(ValueReason) -> Value
    ) async throws(PostgresError) -> Value {
        try await submit(priority, deadlines) { (lane: Lane) -> Result<Value, PostgresError> in
            lane.autocommit { (session: Session) throws(PostgresError) -> Value in
                try session.table(statement, input, body)
            }
        }.get()
    }
}
