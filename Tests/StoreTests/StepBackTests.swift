import Foundation
import Harness
import Postgres
import Rules
import Store
import Testing

/// What `sql/step_back.sql` does to the backends of a store, and that all works without it.
@Suite struct StepBackTests {
    private func finding(_ store: Store) async throws -> Finding? {
        try await store.findings(clock: systemNow()).first { $0.subject == "step_back" }
    }

    /// How nice each backend of the database is, by its role.
    private func niceness(_ database: TestDatabase) async throws -> [String: [Int]] {
        let backends = try await database.texts(
            """
            select application_name || ' ' || pid as text from pg_stat_activity
            where datname = current_database() and application_name like 'maysend\\_%' and application_name <> 'maysend_test'
            """)
        var niceness: [String: [Int]] = [:]
        for backend in backends {
            let words = backend.split(separator: " ")
            let line = try String(contentsOfFile: "/proc/\(words[1])/stat", encoding: .utf8)
            // Behind the name in brackets; nice is the nineteenth field.
            let fields = line.split(separator: ")", maxSplits: 1)[1].split(separator: " ")
            niceness[String(words[0]), default: []].append(try #require(Int(fields[16])))
        }
        return niceness.mapValues { $0.sorted() }
    }

    /// Waits until every connection is made and has stepped back or not.
    private func wait(for expected: [String: [Int]], _ database: TestDatabase) async throws {
        for _ in 0..<1_000 {
            if try await niceness(database) == expected { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await niceness(database) == expected)
    }

    @Test(.enabled(if: getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) == 0))
    func installedItLowersBackendsOfListsAndNoOthers() async throws {
        let database = try await TestDatabase.make()
        try await database.run(Checkout.text("sql/step_back.sql"))
        // Again is harmless.
        try await database.run(Checkout.text("sql/step_back.sql"))
        let store = try await database.store(policy: "stratsys")
        let desk = try SealDesk(url: database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        #expect(try await finding(store)?.level == .good)
        try await wait(
            for: [
                "maysend_check": [0, 0, 0, 10, 10], "maysend_write": [0, 0, 0, 0, 10, 10], "maysend_seal": [10],
            ], database)
        await desk.shutdown()
        await store.shutdown(within: .seconds(5))
        try await database.drop()
    }

    @Test func withoutItAllWorksAndItIsSaid() async throws {
        let scene = try await Scene.make()
        let finding = try #require(try await finding(scene.store))
        #expect(finding.level == .notice && finding.text.contains("sql/step_back.sql"))
        let run = try await scene.sweep()
        #expect(run.finishedAt != nil)
        #expect(try await niceness(scene.database).values.joined().allSatisfy { $0 < 10 })
        await scene.close()
    }

    /// Nobody else may call it, and whoever may can do nothing else with it.
    @Test func theFunctionIsForTheRolesAlone() async throws {
        let database = try await TestDatabase.make()
        try await database.run(Checkout.text("sql/step_back.sql"))
        let rights = try await database.texts(
            """
            select r.rolname || ' ' || has_function_privilege(r.oid, 'maysend.step_back()', 'execute') as text from pg_roles r
            where r.rolname like 'maysend\\_%' and r.rolname <> 'maysend_admin' or r.rolname = 'pg_monitor' order by 1
            """)
        #expect(
            rights == [
                "maysend_audit true", "maysend_check true", "maysend_courier true", "maysend_seal true",
                "maysend_write true", "pg_monitor false",
            ])
        try await database.drop()
    }
}
