import Postgres
import Testing

private enum Colour: String, PostgresWrapped, CaseIterable {
    case red
    case green
}

private struct Key: PostgresWrapped, Equatable {
    var id: PGUUID
    var postgresValue: PGUUID { id }
    init(id: PGUUID) { self.id = id }
    init?(postgresValue: PGUUID) {
        // Stands for a type that does not take every value of the stored one.
        guard postgresValue.high != 0 else { return nil }
        id = postgresValue
    }
}

private struct Pair: Equatable {
    var left: Int64
    var right: String?
}

@Suite struct ValuesTests {
    private static let bool = Statement("v.bool", "select $1 as v", in: (Bool?.self), out: ("v", Bool?.self))
    private static let int2 = Statement("v.int2", "select $1 as v", in: (Int16?.self), out: ("v", Int16?.self))
    private static let int4 = Statement("v.int4", "select $1 as v", in: (Int32?.self), out: ("v", Int32?.self))
    private static let int8 = Statement("v.int8", "select $1 as v", in: (Int64?.self), out: ("v", Int64?.self))
    private static let float8 = Statement("v.float8", "select $1 as v", in: (Double?.self), out: ("v", Double?.self))
    private static let text = Statement("v.text", "select $1 as v", in: (String?.self), out: ("v", String?.self))
    private static let bytea = Statement("v.bytea", "select $1 as v", in: (Bytea?.self), out: ("v", Bytea?.self))
    private static let uuid = Statement("v.uuid", "select $1 as v", in: (PGUUID?.self), out: ("v", PGUUID?.self))
    private static let instant = Statement(
        "v.instant", "select $1 as v", in: (Timestamp?.self), out: ("v", Timestamp?.self))
    private static let xid8 = Statement("v.xid8", "select $1 as v", in: (XID8?.self), out: ("v", XID8?.self))
    private static let oid = Statement("v.oid", "select $1 as v", in: (OID?.self), out: ("v", OID?.self))
    private static let jsonb = Statement("v.jsonb", "select $1 as v", in: (JSONB?.self), out: ("v", JSONB?.self))
    private static let colour = Statement("v.colour", "select $1 as v", in: (Colour?.self), out: ("v", Colour?.self))
    private static let key = Statement("v.key", "select $1 as v", in: (Key?.self), out: ("v", Key?.self))

    private static let bools = Statement("v.bools", "select $1 as v", in: ([Bool].self), out: ("v", [Bool].self))
    private static let int2s = Statement("v.int2s", "select $1 as v", in: ([Int16].self), out: ("v", [Int16].self))
    private static let int4s = Statement("v.int4s", "select $1 as v", in: ([Int32].self), out: ("v", [Int32].self))
    private static let int8s = Statement("v.int8s", "select $1 as v", in: ([Int64?].self), out: ("v", [Int64?].self))
    private static let float8s = Statement("v.f8s", "select $1 as v", in: ([Double].self), out: ("v", [Double].self))
    private static let texts = Statement("v.texts", "select $1 as v", in: ([String?].self), out: ("v", [String?].self))
    private static let byteas = Statement("v.byteas", "select $1 as v", in: ([Bytea].self), out: ("v", [Bytea].self))
    private static let uuids = Statement("v.uuids", "select $1 as v", in: ([PGUUID].self), out: ("v", [PGUUID].self))
    private static let instants = Statement(
        "v.instants", "select $1 as v", in: ([Timestamp?].self), out: ("v", [Timestamp?].self))
    private static let xid8s = Statement("v.xid8s", "select $1 as v", in: ([XID8].self), out: ("v", [XID8].self))
    private static let oids = Statement("v.oids", "select $1 as v", in: ([OID].self), out: ("v", [OID].self))
    private static let jsonbs = Statement("v.jsonbs", "select $1 as v", in: ([JSONB].self), out: ("v", [JSONB].self))
    private static let colours = Statement(
        "v.colours", "select $1 as v", in: ([Colour].self), out: ("v", [Colour].self))
    private static let keys = Statement("v.keys", "select $1 as v", in: ([Key]?.self), out: ("v", [Key]?.self))

    private func check<Value: Equatable & Sendable>(
        _ database: Database, _ statement: Statement<Value, Value>, _ values: [Value],
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        for value in values {
            let rows = try await database.all(statement, value, deadlines: patient)
            #expect(rows == [value], sourceLocation: location)
        }
    }

    @Test func everyTypeComesBackAsItWent() async throws {
        try await withDatabase { database in
            try await check(database, Self.bool, [true, false, nil])
            try await check(database, Self.int2, [.min, -1, 0, .max, nil])
            try await check(database, Self.int4, [.min, -1, 0, .max, nil])
            try await check(database, Self.int8, [.min, -1, 0, .max, nil])
            try await check(
                database, Self.float8,
                [-.greatestFiniteMagnitude, -0.0, .leastNonzeroMagnitude, 0.1, .infinity, -.infinity, nil])
            try await check(database, Self.text, ["", "a", "Kari Nordmann Ø 日本 🇳🇴", "\u{1}\u{7f}", nil])
            try await check(database, Self.text, [String(repeating: "x", count: 3_000_000)])
            try await check(database, Self.bytea, [Bytea([]), Bytea([0, 255, 0]), Bytea(Array(0...255)), nil])
            try await check(
                database, Self.uuid,
                [PGUUID(high: 0, low: 0), PGUUID(high: .max, low: .max), PGUUID(high: 1, low: 2), nil])
            // From the server's first instant, 4714-11-24 BC, to the last that 64 bits since 1970 can name.
            try await check(
                database, Self.instant,
                [-210_866_803_200_000_000, -1, 0, 1, 946_684_800_000_000, .max]
                    .map { Timestamp(microseconds: $0) } + [nil])
            try await check(database, Self.xid8, [XID8(0), XID8(.max), nil])
            try await check(database, Self.oid, [OID(0), OID(.max), nil])
            try await check(database, Self.jsonb, [JSONB("{\"a\": [1, null, \"ø\"]}"), JSONB("null"), nil])
            try await check(database, Self.colour, [.red, .green, nil])
            try await check(database, Self.key, [Key(id: PGUUID(high: 7, low: 0)), nil])
        }
    }

    @Test func notANumberComesBackAsNone() async throws {
        try await withDatabase { database in
            let row = try await database.first(Self.float8, .nan, deadlines: patient)
            #expect(row??.isNaN == true)
        }
    }

    @Test func arraysOfEveryTypeComeBackAsTheyWent() async throws {
        try await withDatabase { database in
            try await check(database, Self.bools, [[], [true, false]])
            try await check(database, Self.int2s, [[], [.min, .max]])
            try await check(database, Self.int4s, [[], [.min, .max]])
            try await check(database, Self.int8s, [[], [.min, nil, .max], [nil]])
            try await check(database, Self.float8s, [[], [0.5, -1]])
            try await check(database, Self.texts, [[], ["", nil, "NULL", "{a,\"b\"}"]])
            try await check(database, Self.byteas, [[], [Bytea([]), Bytea([0])]])
            try await check(database, Self.uuids, [[], (0..<10_000).map { PGUUID(high: $0, low: .max - $0) }])
            try await check(database, Self.instants, [[], [Timestamp(microseconds: 5), nil]])
            try await check(database, Self.xid8s, [[], [XID8(.max)]])
            try await check(database, Self.oids, [[], [OID(.max)]])
            try await check(database, Self.jsonbs, [[], [JSONB("[]"), JSONB("1")]])
            try await check(database, Self.colours, [[], [.green, .red]])
            try await check(database, Self.keys, [[], [Key(id: PGUUID(high: 1, low: 1))], nil])
        }
    }

    @Test func instantsMeanTheSameToTheServer() async throws {
        let read = Statement(
            "v.known", "select $1::text::timestamptz as v", in: (String.self), out: ("v", Timestamp.self))
        try await withDatabase { database in
            let rows = try await database.all(read, "2026-04-30 09:59:59.000001+00", deadlines: patient)
            #expect(rows == [Timestamp(microseconds: 1_777_543_199_000_001)])
            for word in ["infinity", "-infinity"] {
                let error = await failure { () async throws(PostgresError) in
                    _ = try await database.all(read, word, deadlines: patient)
                }
                #expect(error == .value(fault("v.known", .column("v"), .infinite)))
            }
            let far = await failure { () async throws(PostgresError) in
                _ = try await database.all(read, "294276-12-31 23:59:59+00", deadlines: patient)
            }
            #expect(far == .value(fault("v.known", .column("v"), .range)))
        }
    }

    @Test func instantsOutOfRangeAreRefused() async throws {
        try await withDatabase { database in
            for value: Int64 in [.min, .min + 946_684_800_000_000] {
                let error = await failure { () async throws(PostgresError) in
                    _ = try await database.all(Self.instant, Timestamp(microseconds: value), deadlines: patient)
                }
                #expect(error == .value(fault("v.instant", .parameter(1), .range)))
            }
            let error = await failure { () async throws(PostgresError) in
                _ = try await database.all(
                    Self.instant, Timestamp(microseconds: -210_866_803_200_000_001), deadlines: patient)
            }
            #expect(error?.fault?.state == "22008", "\(String(describing: error))")
        }
    }

    @Test func textWithNULIsRefusedWherever() async throws {
        let two = Statement(
            "v.two", "select $1 as a, $2 as b", in: (Int64.self, String.self), out: ("a", Int64.self),
            ("b", String.self))
        try await withDatabase { database in
            let inText = await failure { () async throws(PostgresError) in
                _ = try await database.all(two, (1, "a\0b"), deadlines: patient)
            }
            #expect(inText == .value(fault("v.two", .parameter(2), .containsNUL)))
            let inArray = await failure { () async throws(PostgresError) in
                _ = try await database.all(Self.texts, ["fine", "\0"], deadlines: patient)
            }
            #expect(inArray == .value(fault("v.texts", .parameter(1), .containsNUL)))
            let inJSON = await failure { () async throws(PostgresError) in
                _ = try await database.all(Self.jsonb, JSONB("\"\0\""), deadlines: patient)
            }
            #expect(inJSON == .value(fault("v.jsonb", .parameter(1), .containsNUL)))
        }
    }

    @Test func nullWhereNoneIsDeclaredIsAnError() async throws {
        let strict = Statement(
            "v.strict", "select 1::bigint as a, $1 as b", in: (String?.self), out: ("a", Int64.self), ("b", String.self)
        )
        let element = Statement(
            "v.element", "select array[1, null]::bigint[] as a", in: (), out: ("a", [Int64].self))
        try await withDatabase { database in
            let error = await failure { () async throws(PostgresError) in
                _ = try await database.all(strict, nil, deadlines: patient)
            }
            #expect(error == .value(fault("v.strict", .column("b"), .null)))
            let inArray = await failure { () async throws(PostgresError) in
                _ = try await database.all(element, (), deadlines: patient)
            }
            #expect(inArray == .value(fault("v.element", .column("a"), .null)))
        }
    }

    @Test func whatARoomsOwnTypeRefusesIsAnError() async throws {
        let colour = Statement(
            "v.purple", "select 'purple'::text as v", in: (), out: ("v", Colour.self))
        let key = Statement("v.zero", "select $1 as v", in: (PGUUID.self), out: ("v", Key.self))
        try await withDatabase { database in
            let first = await failure { () async throws(PostgresError) in
                _ = try await database.all(colour, (), deadlines: patient)
            }
            #expect(first == .value(fault("v.purple", .column("v"), .refused)))
            let second = await failure { () async throws(PostgresError) in
                _ = try await database.all(key, PGUUID(high: 0, low: 0), deadlines: patient)
            }
            #expect(second == .value(fault("v.zero", .column("v"), .refused)))
        }
    }

    @Test func columnsOfAnotherTypeOrNumberAreNeverMisread() async throws {
        let narrow = Statement("v.narrow", "select 1::int as v", in: (), out: ("v", Int64.self))
        let many = Statement("v.many", "select 1::bigint as v, 2 as w", in: (), out: ("v", Int64.self))
        try await withDatabase { database in
            let first = await failure { () async throws(PostgresError) in
                _ = try await database.all(narrow, (), deadlines: patient)
            }
            #expect(first == .columnMismatch("v.narrow"))
            let second = await failure { () async throws(PostgresError) in
                _ = try await database.all(many, (), deadlines: patient)
            }
            #expect(second == .columnMismatch("v.many"))
        }
    }

    @Test func rowsMayBeOfARoomsOwnType() async throws {
        let pair = Statement(
            "v.pair", "select $1 as l, $2 as r", in: (Int64.self, String?.self),
            out: ("l", Int64.self), ("r", String?.self), into: Pair.init(left:right:))
        try await withDatabase { database in
            let none = try await database.all(pair, (1, nil), deadlines: patient)
            #expect(none == [Pair(left: 1, right: nil)])
            let some = try await database.all(pair, (2, "b"), deadlines: patient)
            #expect(some == [Pair(left: 2, right: "b")])
        }
    }

    @Test func varcharAndNameAreReadAsText() async throws {
        let read = Statement(
            "v.alike", "select 'a'::varchar as a, 'b'::name as b, array['c']::varchar[] as c", in: (),
            out: ("a", String.self), ("b", String.self), ("c", [String].self))
        try await withDatabase { database in
            let rows = try await database.all(read, (), deadlines: patient)
            #expect(rows.first?.0 == "a" && rows.first?.1 == "b" && rows.first?.2 == ["c"])
        }
    }

    private func fault(_ statement: String, _ place: ValueFault.Place, _ reason: ValueReason) -> ValueFault {
        ValueFault(statement: statement, place: place, reason: reason)
    }
}
