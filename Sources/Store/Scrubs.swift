import Postgres
public import Rules

/// How long a stream's question is asked again while the database is away.
public let scrubRetrySecondsMax = 10
/// The pause before a question is asked again.
let scrubRetryPause: Duration = .milliseconds(200)

/// Why a stream cannot be answered on.
public enum ScrubFailure: Error, Sendable {
    case store(StoreError)
    /// The question is not one any more: the policy has changed.
    case fault(CheckFault)
}

extension Store {
    /// The verdicts on a stream's next addresses, in order, from what is committed when they are asked; the key, too, must
    /// open then. Asks again while the database is away, for `scrubRetrySecondsMax`. An `at` that has passed since the stream
    /// began means now.
    public func scrub(
        _ addresses: AddressList, _ terms: CheckTerms, by access: Access, clock: @Sendable () -> Instant
    ) async throws(ScrubFailure) -> [Verdict] {
        let start = ContinuousClock.now
        while true {
            let verdicts: Result<[Verdict], CheckFault>
            do throws(StoreError) {
                verdicts = try await self.verdicts(addresses, terms, by: access, at: clock())
            } catch {
                guard error.isWorthAnotherQuestion, ContinuousClock.now - start < .seconds(scrubRetrySecondsMax) else {
                    throw .store(error)
                }
                do { try await Task.sleep(for: scrubRetryPause) } catch { throw .store(.unavailable(.cancelled)) }
                continue
            }
            switch verdicts {
            case .success(let verdicts): return verdicts
            case .failure(let fault): throw .fault(fault)
            }
        }
    }

    private func verdicts(
        _ addresses: AddressList, _ terms: CheckTerms, by access: Access, at now: Instant
    ) async throws(StoreError) -> Result<[Verdict], CheckFault> {
        let at = terms.at.flatMap { $0 > now ? $0 : nil }
        let verdicts = try await judged(
            addresses, CheckTerms(purpose: terms.purpose, topic: terms.topic, at: at), by: access, .unhurried
        ) { judge, index throws(StoreError) in try judge.verdict(index) }
        // Whatever edition the verdicts were read at, the catalogue in memory is that one or a newer one.
        guard try await cachedCatalogue().stillOpens(access, at: now) else { throw .revokedKey }
        return verdicts
    }
}

extension StoreError {
    /// Whether the database may be back the next time.
    fileprivate var isWorthAnotherQuestion: Bool {
        switch self {
        case .unavailable(.cancelled), .unavailable(.shutDown): false
        case .unavailable, .unsure, .heldBack, .draining: true
        default: false
        }
    }
}
