import Harness
import Postgres
import Store
import Testing

@Suite struct CensusTests {
    @Test func everyStatementIsWhatTheServerSaysItIs() async throws {
        let database = try await TestDatabase.make()
        var configuration = Postgres.Configuration(url: database.url)
        configuration.settings = [Setting("search_path", "maysend")]
        let connection = try Database(configuration, random: { 0.5 })
        let findings = try await connection.census(Store.statements)
        #expect(findings.map(\.description) == [])
        await connection.shutdown(within: .seconds(5))
    }

    @Test func everyStatementHasANameOfItsOwn() {
        let names = Store.statements.map(\.name.description)
        #expect(Set(names).count == names.count)
        #expect(names.count > 40)
    }
}
