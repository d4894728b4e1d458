public import Logging
public import Rules
public import ServiceLifecycle
public import Store
import Synchronization

/// Seals what is committed, every second, and signs the end of the chain each minute.
public struct Sealer: Service {
    private let desk: SealDesk
    private let key: SealKey?
    private let logger: Logger
    private let age = SealAge()

    /// Without a key the chain is not signed.
    public init(desk: SealDesk, key: SealKey?, logger: Logger) {
        (self.desk, self.key, self.logger) = (desk, key, logger)
    }

    private static let tickPause: Duration = .seconds(1)
    private static let ticksPerSignature = 60
    /// Behind by so much it is said.
    private static let ageShown: Duration = .seconds(600)

    /// Goes on until the service ends, and once more then: what was acknowledged is sealed when an orderly stop is over. What
    /// stands in the way is logged when it changes.
    public func run() async throws {
        var trouble = await cancelWhenGracefulShutdown { () async -> String? in
            var trouble: String?
            var ticks = 0
            while !Task.isCancelled {
                let now = await tick(isSigning: ticks % Self.ticksPerSignature == 0)
                // What it was stopped in the middle of says nothing.
                guard !Task.isCancelled else { break }
                ticks += 1
                if let now, now != trouble { logger.warning("sealing pauses", metadata: ["cause": .string(now)]) }
                if trouble != nil, now == nil { logger.info("sealing goes on") }
                trouble = now
                do { try await Task.sleep(for: Self.tickPause) } catch { break }
            }
            return trouble
        }
        if trouble == nil { trouble = await tick(isSigning: true) }
        if let trouble { logger.warning("the last acts are not sealed", metadata: ["cause": .string(trouble)]) }
    }

    /// One round; why it could not be finished, nil if it was.
    private func tick(isSigning: Bool) async -> String? {
        do throws(StoreError) {
            try await sealAll(desk)
            if isSigning, let key { _ = try await desk.sign(with: key) }
            age.set(try await desk.unsealedAge())
        } catch {
            return error.description
        }
        guard age.value > Self.ageShown else { return nil }
        return "an older transaction is open on the server, so nothing behind it is sealed"
    }

    /// For /readyz: what has waited for longer than a moment.
    public var findings: [Finding] {
        guard age.value > Self.ageShown else { return [] }
        return [
            Finding(
                .notice, "seals",
                "acts have waited for \(age.value.components.seconds) s to be sealed: a transaction that is older is open "
                    + "somewhere on the server")
        ]
    }

    /// For /metrics.
    public var metrics: String {
        """
        # HELP maysend_unsealed_age_seconds For how long the oldest act that is not sealed has waited.
        # TYPE maysend_unsealed_age_seconds gauge
        maysend_unsealed_age_seconds \(age.value.components.seconds)

        """
    }
}

/// For how long the oldest act has waited that is not sealed.
private final class SealAge: Sendable {
    private let held = Mutex(Duration.zero)

    var value: Duration { held.withLock { $0 } }

    func set(_ age: Duration) { held.withLock { $0 = age } }
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
