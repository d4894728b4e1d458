import Logging
import Postgres
import Synchronization

/// Logs that connections come and go, and not every attempt: a database that is away for a night is two lines.
final class ConnectionLog: Sendable {
    private let logger: Logger
    private let lastCause = Mutex<ConnectFailure?>(nil)

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
        case .commitLookedUp(_, let outcome):
            logger.warning("the answer to a COMMIT was lost and looked up", metadata: ["outcome": "\(outcome)"])
        }
    }
}
