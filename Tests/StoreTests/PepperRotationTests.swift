import Harness
import Rules
import Store
import Testing

/// What was stored under one pepper, and what happens once another is the newest.
@Suite struct PepperRotationTests {
    private let kari = "kari@firma.example"

    /// The same database, written and read with a second pepper, under which everything new stands.
    private func rotated(_ scene: Scene) async throws -> Scene {
        let store = try await scene.database.store(peppers: scene.database.rotatePepper())
        let slug = scene.access.controller.slug
        return Scene(
            database: scene.database, store: store,
            access: Access(operator: "test", for: try await store.catalogue().controller(slug)))
    }

    private func subscribe(_ scene: Scene) async throws {
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        _ = try await scene.collect([try lead(kari, name: "Kari")])
        #expect(try await scene.contactCount() == 1)
    }

    private func file(_ scene: Scene) async throws -> SubjectFile {
        try await scene.store.subjectFile(of: Address(parsing: kari), by: scene.access)
    }

    @Test func aHoldThatIsReleasedUnderTheNextPepperLetsTheErasureGo() async throws {
        let old = try await Scene.make()
        _ = try await old.collect([try lead(kari, name: "Kari")])
        try await old.report(.holdPlaced(slug("accounting"), until: nil))
        _ = try await old.store.run(.erase(Address(parsing: kari), evidence: nil), by: old.access)
        let scene = try await rotated(old)
        #expect(try await file(scene).held?.name == "Kari")
        try await scene.report(.holdReleased(slug("accounting")))
        let after = try await file(scene)
        #expect(after.held == nil && after.acts.last?.act.name == .swept)
        await scene.close()
        await old.close()
    }

    @Test func anActMovesTheDueDateOfAContactThatIsOlderThanThePepper() async throws {
        let old = try await Scene.make("hydac", "hydac-verwaltung")
        try await subscribe(old)
        #expect(try await old.dueCount("due_at is null") == 1)
        let scene = try await rotated(old)
        try await scene.report(.consentWithdrawn(slug("newsletter")))
        #expect(try await scene.dueCount("due_at <= now()") == 1)
        #expect(try await scene.sweep().erased == 1)
        #expect(try await scene.contactCount() == 0)
        #expect(try await scene.reason() == "consent-withdrawn")
        await scene.close()
        await old.close()
    }

    /// A link names its person by a key alone, and nobody can tell which contact that is without its address.
    @Test(arguments: [false, true])
    func aLinkOfEitherPepperReachesTheContactOfTheOther(isNewer: Bool) async throws {
        let old = try await Scene.make("hydac", "hydac-verwaltung")
        if isNewer { try await subscribe(old) }
        let scene = try await rotated(old)
        if !isNewer { try await subscribe(scene) }
        let peppers = try #require(isNewer ? scene.store.peppers.current : scene.store.peppers.older.first)
        let person = peppers.person(try Address(parsing: kari))
        _ = try await scene.store.run(
            .record(Report(.consentWithdrawn(slug("newsletter")), of: .person(person))), by: scene.access)
        #expect(try await scene.dueCount("due_at is null") == 1)
        let run = try await scene.sweep()
        #expect(run.erased == 1 && run.grounds == #"{"consent-withdrawn": 1}"#)
        #expect(try await scene.contactCount() == 0)
        // Whoever is known twice is kept, and asked for again.
        #expect(try await scene.sweep().erased == 0)
        await scene.close()
        await old.close()
    }

    @Test func whoIsCollectedAgainHasOneContact() async throws {
        let old = try await Scene.make()
        _ = try await old.collect([try lead(kari, name: "Kari")])
        let scene = try await rotated(old)
        var again = try lead(kari, contactedAt: "2026-11-01T00:00:00Z")
        again.phone = "+47 900 00 000"
        #expect(try await scene.collect([again]) == [.updated])
        #expect(try await scene.contactCount() == 1)
        let file = try await file(scene)
        #expect(file.contact?.name == "Kari" && file.contact?.phone == "+47 900 00 000")
        #expect(try await scene.ground() == "newsletter/lead")
        await scene.close()
        await old.close()
    }

    @Test func anOrganisationsActFindsItsPersonUnderTheOlderPepper() async throws {
        let old = try await Scene.make()
        _ = try await old.collect([
            try lead(kari, organisation: OrganisationName(number: "1", name: nil)),
            try lead("ola@firma.example", organisation: OrganisationName(number: "1", name: nil)),
        ])
        let scene = try await rotated(old)
        try await scene.report(.customerStarted)
        #expect(try await scene.dueCount("due_at is null") == 2)
        try await scene.report(.leftOrganisation)
        #expect(try await scene.sweep().erased == 1)
        #expect(try await scene.contactCount() == 1)
        await scene.close()
        await old.close()
    }
}
