import Synchronization

/// Lets one at a time read the catalogue anew, so that a change does not make everybody read it at once.
final class CatalogueLoad: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// How the last reading ended, and when it began.
        var last: (outcome: Result<Catalogue, StoreError>, begunAt: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())

    /// What `read` brings when nobody else reads, or how the reading of another ended that began after this call.
    func shared(_ read: () async throws(StoreError) -> Catalogue) async throws(StoreError) -> Catalogue {
        let askedAt = ContinuousClock.now
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken { state.waiting.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
        defer { leave() }
        if let last = state.withLock({ $0.last }), last.begunAt > askedAt { return try last.outcome.get() }
        let begunAt = ContinuousClock.now
        let outcome: Result<Catalogue, StoreError>
        do throws(StoreError) { outcome = .success(try await read()) } catch { outcome = .failure(error) }
        state.withLock { $0.last = (outcome, begunAt) }
        return try outcome.get()
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.isTaken = false
            return nil
        }
        next?.resume()
    }
}
