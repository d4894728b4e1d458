import Harness
import Rules
import Store
import Testing

/// A large organisation: its people's windows and due dates move with it, all of them, at once.
@Suite struct OrganisationMovesTests {
    @Test func twentyThousandPeopleMoveInOneTransaction() async throws {
        let scene = try await Scene.make()
        let firma = OrganisationName(number: "1", name: "Stor AS")
        for start in stride(from: 0, to: 20_000, by: leadsPerTransactionMax) {
            _ = try await scene.collect(
                (start..<start + leadsPerTransactionMax).map { try lead("p\($0)@stor.example", organisation: firma) })
        }
        #expect(try await scene.dueCount("due_ground = 'newsletter/cold-lead'") == 20_000)
        let started = OrganisationReport(
            try #require(firma), events: [(.customerStarted, try instant("2026-01-01T00:00:00Z"))])
        #expect(try await scene.store.run(.report(started), by: scene.access).members == 20_000)
        #expect(try await scene.dueCount("due_at is null and due_ground = 'newsletter/customer'") == 20_000)
        let end = systemNow().advanced(byMicroseconds: -1_000_000)
        let ended = OrganisationReport(try #require(firma), events: [(.customerEnded, end)])
        #expect(try await scene.store.run(.report(ended), by: scene.access).members == 20_000)
        let due = try #require(Period(12, .months)?.end(from: end))
        #expect(try await scene.dueCount("due_at = '\(due)' and due_ground = 'newsletter/former-customer'") == 20_000)
        #expect(try await scene.answer("p19999@stor.example").verdict.until == due)
        await scene.close()
    }

    /// An organisation's act takes no lock on each of its people; the rows keep the two in order.
    @Test func anActOfAPersonAndOneOfTheirOrganisationBothCount() async throws {
        let scene = try await Scene.make()
        let firma = OrganisationName(number: "1", name: nil)
        let people = (0..<60).map { "p\($0)@firma.example" }
        _ = try await scene.collect(people.map { try lead($0, organisation: firma) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<20 {
                    for event in [Event.customerStarted, .customerEnded] {
                        let report = OrganisationReport(try #require(firma), events: [(event, nil)])
                        _ = try await scene.store.run(.report(report), by: scene.access)
                    }
                }
            }
            for lane in 0..<3 {
                group.addTask {
                    for (index, address) in people.enumerated() where index % 3 == lane {
                        try await scene.report(.contacted, address)
                        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), address)
                    }
                }
            }
            try await group.waitForAll()
        }
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        #expect(try await verifier.verify().drifts == [])
        await verifier.shutdown()
        for address in people { #expect(try await scene.reason(address) == "unsubscribed") }
        await scene.close()
    }
}
