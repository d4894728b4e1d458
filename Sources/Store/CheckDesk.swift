import Postgres
import Rules
import Synchronization

/// Where checks wait: all that wait when a connection is free go out as one query.
///
/// A check joins only a query that has not been sent: one that runs may have read before the opt-out that the check must
/// see. It needs no timer, for what comes while a query runs is the next query.
final class CheckDesk: Sendable {
    /// What a check is told.
    typealias Reply = @Sendable (Result<CheckReading, StoreError>) -> Void

    private struct Waiting: Sendable {
        let places: CheckPlaces
        let since: ContinuousClock.Instant
        let reply: Reply
    }

    private struct State {
        var waiting: [Waiting] = []
        /// Lines of queries that follow each other without end while checks wait.
        var lines = 0
    }

    /// How many check at a time, and how long they wait.
    struct Limits {
        /// Checks that go out in one query.
        var perQueryMax: Int
        /// Queries that are under way at a time.
        var linesMax: Int
        /// How long a check waits for its query to be sent.
        var waitMax: Duration
    }

    private let database: Database
    private let gate: CheckGate
    private let limits: Limits
    private let state = Mutex(State())

    init(_ database: Database, _ gate: CheckGate, _ limits: Limits) {
        (self.database, self.gate, self.limits) = (database, gate, limits)
    }

    /// Reads the places in a query that is sent after this call. `reply` is called once, on a thread that must not be
    /// blocked.
    func read(_ places: CheckPlaces, reply: @escaping Reply) {
        do throws(StoreError) { try gate.requireOpen() } catch { return reply(.failure(error)) }
        let one = Waiting(places: places, since: ContinuousClock.now, reply: reply)
        let admission = state.withLock { state -> Admission in
            guard state.waiting.count < checksWaitingMax else { return .refused }
            state.waiting.append(one)
            guard state.lines < limits.linesMax else { return .joinsLine }
            state.lines += 1
            return .opensLine
        }
        switch admission {
        case .joinsLine: break
        case .opensLine: openLine()
        case .refused: reply(.failure(StoreError(.queueFull)))
        }
    }

    private enum Admission {
        case joinsLine, opensLine, refused
    }

    /// As the other, for callers that wait.
    func read(_ places: CheckPlaces) async throws(StoreError) -> CheckReading {
        let result = await withCheckedContinuation { continuation in
            read(places) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private func openLine() {
        let asked = Asked()
        database.post(
            Rounds(
                CheckSQL.standings,
                gather: {
                    let taken = self.take()
                    asked.replies.withLock { $0 = taken.map(\.reply) }
                    return taken.isEmpty ? nil : CheckSQL.input(taken.lazy.map(\.places))
                },
                deliver: { rows in
                    let reading = CheckReading.result(of: rows)
                    for reply in asked.replies.withLock({ $0 }) { reply(reading) }
                },
                refuse: { error in
                    for one in self.takeAll() { one.reply(.failure(StoreError(error))) }
                }),
            priority: .check)
    }

    /// Who waits for the query that is under way.
    private final class Asked: Sendable {
        let replies = Mutex<[Reply]>([])
    }

    /// Those whose turn it is; if there are none the line ends. Whoever has waited too long is told so.
    private func take() -> [Waiting] {
        while true {
            let oldest = ContinuousClock.now - limits.waitMax
            let (late, taken) = state.withLock { state -> (ArraySlice<Waiting>, ArraySlice<Waiting>) in
                let late = state.waiting.prefix { $0.since < oldest }
                let taken = state.waiting[late.endIndex...].prefix(limits.perQueryMax)
                state.waiting.removeSubrange(..<taken.endIndex)
                if taken.isEmpty, late.isEmpty { state.lines -= 1 }
                return (late, taken)
            }
            for one in late { one.reply(.failure(StoreError(.queueDeadline))) }
            if late.isEmpty || !taken.isEmpty { return Array(taken) }
        }
    }

    /// All, because no connection can be had; the line ends.
    private func takeAll() -> [Waiting] {
        state.withLock { state in
            state.lines -= 1
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}

/// Checks that wait at a time; more are refused.
private let checksWaitingMax = 10_000
