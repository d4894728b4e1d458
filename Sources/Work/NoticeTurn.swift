import Logging
import Rules
import ServiceLifecycle
import Store

/// What one recipient is told in one go: batch after batch for a bounded time, in order for each person.
struct NoticeTurn: Sendable {
    let outbox: Outbox
    let outbound: OutboundGuard
    let schedule: CourierSchedule
    let limits: OutboundLimits
    let logger: Logger
    let clock: @Sendable () -> Instant
    let random: @Sendable () -> Double

    typealias Moment = ContinuousClock.Instant

    /// Notices taken at a time.
    static let noticesPerBatch = 64

    /// How it ended.
    struct End: Sendable {
        /// Whether more may be due now.
        var isMore = false
        /// How long the endpoint is better left alone.
        var rest: Duration?
    }

    /// Resolves and judges before it claims: while notices are held, only requests and their writing down take time.
    func run(_ endpoint: Endpoint) async throws(StoreError) -> End {
        let plan = await EndpointPlan.make(endpoint, guardedBy: outbound, limits, clock: clock)
        switch plan {
        case .closed(let why):
            if try await outbox.note(failure: why, of: endpoint) {
                logger.warning("a recipient cannot be told", metadata: endpoint.words(and: ["why": .string(why)]))
            }
            return End(rest: schedule.rest)
        case .open(let connection, let longest, let send):
            let end: Result<End, StoreError>
            do throws(StoreError) {
                end = .success(try await batches(to: endpoint, longest, send))
            } catch {
                end = .failure(error)
            }
            await connection.close()
            return try end.get()
        }
    }

    private func batches(
        to endpoint: Endpoint, _ longest: Duration, _ send: @escaping @Sendable (ClaimedNotice) async -> NoticeResult
    ) async throws(StoreError) -> End {
        var turnEnd: Moment?
        while true {
            let claim = try await outbox.claimNotices(
                for: endpoint, max: Self.noticesPerBatch, lease: schedule.noticeLease)
            guard !claim.notices.isEmpty else { return End() }
            let over = turnEnd ?? claim.at + schedule.turn
            turnEnd = over
            let leaseEnd = claim.at + schedule.noticeLease
            let results = await Self.sendAll(claim.notices, until: min(over, leaseEnd - longest), send)
            try await writeDown(results.map { ($0, outcome(of: $1, $0)) }, for: endpoint, until: leaseEnd)
            if results.contains(where: { $0.1 == .gone }) {
                try await outbox.markGone(endpoint)
                logger.warning(
                    "a recipient is gone and is told nothing more until it is resumed", metadata: endpoint.words())
                return End()
            }
            try await note(results.compactMap(\.1), of: endpoint)
            if let rest = rest(results.map(\.1)) { return End(rest: rest) }
            // Where nothing could be begun it is too late for this turn, or the lease is too short for one notice.
            guard results.contains(where: { $0.1 != nil }) else { return End(isMore: true) }
            guard Moment.now < over, !Task.isShuttingDownGracefully, !Task.isCancelled else { return End(isMore: true) }
        }
    }

    /// So many at a time, and none is begun after that moment, nor once it is busy or gone, nor after some that nobody answered.
    private static func sendAll(
        _ batch: [ClaimedNotice], until last: Moment, _ send: @escaping @Sendable (ClaimedNotice) async -> NoticeResult
    ) async -> [(ClaimedNotice, NoticeResult?)] {
        await withTaskGroup(of: (Int, NoticeResult).self) { group in
            var results = [NoticeResult?](repeating: nil, count: batch.count)
            var next = 0
            var unanswered = 0
            var isStopped = false
            func start() {
                guard next < batch.count, !isStopped, unanswered < unansweredMax, Moment.now <= last else { return }
                let index = next
                next += 1
                group.addTask { (index, await send(batch[index])) }
            }
            for _ in 0..<OutboundConnection.requestsAtOnce { start() }
            while let (index, result) = await group.next() {
                results[index] = result
                switch result {
                case .gone, .busy: isStopped = true
                case .failed(_, _, isUnreachable: true): unanswered += 1
                default: break
                }
                start()
            }
            return zip(batch, results).map { ($0, $1) }
        }
    }

    /// How many of a batch may go unanswered before the rest waits.
    private static let unansweredMax = 8

    /// Tries for as long as nobody else may take them: what was sent and isn't written down is sent once more, and until the
    /// lease ends nothing of these persons is sent at all.
    private func writeDown(
        _ settled: [(notice: ClaimedNotice, outcome: NoticeOutcome)], for endpoint: Endpoint, until leaseEnd: Moment
    ) async throws(StoreError) {
        var isSaid = false
        while true {
            do throws(StoreError) {
                try await outbox.settle(settled, for: endpoint)
                break
            } catch {
                guard Moment.now < leaseEnd, !Task.isShuttingDownGracefully, !Task.isCancelled else { throw error }
                if !isSaid { logger.warning("what was told cannot be written down: \(error.description)") }
                isSaid = true
                do { try await Task.sleep(for: schedule.databaseRest) } catch {
                    // Cancelled: one last try.
                }
            }
        }
        let quarantined = settled.compactMap { if case .quarantined(let answer) = $0.outcome { answer } else { nil } }
        if let answer = quarantined.last {
            logger.warning(
                "notices are in quarantine",
                metadata: endpoint.words(and: ["count": "\(quarantined.count)", "answer": .string(answer)]))
        }
    }

    /// Whether anything arrives there, as far as this batch says.
    private func note(_ results: [NoticeResult], of endpoint: Endpoint) async throws(StoreError) {
        var failure: String?
        for result in results {
            switch result {
            case .delivered:
                try await outbox.note(failure: nil, of: endpoint)
                return
            case .failed(let answer, _, _), .busy(let answer, _): failure = answer
            case .untellable, .gone: break
            }
        }
        if let failure { try await outbox.note(failure: failure, of: endpoint) }
    }

    private func outcome(of result: NoticeResult?, _ notice: ClaimedNotice) -> NoticeOutcome {
        switch result {
        case nil, .gone: return .untried()
        case .delivered(let answer): return .delivered(answer: answer)
        case .untellable(let answer): return .undeliverable(answer: answer)
        case .busy(let answer, let retryAfter): return .untried(after: busyRest(retryAfter), answer: answer)
        case .failed(let answer, let retryAfter, _):
            guard notice.attempt < schedule.notices.count else { return .quarantined(answer: answer) }
            let pause = jittered(schedule.notices[notice.attempt])
            return .later(after: max(pause, .seconds(retryAfter ?? 0)), answer: answer)
        }
    }

    private func jittered(_ pause: Duration) -> Duration { pause + pause / 10 * random() }

    private func busyRest(_ retryAfterSeconds: Int64?) -> Duration {
        retryAfterSeconds.map { .seconds(max($0, 1)) } ?? schedule.busyRest
    }

    /// How long to leave the endpoint alone: as it asks, or where nobody answers. What a failure asks for one notice says
    /// nothing about the next.
    private func rest(_ results: [NoticeResult?]) -> Duration? {
        var unanswered = 0
        var asked: Duration?
        let tried = results.count { $0 != nil }
        for result in results {
            switch result {
            case .busy(_, let retryAfter): asked = max(asked ?? .zero, busyRest(retryAfter))
            case .failed(_, _, isUnreachable: true): unanswered += 1
            default: break
            }
        }
        if let asked { return asked }
        return unanswered >= Self.unansweredMax || (unanswered > 0 && unanswered == tried) ? schedule.rest : nil
    }
}

extension Endpoint {
    /// What a log line says of it.
    fileprivate func words(and more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging(["controller": .string(controllerName.text), "recipient": .string(recipient.text)]) { old, _ in old
        }
    }
}
