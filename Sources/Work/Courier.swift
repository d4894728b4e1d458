public import Logging
public import Rules
public import ServiceLifecycle
public import Store

/// Takes what lies in the outbox to where it belongs: bounded ticks, any number of couriers at once.
///
/// What is sent and not yet written down when this process dies is sent again, under the same id: twice at worst, never not at
/// all, and the notices of one person in the order of their acts.
public actor Courier: Service {
    private let outbox: Outbox
    private let store: Store
    private let mail: MailRoute?
    private let outbound: OutboundGuard
    private let schedule: CourierSchedule
    private let limits: SMTPLimits
    private let logger: Logger
    private let clock: @Sendable () -> Instant
    private let random: @Sendable () -> Double
    /// Until when nothing is sent there: the relay, or an endpoint by its controller and name.
    private var rests: [String: Instant] = [:]
    private var rolledAt: Instant?
    private var isFailing = false

    /// Notices taken at a time; they must be through before their lease ends.
    static let noticesPerBatch = 64
    /// With 8 at a time of 15 s each a batch takes 120 s at worst.
    static let noticeLease: Duration = .seconds(300)
    /// Endpoints that are told at the same time.
    static let endpointsAtOnce = 16
    /// Batches for one endpoint before the others are looked at again.
    static let batchesPerTick = 16

    public init(
        outbox: Outbox, store: Store, mail: MailRoute?, outbound: OutboundGuard,
        schedule: CourierSchedule = CourierSchedule(), logger: Logger, clock: @escaping @Sendable () -> Instant,
        random: @escaping @Sendable () -> Double
    ) {
        self.init(
            outbox: outbox, store: store, mail: mail, outbound: outbound, schedule: schedule, limits: SMTPLimits(),
            logger: logger, clock: clock, random: random)
    }

    init(
        outbox: Outbox, store: Store, mail: MailRoute?, outbound: OutboundGuard, schedule: CourierSchedule,
        limits: SMTPLimits, logger: Logger, clock: @escaping @Sendable () -> Instant,
        random: @escaping @Sendable () -> Double
    ) {
        (self.outbox, self.store, self.mail, self.outbound) = (outbox, store, mail, outbound)
        (self.schedule, self.limits, self.logger) = (schedule, limits, logger)
        (self.clock, self.random) = (clock, random)
    }

    /// Goes on until its service group shuts down; what is under way then is finished first.
    public func run() async throws {
        if mail == nil { logger.notice("no relay is set (MAYSEND_SMTP_URL): letters wait in the outbox") }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.rounds(of: .letters) }
            group.addTask { await self.rounds(of: .notices) }
        }
    }

    private enum Kind {
        case letters, notices
    }

    private func rounds(of kind: Kind) async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let pause: Duration
            switch kind == .letters ? await sendLetters() : await sendNotices() {
            case .more: continue
            case .empty: pause = schedule.pause
            case .databaseFailed: pause = schedule.databaseRest
            }
            await cancelWhenGracefulShutdown {
                do { try await Task.sleep(for: pause) } catch {
                    // Woken to end.
                }
            }
        }
    }

    /// How a round ended.
    enum RoundEnd: Sendable {
        case more, empty, databaseFailed
    }

    private func isResting(_ what: String) -> Bool { rests[what].map { $0 > clock() } ?? false }

    private func rest(_ what: String, for time: Duration) { rests[what] = clock().advanced(by: time) }

    private func failed(_ error: StoreError) -> RoundEnd {
        // Said once, not every two seconds until the database is back.
        if !isFailing { logger.warning("the outbox cannot be worked on: \(error.description)") }
        isFailing = true
        return .databaseFailed
    }

    // MARK: Letters

    /// Sends what is due, over one connection.
    func sendLetters() async -> RoundEnd {
        guard let mail, !isResting(Self.relay) else { return .empty }
        let round = LetterRound(
            outbox: outbox, store: store, mail: mail, schedule: schedule, limits: limits, logger: logger, clock: clock,
            random: random)
        do throws(StoreError) {
            try await requireServed()
            let end = try await round.run()
            isFailing = false
            if end.relayFailed { rest(Self.relay, for: schedule.rest) }
            return end.sent > 0 ? .more : .empty
        } catch {
            return failed(error)
        }
    }

    private static let relay = "relay"

    /// Throws where nothing is answered either: from a restored database nothing goes out before that is checked.
    private func requireServed() async throws(StoreError) { _ = try await store.catalogue() }

    private func jittered(_ pause: Duration) -> Duration { pause + pause / 10 * random() }

    private func rollIfDue() async throws(StoreError) {
        if let rolledAt, rolledAt.advanced(by: schedule.roll) > clock() { return }
        try await outbox.rollPartitions()
        try await store.rollPartitions()
        rolledAt = clock()
    }

    // MARK: Notices

    /// Tells every recipient that is due, several at a time, each in its own order.
    func sendNotices() async -> RoundEnd {
        do throws(StoreError) {
            try await requireServed()
            try await rollIfDue()
            isFailing = false
            let endpoints = try await outbox.endpoints().filter { !isResting($0.restKey) }
            guard !endpoints.isEmpty else { return .empty }
            return await withTaskGroup(of: RoundEnd.self) { group in
                var end = RoundEnd.empty
                for (index, endpoint) in endpoints.enumerated() {
                    if index >= Self.endpointsAtOnce, let one = await group.next() { end = end.worse(one) }
                    group.addTask { await self.tell(endpoint) }
                }
                for await one in group { end = end.worse(one) }
                return end
            }
        } catch {
            return failed(error)
        }
    }

    private func tell(_ endpoint: Endpoint) async -> RoundEnd {
        do throws(StoreError) {
            let first = try await outbox.claimNotices(for: endpoint, max: Self.noticesPerBatch, lease: Self.noticeLease)
            guard !first.isEmpty else { return .empty }
            let plan = await EndpointPlan.make(endpoint, guardedBy: outbound, clock: clock)
            guard case .open(let connection, let send) = plan else {
                if case .closed(let why) = plan {
                    logger.warning(
                        "a recipient cannot be told",
                        metadata: ["recipient": .string(endpoint.recipient.text), "why": .string(why)])
                }
                try await writeDown(first.map { ($0, .untried) }, for: endpoint)
                rest(endpoint.restKey, for: schedule.rest)
                return .empty
            }
            let end: Result<RoundEnd, StoreError>
            do throws(StoreError) {
                end = .success(try await batches(first, to: endpoint, send))
            } catch {
                end = .failure(error)
            }
            await connection.close()
            return try end.get()
        } catch {
            return failed(error)
        }
    }

    private func batches(
        _ first: [ClaimedNotice], to endpoint: Endpoint,
        _ send: @escaping @Sendable (ClaimedNotice) async -> NoticeResult
    ) async throws(StoreError) -> RoundEnd {
        var batch = first
        for _ in 0..<Self.batchesPerTick {
            let results = await Self.sendAll(batch, send)
            try await writeDown(results.map { ($0, outcome(of: $1, $0)) }, for: endpoint)
            if results.contains(where: { $0.1 == .gone }) {
                try await outbox.markGone(endpoint)
                logger.warning(
                    "a recipient is gone and is told nothing more until it is resumed",
                    metadata: ["recipient": .string(endpoint.recipient.text)])
                return .empty
            }
            if let seconds = restSeconds(results.map(\.1)) {
                rest(endpoint.restKey, for: .seconds(seconds))
                return .empty
            }
            guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return .empty }
            batch = try await outbox.claimNotices(for: endpoint, max: Self.noticesPerBatch, lease: Self.noticeLease)
            if batch.isEmpty { return .empty }
        }
        return .more
    }

    /// Tries for as long as nobody else may take them: what was sent and isn't written down is sent once more, and until the
    /// lease ends nothing of these persons is sent at all.
    private func writeDown(
        _ settled: [(notice: ClaimedNotice, outcome: NoticeOutcome)], for endpoint: Endpoint
    ) async throws(StoreError) {
        let end = clock().advanced(by: Self.noticeLease)
        while true {
            do throws(StoreError) {
                try await outbox.settle(settled, for: endpoint)
                return
            } catch {
                guard clock() < end, !Task.isShuttingDownGracefully, !Task.isCancelled else { throw error }
                _ = failed(error)
                do { try await Task.sleep(for: schedule.databaseRest) } catch {
                    // Cancelled: one last try.
                }
            }
        }
    }

    /// So many at a time; after some that nobody answered the rest is not tried.
    private static func sendAll(
        _ batch: [ClaimedNotice], _ send: @escaping @Sendable (ClaimedNotice) async -> NoticeResult
    ) async -> [(ClaimedNotice, NoticeResult?)] {
        await withTaskGroup(of: (Int, NoticeResult).self) { group in
            var results = [NoticeResult?](repeating: nil, count: batch.count)
            var next = 0
            var stops = 0
            func start() {
                guard next < batch.count, stops < unansweredMax else { return }
                let index = next
                next += 1
                group.addTask { (index, await send(batch[index])) }
            }
            for _ in 0..<OutboundConnection.requestsAtOnce { start() }
            while let (index, result) = await group.next() {
                results[index] = result
                if result.stopsBatch { stops += 1 }
                start()
            }
            return zip(batch, results).map { ($0, $1) }
        }
    }

    /// How many of a batch may go unanswered before the rest waits.
    private static let unansweredMax = 8

    private func outcome(of result: NoticeResult?, _ notice: ClaimedNotice) -> NoticeOutcome {
        switch result {
        case nil, .gone: return .untried
        case .delivered(let answer): return .delivered(answer: answer)
        case .hopeless(let answer): return .quarantined(answer: answer)
        case .failed(let answer, let retryAfter, _):
            guard notice.attempt < schedule.notices.count else { return .quarantined(answer: answer) }
            let pause = jittered(schedule.notices[notice.attempt])
            return .later(after: max(pause, .seconds(retryAfter ?? 0)), answer: answer)
        }
    }

    /// How long to leave the endpoint alone: as it asks, or where nobody answers.
    private func restSeconds(_ results: [NoticeResult?]) -> Int64? {
        var unanswered = 0
        var asked: Int64?
        let tried = results.count { $0 != nil }
        for case .failed(let answer, let retryAfter, let isUnreachable)? in results {
            if isUnreachable { unanswered += 1 }
            // Of one notice it says nothing about the next; too many requests and unavailable do.
            if answer == "429" || answer == "503", let retryAfter { asked = max(asked ?? 0, retryAfter) }
        }
        if let asked { return asked }
        return unanswered >= Self.unansweredMax || (unanswered > 0 && unanswered == tried)
            ? schedule.rest.components.seconds : nil
    }
}

extension Courier.RoundEnd {
    fileprivate func worse(_ other: Self) -> Self {
        switch (self, other) {
        case (.databaseFailed, _), (_, .databaseFailed): .databaseFailed
        case (.more, _), (_, .more): .more
        default: .empty
        }
    }
}

extension Endpoint {
    fileprivate var restKey: String { "\(controller) \(recipient)" }
}

extension NoticeResult {
    fileprivate var stopsBatch: Bool {
        switch self {
        case .gone: true
        case .failed(_, _, let isUnreachable): isUnreachable
        case .delivered, .hopeless: false
        }
    }
}

extension Instant {
    fileprivate func advanced(by time: Duration) -> Instant {
        let (seconds, attoseconds) = time.components
        return advanced(byMicroseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
