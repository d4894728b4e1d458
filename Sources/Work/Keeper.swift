public import Logging
public import Rules
public import Spool
public import Store
import Synchronization

/// Keeps opt-outs while the database is away, brings them into the register before anything else when it is back, and lets
/// the other instances know whether they may answer.
public final class Keeper: Sendable {
    /// What became of a record that was taken to the database.
    public enum Drained: Sendable {
        /// It is in the register.
        case recorded
        /// No key opens the token, so nobody can ever record it.
        case unreadable
    }

    /// Who this is, and how long the others wait for it.
    public struct Configuration: Sendable {
        public var name: String
        public var absenceSeconds: Int

        public init(name: String, absenceSeconds: Int) {
            (self.name, self.absenceSeconds) = (name, absenceSeconds)
        }
    }

    public typealias Moment = ContinuousClock.Instant

    let configuration: Configuration
    let spool: Spool
    let presence: Presence
    let logger: Logger
    let watch: PeerWatch
    private let id: InstanceID
    private let gate: CheckGate
    private let clock: @Sendable () -> Moment
    private let drain: @Sendable (SpoolRecord) async throws(StoreError) -> Drained
    private let lease: Mutex<Lease>
    /// The database's clock at a moment of ours.
    private let reading = Mutex<(database: Instant, at: Moment)?>(nil)
    private let drainedCount = Atomic(0)
    /// Everything before this place is in the register; where a drain breaks off, the next one goes on from here.
    private let drainedTo = Mutex(Spool.Place.start)

    /// `drain` records what a token asks for, and is done when that is committed. From here until the spool has been
    /// drained no check is answered by the store of the gate. Nil for a spool without a name.
    public init?(
        _ configuration: Configuration, spool: Spool, presence: Presence, gate: CheckGate, logger: Logger,
        clock: @escaping @Sendable () -> Moment = { ContinuousClock.now },
        drain: @escaping @Sendable (SpoolRecord) async throws(StoreError) -> Drained
    ) {
        guard let id = InstanceID(bytes: spool.identity) else { return nil }
        (self.configuration, self.spool, self.presence, self.gate) = (configuration, spool, presence, gate)
        (self.id, self.logger, self.clock, self.drain) = (id, logger, clock, drain)
        watch = PeerWatch(presence, id: id, name: configuration.name, logger: logger)
        let isHolding = spool.bytes > 0
        lease = Mutex(
            Lease(
                absence: .seconds(configuration.absenceSeconds),
                registeredAgo: spool.opening.registeredSecondsAgo.map { .seconds($0) }, isHolding: isHolding,
                at: clock()))
        if isHolding { gate.shut() }
        announce()
    }

    private func announce() {
        let opening = spool.opening
        if let damage { logger.error("\(damage.text)") }
        if opening.cutBytes > 0 {
            logger.notice(
                "an unfinished, unacknowledged end of the spool was cut", metadata: ["bytes": "\(opening.cutBytes)"])
        }
        if opening.recordCount > 0 {
            logger.warning("opt-outs wait in the spool", metadata: ["count": "\(opening.recordCount)"])
        }
        if spool.rejectedCount > 0 {
            logger.error(
                "opt-outs that no key opens are in the spool's file 'rejected'",
                metadata: ["count": "\(spool.rejectedCount)"])
        }
    }

    // MARK: Keeping

    /// Has the token on the disk, where that may be acknowledged.
    public func keep(_ token: [UInt8], receivedAt: Instant) async -> Safekeeping.Outcome {
        let (standing, isFirst) = lease.withLock { lease in
            let wasHolding = lease.isHolding
            let standing = lease.beginKeeping(at: clock())
            // Shut before anything is acknowledged; opened under the same lock.
            if standing == .may { gate.shut() }
            return (standing, standing == .may && !wasHolding)
        }
        switch standing {
        case .notYet: return .notYet
        case .mayNot: return .refused("the others may not wait for what this instance holds")
        case .may: break
        }
        if isFirst { logger.warning("the database is away: opt-outs are kept in the spool") }
        defer { lease.withLock { $0.endKeeping() } }
        do throws(SpoolError) {
            try await spool.append(SpoolRecord(receivedAt: receivedAt.microseconds, token: token))
            // The disk may have taken its time, or this machine may have stood still.
            let isWaitedFor = lease.withLock { $0.isWaitedFor(at: clock()) }
            return isWaitedFor ? .kept : .refused("the others wait for this instance no more")
        } catch {
            logger.error("an opt-out could not be kept", metadata: ["cause": "\(error)"])
            return .refused(error.description)
        }
    }

    // MARK: The heart

    /// Drains, beats and looks after the others, every `beatSeconds`, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await tick()
            do { try await Task.sleep(for: .seconds(beatSeconds)) } catch { break }
        }
    }

    /// One round.
    public func tick() async {
        await drainSpool()
        await beat()
        await watch.look()
    }

    /// Whether everything that was kept is in the register.
    public var isDrained: Bool { lease.withLock { !$0.isHolding } }

    private func beat() async {
        guard lease.withLock({ $0.beginBeat() }) else { return }
        let isKnown = lease.withLock { $0.isRegistered }
        let now: (database: Instant, at: Moment)
        do throws(StoreError) {
            now = try await databaseClock()
        } catch {
            return lease.withLock { $0.endBeat(.notSent(error), sentAt: clock(), at: clock()) }
        }
        var outcome = BeatOutcome.unknown
        if isKnown { outcome = await presence.beat(id, beatAt: now.database) }
        if case .unknown = outcome {
            lease.withLock { $0.leave() }
            outcome = await presence.register(
                id, name: configuration.name, beatAt: now.database, absenceSeconds: configuration.absenceSeconds)
        }
        await conclude(outcome, sentAt: now.at, wasKnown: isKnown)
    }

    private func conclude(_ outcome: BeatOutcome, sentAt: Moment, wasKnown: Bool) async {
        if case .heard(let database) = outcome {
            reading.withLock { $0 = (database, clock()) }
        } else {
            reading.withLock { $0 = nil }
        }
        // The mark is on the disk before the spool may rest on it.
        if case .heard = outcome {
            do throws(SpoolError) {
                if wasKnown { try await spool.renew() } else { try await spool.note(isRegistered: true) }
            } catch {
                logger.error("the spool's folder cannot be written", metadata: ["cause": "\(error)"])
                return lease.withLock { lease in
                    lease.endBeat(outcome, sentAt: sentAt, at: clock())
                    lease.leave()
                }
            }
        }
        lease.withLock { $0.endBeat(outcome, sentAt: sentAt, at: clock()) }
    }

    /// What the database's clock shows now, or showed a little earlier: never later than it does.
    private func databaseClock() async throws(StoreError) -> (database: Instant, at: Moment) {
        if let held = reading.withLock({ $0 }) {
            let now = clock()
            let (seconds, attoseconds) = (now - held.at).components
            let passed = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
            return (held.database.advanced(byMicroseconds: passed - beatBackMicroseconds), now)
        }
        let before = clock()
        return (try await presence.clock(), before)
    }

    /// Takes out everything that is there and lets checks begin again, as far as the database answers.
    private func drainSpool() async {
        let (isHolding, mark) = lease.withLock { ($0.isHolding, $0.mark) }
        guard isHolding else { return }
        do {
            let count = try await drainAll()
            let isReleased = lease.withLock { lease in
                let isReleased = lease.release(since: mark)
                if isReleased { gate.open() }
                return isReleased
            }
            if isReleased { logger.notice("the spool is drained", metadata: ["count": "\(count)"]) }
        } catch let error as StoreError {
            switch error {
            case .unavailable, .unsure: return
            default: logger.error("the spool cannot be drained", metadata: ["cause": "\(error)"])
            }
        } catch let error as NotEmpty {
            logger.debug("the spool was filled while it was drained", metadata: ["bytes": "\(error.bytes)"])
        } catch {
            logger.error("the spool cannot be drained", metadata: ["cause": "\(error)"])
        }
    }

    private struct NotEmpty: Error { let bytes: Int }

    private func drainAll() async throws -> Int {
        var (place, count) = (drainedTo.withLock { $0 }, 0)
        while true {
            let (records, next) = try await spool.records(after: place)
            // What is no record any more is passed over, wherever it lies: it was put aside when the spool was opened.
            place = next
            if records.isEmpty { break }
            try await drain(records)
            count += records.count
            drainedTo.withLock { $0 = next }
        }
        guard try await spool.clear(through: place) else { throw NotEmpty(bytes: spool.bytes) }
        drainedTo.withLock { $0 = .start }
        return count
    }

    private func drain(_ records: [SpoolRecord]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, record) in records.enumerated() {
                if index >= drainsAtATimeMax { try await group.next() }
                group.addTask { try await self.drainOne(record) }
            }
            try await group.waitForAll()
        }
    }

    private func drainOne(_ record: SpoolRecord) async throws {
        switch try await drain(record) {
        case .recorded: drainedCount.add(1, ordering: .relaxed)
        case .unreadable:
            try await spool.reject(record)
            logger.error(
                "an opt-out of the spool is opened by no key; it is kept in the spool's file 'rejected'")
        }
    }

    // MARK: The end

    /// What an instance leaves behind.
    public enum Ending: Sendable {
        /// All that it kept is in the register.
        case empty
        /// Opt-outs that were acknowledged are in its spool, and the others wait for them.
        case holding
    }

    /// Drains once more, tells the others that nothing is held any more, and lets go of the folder. To be called when no
    /// request is answered and `run` has returned.
    @discardableResult
    public func end() async -> Ending {
        await drainSpool()
        guard lease.withLock({ $0.beginBeat() }) else {
            logger.error("this instance ends with opt-outs in its spool; start it again when the database is back")
            await spool.close()
            return .holding
        }
        // From here on nothing is kept: `beginBeat` is never ended.
        do {
            try await spool.note(isRegistered: false)
            try await presence.end(id)
        } catch {
            logger.error("the others were not told that this instance ends", metadata: ["cause": "\(error)"])
        }
        await spool.close()
        return .empty
    }

    /// What has to be known of the spool before it is too late, at every start and for as long as it is so; nil of a sound one.
    public var damage: Finding? { Self.damage(ofSpoolIn: spool.path) }

    /// The same of a folder that another process may have.
    public static func damage(ofSpoolIn folder: String) -> Finding? {
        let bytes = Spool.damagedBytes(in: folder)
        guard bytes > 0 else { return nil }
        return Finding(
            .notice, "spool",
            "\(bytes) bytes of it were no record any more, so an acknowledged opt-out may be lost; they are in "
                + "\(folder)/damaged, and this stands until that file is taken away")
    }

    /// For those who watch the service, as Prometheus reads it.
    public var metrics: String {
        """
        # HELP maysend_spool_bytes Opt-outs that wait on this instance's disk, in bytes.
        # TYPE maysend_spool_bytes gauge
        maysend_spool_bytes \(spool.bytes)
        # HELP maysend_spool_drained_total Opt-outs brought from the spool into the register.
        # TYPE maysend_spool_drained_total counter
        maysend_spool_drained_total \(drainedCount.load(ordering: .relaxed))
        # HELP maysend_spool_rejected Opt-outs of the spool that no key opens: an alarm.
        # TYPE maysend_spool_rejected gauge
        maysend_spool_rejected \(spool.rejectedCount)
        # HELP maysend_spool_damaged_bytes Bytes of the spool's file 'damaged', which were no records: an alarm.
        # TYPE maysend_spool_damaged_bytes gauge
        maysend_spool_damaged_bytes \(spool.damagedBytes)

        """ + watch.metrics
    }
}

/// By how much a beat is older than it need be, so that it never lies in the future of a clock that runs a little slower.
private let beatBackMicroseconds: Int64 = 10_000
/// Records that are taken to the database at a time; those of one controller share a transaction there.
private let drainsAtATimeMax = 64
