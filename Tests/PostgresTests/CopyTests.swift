import Postgres
import Testing

@Suite struct CopyTests {
    private static let stage = CopyIn(
        "copy.stage", table: "line", columns: ("id", Int64.self), ("name", String?.self), ("at", Timestamp.self))
    private static let export = CopyOut(
        "copy.export", query: "select id, name, at from line order by id",
        out: ("id", Int64.self), ("name", String?.self), ("at", Timestamp.self))
    private static let count = Statement("copy.count", "select count(*) as n from line", in: (), out: ("n", Int64.self))
    private static let csvIn = CopyText("copy.csv_in", "copy line (id, name) from stdin (format csv)")
    private static let csvOut = CopyText(
        "copy.csv_out", "copy (select id, name from line order by id) to stdout (format csv)")
    private static let table = """
        create table line (id bigint primary key, name text, at timestamptz not null default 'epoch')
        """
    private static let rows: Int64 = 20_000

    @Test func rowsComeBackAsTheyWereCopied() async throws {
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let stored = try await database.write(deadlines: patient) { tx throws(TestError) -> Int in
                try tx.copyIn(Self.stage) { sink throws(TestError) in
                    for id in 0..<Self.rows {
                        try sink.send((id, id % 3 == 0 ? nil : "name \(id)", Timestamp(microseconds: -id)))
                    }
                }
            }
            #expect(stored == Int(Self.rows))
            let seen = try await database.read(deadlines: patient) { tx throws(TestError) -> Int64 in
                var next: Int64 = 0
                try tx.copyOut(Self.export) { (row: (Int64, String?, Timestamp)) throws(TestError) in
                    let name = next % 3 == 0 ? nil : "name \(next)"
                    guard row.0 == next, row.1 == name, row.2.microseconds == -next else { throw .mine }
                    next += 1
                }
                return next
            }
            #expect(seen == Self.rows)
        }
    }

    @Test func nothingIsCopiedWhenTheProducerFails() async throws {
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let before = try await database.first(SQL.pid, (), deadlines: patient)
            let thrown = await #expect(throws: TestError.self) {
                try await database.write(deadlines: patient) { tx throws(TestError) -> Void in
                    try tx.copyIn(Self.stage) { sink throws(TestError) in
                        for id in 0..<Self.rows { try sink.send((id, nil, Timestamp(microseconds: 0))) }
                        throw .mine
                    }
                }
            }
            #expect(thrown == .mine)
            let count = try await database.first(Self.count, (), deadlines: patient)
            #expect(count == 0)
            // On the connection of before.
            let after = try await database.first(SQL.pid, (), deadlines: patient)
            #expect(after == before)
        }
    }

    @Test func aRowThatCannotBeSentSpoilsTheCopyEvenIfIgnored() async throws {
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let error = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.copyIn(Self.stage) { sink throws(PostgresError) in
                        do throws(PostgresError) {
                            try sink.send((1, "a\0b", Timestamp(microseconds: 0)))
                        } catch {}
                        try sink.send((2, "b", Timestamp(microseconds: 0)))
                    }
                }
            }
            #expect(
                error == .value(ValueFault(statement: "copy.stage", place: .column("name"), reason: .containsNUL)))
            let count = try await database.first(Self.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func whatFailedBeforeACopyDoesNotSpoilIt() async throws {
        let note = Statement("copy.note", "select $1 as v", in: (String.self), out: ("v", String.self))
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let stored = try await database.write(deadlines: patient) { tx throws(PostgresError) -> Int in
                do throws(PostgresError) {
                    _ = try tx.one(note, "\0")
                } catch {
                    guard case .value = error else { throw error }
                }
                return try tx.copyIn(Self.stage) { sink throws(PostgresError) in
                    // Longer than one chunk.
                    try sink.send((1, String(repeating: "x", count: 1_000_000), Timestamp(microseconds: 0)))
                }
            }
            #expect(stored == 1)
        }
    }

    @Test func noStatementRunsInsideACopy() async throws {
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let stored = try await database.write(deadlines: patient) { tx throws(PostgresError) -> Int in
                var refusal: PostgresError?
                let stored = try tx.copyIn(Self.stage) { sink throws(PostgresError) in
                    try sink.send((1, "a", Timestamp(microseconds: 0)))
                    do throws(PostgresError) { _ = try tx.one(Self.count, ()) } catch { refusal = error }
                    try sink.send((2, "b", Timestamp(microseconds: 0)))
                }
                guard refusal == .misuse(.statementInsideStream("copy.count")) else { return -1 }
                return stored
            }
            #expect(stored == 2)
        }
    }

    @Test func aRowThatTheServerRefusesIsItsError() async throws {
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let error = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.copyIn(Self.stage) { sink throws(PostgresError) in
                        for _ in 0..<Self.rows { try sink.send((1, nil, Timestamp(microseconds: 0))) }
                    }
                }
            }
            guard case .uniqueViolation(let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.constraint == "line_pkey" && fault.statement == "copy.stage")
        }
    }

    @Test func aReaderThatStopsEndsTheCopy() async throws {
        let endless = CopyOut(
            "copy.endless", query: "select generate_series(1::bigint, 1000000000) as n", out: ("n", Int64.self))
        try await withDatabase(connections: 1) { database in
            let before = try await database.first(SQL.pid, (), deadlines: patient)
            let thrown = await #expect(throws: TestError.self) {
                try await database.read(deadlines: patient) { tx throws(TestError) -> Void in
                    try tx.copyOut(endless) { (number: Int64) throws(TestError) in if number == 10 { throw .mine } }
                }
            }
            #expect(thrown == .mine)
            // On the connection of before.
            let after = try await database.first(SQL.pid, (), deadlines: patient)
            #expect(after == before)
        }
    }

    @Test func aCopyObeysItsDeadlineAndItsCaller() async throws {
        let endless = CopyOut(
            "copy.endless", query: "select generate_series(1::bigint, 1000000000) as n", out: ("n", Int64.self))
        let short = Deadlines(queue: .seconds(20), statement: .milliseconds(50), transaction: .seconds(20))
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let out = await failure { () async throws(PostgresError) in
                try await database.read(deadlines: short) { tx throws(PostgresError) -> Void in
                    try tx.copyOut(endless) { (number: Int64) throws(PostgresError) in }
                }
            }
            #expect(out == .statementDeadline("copy.endless"))
            let into = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: short) { tx throws(PostgresError) -> Void in
                    try tx.copyIn(Self.stage) { sink throws(PostgresError) in
                        for id in 0..<Int64.max { try sink.send((id, nil, Timestamp(microseconds: 0))) }
                    }
                }
            }
            #expect(into == .statementDeadline("copy.stage"))
            let running = Task {
                try await database.read(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.copyOut(endless) { (number: Int64) throws(PostgresError) in }
                }
            }
            try await eventually { database.health.running == 1 }
            running.cancel()
            let result = await running.result
            #expect(throws: PostgresError.cancelled) { try result.get() }
            let count = try await database.first(Self.count, (), deadlines: patient)
            #expect(count == 0)
        }
    }

    @Test func textGoesInAndOutAsItIs() async throws {
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let stored = try await database.write(deadlines: patient) { tx throws(TestError) -> Int in
                try tx.copyTextIn(Self.csvIn) { sink throws(TestError) in
                    for id in 1...10_000 { try sink.send("\(id),\"na\"\"me, \(id)\"\n") }
                }
            }
            #expect(stored == 10_000)
            let bytes = try await database.read(deadlines: patient) { tx throws(TestError) -> [UInt8] in
                var bytes: [UInt8] = []
                try tx.copyTextOut(Self.csvOut) { (piece: UnsafeRawBufferPointer) throws(TestError) in
                    bytes += Array(piece)
                }
                return bytes
            }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 10_000 && lines.last == "10000,\"na\"\"me, 10000\"")
        }
    }

    @Test func aTextThatIsNoCopyIsMisuse() async throws {
        let none = CopyText("copy.none", "select 1")
        let statement = Statement("copy.statement", "copy line to stdout", in: ())
        try await withDatabase(connections: 1, setUp: Self.table) { database in
            let error = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.copyTextIn(none) { sink throws(PostgresError) in try sink.send("x") }
                }
            }
            #expect(error == .misuse(.notACopy("copy.none")))
            let inStatement = await failure { () async throws(PostgresError) in
                _ = try await database.all(statement, (), deadlines: patient)
            }
            #expect(inStatement == .misuse(.notACopy("copy.statement")))
            _ = try await database.first(Self.count, (), deadlines: patient)
        }
    }
}
