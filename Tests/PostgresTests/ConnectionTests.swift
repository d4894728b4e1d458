import Postgres
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConnectionTests {
    @Test func aBackendKilledInAStatementIsAnErrorAndIsReplaced() async throws {
        let events = Log<PoolEvent>()
        let observe = { @Sendable (event: PoolEvent) in events.append(event) }
        try await withDatabase(connections: 2, observe: observe) { database in
            let running = Task { try await database.all(SQL.sleep, 3_600, deadlines: hour) }
            try await eventually { try await database.all(SQL.sleepers, (), deadlines: patient).count == 1 }
            let pid = try #require(try await database.first(SQL.sleepers, (), deadlines: patient))
            _ = try await database.first(SQL.terminate, pid, deadlines: patient)
            let result = await running.result
            #expect(throws: PostgresError.connectionLost) { try result.get() }
            try await eventually { events.items.contains(.connectionLost) }
            try await eventually { events.items.filter { $0 == .connected }.count == 3 }
        }
    }

    @Test func aBackendKilledInATransactionLeavesNothing() async throws {
        try await withDatabase(connections: 2, setUp: itemTable) { database in
            let pids = Log<Int32>()
            let gate = Gate()
            let writing = Task {
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.run(SQL.add, (1, "one"))
                    pids.append(try tx.one(SQL.pid, ()))
                    gate.pass()
                    try tx.run(SQL.add, (2, "two"))
                }
            }
            try await eventually { !pids.items.isEmpty }
            _ = try await database.first(SQL.terminate, pids.items[0], deadlines: patient)
            gate.open()
            let result = await writing.result
            #expect(throws: PostgresError.connectionLost) { try result.get() }
            let count = try await database.first(SQL.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func aBackendKilledWhileIdleIsReplacedBeforeAnyoneAsks() async throws {
        let events = Log<PoolEvent>()
        let observe = { @Sendable (event: PoolEvent) in events.append(event) }
        try await withDatabase(connections: 1, observe: observe) { database in
            let pid = try #require(try await database.first(SQL.pid, (), deadlines: patient))
            let other = try open(try Server.configuration(connections: 1))
            try await other.ready(within: .seconds(20))
            _ = try await other.first(SQL.terminate, pid, deadlines: patient)
            await other.shutdown(within: .seconds(5))
            try await eventually { events.items.filter { $0 == .connected }.count == 2 }
            let next = try await database.first(SQL.pid, (), deadlines: patient)
            #expect(next != nil && next != pid)
        }
    }

    @Test func aRestartedServerIsFoundAgainAndUntilThenJobsFailAtOnce() async throws {
        let cluster = try Cluster()
        defer { cluster.stop(.immediate) }
        var configuration = Configuration(url: cluster.url())
        configuration.connections = 3
        let events = Log<PoolEvent>()
        let database = try open(configuration, observe: { events.append($0) })
        try await database.ready(within: .seconds(20))
        try await database.run(Script(reviewed: itemTable), deadlines: patient)
        _ = try await database.all(SQL.items, (), deadlines: patient)

        cluster.stop(.fast)
        try await eventually { database.health.isAway }
        // With a queue deadline far longer than this test: no job waits for a database that is away.
        for priority in Priority.allCases {
            let error = await failure { () async throws(PostgresError) in
                _ = try await database.all(SQL.items, (), priority: priority, deadlines: hour)
            }
            #expect(error == .unavailable)
        }
        #expect(events.items.contains(.connectFailed(.unreachable)))

        try cluster.start()
        try await database.ready(within: .seconds(20))
        // What was prepared before is prepared anew.
        for _ in 0..<6 {
            let rows = try await database.all(SQL.items, (), deadlines: patient)
            #expect(rows.isEmpty)
        }
        try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
            try tx.run(SQL.add, (1, "one"))
        }
        await database.shutdown(within: .seconds(5))
    }

    @Test func jobsThatWaitWhenTheDatabaseGoesAwayDoNotHang() async throws {
        let cluster = try Cluster()
        defer { cluster.stop(.immediate) }
        var configuration = Configuration(url: cluster.url())
        configuration.connections = 1
        let database = try open(configuration)
        try await database.ready(within: .seconds(20))
        let gate = Gate()
        let busy = Task {
            try await database.read(deadlines: patient) { tx throws(PostgresError) -> Void in
                gate.pass()
                _ = try tx.one(SQL.pid, ())
            }
        }
        try await eventually { database.health.running == 1 }
        let waiting = Task { try await database.first(SQL.pid, (), deadlines: hour) }
        try await eventually { database.health.waiting[.normal] == 1 }
        cluster.stop(.fast)
        gate.open()
        let first = await busy.result
        #expect(throws: PostgresError.connectionLost) { try first.get() }
        let second = await waiting.result
        #expect(throws: PostgresError.unavailable) { try second.get() }
        await database.shutdown(within: .seconds(5))
    }

    @Test func anUnknownRoleMakesNoConnection() async throws {
        let events = Log<PoolEvent>()
        var configuration = try Server.configuration(connections: 1)
        configuration.role = "nobody_of_that_name"
        let database = try open(configuration, observe: { events.append($0) })
        let error = await failure { () async throws(PostgresError) in
            try await database.ready(within: .milliseconds(200))
        }
        #expect(error == .unavailable)
        try await eventually {
            events.items.contains { event in
                guard case .connectFailed(.setUp(let error)) = event else { return false }
                return error.fault?.state == "22023"
            }
        }
        await database.shutdown(within: .zero)
    }

    @Test func anUnknownDatabaseIsToldApartFromNone() async throws {
        let events = Log<PoolEvent>()
        var configuration = Configuration(url: try Server.url(database: "no_such_database"))
        configuration.connections = 1
        let database = try open(configuration, observe: { events.append($0) })
        try await eventually { events.items.contains(.connectFailed(.refused)) }
        await database.shutdown(within: .zero)
    }

    // MARK: Shutting down

    @Test func shuttingDownLetsAcceptedJobsFinish() async throws {
        try await withDatabase(connections: 1, setUp: itemTable) { database in
            let gate = Gate()
            let writing = Task {
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    gate.pass()
                    try tx.run(SQL.add, (1, "one"))
                }
            }
            try await eventually { database.health.running == 1 }
            let waiting = Task { try await database.first(SQL.count, (), deadlines: patient) }
            try await eventually { database.health.waiting[.normal] == 1 }
            let stopping = Task { await database.shutdown(within: .seconds(20)) }
            try await eventually {
                await failure { () async throws(PostgresError) in
                    _ = try await database.first(SQL.pid, (), priority: .optOut)
                } == .shutDown
            }
            gate.open()
            try await writing.value
            let count = try await waiting.value
            #expect(count == 1)
            await stopping.value
            #expect(database.health.connections == 0)
        }
    }

    @Test func shuttingDownEndsWhatDoesNotFinish() async throws {
        try await withDatabase(connections: 1) { database in
            let running = Task { try await database.all(SQL.sleep, 3_600, deadlines: hour) }
            try await eventually { database.health.running == 1 }
            let waiting = Task { try await database.first(SQL.pid, (), deadlines: patient) }
            try await eventually { database.health.waiting[.normal] == 1 }
            await database.shutdown(within: .milliseconds(20))
            let first = await running.result
            #expect(throws: PostgresError.cancelled) { try first.get() }
            let second = await waiting.result
            #expect(throws: PostgresError.shutDown) { try second.get() }
            // A second time is no harm.
            await database.shutdown(within: .zero)
        }
    }
}
