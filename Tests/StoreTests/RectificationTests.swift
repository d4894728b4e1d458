import Harness
import Rules
import Store
import Testing

@Suite struct RectificationTests {
    private let old = "kari@firma.example"
    private let new = "kari.hansen@firma.example"

    @discardableResult
    private func rectify(
        _ scene: Scene, _ correction: Correction? = nil, of address: String? = nil
    ) async throws -> RectificationReceipt {
        let standard = Correction(address: try Address(parsing: new))
        return try await scene.store.run(
            .rectify(Address(parsing: address ?? old), to: correction ?? standard, evidence: nil), by: scene.access)
    }

    private func file(_ scene: Scene, _ address: String) async throws -> SubjectFile {
        try await scene.store.subjectFile(of: Address(parsing: address), by: scene.access)
    }

    private func expectNoDrift(_ scene: Scene) async throws {
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        #expect(try await verifier.verify().drifts == [])
        await verifier.shutdown()
    }

    @Test func theContactMovesAndItsWindowGoesOn() async throws {
        let scene = try await Scene.make()
        var kari = try lead(old, name: "Kari", collectedAt: nil)
        (kari.source, kari.organisation) = ("company-register", OrganisationName(number: "1", name: "Firma"))
        _ = try await scene.collect([kari])
        let before = try await scene.answer(old).verdict.until
        let correction = Correction(address: try Address(parsing: new), name: "Kari Hansen")
        let receipt = try await rectify(scene, correction)
        #expect(receipt.corrected == ["address", "name"] && receipt.refusal == nil)
        #expect(try await scene.reason(old) == "unknown-address")
        let verdict = try await scene.answer(new).verdict
        #expect(verdict.ground?.id.text == "cold-lead" && verdict.until == before && before != nil)
        let contact = try #require(try await file(scene, new).contact)
        #expect(contact.address == new && contact.name == "Kari Hansen" && contact.source == "company-register")
        #expect(contact.organisation?.number == "1")
        #expect(try await file(scene, old).contact == nil)
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test(arguments: [
        (Event.unsubscribed(scope: nil, purpose: nil, topic: nil), "unsubscribed"),
        (.objected(purpose: nil), "objected"), (.complained, "complained"), (.restricted, "restricted"),
        (.leftOrganisation, "left-organisation"), (.bounced(.hard), "bounced"),
        (.suppressed(.imported, scope: .controller), "imported"),
    ])
    func whatRefusesTheOldRefusesTheNew(_ event: Event, _ reason: String) async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        try await scene.report(event, old)
        let receipt = try await rectify(scene)
        #expect(receipt.refusal?.code == reason)
        #expect(try await scene.reason(new) == reason)
        // The old address keeps its own, but what is about the data that moved.
        let kept = event == .restricted ? "unknown-address" : reason
        #expect(try await scene.reason(old) == kept)
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func everyInheritedActNamesTheOneItRepeats() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        let optOut = try await scene.report(
            .unsubscribed(scope: .purpose, purpose: slug("newsletter"), topic: nil), old)
        let receipt = try await rectify(scene)
        #expect(receipt.inherited.contains { $0.of == optOut.id && $0.name == .unsubscribed })
        let acts = try await file(scene, new).acts
        for one in receipt.inherited {
            let act = try #require(acts.first { $0.id == one.act })
            #expect(act.evidence?.contains("\"inherited-from\": \"\(one.of)\"") == true, "\(act.evidence ?? "")")
        }
        #expect(acts.first { $0.act.name == .unsubscribed }?.at == optOut.at)
        await scene.close()
    }

    @Test func aConsentGoesAlongAsAClaimThatLiftsNothing() async throws {
        let scene = try await Scene.make()
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), old, evidence: Evidence(confirmed)
        )
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), new)
        try await rectify(scene)
        #expect(try await scene.reason(new) == "unsubscribed")
        let consent = try await file(scene, new).acts.first { $0.act.name == .consentGiven }
        #expect(consent?.act.source == .operator)
        await scene.close()
    }

    @Test func anOlderYesOfTheNewAddressDoesNotUndoTheOptOut() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), old)
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), new, evidence: Evidence(confirmed)
        )
        #expect(try await scene.reason(new) == "ground-holds")
        try await rectify(scene)
        #expect(try await scene.reason(new) == "unsubscribed")
        await scene.close()
    }

    @Test func aSubscriberGoesOnReading() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: .purpose, purpose: nil, topic: nil), old)
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), old, evidence: Evidence(confirmed)
        )
        #expect(try await scene.reason(old) == "ground-holds")
        try await rectify(scene)
        #expect(try await scene.answer(new).verdict.ground?.id.text == "subscriber")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func aWideOptOutGoesAlongThoughOnePurposeWasResumed() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: .controller, purpose: nil, topic: nil), old)
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), old, evidence: Evidence(confirmed)
        )
        try await rectify(scene)
        #expect(try await scene.reason(new) == "unsubscribed")
        #expect(try await scene.reason(new, purpose: "outreach") == "unsubscribed")
        await scene.close()
    }

    @Test func aGroupWideOptOutReachesTheSisterCompanyUnderTheNewAddress() async throws {
        let scene = try await Scene.make("infobric", "infobric-ab")
        let sister = try await scene.of("infobric-as")
        _ = try await scene.collect([try lead(old)])
        _ = try await sister.collect([try lead(new)])
        #expect(try await sister.reason(new) == "ground-holds")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), old)
        try await rectify(scene)
        #expect(try await sister.reason(new) == "unsubscribed")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func holdsAndRestrictionsGoAlongAndTheirEndsDoNot() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        try await scene.report(.restricted, new)
        try await scene.report(.restricted, old)
        try await scene.report(.restrictionLiftingTold, old, evidence: Evidence([("letter", "7")]))
        try await scene.report(.restrictionLifted, old)
        try await scene.report(.holdPlaced(slug("dispute"), until: nil), old)
        try await rectify(scene)
        #expect(try await scene.reason(new) == "restricted")
        #expect(try await file(scene, new).keepReasons.contains { $0.hold?.text == "dispute" })
        await scene.close()
    }

    @Test func aNameAloneIsCorrectedInPlace() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old, name: "Karri")])
        let receipt = try await rectify(scene, Correction(name: "Kari", phone: "+47 1"))
        #expect(receipt.corrected == ["name", "phone"] && receipt.inherited.isEmpty)
        let kari = try await file(scene, old)
        #expect(kari.contact?.name == "Kari" && kari.contact?.phone == "+47 1")
        #expect(kari.acts.last?.act.name == .rectified)
        #expect(try await scene.reason(old) == "ground-holds")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func whatCannotBeCorrectedIsSaid() async throws {
        let scene = try await Scene.make()
        await #expect(throws: StoreError.nothingStored) { try await rectify(scene, Correction(name: "Kari")) }
        await #expect(throws: StoreError.nothingStored) { try await rectify(scene) }
        _ = try await scene.collect([try lead(old)])
        await #expect(throws: StoreError.sameAddress) {
            try await rectify(scene, Correction(address: Address(parsing: "Kari@FIRMA.example")))
        }
        await scene.close()
    }
}
