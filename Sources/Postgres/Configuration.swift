/// What a ``Database`` needs to know.
public struct Configuration: Sendable {
    /// libpq's connection string or `postgresql://` URL; a secret, never shown.
    let url: String
    /// The role that every connection takes on (`SET ROLE`).
    public var role: String?
    /// Settings of every connection; those that this room relies on (UTC, read-only outside `write`) come after them.
    public var settings: [Setting] = []
    /// How the connections call themselves in `pg_stat_activity`.
    public var applicationName = "maysend"
    /// Connections, each with a thread of its own.
    public var connections = 4
    /// Of these, how many `bulk` jobs have to themselves: nothing else runs there, and they run nowhere else. On what is
    /// theirs, thread and connection step back, for good. Where there are none `bulk` jobs run where `normal` ones do.
    public var bulkConnections = 0
    /// Of the others, how many only opt-outs and checks may use; none where there is but one.
    public var urgentConnections = 1
    /// How a connection of the `bulk` jobs asks the server to step back.
    public var stepBack: StepBack?
    /// Jobs that may wait, all priorities together.
    public var queueJobsMax = 1_024
    /// Opt-outs that may wait beyond that.
    public var optOutReserveJobs = 1_024
    /// Runs of a body whose transaction met 40001 or 40P01.
    public var attemptsMax = 4
    /// How long a job may take that names no deadlines of its own.
    public var deadlines: @Sendable (Priority) -> Deadlines = { .standard(for: $0) }
    /// The longest time for connecting and setting up a session.
    public var connectTimeout: Duration = .seconds(2)
    /// The wait after the first failed attempt to connect; it doubles with each, with jitter.
    public var backoffFirst: Duration = .milliseconds(50)
    /// The longest wait between two attempts.
    public var backoffMax: Duration = .seconds(1)
    /// How long a cancelled statement may take to end before its connection is given up.
    public var cancelGrace: Duration = .seconds(2)
    /// The longest wait for the answer to COMMIT; afterwards its outcome is looked up.
    public var commitDeadline: Duration = .seconds(2)
    /// The longest time for looking up the outcome of a COMMIT.
    public var commitResolution: Duration = .seconds(5)

    /// The defaults, to the database that `url` names.
    public init(url: String) {
        self.url = url
    }

    /// The same with everything within its bounds, or ``PostgresError/badConfiguration``.
    func checked() throws(PostgresError) -> Configuration {
        var checked = self
        let counts = [queueJobsMax, attemptsMax, connections]
        guard counts.allSatisfy({ $0 > 0 }), connections <= 1_000, optOutReserveJobs >= 0, urgentConnections >= 0,
            (0...connections).contains(bulkConnections), !url.utf8.contains(0)
        else { throw .badConfiguration }
        checked.urgentConnections = max(0, min(urgentConnections, connections - bulkConnections - 1))
        return checked
    }

    /// Whether connection number `index` is one of those that `bulk` jobs have to themselves.
    func isForBulk(_ index: Int) -> Bool { index >= connections - bulkConnections }

    /// Whether some connection serves jobs of this priority.
    func serves(_ priority: Priority) -> Bool { priority == .bulk || bulkConnections < connections }
}
