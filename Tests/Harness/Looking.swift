import Foundation
import Postgres
public import Rules

/// This machine's clock, for tests that need times around now.
public func systemNow() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

extension TestDatabase {
    private static let look = Statement(
        "test.look", "select text from test_look() as text", in: (), out: ("text", String?.self),
        into: { (text: String?) in text ?? "" })

    /// The one column of a query, as the superuser sees it.
    public func texts(_ query: String) async throws -> [String] {
        try await run(
            "create or replace function test_look() returns setof text language sql as $look$ \(query) $look$")
        var configuration = Postgres.Configuration(url: url)
        configuration.connections = 1
        let database = try Database(configuration, random: { 0.5 })
        let texts = try await database.all(Self.look, (), deadlines: Self.patient)
        await database.shutdown(within: .seconds(5))
        return texts
    }

    /// How many rows there are of `table where condition`.
    public func count(_ rows: String) async throws -> Int64 {
        let texts = try await texts("select count(*)::text from \(rows)")
        guard let count = texts.first.flatMap({ Int64($0) }) else { throw HarnessError.noName(rows) }
        return count
    }
}
