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
    private let outboundLimits: OutboundLimits
    /// Until when nothing is sent there: the relay, or an endpoint by its controller and name.
    private var rests: [String: Instant] = [:]
    /// Endpoints whose turn it is.
    private var told: Set<String> = []
    /// Which turn of all was the last of an endpoint.
    private var lastTurns: [String: Int] = [:]
    private var turnCount = 0
    private var isFailing = false

    /// Endpoints that are told at the same time.
    static let endpointsAtOnce = 16

    public init(
        outbox: Outbox, store: Store, mail: MailRoute?, outbound: OutboundGuard,
        schedule: CourierSchedule = CourierSchedule(), logger: Logger, clock: @escaping @Sendable () -> Instant,
        random: @escaping @Sendable () -> Double
    ) {
        self.init(
            outbox: outbox, store: store, mail: mail, outbound: outbound, schedule: schedule, limits: SMTPLimits(),
            outboundLimits: OutboundLimits(), logger: logger, clock: clock, random: random)
    }

    init(
        outbox: Outbox, store: Store, mail: MailRoute?, outbound: OutboundGuard, schedule: CourierSchedule,
        limits: SMTPLimits, outboundLimits: OutboundLimits, logger: Logger,
        clock: @escaping @Sendable () -> Instant, random: @escaping @Sendable () -> Double
    ) {
        (self.outbox, self.store, self.mail, self.outbound) = (outbox, store, mail, outbound)
        (self.schedule, self.limits, self.outboundLimits, self.logger) = (schedule, limits, outboundLimits, logger)
        (self.clock, self.random) = (clock, random)
    }

    /// Goes on until its service group shuts down; what is under way then is finished first.
    public func run() async throws {
        if mail == nil { logger.notice("no relay is set (MAYSEND_SMTP_URL): letters wait in the outbox") }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.letterRounds() }
            group.addTask { await self.noticeTurns() }
            group.addTask { await self.rolls() }
        }
    }

    private nonisolated var isEnding: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    private nonisolated func sleep(for pause: Duration) async {
        await cancelWhenGracefulShutdown {
            do { try await Task.sleep(for: pause) } catch {
                // Woken to end.
            }
        }
    }

    private func pause(after end: RoundEnd) -> Duration {
        end == .databaseFailed ? schedule.databaseRest : schedule.pause
    }

    /// Makes partitions in time and wipes what lies too long.
    private func rolls() async {
        while !isEnding {
            var next = schedule.roll
            do throws(StoreError) {
                try await outbox.rollPartitions()
                try await store.rollPartitions()
                try await outbox.wipeAddresses()
                isFailing = false
            } catch {
                next = pause(after: failed(error))
            }
            await sleep(for: next)
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

    private func letterRounds() async {
        while !isEnding {
            let end = await sendLetters()
            if end != .more { await sleep(for: pause(after: end)) }
        }
    }

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

    // MARK: Notices

    /// Tells every recipient that is due. A turn outlives the look that began it, so that nobody waits for another's.
    private func noticeTurns() async {
        await withDiscardingTaskGroup { group in
            while !isEnding {
                var end = RoundEnd.empty
                do throws(StoreError) {
                    for endpoint in try await nextTurns() { group.addTask { _ = await self.tell(endpoint) } }
                } catch {
                    end = failed(error)
                }
                await sleep(for: pause(after: end))
            }
        }
    }

    /// One turn for each recipient that is due, several at a time; all are over when this returns.
    func sendNotices() async -> RoundEnd {
        do throws(StoreError) {
            let endpoints = try await nextTurns()
            return await withTaskGroup(of: RoundEnd.self) { group in
                for endpoint in endpoints { group.addTask { await self.tell(endpoint) } }
                var end = RoundEnd.empty
                for await one in group { end = end.worse(one) }
                return end
            }
        } catch {
            return failed(error)
        }
    }

    /// Whose turn it is now: of those for whom something is due, as many as may be told beside those who are, and first
    /// whoever has waited for longest.
    private func nextTurns() async throws(StoreError) -> [Endpoint] {
        try await requireServed()
        let due = try await outbox.endpoints()
        isFailing = false
        let next = due.filter { !told.contains($0.place) && !isResting($0.place) }
            .sorted { (lastTurns[$0.place] ?? 0) < (lastTurns[$1.place] ?? 0) }
            .prefix(max(0, Self.endpointsAtOnce - told.count))
        for endpoint in next {
            turnCount += 1
            lastTurns[endpoint.place] = turnCount
            told.insert(endpoint.place)
        }
        return Array(next)
    }

    private func tell(_ endpoint: Endpoint) async -> RoundEnd {
        defer { told.remove(endpoint.place) }
        let turn = NoticeTurn(
            outbox: outbox, outbound: outbound, schedule: schedule, limits: outboundLimits, logger: logger,
            clock: clock, random: random)
        do throws(StoreError) {
            let end = try await turn.run(endpoint)
            if let time = end.rest { rest(endpoint.place, for: time) }
            return end.isMore ? .more : .empty
        } catch {
            rest(endpoint.place, for: schedule.databaseRest)
            return failed(error)
        }
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
    fileprivate var place: String { "\(controller) \(recipient)" }
}

extension Instant {
    fileprivate func advanced(by time: Duration) -> Instant {
        let (seconds, attoseconds) = time.components
        return advanced(byMicroseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
