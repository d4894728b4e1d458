import Postgres

extension Database {
    /// The one connection of an operator's task, in a role of its own; nil is the login itself. One of `bulk` jobs alone
    /// steps back.
    static func forOperator(
        url: String, role: String?, name: String, isForBulk: Bool = false, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void
    ) throws(StoreError) -> Database {
        var configuration = Postgres.Configuration(url: url)
        configuration.role = role
        configuration.connections = 1
        if isForBulk { (configuration.bulkConnections, configuration.stepBack) = (1, StepBackSQL.how) }
        configuration.applicationName = name
        if role != nil { configuration.settings = [Setting("search_path", "maysend")] }
        do throws(PostgresError) {
            return try Database(configuration, random: random, observe: observe)
        } catch {
            throw StoreError(error)
        }
    }

    /// Waits for the first connection.
    func answers(within limit: Duration) async throws(StoreError) {
        do throws(PostgresError) { try await ready(within: limit) } catch { throw StoreError(error) }
    }
}
