import Postgres
import Testing

/// A connection that breaks at COMMIT, on a server of this suite's own that can be killed.
@Suite(.serialized, .timeLimit(.minutes(10))) struct CommitTests {
    private static let lock = 4_711

    /// A pool that goes through a proxy, another that does not, and an empty table.
    private func withProxy(
        _ configure: (inout Configuration) -> Void = { _ in },
        _ body: (Proxy, Database, Database, Cluster, Log<PoolEvent>) async throws -> Void
    ) async throws {
        let cluster = try Cluster()
        let proxy = try Proxy(upstream: cluster.socketPath)
        var direct = Configuration(url: cluster.url())
        direct.connections = 2
        direct.urgentConnections = 0
        var through = Configuration(url: cluster.url(folder: proxy.folder))
        through.connections = 1
        through.commitDeadline = .seconds(30)
        through.commitResolution = .seconds(30)
        configure(&through)
        let observer = try open(direct)
        try await observer.ready(within: .seconds(20))
        try await observer.run(Script(reviewed: itemTable), deadlines: patient)
        let events = Log<PoolEvent>()
        let database = try open(through, observe: { events.append($0) })
        try await database.ready(within: .seconds(20))
        var thrown: (any Error)?
        do { try await body(proxy, database, observer, cluster, events) } catch { thrown = error }
        await database.shutdown(within: .seconds(5))
        await observer.shutdown(within: .seconds(5))
        proxy.close()
        cluster.stop(.immediate)
        if let thrown { throw thrown }
    }

    private func add(_ database: Database) async -> Result<XID8?, PostgresError> {
        do throws(PostgresError) {
            return .success(
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> XID8? in
                    try tx.run(SQL.add, (1, "one"))
                    return tx.transactionID
                })
        } catch { return .failure(error) }
    }

    @Test func aCommitThatTheServerGotIsASuccess() async throws {
        try await withProxy { proxy, database, observer, _, events in
            proxy.arm(.after(then: {}))
            let number = try await add(database).get()
            #expect(proxy.cuts.items.count == 1)
            #expect(events.items.contains(.commitLookedUp(try #require(number), .committed)))
            let count = try await observer.first(SQL.count, (), deadlines: patient)
            #expect(count == 1)
            // And the pool goes on.
            let after = try await database.first(SQL.count, (), deadlines: patient)
            #expect(after == 1)
        }
    }

    @Test func aCommitThatTheServerNeverGotIsAnErrorThatMayBeRunAgain() async throws {
        try await withProxy { proxy, database, observer, _, events in
            proxy.arm(.before)
            let result = await add(database)
            #expect(result == .failure(.connectionLost))
            #expect(proxy.cuts.items.count == 1)
            let count = try await observer.first(SQL.count, (), deadlines: patient)
            #expect(count == 0)
            let again = try await add(database).get()
            #expect(again != nil)
        }
    }

    private static let slowCommit = """
        create function wait() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(\(lock)); return null; end $$;
        create constraint trigger wait after insert on item deferrable initially deferred
        for each row execute function wait()
        """
    private static let lockStatement = Statement(
        "test.lock", "select pg_advisory_xact_lock($1)::text as v", in: (Int64.self), out: ("v", String.self))
    private static let waiters = Statement(
        "test.waiters", "select count(*) as n from pg_locks where locktype = 'advisory' and not granted", in: (),
        out: ("n", Int64.self))

    @Test func aCommitStillUnderWayIsWaitedFor() async throws {
        try await withProxy { proxy, database, observer, _, events in
            try await observer.run(Script(reviewed: Self.slowCommit), deadlines: patient)
            let gate = Gate()
            let held = Log<Bool>()
            let holder = Task {
                try await observer.read(deadlines: patient) { tx throws(PostgresError) -> Void in
                    _ = try tx.all(Self.lockStatement, Int64(Self.lock))
                    held.append(true)
                    gate.pass()
                }
            }
            try await eventually { !held.items.isEmpty }
            proxy.arm(.during)
            let adding = Task { await add(database) }
            // The COMMIT waits for the lock, its client is gone, and the look-up has connected anew.
            try await eventually { try await observer.first(Self.waiters, (), deadlines: patient) == 1 }
            try await eventually { events.items.filter { $0 == .connected }.count == 2 }
            gate.open()
            try await holder.value
            let result = await adding.value
            #expect(throws: Never.self) { try result.get() }
            let count = try await observer.first(SQL.count, (), deadlines: patient)
            #expect(count == 1)
        }
    }

    @Test func aCommitUnderWayForTooLongIsUnknown() async throws {
        let configure = { (configuration: inout Configuration) in configuration.commitResolution = .milliseconds(300) }
        try await withProxy(configure) { proxy, database, observer, _, events in
            try await observer.run(Script(reviewed: Self.slowCommit), deadlines: patient)
            let gate = Gate()
            let held = Log<Bool>()
            let holder = Task {
                try await observer.read(deadlines: patient) { tx throws(PostgresError) -> Void in
                    _ = try tx.all(Self.lockStatement, Int64(Self.lock))
                    held.append(true)
                    gate.pass()
                }
            }
            try await eventually { !held.items.isEmpty }
            proxy.arm(.during)
            let result = await add(database)
            guard case .failure(.commitUnknown(let number)) = result else {
                Issue.record("\(result)")
                gate.open()
                return
            }
            #expect(events.items.contains(.commitLookedUp(number, .unknown)))
            gate.open()
            try await holder.value
        }
    }

    @Test func aCommitThatIsNotAnsweredInTimeIsLookedUp() async throws {
        let configure = { (configuration: inout Configuration) in configuration.commitDeadline = .milliseconds(100) }
        try await withProxy(configure) { proxy, database, observer, _, _ in
            proxy.arm(.silence)
            let result = await add(database)
            #expect(throws: Never.self) { try result.get() }
            let count = try await observer.first(SQL.count, (), deadlines: patient)
            #expect(count == 1)
        }
    }

    /// After a crash the transaction's number may belong to another: "committed" proves nothing.
    @Test func aCommitBeforeACrashIsUnknown() async throws {
        try await withProxy { proxy, database, observer, cluster, _ in
            proxy.arm(
                .after(then: {
                    cluster.stop(.immediate)
                    try? cluster.start()
                }))
            let result = await add(database)
            guard case .failure(.commitUnknown) = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test func aCommitBeforeAnOrderlyRestartIsASuccess() async throws {
        try await withProxy { proxy, database, observer, cluster, _ in
            proxy.arm(
                .after(then: {
                    cluster.stop(.fast)
                    try? cluster.start()
                }))
            let result = await add(database)
            #expect(throws: Never.self) { try result.get() }
            try await observer.ready(within: .seconds(20))
            let count = try await observer.first(SQL.count, (), deadlines: patient)
            #expect(count == 1)
        }
    }

    /// A warning at COMMIT may mean that no synchronous standby has it; a trigger stands for that here.
    @Test func aCommitWithAWarningIsUnknown() async throws {
        try await withProxy { _, database, observer, _, _ in
            try await observer.run(
                Script(
                    reviewed: """
                        create function warn() returns trigger language plpgsql as
                        $$ begin raise warning 'not replicated'; return null; end $$;
                        create constraint trigger warn after insert on item deferrable initially deferred
                        for each row execute function warn()
                        """), deadlines: patient)
            let result = await add(database)
            guard case .failure(.commitUnknown) = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test func aCommitThatTheServerRefusesIsThatError() async throws {
        try await withProxy { _, database, observer, _, _ in
            try await observer.run(
                Script(reviewed: "create table later (id bigint unique deferrable initially deferred)"),
                deadlines: patient)
            let error = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.run(Script(reviewed: "insert into later values (1), (1)"))
                }
            }
            guard case .uniqueViolation(let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.constraint == "later_id_key" && fault.statement == "postgres.commit")
        }
    }
}
