public import Logging
public import Rules
public import ServiceLifecycle
public import Store

/// Seals and journals what is committed, every second, and signs the end of the chain each minute.
public struct Sealer: Service {
    private let desk: SealDesk
    private let key: SealKey?
    private let journal: Journal?
    private let logger: Logger
    private let compared: @Sendable () -> Void

    /// Without a key the chain is not signed; without a journal nothing is kept outside. `compared` hears, once, that the
    /// database has all that the journal has.
    public init(
        desk: SealDesk, key: SealKey?, journal: Journal?, logger: Logger,
        compared: @escaping @Sendable () -> Void = {}
    ) {
        (self.desk, self.key, self.journal, self.logger, self.compared) = (desk, key, journal, logger, compared)
    }

    private static let tickPause: Duration = .seconds(1)
    private static let ticksPerSignature = 60

    /// Goes on until the service ends, and once more then: what was acknowledged is sealed and in the journal when an orderly
    /// stop is over. What stands in the way is logged when it changes.
    public func run() async throws {
        var (isCompared, trouble) = await cancelWhenGracefulShutdown { () async -> (Bool, String?) in
            var trouble: String?
            var isCompared = journal == nil
            var ticks = 0
            while !Task.isCancelled {
                let now = await tick(&isCompared, isSigning: ticks % Self.ticksPerSignature == 0)
                // What it was stopped in the middle of says nothing.
                guard !Task.isCancelled else { break }
                ticks += 1
                if let now, now != trouble { logger.warning("sealing pauses", metadata: ["cause": .string(now)]) }
                if trouble != nil, now == nil { logger.info("sealing goes on") }
                trouble = now
                do { try await Task.sleep(for: Self.tickPause) } catch { break }
            }
            return (isCompared, trouble)
        }
        if trouble == nil { trouble = await tick(&isCompared, isSigning: true) }
        if let trouble { logger.warning("the last acts are not sealed", metadata: ["cause": .string(trouble)]) }
    }

    /// One round; why it could not be finished, nil if it was.
    private func tick(_ isCompared: inout Bool, isSigning: Bool) async -> String? {
        do throws(JournalFailure) {
            if let journal, !isCompared {
                guard try await journal.compare() else {
                    return "the journal has acts that the database lacks; run 'maysend restore-check'"
                }
                isCompared = true
                compared()
            }
            try await journal?.tick()
        } catch {
            return error.description
        }
        do throws(StoreError) {
            try await sealAll(desk)
            if isSigning, let key { _ = try await desk.sign(with: key) }
        } catch {
            return error.description
        }
        return nil
    }
}

/// Seals all that is committed; how many acts.
@discardableResult
public func sealAll(_ desk: SealDesk) async throws(StoreError) -> Int {
    var count = 0
    while !Task.isCancelled {
        let sealed = try await desk.seal()
        count += sealed
        if sealed < actsPerSealStepMax { break }
    }
    return count
}
