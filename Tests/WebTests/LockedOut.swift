import Harness

extension TestDatabase {
    /// Throws every session of the service out and lets none in again, not even a superuser's.
    ///
    /// The lock is committed first, so that nobody slips in between; returns when the sessions are gone.
    func lockOut() async throws {
        try await run(
            """
            begin;
            update pg_database set datallowconn = false where datname = current_database();
            commit;
            select pg_terminate_backend(pid, 10000) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid();
            """)
    }
}
