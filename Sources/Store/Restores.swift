public import Postgres
import Rules

/// How a database stands to the cluster it is in.
public struct ClusterState: Hashable, Sendable {
    /// Whether it was made in this cluster.
    public let isAtHome: Bool
    /// Why nothing may be answered yet; nil: nothing is the matter.
    public let restoreWanted: String?
    /// What is added to the numbers of this cluster's transactions.
    public let offset: Int64
}

enum RestoreSQL {
    static let state = Statement(
        "restore.state",
        """
        select c.system_identifier = s.system_identifier::text as is_at_home, c.restore_wanted, c.tx_offset
        from cluster c, pg_control_system() s
        """,
        in: (), out: ("is_at_home", Bool?.self), ("restore_wanted", String?.self), ("tx_offset", Int64.self))
    static let newest = Statement(
        "restore.newest",
        """
        select pg_current_xact_id() as now, (select tx from ledger order by tx desc, id desc limit 1) as newest, c.tx_offset
        from cluster c
        """,
        in: (), out: ("now", XID8?.self), ("newest", XID8?.self), ("tx_offset", Int64.self))
    static let settle = Statement(
        "restore.settle",
        """
        update cluster c set system_identifier = s.system_identifier::text, tx_offset = $1,
            restore_wanted = coalesce(c.restore_wanted, 'restore-check has not finished')
        from pg_control_system() s
        """,
        in: (Int64.self))
    static let done = Statement("restore.done", "update cluster set restore_wanted = null", in: ())

    static let all: [AnyStatement] = [state.erased, newest.erased, settle.erased, done.erased]
}

/// What the owner does after a restore: has the numbers of transactions go on where they were, and opens the doors again.
public final class RestoreDesk: Sendable {
    private let database: Database

    /// Connects with one connection, as the login itself: the schema's owner.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(url: url, role: nil, name: "maysend_restore", random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    /// How the database stands to its cluster.
    public func state() async throws(StoreError) -> ClusterState {
        try await write { tx throws(StoreError) in ClusterState(try tx.one(RestoreSQL.state, ())) }
    }

    /// Has every act from now on stand behind all that the ledger, and a journal up to `journaled`, know of; the number that is
    /// added from now on.
    ///
    /// In another cluster, or after going back in time, transactions are numbered anew, and a reader that waits behind the old
    /// numbers would never see the new acts. The doors are shut until ``finish()``.
    public func settle(behind journaled: ActPosition) async throws(StoreError) -> Int64 {
        try await write { tx throws(StoreError) in
            let (now, newest, offset) = try tx.one(RestoreSQL.newest, ())
            let behind = Int64(clamping: max(newest?.value ?? 0, journaled.transaction))
            let current = Int64(clamping: now?.value ?? 0)
            let needed = max(offset, behind + 1 - current)
            if needed > 0 {
                try tx.run(Script(reviewed: "alter table ledger alter column tx set default ledger_tx()"))
            }
            try tx.run(RestoreSQL.settle, needed)
            return needed
        }
    }

    /// Opens the doors.
    public func finish() async throws(StoreError) {
        _ = try await write { tx throws(StoreError) in try tx.run(RestoreSQL.done, ()) }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await database.write(.bulk) { tx throws(StoreError) in
            try tx.run(Script(reviewed: "set local search_path = maysend"))
            return try body(tx)
        }
    }
}

extension ClusterState {
    init(_ row: (Bool?, String?, Int64)) {
        self.init(isAtHome: row.0 ?? false, restoreWanted: row.1, offset: row.2)
    }

    static let cure = "run 'maysend restore-check' as the schema's owner"

    /// What keeps a server from answering; nil: nothing.
    var finding: Finding? {
        if let restoreWanted { return Finding(.bad, "restore", "\(restoreWanted); \(Self.cure)") }
        guard isAtHome else {
            return Finding(.bad, "restore", "the database was restored into another cluster; \(Self.cure)")
        }
        return nil
    }
}
