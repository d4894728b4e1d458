import Postgres
import Testing

@Suite struct CensusTests {
    private static let setUp = """
        create table thing (id bigint primary key, name text, code varchar(5) not null, small int not null)
        """

    private func findings(_ statements: AnyStatement..., setup: Script? = nil) async throws -> [CensusFinding] {
        var findings: [CensusFinding] = []
        try await withDatabase(connections: 1, setUp: Self.setUp) { database in
            findings = try await database.census(statements, setup: setup)
        }
        return findings
    }

    @Test func statementsThatAreRightHaveNoFindings() async throws {
        let right = Statement(
            "census.right", "select id, name, code from thing where id = any($1) and code = $2",
            in: ([Int64].self, String.self), out: ("id", Int64.self), ("name", String?.self), ("code", String.self))
        let add = Statement(
            "census.add", "insert into thing values ($1, $2, $3, $4) returning small",
            in: (Int64.self, String?.self, String.self, Int32.self),
            out: ("small", Int32.self))
        let none = Statement("census.none", "select pg_notify('x', $1)", in: (String.self))
        let stage = CopyIn("census.stage", table: "temp_stage", columns: ("id", Int64.self), ("name", String.self))
        let export = CopyOut("census.export", query: "select id from thing", out: ("id", Int64.self))
        let setup = Script(reviewed: "create temporary table temp_stage (id bigint not null, name text not null)")
        let findings = try await findings(
            right.erased, add.erased, none.erased, stage.erased, export.erased, setup: setup)
        #expect(findings == [], "\(findings)")
    }

    @Test func aWrongTypeNameOrNumberIsFound() async throws {
        let type = Statement("census.type", "select small from thing", in: (), out: ("small", Int64.self))
        let name = Statement("census.name", "select id as key from thing", in: (), out: ("id", Int64.self))
        let count = Statement("census.count", "select id, code from thing", in: (), out: ("id", Int64.self))
        let unread = Statement("census.unread", "select id from thing", in: ())
        let parameter = Statement(
            "census.parameter", "select id from thing where small = $1", in: (Int64.self), out: ("id", Int64.self))
        let parameters = Statement(
            "census.parameters", "select id from thing where id = $1", in: (Int64.self, Int64.self),
            out: ("id", Int64.self))
        let null = Statement("census.null", "select name from thing", in: (), out: ("name", String.self))
        let gone = Statement("census.gone", "select id from nowhere", in: (), out: ("id", Int64.self))
        let stage = CopyIn("census.stage", table: "thing", columns: ("id", Int64.self), ("small", Int64.self))
        let found = try await findings(
            type.erased, name.erased, count.erased, unread.erased, parameter.erased, parameters.erased, null.erased,
            gone.erased, stage.erased, type.erased)
        let wrongType = CensusFinding.columnType(
            statement: "census.type", column: "small", declared: 20, server: 23)
        #expect(
            found == [
                wrongType,
                .columnName(statement: "census.name", column: 1, declared: "id", server: "key"),
                .columnCount(statement: "census.count", declared: 1, server: 2),
                .columnCount(statement: "census.unread", declared: 0, server: 1),
                .parameterType(statement: "census.parameter", parameter: 1, declared: 20, server: 23),
                .parameterCount(statement: "census.parameters", declared: 2, server: 1),
                .columnMayBeNull(statement: "census.null", column: "name"),
                .notPrepared(statement: "census.gone", state: "42P01"),
                .columnType(statement: "census.stage", column: "small", declared: 20, server: 23),
                .nameUsedTwice(statement: "census.type"), wrongType,
            ], "\(found)")
    }

    @Test func theCensusLeavesNothingBehind() async throws {
        try await withDatabase(connections: 1, setUp: Self.setUp) { database in
            _ = try await database.census([], setup: Script(reviewed: "create table left_over (id int)"))
            let tables = Statement(
                "census.tables", "select count(*) as n from pg_class where relname = 'left_over'", in: (),
                out: ("n", Int64.self))
            let count = try await database.first(tables, (), deadlines: patient)
            #expect(count == 0)
        }
    }
}
