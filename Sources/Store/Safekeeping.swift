public import Rules
import Synchronization

/// Seconds for which an opt-out waits until the database is back or the spool may take it; then it is refused.
public let optOutWaitSecondsMax = 8
/// The pause before an opt-out is tried again.
private let optOutRetryPause: Duration = .milliseconds(100)

/// Seconds for which an opt-out waits until it is known whether the database is the one that was served before.
public let unsureWaitSecondsMax = 4

/// Does the work of an opt-out, again where it is not known yet whether the database is the one that was served before: that is
/// found out in a moment, and nobody is to press twice for it.
func outlastingDoubt<Result>(_ work: () async throws(StoreError) -> Result) async throws(StoreError) -> Result {
    let end = ContinuousClock.now + .seconds(unsureWaitSecondsMax)
    while true {
        let failure: StoreError
        do throws(StoreError) { return try await work() } catch { failure = error }
        guard case .unsure = failure, ContinuousClock.now < end else { throw failure }
        do { try await Task.sleep(for: optOutRetryPause) } catch { throw failure }
    }
}

/// Where an opt-out goes that the database cannot take now.
public struct Safekeeping: Sendable {
    /// What became of a token that was to be kept.
    public enum Outcome: Hashable, Sendable {
        /// It is on this machine's disk and will be recorded before anything else.
        case kept
        /// Others may still believe that this instance answers: ask again.
        case notYet
        /// There is no spool, or it cannot take it: one sentence for the log says why.
        case refused(String)
    }

    /// What became of an opt-out that was acknowledged.
    public enum Taken<Receipt: Sendable>: Sendable {
        /// The register has it.
        case recorded(Receipt)
        /// The spool has it.
        case kept
    }

    private let keep: @Sendable (_ token: [UInt8], _ receivedAt: Instant) async -> Outcome

    /// `keep` returns only when the token is on the disk, or not.
    public init(keep: @escaping @Sendable (_ token: [UInt8], _ receivedAt: Instant) async -> Outcome) {
        self.keep = keep
    }

    /// Has the opt-out recorded, or else kept; tries for `optOutWaitSecondsMax`. Throws what the database said last: then
    /// nothing is done and nothing may be acknowledged.
    ///
    /// `record` commits; the token is what the same act can be made of later.
    public func take<Receipt: Sendable>(
        _ token: [UInt8], receivedAt: Instant, record: () async throws(StoreError) -> Receipt
    ) async throws(StoreError) -> Taken<Receipt> {
        let end = ContinuousClock.now + .seconds(optOutWaitSecondsMax)
        while true {
            let failure: StoreError
            do throws(StoreError) { return .recorded(try await record()) } catch { failure = error }
            switch failure {
            case .unavailable, .unsure: break
            default: throw failure
            }
            switch await keep(token, receivedAt) {
            case .kept: return .kept
            case .refused: throw failure
            case .notYet: break
            }
            guard ContinuousClock.now < end else { throw failure }
            do { try await Task.sleep(for: optOutRetryPause) } catch { throw failure }
        }
    }
}

/// Whether this instance may say that a message may go. It may not while its own spool holds an opt-out.
public final class CheckGate: Sendable {
    private let isShut = Atomic(false)

    init() {}

    /// From here on no check is begun.
    public func shut() { isShut.store(true, ordering: .sequentiallyConsistent) }

    /// Only when everything that was held is in the register.
    public func open() { isShut.store(false, ordering: .sequentiallyConsistent) }

    /// Asked before a check's query is sent.
    func requireOpen() throws(StoreError) {
        if isShut.load(ordering: .sequentiallyConsistent) { throw .draining }
    }
}
