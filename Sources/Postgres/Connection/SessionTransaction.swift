import CPQ

/// What kind of transaction a body wants.
struct TransactionPlan: Sendable {
    enum Access: Sendable {
        case read
        case write
    }

    let access: Access
    let isolation: Isolation
    /// Settings of the transaction alone (`SET LOCAL`).
    let settings: [Setting]

    /// One round trip: a write also learns its number, without which a lost answer to COMMIT could not be looked up.
    var opening: String {
        let level =
            switch isolation {
            case .readCommitted: "READ COMMITTED"
            case .repeatableRead: "REPEATABLE READ"
            case .serializable: "SERIALIZABLE"
            }
        return switch access {
        case .read: "BEGIN ISOLATION LEVEL \(level) READ ONLY"
        case .write: "BEGIN ISOLATION LEVEL \(level) READ WRITE; SELECT pg_catalog.pg_current_xact_id()"
        }
    }
}

/// What came of a COMMIT, as far as its connection can tell.
enum CommitAnswer {
    case committed
    case refused(PostgresError)
    /// No answer, or one with a warning: a synchronous standby may lack what was committed.
    case unsure
}

private enum TransactionSQL {
    static let settings = Statement(
        "postgres.local_settings",
        """
        select pg_catalog.count(pg_catalog.set_config(s.name, s.value, true)) as applied
        from rows from (pg_catalog.unnest($1), pg_catalog.unnest($2)) as s(name, value)
        """,
        in: ([String].self, [String].self), out: ("applied", Int64.self))
}

extension Session {
    /// Begins a transaction; its number if it may write.
    func open(_ plan: TransactionPlan) throws(PostgresError) -> XID8? {
        var number: XID8?
        do {
            let answer = try command(plan.opening, "postgres.begin")
            if plan.access == .write {
                guard let text = answer.firstText, let value = UInt64(text) else { throw lose() }
                number = XID8(value)
            }
        }
        if !plan.settings.isEmpty {
            _ = try rows(TransactionSQL.settings, (plan.settings.map(\.name), plan.settings.map(\.value)))
        }
        return number
    }

    /// Nobody may cancel a COMMIT: one that waits for a synchronous standby would then report success without it.
    func commit(within limit: Duration) -> CommitAnswer {
        term = .housekeeping(limit)
        warned.pointee = false
        do throws(PostgresError) {
            let answer = try command("COMMIT", "postgres.commit")
            if warned.pointee { return .unsure }
            return answer.isRollback ? .refused(failure ?? .misuse(.failureIgnored)) : .committed
        } catch {
            return isLost ? .unsure : .refused(error)
        }
    }

    /// Ends a transaction without effect, or the connection if that cannot be done.
    func rollBack() {
        guard !isLost, isInTransaction else { return }
        term = .housekeeping(cancelGrace)
        do throws(PostgresError) {
            _ = try command("ROLLBACK", "postgres.rollback")
        } catch {
            _ = lose()
        }
    }
}
