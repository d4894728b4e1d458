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
        guard limits.serves(job.priority) else { return .refused(.misuse(.noConnectionForPriority)) }
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
        for priority in Priority.allCases where mayRun(priority, on: worker) {
            guard let job = waiting[priority.rawValue].takeFirst() else { continue }
            running[worker] = job
            return .run(job)
        }
        if isClosing, !hasWork(for: worker) { return .stop }
        idle.append(worker)
        return .idle
    }

    /// An idle worker for a job that may run now, if there are both.
    mutating func takeIdle() -> Int? {
        let place = idle.lastIndex { worker in
            Priority.allCases.contains { !waiting[$0.rawValue].isEmpty && mayRun($0, on: worker) }
        }
        return place.map { idle.remove(at: $0) }
    }

    mutating func leaveIdle(_ worker: Int) { idle.removeAll { $0 == worker } }

    /// Whether a job waits that is for this worker, now or when another has ended.
    private func hasWork(for worker: Int) -> Bool {
        Priority.allCases.contains { !waiting[$0.rawValue].isEmpty && serves($0, worker) }
    }

    /// `bulk` jobs run on connections of their own, and nothing else ever does: those have stepped back behind all others.
    private func serves(_ priority: Priority, _ worker: Int) -> Bool {
        limits.bulkConnections == 0 || limits.isForBulk(worker) == (priority == .bulk)
    }

    private func mayRun(_ priority: Priority, on worker: Int) -> Bool {
        guard serves(priority, worker) else { return false }
        guard priority > .check, !limits.isForBulk(worker) else { return true }
        let unhurried = running.count { $0.value.priority > .check && !limits.isForBulk($0.key) }
        return unhurried < limits.connections - limits.bulkConnections - limits.urgentConnections
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
