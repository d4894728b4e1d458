import Harness
import Rules
import Store
import Testing

@Suite struct VerificationTests {
    private func verify(_ scene: Scene) async throws -> VerificationReport {
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        let report = try await verifier.verify()
        await verifier.shutdown()
        return report
    }

    private func populate(_ scene: Scene) async throws {
        let firma = OrganisationName(number: "1", name: nil)
        _ = try await scene.collect(
            (0..<40).map { try lead("p\($0)@firma.example", organisation: $0 % 2 == 0 ? firma : nil) })
        for index in 0..<10 {
            try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "p\(index)+tag@firma.example")
            try await scene.report(.contacted, "p\(index)@firma.example")
        }
        try await scene.report(.customerStarted, "p2@firma.example")
        try await scene.report(.erased, "p4@firma.example")
    }

    @Test func everyStandingIsWhatTheActsSay() async throws {
        let scene = try await Scene.make("infobric", "infobric-as")
        try await populate(scene)
        let report = try await verify(scene)
        #expect(report.drifts == [])
        #expect(report.compared >= 50)
        await scene.close()
    }

    @Test(arguments: [
        (
            "update standing set facts = '\\x0101000000000000000a' where address_key = (select min(address_key::text)::uuid from standing where facts <> '')",
            "facts"
        ),
        (
            "update standing set facts = '\\xff' where address_key = (select min(address_key::text)::uuid from standing where facts <> '')",
            "damaged"
        ),
        (
            "delete from standing where address_key = (select min(address_key::text)::uuid from standing where facts <> '')",
            "missing"
        ),
        (
            "update standing set aliases = '' where ctid = (select min(ctid) from standing where aliases <> '')",
            "aliases"
        ),
        (
            "insert into standing values (1, '00000000-0000-0000-0000-000000000001', '\\x0101000000000000000a', '', now())",
            "unfounded"
        ),
    ])
    func damageIsFound(_ damage: String, _ problem: String) async throws {
        let scene = try await Scene.make()
        try await populate(scene)
        try await scene.database.run("set search_path = maysend; " + damage)
        let report = try await verify(scene)
        #expect(report.driftCount == 1)
        #expect(report.drifts.map(\.problem.rawValue) == [problem])
        await scene.close()
    }
}
