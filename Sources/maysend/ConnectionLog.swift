import Logging
import Postgres
import Synchronization

/// Logs that connections come and go, and not every attempt: a database that is away for a night is two lines.
final class ConnectionLog: Sendable {
    private let logger: Logger
    private let lastCause = Mutex<ConnectFailure?>(nil)
    /// What came of asking the server to step back, the last time.
    private let lastStepBack = Mutex<StepBackOutcome>(.done)

    init(_ logger: Logger) { self.logger = logger }

    var hear: @Sendable (PoolEvent) -> Void { { self.log($0) } }

    private func log(_ event: PoolEvent) {
        switch event {
        case .connected:
            let wasAway = lastCause.withLock { cause in
                defer { cause = nil }
                return cause != nil
            }
            if wasAway { logger.info("the database answers again") }
        case .connectFailed(let failure):
            let isNew = lastCause.withLock { cause in
                defer { cause = failure }
                return cause != failure
            }
            if isNew { logger.warning("no connection to the database", metadata: ["cause": "\(failure)"]) }
        case .connectionLost: logger.warning("a connection to the database broke")
        case .steppedBack(let outcome):
            let isNew = lastStepBack.withLock { last in
                defer { last = outcome }
                return last != outcome
            }
            if isNew { log(outcome) }
        case .commitLookedUp(_, let outcome):
            logger.warning("the answer to a COMMIT was lost and looked up", metadata: ["outcome": "\(outcome)"])
        }
    }

    private func log(_ outcome: StepBackOutcome) {
        switch outcome {
        case .done: logger.info("lists and sweeps give way to checks")
        case .notOffered:
            logger.notice("checks get slower beside lists and sweeps: sql/step_back.sql is not installed")
        case .failed(let error):
            logger.warning(
                "checks get slower beside lists and sweeps: maysend.step_back() failed",
                metadata: ["cause": "\(error)"])
        }
    }
}
