import Harness

/// What happens to the instances while people opt out.
enum Weather: String, CaseIterable, Sendable {
    case quiet
    case policyChanges = "policy-changes"
    case connectionsAreKilled = "connections-are-killed"

    /// Goes on until the task is cancelled, and says how often something happened.
    func rage(over site: Site) async throws -> Int {
        var count = 0
        while !Task.isCancelled {
            do {
                try await strike(site, count)
                count += 1
                try await Task.sleep(for: pause)
            } catch {
                guard Task.isCancelled else { throw error }
            }
        }
        return count
    }

    private var pause: Duration {
        switch self {
        case .quiet: .seconds(3_600)
        case .policyChanges: .seconds(1)
        case .connectionsAreKilled: .milliseconds(250)
        }
    }

    private func strike(_ site: Site, _ count: Int) async throws {
        switch self {
        case .quiet: break
        case .policyChanges: try await site.database.apply(policyText: PolicyEdition.text(count + 2))
        case .connectionsAreKilled:
            try await site.database.run(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and application_name in ('maysend_check', 'maysend_write')
                order by random() limit 1
                """)
        }
    }
}
