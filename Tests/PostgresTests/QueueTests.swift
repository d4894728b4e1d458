import Postgres
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct QueueTests {
    /// Keeps the only connection busy until the gate is opened.
    private func occupy(_ database: Database, until gate: Gate) -> Task<Void, any Error> {
        Task {
            try await database.read(deadlines: patient) { tx throws(PostgresError) -> Void in gate.pass() }
        }
    }

    @Test func aFullQueueIsAnErrorAtOnceButNotForOptOuts() async throws {
        let configure = { (configuration: inout Configuration) in
            configuration.queueJobsMax = 2
            configuration.optOutReserveJobs = 1
        }
        try await withDatabase(connections: 1, configure: configure) { database in
            let gate = Gate()
            let busy = occupy(database, until: gate)
            try await eventually { database.health.running == 1 }
            let waiting = (0..<2).map { _ in Task { try await database.first(SQL.pid, (), deadlines: patient) } }
            try await eventually { database.health.waiting[.normal] == 2 }
            let refused = await failure { () async throws(PostgresError) in
                _ = try await database.first(SQL.pid, (), deadlines: patient)
            }
            #expect(refused == .queueFull)
            // The reserve, and then the place of what is less urgent.
            let optOuts = (0..<2).map { _ in
                Task { try await database.first(SQL.pid, (), priority: .optOut, deadlines: patient) }
            }
            try await eventually { database.health.waiting[.optOut] == 2 }
            #expect(database.health.waiting[.normal] == 1)
            gate.open()
            try await busy.value
            for optOut in optOuts { #expect(try await optOut.value != nil) }
            var outcomes: [Bool] = []
            for task in waiting {
                switch await task.result {
                case .success: outcomes.append(true)
                case .failure(let error):
                    #expect(error as? PostgresError == .queueFull)
                    outcomes.append(false)
                }
            }
            #expect(outcomes.filter { $0 }.count == 1)
        }
    }

    @Test func whatIsMoreUrgentRunsFirst() async throws {
        try await withDatabase(connections: 1) { database in
            let gate = Gate()
            let busy = occupy(database, until: gate)
            try await eventually { database.health.running == 1 }
            let order = Log<Priority>()
            var tasks: [Task<Void, any Error>] = []
            for (count, priority) in [Priority.bulk, .normal, .check, .optOut].enumerated() {
                tasks.append(
                    Task {
                        try await database.read(priority, deadlines: patient) { tx throws(PostgresError) -> Void in
                            order.append(priority)
                        }
                    })
                try await eventually { database.health.waiting.values.reduce(0, +) == count + 1 }
            }
            gate.open()
            try await busy.value
            for task in tasks { try await task.value }
            #expect(order.items == [.optOut, .check, .normal, .bulk])
        }
    }

    @Test func aJobThatWaitsTooLongNeverBegins() async throws {
        try await withDatabase(connections: 1) { database in
            let gate = Gate()
            let busy = occupy(database, until: gate)
            try await eventually { database.health.running == 1 }
            let began = Log<Bool>()
            let short = Deadlines(queue: .milliseconds(30), statement: .seconds(5), transaction: .seconds(5))
            let error = await failure { () async throws(PostgresError) in
                try await database.read(deadlines: short) { tx throws(PostgresError) -> Void in
                    began.append(true)
                }
            }
            #expect(error == .queueDeadline)
            gate.open()
            try await busy.value
            _ = try await database.first(SQL.pid, (), deadlines: patient)
            #expect(began.items.isEmpty)
        }
    }

    @Test func aCallerThatLeavesTheQueueIsAnsweredAtOnce() async throws {
        try await withDatabase(connections: 1) { database in
            let gate = Gate()
            let busy = occupy(database, until: gate)
            try await eventually { database.health.running == 1 }
            let waiting = Task { try await database.first(SQL.pid, (), deadlines: patient) }
            try await eventually { database.health.waiting[.normal] == 1 }
            waiting.cancel()
            // Answered while the only connection is still busy.
            let result = await waiting.result
            #expect(throws: PostgresError.cancelled) { try result.get() }
            #expect(database.health.waiting[.normal] == 0)
            gate.open()
            try await busy.value
        }
    }

    @Test func aCallerCancelledBeforeItAsksIsRefused() async throws {
        try await withDatabase(connections: 1) { database in
            let gate = Gate()
            let task = Task {
                gate.pass()
                return try await database.first(SQL.pid, (), deadlines: patient)
            }
            task.cancel()
            gate.open()
            let result = await task.result
            #expect(throws: PostgresError.cancelled) { try result.get() }
        }
    }

    @Test func aCallerThatLeavesARunningStatementEndsIt() async throws {
        try await withDatabase(connections: 2) { database in
            let running = Task { try await database.all(SQL.sleep, 3_600, deadlines: hour) }
            try await eventually { try await database.all(SQL.sleepers, (), deadlines: patient).count == 1 }
            let pid = try #require(try await database.first(SQL.sleepers, (), deadlines: patient))
            running.cancel()
            let result = await running.result
            #expect(throws: PostgresError.cancelled) { try result.get() }
            try await eventually { try await database.all(SQL.sleepers, (), deadlines: patient).isEmpty }
            // The connection is still good, and no later statement is hit.
            for _ in 0..<20 { _ = try await database.all(SQL.pid, (), deadlines: patient) }
            let isAlive = try await database.first(SQL.isAlive, pid, deadlines: patient)
            #expect(isAlive == true)
        }
    }

    @Test func aCallerThatLeavesATransactionUndoesIt() async throws {
        try await withDatabase(connections: 2, setUp: itemTable) { database in
            let running = Task {
                try await database.write(deadlines: hour) { tx throws(PostgresError) -> Void in
                    try tx.run(SQL.add, (1, "one"))
                    _ = try tx.all(SQL.sleep, 3_600)
                }
            }
            try await eventually { try await database.all(SQL.sleepers, (), deadlines: patient).count == 1 }
            running.cancel()
            let result = await running.result
            #expect(throws: PostgresError.cancelled) { try result.get() }
            let count = try await database.first(SQL.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func aStatementThatRunsTooLongIsEnded() async throws {
        try await withDatabase(connections: 1) { database in
            let pid = try await database.first(SQL.pid, (), deadlines: patient)
            let short = Deadlines(queue: .seconds(20), statement: .milliseconds(50), transaction: .seconds(20))
            let error = await failure { () async throws(PostgresError) in
                _ = try await database.all(SQL.sleep, 3_600, deadlines: short)
            }
            #expect(error == .statementDeadline("test.sleep"))
            // The same connection, so the server has ended the statement.
            let after = try await database.first(SQL.pid, (), deadlines: patient)
            #expect(after == pid)
        }
    }

    @Test func aTransactionThatRunsTooLongIsEnded() async throws {
        try await withDatabase(connections: 1, setUp: itemTable) { database in
            let short = Deadlines(queue: .seconds(20), statement: .seconds(20), transaction: .milliseconds(100))
            let error = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: short) { tx throws(PostgresError) -> Void in
                    try tx.run(SQL.add, (1, "one"))
                    for _ in 0..<1_000_000 { _ = try tx.all(SQL.sleep, 0.01) }
                }
            }
            #expect(error == .transactionDeadline)
            let count = try await database.first(SQL.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func theServersOwnTimeoutIsToldApart() async throws {
        let configure = { (configuration: inout Configuration) in
            configuration.settings = [Setting("statement_timeout", "30ms")]
        }
        try await withDatabase(connections: 1, configure: configure) { database in
            let error = await failure { () async throws(PostgresError) in
                _ = try await database.all(SQL.sleep, 3_600, deadlines: patient)
            }
            guard case .cancelledByServer(let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.state == "57014" && fault.statement == "test.sleep")
        }
    }

    private static let each = Statement(
        "test.each", "select k * 10 as v from unnest($1::bigint[]) k", in: ([Int64].self), out: ("v", Int64.self))

    @Test func questionsGatheredLateGoOutInOneStatementAndLaterOnesInTheNext() async throws {
        try await withDatabase(connections: 1) { database in
            let gate = Gate()
            let busy = occupy(database, until: gate)
            try await eventually { database.health.running == 1 }
            let questions = Mutex<[[Int64]]>([[1]])
            let answers = Log<[Int64]>()
            let ends = Log<Bool>()
            database.post(
                Rounds(
                    Self.each,
                    gather: {
                        let next = questions.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                        if next == nil { ends.append(true) }
                        return next
                    },
                    deliver: { answers.append((try? $0.get()) ?? []) }, refuse: { _ in answers.append([-1]) }),
                priority: .check, deadlines: patient)
            // Asked after it was posted and before it is sent.
            questions.withLock { $0 = [[1, 2], [3]] }
            gate.open()
            try await busy.value
            try await eventually { ends.items.count == 1 }
            #expect(answers.items == [[10, 20], [30]])
        }
    }

    @Test func manyRoundsLetOthersHaveTheirTurn() async throws {
        try await withDatabase(connections: 1) { database in
            let left = Mutex(1_000)
            let answers = Log<[Int64]>()
            let end = Log<Int>()
            database.post(
                Rounds(
                    Self.each,
                    gather: {
                        left.withLock { left in
                            left -= 1
                            return left < 0 ? nil : [Int64(left)]
                        }
                    },
                    deliver: { answers.append((try? $0.get()) ?? []) }, refuse: { _ in answers.append([-1]) }),
                priority: .check, deadlines: patient)
            let rows = try await database.all(Self.each, [7], priority: .check, deadlines: patient)
            end.append(answers.items.count)
            #expect(rows == [70])
            try await eventually { answers.items.count == 1_000 }
            #expect(answers.items.allSatisfy { $0.count == 1 && $0 != [-1] })
            #expect(end.items[0] < 1_000)
        }
    }

    @Test func roundsGoOnAfterTheConnectionBroke() async throws {
        let die = Statement(
            "test.die", "select case when $1 then pg_terminate_backend(pg_backend_pid()) end as died", in: (Bool.self),
            out: ("died", Bool?.self))
        try await withDatabase(connections: 1) { database in
            let rounds = Mutex([true, false])
            let answers = Log<String>()
            database.post(
                Rounds(
                    die, gather: { rounds.withLock { $0.isEmpty ? nil : $0.removeFirst() } },
                    deliver: { answers.append((try? $0.get()) == nil ? "failed" : "answered") },
                    refuse: { _ in answers.append("refused") }),
                priority: .check, deadlines: patient)
            try await eventually { answers.items.count == 2 }
            #expect(answers.items == ["failed", "answered"])
        }
    }

    @Test func aJobMayHoldTheLastReferenceToItsDatabase() async throws {
        let ends = Log<Int>()
        for number in 0..<20 {
            let database = try open(try Server.configuration(connections: 1))
            try await database.ready(within: .seconds(30))
            let left = Mutex(1)
            database.post(
                Rounds(
                    Self.each,
                    gather: {
                        _ = database.health
                        return left.withLock { left in
                            left -= 1
                            return left < 0 ? nil : [1]
                        }
                    },
                    deliver: { _ in ends.append(number) }, refuse: { _ in ends.append(-1) }),
                priority: .check, deadlines: patient)
        }
        try await eventually { ends.items.count == 20 }
        #expect(ends.items.sorted() == Array(0..<20))
    }

    @Test func roundsThatFindNoConnectionAreRefused() async throws {
        try await withDatabase(connections: 1) { database in
            await database.shutdown(within: .zero)
            let answers = Log<String>()
            database.post(
                Rounds(
                    Self.each,
                    gather: {
                        answers.append("gathered")
                        return nil
                    }, deliver: { _ in answers.append("delivered") }, refuse: { _ in answers.append("refused") }),
                priority: .check)
            try await eventually { !answers.items.isEmpty }
            #expect(answers.items == ["refused"])
        }
    }
}
