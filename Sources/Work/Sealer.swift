public import Logging
public import Rules
public import ServiceLifecycle
public import Store

/// Seals what is committed, every second, and signs the end of the chain each minute.
///
/// On its own connection, behind the acts: no check and no act ever waits for it.
public struct Sealer: Service {
    private let desk: SealDesk
    private let key: SealKey?
    private let logger: Logger

    /// Without a key the chain is not signed.
    public init(desk: SealDesk, key: SealKey?, logger: Logger) {
        (self.desk, self.key, self.logger) = (desk, key, logger)
    }

    private static let tickPause: Duration = .seconds(1)
    private static let ticksPerSignature = 60

    /// Goes on until the service ends. What stands in the way is logged when it changes.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var trouble: String?
            var ticks = 0
            while !Task.isCancelled {
                let now = await tick(isSigning: ticks % Self.ticksPerSignature == 0)
                ticks += 1
                if let now, now != trouble { logger.warning("sealing pauses", metadata: ["cause": .string(now)]) }
                if trouble != nil, now == nil { logger.info("sealing goes on") }
                trouble = now
                do { try await Task.sleep(for: Self.tickPause) } catch { return }
            }
        }
    }

    /// One round; why it could not be finished, nil if it was.
    private func tick(isSigning: Bool) async -> String? {
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
