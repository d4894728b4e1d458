/// Which jobs wait, which run, and who is idle: what the queue decides, without threads, locks or clock.
struct JobBoard {
    /// What to do with a job that arrives.
    enum Admission {
        /// It waits; `shed`, if any, gave way to it.
        case waits(shed: Job?)
        /// It is refused.
        case refused(PostgresError)
    }

    /// What a worker does next.
    enum Assignment {
        case run(Job)
        case idle
        case stop
    }

    let limits: Configuration
    private var waiting: [Fifo<Job>] = Priority.allCases.map { _ in Fifo<Job>() }
    private var running: [Int: Job] = [:]
    private var idle: [Int] = []
    private(set) var connected = 0
    /// No connection, and the last attempt to make one failed.
    private(set) var isAway = false
    private(set) var isClosing = false

    init(limits: Configuration) {
        self.limits = limits
    }

    var waitingCount: Int { waiting.reduce(0) { $0 + $1.count } }
    var waitingByPriority: [Priority: Int] {
        Dictionary(uniqueKeysWithValues: Priority.allCases.map { ($0, waiting[$0.rawValue].count) })
    }
    var runningCount: Int { running.count }
    var nextEnd: Moment? { waiting.compactMap { $0.least(\.queueEnd) }.min() }

    // MARK: Arriving and leaving

    mutating func admit(_ job: Job) -> Admission {
        guard !job.token.isCancelled else { return .refused(.cancelled) }
        guard !isClosing else { return .refused(.shutDown) }
        guard !isAway else { return .refused(.unavailable) }
        let room = limits.queueJobsMax + (job.priority == .optOut ? limits.optOutReserveJobs : 0)
        var shed: Job?
        if waitingCount >= room {
            shed = takeLeastUrgent(below: job.priority)
            guard shed != nil else { return .refused(.queueFull) }
        }
        waiting[job.priority.rawValue].append(job)
        return .waits(shed: shed)
    }

    /// The newest waiting job of the least urgent priority, if that is less urgent than `priority`.
    private mutating func takeLeastUrgent(below priority: Priority) -> Job? {
        for less in Priority.allCases.reversed() where less > priority {
            if let job = waiting[less.rawValue].takeLast() { return job }
        }
        return nil
    }

    /// The waiting job with that token, taken out; else the worker that runs it.
    mutating func cancel(_ token: JobToken) -> (waiting: Job?, worker: Int?) {
        for index in waiting.indices {
            if let job = waiting[index].take(where: { $0.token === token }).first { return (job, nil) }
        }
        return (nil, running.first { $0.value.token === token }?.key)
    }

    mutating func takeExpired(at now: Moment) -> [Job] {
        waiting.indices.flatMap { waiting[$0].take { $0.queueEnd <= now } }
    }

    mutating func takeAllWaiting() -> [Job] {
        waiting.indices.flatMap { waiting[$0].takeAll() }
    }

    // MARK: Workers

    /// Takes out what the worker has run to its end.
    mutating func finish(_ worker: Int) -> Job? { running.removeValue(forKey: worker) }

    /// The most urgent job this worker may run now; `worker` is no longer running what it ran before.
    mutating func assign(_ worker: Int) -> Assignment {
        running[worker] = nil
        for priority in Priority.allCases where mayRun(priority) {
            guard let job = waiting[priority.rawValue].takeFirst() else { continue }
            running[worker] = job
            return .run(job)
        }
        if isClosing, waitingCount == 0 { return .stop }
        idle.append(worker)
        return .idle
    }

    /// An idle worker for a job that may run now, if there are both.
    mutating func takeIdle() -> Int? {
        let isNeeded = Priority.allCases.contains { !waiting[$0.rawValue].isEmpty && mayRun($0) }
        return isNeeded ? idle.popLast() : nil
    }

    mutating func leaveIdle(_ worker: Int) { idle.removeAll { $0 == worker } }

    private func mayRun(_ priority: Priority) -> Bool {
        guard priority > .check else { return true }
        let unhurried = running.values.count { $0.priority > .check }
        guard unhurried < limits.connections - limits.urgentConnections else { return false }
        return priority < .bulk || running.values.count { $0.priority == .bulk } < limits.bulkConnectionsMax
    }

    // MARK: The database

    mutating func connect() {
        connected += 1
        isAway = false
    }

    mutating func disconnect() { connected -= 1 }

    /// An attempt failed; true if that leaves the database away.
    mutating func failToConnect() -> Bool {
        isAway = connected == 0
        return isAway
    }

    mutating func close() { isClosing = true }

    var runningWorkers: [(worker: Int, job: Job)] { running.map { ($0.key, $0.value) } }
}
