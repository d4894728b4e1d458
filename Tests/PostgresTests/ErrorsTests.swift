import Postgres
import Testing

@Suite struct ErrorsTests {
    private static let setUp = """
        create table place (id bigint primary key);
        create table person (
            id bigint primary key, email text constraint one_email unique,
            age int constraint old_enough check (age >= 16), place bigint constraint known_place references place,
            name text not null, during int4range, constraint not_twice exclude using gist (during with &&));
        """

    private func error(_ database: Database, _ text: String) async -> PostgresError? {
        await failure { () async throws(PostgresError) in
            try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                try tx.run(Script(reviewed: text))
            }
        }
    }

    @Test func eachIsRecognisedBySQLStateAndConstraint() async throws {
        try await withDatabase(setUp: Self.setUp) { database in
            let insert = "insert into person (id, email, age, place, name, during) values "
            try await database.run(Script(reviewed: insert + "(1, 'a', 20, null, 'n', '[1,5)')"))

            guard case .uniqueViolation(let unique) = await error(database, insert + "(2, 'a', 20, null, 'n', null)"),
                case .checkViolation(let check) = await error(database, insert + "(2, 'b', 2, null, 'n', null)"),
                case .foreignKeyViolation(let key) = await error(database, insert + "(2, 'b', 20, 9, 'n', null)"),
                case .notNullViolation(let null) = await error(database, insert + "(2, 'b', 20, null, null, null)"),
                case .exclusionViolation(let twice) = await error(
                    database, insert + "(2, 'b', 20, null, 'n', '[2,3)')")
            else {
                Issue.record("a violation was taken for another")
                return
            }
            #expect(unique.constraint == "one_email" && unique.table == "person" && unique.state == "23505")
            #expect(check.constraint == "old_enough" && check.statement == "postgres.script")
            #expect(key.constraint == "known_place")
            #expect(null.column == "name" && null.table == "person")
            #expect(twice.constraint == "not_twice")

            guard case .undefined(let syntax) = await error(database, "selec 1"),
                case .undefined(let table) = await error(database, "select * from nowhere"),
                case .invalidData(let division) = await error(database, "select 1/0"),
                case .raised = await error(database, "do $$ begin raise exception 'x'; end $$"),
                case .permissionDenied(let denied) = await error(
                    database, "set local role pg_monitor; select * from person"),
                case .lockNotAvailable = await error(
                    database, "do $$ begin raise exception using errcode = '55P03'; end $$"),
                case .diskFull = await error(
                    database, "do $$ begin raise exception using errcode = '53100'; end $$"),
                case .tooManyConnections = await error(
                    database, "do $$ begin raise exception using errcode = '53300'; end $$"),
                case .other(let other) = await error(
                    database, "do $$ begin raise exception using errcode = 'MS001'; end $$")
            else {
                Issue.record("an error was taken for another")
                return
            }
            #expect(syntax.state == "42601" && table.state == "42P01" && division.state == "22012")
            #expect(denied.state == "42501" && other.state == "MS001")
        }
    }

    @Test func noErrorRepeatsAValue() async throws {
        let address = "kari.nordmann@firma.example"
        try await withDatabase(setUp: itemTable + "; insert into item values (1, '\(address)')") { database in
            let unique = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.run(SQL.add, (2, address))
                }
            }
            guard case .uniqueViolation(let fault) = unique else {
                Issue.record("\(String(describing: unique))")
                return
            }
            #expect(fault.constraint == "item_name_key")
            let refused = await failure { () async throws(PostgresError) in
                try await database.write(deadlines: patient) { tx throws(PostgresError) -> Void in
                    try tx.run(SQL.add, (2, address + "\0"))
                }
            }
            let raised = await error(
                database, "do $$ begin raise exception '\(address)' using detail = '\(address)'; end $$")
            let cast = await error(database, "select '\(address)'::int")
            for error in [unique, refused, raised, cast] {
                let error = try #require(error)
                var dumped = ""
                dump(error, to: &dumped)
                for text in ["\(error)", String(reflecting: error), dumped] {
                    #expect(!text.contains("kari") && !text.contains("firma"))
                }
            }
        }
    }

    @Test func aConnectionStringIsNeverRepeated() async throws {
        for url in ["postgresql://u:hunter2@nowhere/db?nonsense=1", "hunter2", "host=a\0b"] {
            let error = #expect(throws: PostgresError.self) { _ = try open(Configuration(url: url)) }
            #expect(error == .badConfiguration)
            #expect(!"\(String(describing: error))".contains("hunter2"))
        }
        let events = Log<PoolEvent>()
        var configuration = Configuration(url: "host=/nonexistent user=u password=hunter2 dbname=d")
        configuration.connections = 1
        let database = try open(configuration, observe: { events.append($0) })
        let error = await failure { () async throws(PostgresError) in
            _ = try await database.first(SQL.pid, (), deadlines: patient)
        }
        #expect(error == .unavailable)
        await database.shutdown(within: .zero)
        #expect(events.items.contains(.connectFailed(.unreachable)))
        #expect(!"\(events.items)".contains("hunter2"))
    }

    @Test func limitsThatMakeNoSenseAreRefused() throws {
        for change in [
            { (c: inout Configuration) in c.connections = 0 }, { $0.queueJobsMax = 0 }, { $0.attemptsMax = -1 },
            { $0.connections = 10_000 }, { $0.urgentConnections = -1 },
            { $0.bulkConnections = -1 }, { $0.bulkConnections = $0.connections + 1 },
        ] as [(inout Configuration) -> Void] {
            var configuration = Configuration(url: "dbname=d")
            change(&configuration)
            #expect(throws: PostgresError.badConfiguration) { _ = try open(configuration) }
        }
    }

    @Test func onlyWhatCommittedNothingIsSafeToRetry() {
        #expect(PostgresError.connectionLost.isSafeToRetry && PostgresError.queueFull.isSafeToRetry)
        #expect(!PostgresError.commitUnknown(XID8(1)).isSafeToRetry && !PostgresError.cancelled.isSafeToRetry)
    }
}
