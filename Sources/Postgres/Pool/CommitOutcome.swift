/// What became of a transaction whose answer to COMMIT was lost.
public enum CommitOutcome: Equatable, Sendable {
    /// It is committed.
    case committed
    /// It is not, and never will be.
    case aborted
    /// Neither could be proved in time.
    case unknown
}

private enum OutcomeSQL {
    static let status = Statement(
        "postgres.xact_status",
        """
        select pg_catalog.pg_xact_status($1) as status,
               pg_catalog.pg_stat_get_bgwriter_stat_reset_time() as stamp
        where not pg_catalog.pg_is_in_recovery()
        """,
        in: (XID8.self), out: ("status", String?.self), ("stamp", Timestamp?.self))
}

extension Lane {
    /// Asks the server, on a new connection, for at most ``Configuration/commitResolution``.
    ///
    /// A server that crashed, or a replica promoted in its place, may never have written down the transaction's number
    /// and may have given it to another since. It then began its statistics anew as well, so "committed" is believed
    /// only under the same `stamp`. "Aborted" and "in the future" are true in either case: what was committed is known.
    /// With a warning at COMMIT, "committed" is not believed either: a synchronous standby may lack it.
    func commitOutcome(of number: XID8, before stamp: Timestamp?, isWarned: Bool) -> CommitOutcome {
        let end = Moment.now + configuration.commitResolution
        var attempt = 0
        while Moment.now < end {
            if attempt > 0 { wait(attempt, until: end) }
            attempt += 1
            guard let session = sessionForLookUp(until: end) else { continue }
            session.startRun()
            session.term = .housekeeping(max(end - Moment.now, .zero))
            do throws(PostgresError) {
                // No row: a replica, which may simply not have heard of it.
                guard let row = try session.rows(OutcomeSQL.status, number).first else {
                    disconnect()
                    continue
                }
                switch row.0 {
                case "committed": return row.1 == stamp && !isWarned ? .committed : .unknown
                case "aborted": return .aborted
                case "in progress": continue
                default: return .unknown
                }
            } catch {
                // 22023: a number not yet given out.
                if case .invalidData(let fault) = error, fault.state == "22023" { return .aborted }
            }
        }
        return .unknown
    }

    private func wait(_ attempt: Int, until end: Moment) {
        let pause = backoff(
            attempt: attempt, first: .milliseconds(5), longest: .milliseconds(200), chance: random())
        let until = min(Moment.now + pause, end)
        while Moment.now < until { _ = wake.wait(until: until) }
    }

    private func sessionForLookUp(until end: Moment) -> Session? {
        if hasSession() { return session }
        do throws(ConnectFailure) {
            try connect(until: min(end, Moment.now + configuration.connectTimeout))
            return session
        } catch {
            observe(.connectFailed(error))
            return nil
        }
    }
}
