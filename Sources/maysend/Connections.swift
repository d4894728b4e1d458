import Postgres
import Rules
import Store
import Synchronization

/// Connections to the database for as long as a command needs them, and why there are none.
enum Connections {
    /// How long a command waits for a database that is just starting.
    static let waitMax: Duration = .seconds(3)
    private static let stepMax: Duration = .milliseconds(250)
    /// A person at a terminal would rather wait for a busy database than type the command again.
    private static let patient = Deadlines(queue: .seconds(5), statement: .seconds(10), transaction: .seconds(20))

    /// Everything that an operator may ask and do, closed at the end.
    static func withStore<Result>(
        _ peppers: Peppers, for load: CommandLoad = .one, isRestoring: Bool = false,
        _ body: (Store) async throws -> Result
    ) async throws -> Result {
        if load != .one { Machine.stepBack() }
        return try await with(
            role: "maysend_check or maysend_write",
            make: { url, observe in
                var configuration = Store.Configuration(url: url, peppers: peppers)
                // One that only opt-outs may use beside one for all else, as the server has them.
                (configuration.checkConnections, configuration.writeConnections) = (1, 2)
                configuration.bulkCheckConnections = load == .questions ? 2 : 0
                configuration.bulkWriteConnections = load == .list ? importLanes : 0
                configuration.isRestoring = isRestoring
                configuration.deadlines = { $0 == .bulk ? .standard(for: .bulk) : patient }
                return try Store(configuration, random: Machine.random, observe: observe)
            },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown(within: .seconds(5)) }, body: body)
    }

    /// What sets policies, keys and peppers up.
    static func withAdministration<Result>(_ body: (Administration) async throws -> Result) async throws -> Result {
        try await with(
            role: "maysend_admin",
            make: { url, observe in try Administration(url: url, random: Machine.random, observe: observe) },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// What compares the standings with the ledger.
    static func withVerifier<Result>(_ body: (Verifier) async throws -> Result) async throws -> Result {
        Machine.stepBack()
        return try await with(
            role: "maysend_audit",
            make: { url, observe in try Verifier(url: url, random: Machine.random, observe: observe) },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// What chains and signs the ledger.
    static func withSealDesk<Result>(_ body: (SealDesk) async throws -> Result) async throws -> Result {
        try await with(
            role: "maysend_seal",
            make: { url, observe in try SealDesk(url: url, random: Machine.random, observe: observe) },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// What recomputes the chain.
    static func withAuditor<Result>(_ body: (Auditor) async throws -> Result) async throws -> Result {
        Machine.stepBack()
        return try await with(
            role: "maysend_audit",
            make: { url, observe in try Auditor(url: url, random: Machine.random, observe: observe) },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// What tries a policy.
    static func withPolicyTrial<Result>(
        _ peppers: Peppers, _ body: (PolicyTrial) async throws -> Result
    ) async throws -> Result {
        Machine.stepBack()
        return try await with(
            role: "maysend_audit",
            make: { url, observe in
                try PolicyTrial(url: url, peppers: peppers, random: Machine.random, observe: observe)
            },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// What the owner does after a restore.
    static func withRestoreDesk<Result>(_ body: (RestoreDesk) async throws -> Result) async throws -> Result {
        try await with(
            role: nil, make: { url, observe in try RestoreDesk(url: url, random: Machine.random, observe: observe) },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// What brings the schema forward.
    static func withMigrator<Result>(_ body: (Migrator) async throws -> Result) async throws -> Result {
        try await with(
            role: nil, make: { url, observe in try Migrator(url: url, random: Machine.random, observe: observe) },
            ready: { try await $0.ready(within: $1) }, close: { await $0.shutdown() }, body: body)
    }

    /// Makes it, waits for its connection, uses it and closes it, whatever happened; what the store says is a ``Failure``.
    private static func with<Thing, Result>(
        role: String?, make: (String, @escaping @Sendable (PoolEvent) -> Void) throws -> Thing,
        ready: (Thing, Duration) async throws -> Void, close: (Thing) async -> Void,
        body: (Thing) async throws -> Result
    ) async throws -> Result {
        let last = LastFailure()
        let url = try Settings.databaseURL()
        do {
            let thing = try make(url, last.observe)
            do {
                try await wait(last, role: role) { try await ready(thing, $0) }
                let result = try await body(thing)
                await close(thing)
                return result
            } catch {
                await close(thing)
                throw error
            }
        } catch let error as StoreError {
            throw Failure(error)
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

/// How much a command asks of the machine.
enum CommandLoad {
    /// One thing, which somebody waits for.
    case one
    /// A list is taken in or given out, or a sweep made: beside a server that answers checks, so it steps back.
    case list
    /// Every row of a list is asked about; it steps back as well.
    case questions
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
