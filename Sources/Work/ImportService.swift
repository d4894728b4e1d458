public import Logging
public import ServiceLifecycle
public import Store

/// Merges imports as long as it runs: one slice at a time, of the controller that has waited longest. Checks are answered on
/// the same cores, so the other lane is left to commands.
public struct ImportService: Service {
    private let store: Store
    private let logger: Logger

    /// How long it waits where there is nothing to do.
    private static let pause: Duration = .milliseconds(500)
    /// Pauses after which broken uploads are looked for.
    private static let pausesPerCleaning = 60

    public init(store: Store, logger: Logger) { (self.store, self.logger) = (store, logger) }

    /// Runs until its group shuts down; a slice that has begun is ended.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pauses = 0
            var stride = SliceStride()
            while !Task.isCancelled {
                if await step(&stride) { continue }
                pauses += 1
                if pauses % Self.pausesPerCleaning == 1 { await clean() }
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
        }
    }

    /// Whether there was something to do.
    private func step(_ stride: inout SliceStride) async -> Bool {
        do throws(StoreError) {
            guard let turn = try await store.nextImport() else { return false }
            return try await merge(turn, &stride)
        } catch {
            logger.warning("imports wait: \(error)")
            return false
        }
    }

    private func merge(_ turn: ImportTurn, _ stride: inout SliceStride) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            switch try await store.merge(turn, &stride) {
            case .merged: return true
            case .finished:
                logger.info("an import is over")
                return true
            case .notOurs: return false
            }
        } catch {
            // It is tried again, but holds nobody else up.
            try await store.postponeImport(turn)
            throw error
        }
    }

    private func clean() async {
        do throws(StoreError) {
            let dropped = try await store.dropBrokenImports()
            if dropped > 0 { logger.warning("\(dropped) broken uploads were given up") }
        } catch {
            logger.warning("broken uploads wait: \(error)")
        }
    }
}
