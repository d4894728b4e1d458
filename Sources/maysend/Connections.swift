import Postgres
import Rules
import Store
import Synchronization

/// Connections to the database for as long as a command needs them, and why there are none.
enum Connections {
    /// How long a command waits for a database that is just starting.
    static let waitMax: Duration = .seconds(3)
    private static let stepMax: Duration = .milliseconds(250)

    /// Everything that an operator may ask and do, closed at the end.
    static func withStore<Result>(
        _ peppers: Peppers, _ body: (Store) async throws -> Result
    ) async throws -> Result {
        let last = LastFailure()
        let url = try Settings.databaseURL()
        let store: Store
        do throws(StoreError) {
            var configuration = Store.Configuration(url: url, peppers: peppers)
            // One that only opt-outs may use beside one for all else, as the server has them.
            (configuration.checkConnections, configuration.writeConnections) = (1, 2)
            store = try Store(configuration, random: Machine.random, observe: last.observe)
        } catch {
            throw Failure(error)
        }
        return try await closing({ await store.shutdown(within: .seconds(5)) }) {
            try await wait(last, role: "maysend_check or maysend_write") { try await store.ready(within: $0) }
            return try await body(store)
        }
    }

    /// What sets policies, keys and peppers up.
    static func withAdministration<Result>(_ body: (Administration) async throws -> Result) async throws -> Result {
        let last = LastFailure()
        let url = try Settings.databaseURL()
        let administration: Administration
        do throws(StoreError) {
            administration = try Administration(url: url, random: Machine.random, observe: last.observe)
        } catch {
            throw Failure(error)
        }
        return try await closing({ await administration.shutdown() }) {
            try await wait(last, role: "maysend_admin") { try await administration.ready(within: $0) }
            return try await body(administration)
        }
    }

    /// What compares the standings with the ledger.
    static func withVerifier<Result>(_ body: (Verifier) async throws -> Result) async throws -> Result {
        let last = LastFailure()
        let url = try Settings.databaseURL()
        let verifier: Verifier
        do throws(StoreError) {
            verifier = try Verifier(url: url, random: Machine.random, observe: last.observe)
        } catch {
            throw Failure(error)
        }
        return try await closing({ await verifier.shutdown() }) {
            try await wait(last, role: "maysend_audit") { try await verifier.ready(within: $0) }
            return try await body(verifier)
        }
    }

    /// What brings the schema forward.
    static func withMigrator<Result>(_ body: (Migrator) async throws -> Result) async throws -> Result {
        let last = LastFailure()
        let url = try Settings.databaseURL()
        let migrator: Migrator
        do throws(StoreError) {
            migrator = try Migrator(url: url, random: Machine.random, observe: last.observe)
        } catch {
            throw Failure(error)
        }
        return try await closing({ await migrator.shutdown() }) {
            try await wait(last, role: nil) { try await migrator.ready(within: $0) }
            return try await body(migrator)
        }
    }

    private static func closing<Result>(
        _ close: () async -> Void, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body()
            await close()
            return result
        } catch {
            await close()
            throw (error as? StoreError).map { Failure($0) } ?? error
        }
    }

    /// Waits for a connection, unless it fails for a reason that time does not cure.
    private static func wait(
        _ last: LastFailure, role: String?, _ ready: (Duration) async throws -> Void
    ) async throws {
        var waited: Duration = .zero
        while true {
            do {
                return try await ready(stepMax)
            } catch {
                waited += stepMax
                guard waited < waitMax, !last.isFinal else { throw Failure(last.value, role: role) }
            }
        }
    }
}

/// The last reason for which no connection came about.
private final class LastFailure: Sendable {
    private let held = Mutex<ConnectFailure?>(nil)

    var observe: @Sendable (PoolEvent) -> Void {
        { event in
            if case .connectFailed(let failure) = event { self.held.withLock { $0 = failure } }
        }
    }

    var value: ConnectFailure? { held.withLock { $0 } }

    /// Whether waiting is of no use. One that is refused may be a server that starts.
    var isFinal: Bool {
        switch value {
        case .passwordNeeded, .setUp: true
        case .unreachable, .refused, .timeout, .exhausted, nil: false
        }
    }
}
