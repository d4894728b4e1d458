import Synchronization

/// The board behind its lock: hands jobs to workers and refusals to callers.
final class JobQueue: Sendable {
    private struct State {
        var board: JobBoard
        /// Until when the clock thread sleeps; nil is for ever.
        var clockEnd: Moment?
        var workersAlive = 0
        var drainEnd: Moment?
        /// After `drainEnd`: when whoever waits for the end is told that it is over, even if a thread hangs.
        var abandonEnd: Moment?
        var onStopped: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>
    private let longestStop: Duration
    let workerWakes: [Wake]
    let clockWake: Wake

    init(_ limits: Configuration) throws(PostgresError) {
        state = Mutex(State(board: JobBoard(limits: limits)))
        longestStop =
            limits.connectTimeout + limits.cancelGrace * 3 + limits.commitDeadline + limits.commitResolution
        var wakes: [Wake] = []
        for _ in 0..<limits.connections { wakes.append(try Wake()) }
        workerWakes = wakes
        clockWake = try Wake()
    }

    // MARK: Callers

    func submit(_ job: Job) {
        var isClockLate = false
        let (admission, worker) = state.withLock { (state: inout State) -> (JobBoard.Admission, Int?) in
            let admission = state.board.admit(job)
            guard case .waits = admission else { return (admission, nil) }
            if state.clockEnd.map({ job.queueEnd < $0 }) ?? true {
                state.clockEnd = job.queueEnd
                isClockLate = true
            }
            return (admission, state.board.takeIdle())
        }
        if let worker { workerWakes[worker].signal() }
        if isClockLate { clockWake.signal() }
        switch admission {
        case .waits(let shed): shed?.refuse(.queueFull)
        case .refused(let error): job.refuse(error)
        }
    }

    func cancel(_ token: JobToken) {
        token.cancel()
        let (waiting, worker) = state.withLock { $0.board.cancel(token) }
        waiting?.refuse(.cancelled)
        if let worker { workerWakes[worker].signal() }
    }

    var counts: (connected: Int, isAway: Bool, running: Int, waiting: [Priority: Int]) {
        state.withLock { (state: inout State) in
            (state.board.connected, state.board.isAway, state.board.runningCount, state.board.waitingByPriority)
        }
    }

    // MARK: Workers

    /// The next job for a connected worker. Another idle worker is woken if one more job may run.
    func next(for worker: Int) -> JobBoard.Assignment {
        // Let go of outside the lock: it may hold the last reference to the database, whose end takes the lock.
        let finished = state.withLock { $0.board.finish(worker) }
        defer { withExtendedLifetime(finished) {} }
        let (assignment, other) = state.withLock { (state: inout State) -> (JobBoard.Assignment, Int?) in
            let assignment = state.board.assign(worker)
            guard case .run = assignment else { return (assignment, nil) }
            return (assignment, state.board.takeIdle())
        }
        if let other { workerWakes[other].signal() }
        // Whoever had nothing to do but wait for this one's jobs may stop as well.
        if case .stop = assignment { for wake in workerWakes { wake.signal() } }
        return assignment
    }

    func workerConnected() { state.withLock { $0.board.connect() } }

    /// The worker's connection is gone: it takes no job until it has another.
    func workerLost(_ worker: Int) {
        let other = state.withLock { (state: inout State) -> Int? in
            state.board.leaveIdle(worker)
            state.board.disconnect()
            return state.board.takeIdle()
        }
        if let other { workerWakes[other].signal() }
    }

    /// An attempt to connect failed: if there is no other connection, nobody waits any longer.
    func connectFailed() {
        let refused = state.withLock { (state: inout State) -> [Job] in
            state.board.failToConnect() ? state.board.takeAllWaiting() : []
        }
        for job in refused { job.refuse(.unavailable) }
    }

    func leaveIdle(_ worker: Int) { state.withLock { $0.board.leaveIdle(worker) } }

    /// Whether some connection serves jobs of this priority.
    func serves(_ priority: Priority) -> Bool { state.withLock { $0.board.limits.serves(priority) } }

    var isClosing: Bool { state.withLock { $0.board.isClosing } }

    func workerStarted() { state.withLock { $0.workersAlive += 1 } }

    func workerStopped() {
        let callbacks = state.withLock { (state: inout State) -> [@Sendable () -> Void] in
            state.workersAlive -= 1
            guard state.workersAlive == 0 else { return [] }
            defer { state.onStopped = [] }
            return state.onStopped
        }
        clockWake.signal()
        for callback in callbacks { callback() }
    }

    // MARK: The clock

    /// Refuses what has waited too long; returns when to look again, or false in `goOn` when all is over.
    func tick(at now: Moment) -> (goOn: Bool, until: Moment?) {
        let due = state.withLock { (state: inout State) -> Due in
            var due = Due()
            if state.board.isClosing { endDraining(&state, &due, at: now) }
            if due.goOn, due.refused.isEmpty {
                due.refused = state.board.takeExpired(at: now)
                due.error = state.board.connected == 0 ? .unavailable : .queueDeadline
            }
            due.until = [state.board.nextEnd, state.drainEnd, state.abandonEnd].compactMap { $0 }.min()
            state.clockEnd = due.until
            return due
        }
        for job in due.refused { job.refuse(due.error) }
        for callback in due.callbacks { callback() }
        return (due.goOn, due.until)
    }

    private struct Due {
        var refused: [Job] = []
        var error = PostgresError.shutDown
        var callbacks: [@Sendable () -> Void] = []
        var goOn = true
        var until: Moment?
    }

    private func endDraining(_ state: inout State, _ due: inout Due, at now: Moment) {
        if state.workersAlive == 0 || state.abandonEnd.map({ $0 <= now }) ?? false {
            due.refused = state.board.takeAllWaiting()
            due.callbacks = state.onStopped
            due.goOn = false
            state.onStopped = []
            state.abandonEnd = nil
            state.drainEnd = nil
        } else if let end = state.drainEnd, end <= now {
            due.refused = state.board.takeAllWaiting()
            for (_, job) in state.board.runningWorkers { job.token.cancel() }
            for wake in workerWakes { wake.signal() }
            state.drainEnd = nil
            state.abandonEnd = now + longestStop
        }
    }

    // MARK: Shutting down

    /// Refuses new jobs; at `drainEnd` those waiting are refused and those running cancelled.
    func close(drainEnd: Moment, onStopped: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { (state: inout State) -> Bool in
            state.board.close()
            state.drainEnd = min(state.drainEnd ?? drainEnd, drainEnd)
            guard state.workersAlive > 0 else { return true }
            state.onStopped.append(onStopped)
            return false
        }
        if isOver { onStopped() }
        for wake in workerWakes { wake.signal() }
        clockWake.signal()
    }
}
