import Harness

extension TestDatabase {
    /// Throws every session of the service out and lets none in again, not even a superuser's.
    func lockOut() async throws {
        try await run(
            """
            update pg_database set datallowconn = false where datname = current_database();
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid();
            """)
    }
}
