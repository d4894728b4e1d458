import Synchronization

/// A pool of connections to one database, each owned by a thread of its own: libpq blocks, so nothing of it ever runs
/// on Swift's cooperative threads. Callers wait in a bounded queue, by priority.
public final class Database: Sendable {
    let queue: JobQueue
    private let standardDeadlines: @Sendable (Priority) -> Deadlines

    /// Starts the threads, which connect at once and go on trying; the database may be away.
    /// `random` gives numbers in 0..<1 for the jitter of pauses. ``PostgresError/badConfiguration`` if the connection
    /// string or a limit makes no sense.
    public init(
        _ configuration: Configuration, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(PostgresError) {
        let limits = try configuration.checked()
        guard isConnectionString(limits.url) else { throw .badConfiguration }
        let queue = try JobQueue(limits)
        self.queue = queue
        standardDeadlines = limits.deadlines
        guard startThread({ keepTime(for: queue) }) else { throw .unavailable }
        for (index, wake) in queue.workerWakes.enumerated() {
            queue.workerStarted()
            let hasThread = startThread {
                let isForBulk = limits.isForBulk(index)
                if isForBulk { stepBackThread() }
                work(
                    index, on: queue,
                    with: Lane(limits, isForBulk: isForBulk, wake: wake, random: random, observe: observe))
            }
            guard hasThread else {
                queue.workerStopped()
                queue.close(drainEnd: Moment.now, onStopped: {})
                throw .unavailable
            }
        }
    }

    deinit { queue.close(drainEnd: Moment.now, onStopped: {}) }

    /// How the pool does just now.
    public var health: Health {
        let counts = queue.counts
        return Health(
            connections: counts.connected, isAway: counts.isAway, running: counts.running, waiting: counts.waiting)
    }

    /// Returns once a statement could be run; ``PostgresError/unavailable`` if that is not so within `limit`.
    public func ready(within limit: Duration) async throws(PostgresError) {
        let end = Moment.now + limit
        let priority = queue.serves(.check) ? Priority.check : .bulk
        while true {
            let left = max(end - Moment.now, .zero)
            let deadlines = Deadlines(queue: left, statement: .seconds(1), transaction: .seconds(1))
            do throws(PostgresError) {
                _ = try await first(ReadySQL.ask, (), priority: priority, deadlines: deadlines)
                return
            } catch .cancelled {
                throw .cancelled
            } catch .shutDown {
                throw .shutDown
            } catch {
                guard Moment.now < end else { throw .unavailable }
                do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelled }
            }
        }
    }

    /// Refuses new jobs, lets those accepted finish for at most `limit`, then refuses those waiting and cancels those
    /// running. Returns when all threads have ended, or when one that hangs has been waited for long enough.
    public func shutdown(within limit: Duration) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            queue.close(drainEnd: Moment.now + limit) { continuation.resume() }
        }
    }

    // MARK: Transactions

    /// Runs `body` in a transaction that may write and commits it; what `body` returns is returned only when the
    /// COMMIT is known to have happened. `body` may run several times and must have no effect but its statements.
    public func write<Value: Sendable, Failure: PostgresFailure>(
        _ priority: Priority = .normal, isolation: Isolation = .readCommitted, deadlines: Deadlines? = nil,
        settings: [Setting] = [],
        _ body: @escaping @Sendable (borrowing Transaction<Failure>) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let plan = TransactionPlan(access: .write, isolation: isolation, settings: settings)
        return try await submit(priority, deadlines) { (lane: Lane) -> Result<Value, Failure> in
            lane.transaction(plan, body)
        }.get()
    }

    /// As `write`, for callers that do not wait: `reply` is called once, on a thread of the pool or on the caller's; it must
    /// not block.
    public func write<Value: Sendable, Failure: PostgresFailure>(
        _ priority: Priority = .normal, settings: [Setting] = [],
        _ body: @escaping @Sendable (borrowing Transaction<Failure>) throws(Failure) -> Value,
        reply: @escaping @Sendable (Result<Value, Failure>) -> Void
    ) {
        let plan = TransactionPlan(access: .write, isolation: .readCommitted, settings: settings)
        let run: @Sendable (Lane) -> Void = { lane in reply(lane.transaction(plan, body)) }
        queue.submit(job(JobToken(), priority, nil, run: run) { reply(.failure(Failure($0))) })
    }

    /// As `write`, in a transaction that cannot write.
    public func read<Value: Sendable, Failure: PostgresFailure>(
        _ priority: Priority = .normal, isolation: Isolation = .readCommitted, deadlines: Deadlines? = nil,
        settings: [Setting] = [],
        _ body: @escaping @Sendable (borrowing Transaction<Failure>) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let plan = TransactionPlan(access: .read, isolation: isolation, settings: settings)
        return try await submit(priority, deadlines) { (lane: Lane) -> Result<Value, Failure> in
            lane.transaction(plan, body)
        }.get()
    }

    // MARK: Single statements

    /// All rows of a statement that reads, in one round trip; one that writes is refused (25006).
    public func all<Input, Row>(
        _ statement: Statement<Input, Row>, _ input: Input, priority: Priority = .normal, deadlines: Deadlines? = nil
    ) async throws(PostgresError) -> [Row] {
        try await submit(priority, deadlines) { (lane: Lane) -> Result<[Row], PostgresError> in
            lane.autocommit { (session: Session) throws(PostgresError) -> [Row] in
                try session.rows(statement, input)
            }
        }.get()
    }

    /// The first row of a statement that reads, or nil; one round trip.
    public func first<Input, Row>(
        _ statement: Statement<Input, Row>, _ input: Input, priority: Priority = .normal, deadlines: Deadlines? = nil
    ) async throws(PostgresError) -> Row? {
        try await all(statement, input, priority: priority, deadlines: deadlines).first
    }

    /// A statement that reads, asked over and over for callers that gather many questions into one. See ``Rounds``.
    public func post<Input, Row>(_ rounds: Rounds<Input, Row>, priority: Priority, deadlines: Deadlines? = nil) {
        let deadlines = deadlines ?? standardDeadlines(priority)
        rounds.submit(to: queue, priority, deadlines)
    }

    /// Runs a script outside a transaction, with the right to write: migrations and the set-up of tests. When it
    /// fails with ``PostgresError/connectionLost`` here, parts of it may have taken effect.
    public func run(
        _ script: Script, priority: Priority = .normal, deadlines: Deadlines? = nil
    ) async throws(PostgresError) {
        try await submit(priority, deadlines) { (lane: Lane) -> Result<Void, PostgresError> in
            lane.autocommit { (session: Session) throws(PostgresError) -> Void in
                try session.runWithWrites(script)
            }
        }.get()
    }

    // MARK: Jobs

    func submit<Value: Sendable, Failure: PostgresFailure>(
        _ priority: Priority, _ deadlines: Deadlines?, _ work: @escaping @Sendable (Lane) -> Result<Value, Failure>
    ) async -> Result<Value, Failure> {
        let token = JobToken()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
                let run: @Sendable (Lane) -> Void = { continuation.resume(returning: work($0)) }
                queue.submit(
                    job(token, priority, deadlines, run: run) {
                        continuation.resume(returning: .failure(Failure($0)))
                    })
            }
        } onCancel: {
            queue.cancel(token)
        }
    }

    private func job(
        _ token: JobToken, _ priority: Priority, _ deadlines: Deadlines?, run: @escaping @Sendable (Lane) -> Void,
        refuse: @escaping @Sendable (PostgresError) -> Void
    ) -> Job {
        Job(token: token, priority, deadlines ?? standardDeadlines(priority), run: run, refuse: refuse)
    }
}

private enum ReadySQL {
    static let ask = Statement("postgres.ready", "select 1::bigint as one", in: (), out: ("one", Int64.self))
}
