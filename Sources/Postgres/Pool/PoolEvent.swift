/// What happens to connections, for logs and counters; safe to log.
public enum PoolEvent: Equatable, Sendable {
    /// A connection was made.
    case connected
    /// An attempt failed.
    case connectFailed(ConnectFailure)
    /// A connection broke.
    case connectionLost
    /// A connection of the `bulk` jobs asked the server to step back.
    case steppedBack(StepBackOutcome)
    /// The answer to a COMMIT was lost and its outcome looked up.
    case commitLookedUp(XID8, CommitOutcome)
}

/// How the pool does at one moment.
public struct Health: Equatable, Sendable {
    /// Open connections.
    public let connections: Int
    /// No connection, and the last attempt to make one failed.
    public let isAway: Bool
    /// Jobs that run.
    public let running: Int
    /// Jobs that wait.
    public let waiting: [Priority: Int]
}
