/// What a worker's thread works on: a session, replaced when it breaks. Only that thread touches it.
final class Lane {
    let configuration: Configuration
    let wake: Wake
    let random: @Sendable () -> Double
    let observe: @Sendable (PoolEvent) -> Void
    /// Whether it is one of those that `bulk` jobs have to themselves.
    let isForBulk: Bool
    private(set) var session: Session?
    /// Its worker has nothing more to do.
    var isStopped = false
    /// Asked once in vain, and the connection was lost over it: better without than never.
    private var asksToStepBack = true
    private var token = JobToken()
    private var term = Term.housekeeping(.zero)
    private var end = Moment.now

    init(
        _ configuration: Configuration, isForBulk: Bool, wake: Wake, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void
    ) {
        self.configuration = configuration
        self.isForBulk = isForBulk
        self.wake = wake
        self.random = random
        self.observe = observe
    }

    /// Drops a broken session; whether one is left.
    func hasSession() -> Bool {
        if session?.isLost == true {
            session = nil
            observe(.connectionLost)
        }
        return session != nil
    }

    func connect(until end: Moment) throws(ConnectFailure) {
        session = nil
        session = try Postgres.connect(configuration, wake: wake, until: end)
        observe(.connected)
        if isForBulk, asksToStepBack, let session, let how = configuration.stepBack {
            let outcome = session.stepBack(how)
            asksToStepBack = !session.isLost
            observe(.steppedBack(outcome))
        }
    }

    func disconnect() { session = nil }

    /// Starts the clock of a job.
    func start(_ job: Job) {
        token = job.token
        restart(job.deadlines)
    }

    /// Starts the clock anew, for the next piece of work of the same job.
    func restart(_ deadlines: Deadlines) {
        end = Moment.now + deadlines.transaction
        term = .job(token, statement: deadlines.statement, end: end)
    }

    // MARK: Work

    /// Runs `work` on the session without a transaction; once more if a plan turned out stale.
    func autocommit<Value>(_ work: (Session) throws(PostgresError) -> Value) -> Result<Value, PostgresError> {
        guard let session else { return .failure(.connectionLost) }
        var isAgain = false
        while true {
            session.startRun()
            session.term = term
            do throws(PostgresError) {
                return .success(try work(session))
            } catch {
                session.rollBack()
                session.forgetStale()
                guard case .stalePlan = error, !isAgain, !session.isLost else { return .failure(error) }
                isAgain = true
            }
        }
    }

    /// Runs `body` in a transaction, again where the server asks for it.
    func transaction<Value, Failure: PostgresFailure>(
        _ plan: TransactionPlan, _ body: (borrowing Transaction<Failure>) throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        var runs = 1
        while true {
            switch attempt(plan, body) {
            case .ended(let result): return result
            case .again(let failure):
                guard runs < configuration.attemptsMax, waitBeforeRun(runs) else { return .failure(failure) }
                runs += 1
            }
        }
    }

    /// Lets the transaction that was in the way go ahead; false if there is no time left.
    private func waitBeforeRun(_ runs: Int) -> Bool {
        let pause = backoff(
            attempt: runs, first: .milliseconds(2), longest: .milliseconds(50), chance: random())
        let until = Moment.now + pause
        guard until < end else { return false }
        while Moment.now < until, !token.isCancelled { _ = wake.wait(until: until) }
        return !token.isCancelled
    }

    private enum Attempt<Value, Failure: PostgresFailure> {
        case ended(Result<Value, Failure>)
        case again(Failure)
    }

    private func attempt<Value, Failure: PostgresFailure>(
        _ plan: TransactionPlan, _ body: (borrowing Transaction<Failure>) throws(Failure) -> Value
    ) -> Attempt<Value, Failure> {
        guard let session else { return .ended(.failure(Failure(.connectionLost))) }
        session.startRun()
        session.term = term
        let number: XID8?
        let value: Value
        do throws(PostgresError) {
            number = try session.open(plan)
        } catch { return abandon(session, Failure(error)) }
        do throws(Failure) {
            value = try body(Transaction(session: session, transactionID: number))
        } catch { return abandon(session, error) }
        if let error = refusal(of: session) { return abandon(session, Failure(error)) }
        switch session.commit(within: configuration.commitDeadline) {
        case .committed: return .ended(.success(value))
        case .refused(let error):
            session.forgetStale()
            return error.isWorthAnotherRun ? .again(Failure(error)) : .ended(.failure(Failure(error)))
        case .unsure:
            guard let number else { return .ended(.failure(Failure(.connectionLost))) }
            return .ended(settle(number, session, value))
        }
    }

    /// Why a body that ended well must not be committed, if so.
    private func refusal(of session: Session) -> PostgresError? {
        if session.isLost { return session.failure ?? .connectionLost }
        if session.isInFailedTransaction { return session.failure ?? .misuse(.failureIgnored) }
        if !session.isInTransaction { return .misuse(.transactionEnded) }
        if token.isCancelled { return .cancelled }
        return end <= Moment.now ? .transactionDeadline : nil
    }

    private func abandon<Value, Failure: PostgresFailure>(
        _ session: Session, _ failure: Failure
    ) -> Attempt<Value, Failure> {
        let isWorthAnotherRun = session.failure?.isWorthAnotherRun ?? false
        session.rollBack()
        session.forgetStale()
        return isWorthAnotherRun && !session.isLost ? .again(failure) : .ended(.failure(failure))
    }

    private func settle<Value, Failure: PostgresFailure>(
        _ number: XID8, _ session: Session, _ value: Value
    ) -> Result<Value, Failure> {
        let isWarned = session.warned.pointee
        let outcome = commitOutcome(of: number, before: session.stamp, isWarned: isWarned)
        observe(.commitLookedUp(number, outcome))
        switch outcome {
        case .committed: return .success(value)
        case .aborted: return .failure(Failure(.connectionLost))
        case .unknown: return .failure(Failure(.commitUnknown(number)))
        }
    }
}
