/// A statement that reads, asked once a round for callers that gather many questions into one.
///
/// Whoever has something to ask posts it; while it is posted it is not posted again. Each round goes: `gather` is called
/// when a connection is free, just before the statement is sent; what it returns is asked, and `deliver` is called with the
/// rows. Rounds follow each other on that connection until `gather` returns nil: then it is posted no more. Where no
/// connection can be had, `refuse` is called in place of a round, and it is posted no more. The closures are called on a
/// thread of the pool or on the poster's: they must not block.
public struct Rounds<Input: Sendable, Row: Sendable>: Sendable {
    let statement: Statement<Input, Row>
    let gather: @Sendable () -> Input?
    let deliver: @Sendable (Result<[Row], PostgresError>) -> Void
    let refuse: @Sendable (PostgresError) -> Void

    /// A statement with what gives it its input and takes its rows.
    public init(
        _ statement: Statement<Input, Row>, gather: @escaping @Sendable () -> Input?,
        deliver: @escaping @Sendable (Result<[Row], PostgresError>) -> Void,
        refuse: @escaping @Sendable (PostgresError) -> Void
    ) {
        (self.statement, self.gather, self.deliver, self.refuse) = (statement, gather, deliver, refuse)
    }

    func submit(to queue: JobQueue, _ priority: Priority, _ deadlines: Deadlines) {
        let run: @Sendable (Lane) -> Void = { lane in
            if !isOver(on: lane, deadlines) { submit(to: queue, priority, deadlines) }
        }
        queue.submit(Job(priority, deadlines, run: run, refuse: refuse))
    }

    /// Asks round after round. False where there may be more to ask and the connection broke or has had its turn.
    private func isOver(on lane: Lane, _ deadlines: Deadlines) -> Bool {
        for _ in 0..<roundsPerTurnMax {
            guard let input = gather() else { return true }
            lane.restart(deadlines)
            let rows = lane.autocommit { (session: Session) throws(PostgresError) -> [Row] in
                try session.rows(statement, input)
            }
            deliver(rows)
            guard lane.session?.isLost == false else { return false }
        }
        return false
    }
}

/// Rounds after which whoever else waits for the connection has a turn.
private let roundsPerTurnMax = 64
