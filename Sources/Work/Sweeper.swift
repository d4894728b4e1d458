public import Logging
public import Rules
public import ServiceLifecycle
public import Store

/// Erases what nothing keeps any more, at its times, beside the checks: one process at a time, in bounded steps.
///
/// Several instances may run it: a step holds a lock, a run belongs to one of them, and another takes it over when nothing is
/// heard of it. After a crash the next step goes on where the last one was committed.
public struct Sweeper: Service {
    private let store: Store
    private let schedule: SweepSchedule
    private let instance: SweepInstance
    private let logger: Logger
    private let clock: @Sendable () -> Instant
    private let madeAt: Instant

    /// `random` gives octets that no other process gets.
    public init(
        store: Store, schedule: SweepSchedule, random: (UInt64, UInt64), logger: Logger,
        clock: @escaping @Sendable () -> Instant
    ) {
        (self.store, self.schedule, self.logger, self.clock) = (store, schedule, logger, clock)
        instance = SweepInstance(random: random)
        madeAt = clock()
    }

    /// How often the service looks whether it is time.
    private static let lookPause: Duration = .seconds(20)

    /// Looks again and again until the service ends; a step under way ends with its commit.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await tick()
                do { try await Task.sleep(for: Self.lookPause) } catch { return }
            }
        }
    }

    /// Sweeps where it is time, and else reckons what is to be reckoned. A controller that fails keeps no other from it.
    func tick() async {
        let controllers: [ControllerRecord]
        do throws(StoreError) { controllers = try await store.catalogue().controllers } catch {
            logger.warning("the sweep pauses", metadata: ["cause": .string(error.description)])
            return
        }
        for controller in controllers where !Task.isCancelled {
            do throws(StoreError) { try await tick(Access(service: "sweep", for: controller)) } catch {
                logger.warning(
                    "the sweep pauses",
                    metadata: ["controller": .string(controller.slug.text), "cause": .string(error.description)])
            }
        }
    }

    private func tick(_ access: Access) async throws(StoreError) {
        do throws(StoreError) {
            guard let slot = schedule.slot(at: clock()), try await isWanted(since: slot, access) else {
                return try await reckon(access)
            }
            let run = try await sweep(store, access, instance, since: slot, pace: .shared) { log($0, access) }
            guard let run else { return }
            logger.info("swept", metadata: run.metadata)
        } catch .noPolicy {
            // Nothing judges yet, so nothing is due.
        }
    }

    /// Whether a sweep is due that nobody has made. What was due before the very first is waited for once.
    private func isWanted(since slot: Instant, _ access: Access) async throws(StoreError) -> Bool {
        guard let last = try await store.sweepRuns(limit: 1, by: access).first else { return slot >= madeAt }
        return last.finishedAt == nil || last.startedAt < slot
    }

    private func reckon(_ access: Access) async throws(StoreError) {
        var pacer = Pacer(.shared)
        var hint = SweepHint.none
        repeat {
            await pacer.rest()
            guard let next = try await store.run(.reckonDueDates(hint), by: access) else { return }
            hint = next
            for one in next.damaged { log(one, access) }
        } while !Task.isCancelled
    }

    private func log(_ damaged: DamagedContact, _ access: Access) {
        logger.error(
            "a contact is damaged and can be neither kept nor erased",
            metadata: [
                "controller": .string(access.controller.slug.text), "key": .string(damaged.key.description),
                "cause": .string(damaged.cause),
            ])
    }
}

/// How much of the machine a sweep takes.
public enum SweepPace: Sendable {
    /// It rests after a step for as long as the step took, so that checks go on.
    case shared
    /// It never rests.
    case full
}

/// Steps until nothing is due and gives the report; nil where another process is at it, or the task was cancelled.
///
/// `since` is the instant from which a sweep is wanted: one that began then or later and is finished is enough. `damaged` gets
/// whoever could not be judged; the sweep goes on behind them.
public func sweep(
    _ store: Store, _ access: Access, _ instance: SweepInstance, since: Instant, pace: SweepPace,
    progress: (SweepRun) -> Void = { _ in }, damaged: (DamagedContact) -> Void
) async throws(StoreError) -> SweepRun? {
    var pacer = Pacer(pace)
    var hint = SweepHint.none
    while !Task.isCancelled {
        switch try await store.run(.sweep(instance, since: since, hint), by: access) {
        case .busy: await pacer.stepAside()
        case .elsewhere: return nil
        case .finished(let run): return run
        case .under(let run, let next):
            hint = next
            for one in next.damaged { damaged(one) }
            progress(run)
        }
        await pacer.rest()
    }
    return nil
}

/// Rests between steps.
private struct Pacer {
    private let pace: SweepPace
    private var start = ContinuousClock.now

    /// The longest rest: a step that waited for a lock is no reason to wait as long again.
    private static let restMax: Duration = .seconds(1)
    /// How long to leave the lock to whoever holds it.
    private static let asideMax: Duration = .milliseconds(20)

    init(_ pace: SweepPace) { self.pace = pace }

    /// Whatever the pace: another process is at a step.
    func stepAside() async {
        // Cancelled while waiting: the caller looks.
        do { try await Task.sleep(for: Self.asideMax) } catch {}
    }

    mutating func rest() async {
        if pace == .shared {
            // Cancelled while resting: the caller looks.
            do { try await Task.sleep(for: min(ContinuousClock.now - start, Self.restMax)) } catch {}
        }
        start = ContinuousClock.now
    }
}

extension SweepRun {
    fileprivate var metadata: Logger.Metadata {
        [
            "controller": .string(controller.text), "run": .stringConvertible(id),
            "erased": .stringConvertible(erased), "looked": .stringConvertible(looked), "grounds": .string(grounds),
            "digest": .string(digest),
        ]
    }
}
