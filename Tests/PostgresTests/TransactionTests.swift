import Postgres
import Synchronization
import Testing

@Suite struct TransactionTests {
    @Test func whatABodyWritesIsThereOnceItReturns() async throws {
        try await withDatabase(setUp: itemTable) { database in
            let number = try await database.write(deadlines: patient) { tx throws(TestError) -> XID8? in
                let added = try tx.run(SQL.add, (1, "one"))
                guard added == 1, try tx.one(SQL.count, ()) == 1 else { throw TestError.mine }
                return tx.transactionID
            }
            #expect(number != nil)
            let rows = try await database.all(SQL.items, (), deadlines: patient)
            #expect(rows.map(\.0) == [1] && rows.map(\.1) == ["one"])
        }
    }

    @Test func aBodyThatThrowsLeavesNothing() async throws {
        try await withDatabase(setUp: itemTable) { database in
            let thrown = await #expect(throws: TestError.self) {
                try await database.write(deadlines: patient) { tx throws(TestError) -> Void in
                    try tx.run(SQL.add, (1, "one"))
                    throw TestError.mine
                }
            }
            #expect(thrown == .mine)
            let count = try await database.first(SQL.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func aFailureThatTheBodyIgnoresIsNotCommitted() async throws {
        try await withDatabase(setUp: itemTable) { database in
            let thrown = await #expect(throws: TestError.self) {
                try await database.write(deadlines: patient) { tx throws(TestError) -> Void in
                    try tx.run(SQL.add, (1, "one"))
                    do throws(TestError) { try tx.run(SQL.add, (1, "two")) } catch {}
                }
            }
            guard case .database(.uniqueViolation(let fault)) = thrown else {
                Issue.record("\(String(describing: thrown))")
                return
            }
            #expect(fault.constraint == "item_pkey")
            let count = try await database.first(SQL.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func oneWantsExactlyOne() async throws {
        try await withDatabase(connections: 1) { database in
            for (limit, expected) in [(Int64(0), false), (1, true), (2, false)] {
                let error = await failure { () async throws(PostgresError) in
                    _ = try await database.read(deadlines: patient) { tx throws(PostgresError) in
                        try tx.one(SQL.numbers, limit)
                    }
                }
                #expect((error == nil) == expected)
                if !expected { #expect(error == .rowCount("test.numbers")) }
            }
        }
    }

    @Test func onlyWriteMayWrite() async throws {
        try await withDatabase(setUp: itemTable) { database in
            let inRead = await failure { () async throws(PostgresError) in
                try await database.read(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.run(SQL.add, (1, "one"))
                }
            }
            let alone = await failure { () async throws(PostgresError) in
                _ = try await database.all(SQL.add, (1, "one"), deadlines: patient)
            }
            for error in [inRead, alone] {
                guard case .readOnly(let fault) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(fault.state == "25006")
            }
            // A script may write, and the session forgets that afterwards.
            try await database.run(Script(reviewed: "insert into item values (7, 'seven')"))
            for _ in 0..<4 {
                let after = await failure { () async throws(PostgresError) in
                    _ = try await database.all(SQL.add, (1, "one"), deadlines: patient)
                }
                #expect(after?.fault?.state == "25006")
            }
        }
    }

    @Test func rowsStreamAndTheTransactionGoesOn() async throws {
        try await withDatabase(connections: 1) { database in
            let (sum, next) = try await database.read(deadlines: patient) { tx throws(TestError) -> (Int64, Int64) in
                var sum: Int64 = 0
                try tx.forEach(SQL.numbers, 50_000) { (number: Int64) throws(TestError) in sum += number }
                return (sum, try tx.one(SQL.numbers, 1))
            }
            #expect(sum == 1_250_025_000)
            #expect(next == 1)
        }
    }

    @Test func aStreamThatItsReaderLeavesEndsTheStatement() async throws {
        try await withDatabase(connections: 1) { database in
            let thrown = await #expect(throws: TestError.self) {
                try await database.read(deadlines: patient) { tx throws(TestError) -> Void in
                    // Far more rows than could be read to the end here.
                    try tx.forEach(SQL.numbers, 1_000_000_000) { (number: Int64) throws(TestError) in
                        if number == 3 { throw TestError.mine }
                    }
                }
            }
            #expect(thrown == .mine)
            let rows = try await database.all(SQL.numbers, 2, deadlines: patient)
            #expect(rows == [1, 2])
        }
    }

    @Test func noOtherStatementRunsInsideAStream() async throws {
        try await withDatabase(connections: 1) { database in
            let error = await failure { () async throws(PostgresError) in
                try await database.read(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.forEach(SQL.numbers, 2) { (number: Int64) throws(PostgresError) in
                        _ = try tx.one(SQL.numbers, 1)
                    }
                }
            }
            #expect(error == .misuse(.statementInsideStream("test.numbers")))
        }
    }

    @Test func settingsLastAsLongAsTheTransaction() async throws {
        let read = Statement(
            "test.setting", "select current_setting('room.controller', true) as v", in: (), out: ("v", String?.self))
        try await withDatabase(connections: 1) { database in
            let inside = try await database.read(settings: [Setting("room.controller", "it's 7")]) {
                tx throws(PostgresError) in try tx.one(read, ())
            }
            #expect(inside == "it's 7")
            let outside = try await database.first(read, (), deadlines: patient)
            #expect(outside == "")
        }
    }

    @Test func theSessionIsAsConfigured() async throws {
        let read = Statement(
            "test.session",
            """
            select current_setting('TimeZone') as zone, current_setting('statement_timeout') as timeout,
                   current_setting('application_name') as name, current_user::text as "user"
            """,
            in: (), out: ("zone", String.self), ("timeout", String.self), ("name", String.self), ("user", String.self))
        let configure = { (configuration: inout Configuration) in
            configuration.settings = [Setting("statement_timeout", "7s")]
            configuration.role = "pg_read_all_data"
        }
        try await withDatabase(connections: 1, configure: configure) { database in
            let row = try #require(try await database.first(read, (), deadlines: patient))
            #expect(row.0 == "UTC" && row.1 == "7s" && row.2 == "postgres-tests" && row.3 == "pg_read_all_data")
        }
    }

    // MARK: Running again

    @Test func aDeadlockIsRunAgain() async throws {
        let setUp = itemTable + "; insert into item values (1, 'a'), (2, 'b')"
        try await withDatabase(setUp: setUp) { database in
            let runs = Log<Int>()
            let first = Gate()
            let second = Gate()
            async let one: Void = database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                runs.append(1)
                try tx.run(SQL.rename, (1, "one"))
                first.open()
                second.pass()
                try tx.run(SQL.rename, (2, "two"))
            }
            async let two: Void = database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                runs.append(2)
                first.pass()
                try tx.run(SQL.rename, (2, "zwei"))
                second.open()
                try tx.run(SQL.rename, (1, "eins"))
            }
            _ = try await (one, two)
            // Run again, the loser may meet the other once more.
            #expect(runs.items.count >= 3)
            let names = try await database.all(SQL.items, (), deadlines: patient).map(\.1)
            #expect(names == ["one", "two"] || names == ["eins", "zwei"])
        }
    }

    @Test func aSerializationFailureIsRunAgainAndThenGivenUp() async throws {
        let setUp = itemTable + "; insert into item values (1, 'a')"
        let configure = { (configuration: inout Configuration) in configuration.attemptsMax = 3 }
        try await withDatabase(setUp: setUp, configure: configure) { database in
            let runs = Log<Int>()
            // Raised as PostgreSQL does it, so that each run fails for certain.
            let fails = Script(reviewed: "do $$ begin raise exception using errcode = '40001'; end $$")
            let error = await failure { () async throws(PostgresError) in
                try await database.write(isolation: .serializable, deadlines: patient) {
                    tx throws(PostgresError) -> Void in
                    runs.append(0)
                    try tx.run(fails)
                }
            }
            #expect(error?.fault?.state == "40001")
            #expect(runs.items.count == 3)
        }
    }

    @Test func concurrentSerializableCountersAllCount() async throws {
        let bump = Statement("test.bump", "update item set name = (name::int + 1)::text where id = 1", in: ())
        let setUp = itemTable + "; insert into item values (1, '0')"
        let configure = { (configuration: inout Configuration) in configuration.attemptsMax = 100 }
        try await withDatabase(connections: 4, setUp: setUp, configure: configure) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await database.write(isolation: .serializable, deadlines: patient) {
                            tx throws(PostgresError) -> Void in
                            _ = try tx.all(SQL.items, ())
                            try tx.run(bump, ())
                        }
                    }
                }
                try await group.waitForAll()
            }
            let names = try await database.all(SQL.items, (), deadlines: patient).map(\.1)
            #expect(names == ["20"])
        }
    }

    @Test func aPlanMadeStaleByAMigrationIsMadeAnew() async throws {
        let star = Statement(
            "test.star", "select * from item where id = $1", in: (Int64.self),
            out: ("id", Int64.self), ("name", String.self))
        let setUp = itemTable + "; insert into item values (1, 'a')"
        try await withDatabase(connections: 1, setUp: setUp) { database in
            _ = try await database.all(star, 1, deadlines: patient)
            // varchar is read as text is, but the plan of before does not fit any more.
            try await database.run(Script(reviewed: "alter table item alter name type varchar(9)"))
            let alone = try await database.all(star, 1, deadlines: patient)
            #expect(alone.map(\.1) == ["a"])
            try await database.run(Script(reviewed: "alter table item alter name type text"))
            let runs = Log<Int>()
            let inside = try await database.write(deadlines: patient) { tx throws(PostgresError) -> [String] in
                runs.append(0)
                return try tx.all(star, 1).map(\.1)
            }
            #expect(inside == ["a"])
            #expect(runs.items.count == 2)
            // And a statement that the server has forgotten.
            try await database.run(Script(reviewed: "deallocate all"))
            let again = try await database.all(star, 1, deadlines: patient)
            #expect(again.map(\.1) == ["a"])
        }
    }

    @Test func aNameIsNotUsedForTwoTexts() async throws {
        let one = Statement("test.twice", "select 1::bigint as n", in: (), out: ("n", Int64.self))
        let two = Statement("test.twice", "select 2::bigint as n", in: (), out: ("n", Int64.self))
        try await withDatabase(connections: 1) { database in
            let row = try await database.first(one, (), deadlines: patient)
            #expect(row == 1)
            let error = await failure { () async throws(PostgresError) in
                _ = try await database.first(two, (), deadlines: patient)
            }
            #expect(error == .misuse(.nameUsedTwice("test.twice")))
        }
    }

    @Test func aScriptMustNotEndItsTransaction() async throws {
        try await withDatabase(connections: 1) { database in
            let error = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.run(Script(reviewed: "rollback"))
                }
            }
            #expect(error == .misuse(.transactionEnded))
        }
    }
}
