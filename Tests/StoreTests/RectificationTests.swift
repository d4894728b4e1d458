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
        // The old address keeps its own.
        #expect(try await scene.reason(old) == reason)
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

    @Test func aStaleListDoesNotGoPastTheRestriction() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        try await scene.report(.restricted, old)
        try await rectify(scene)
        #expect(try await file(scene, old).keepReasons.isEmpty)
        #expect(try await scene.collect([try lead(old)]) == [.created])
        #expect(try await scene.reason(old) == "restricted")
        // It is lifted as any other, at each address by itself.
        await #expect(throws: StoreError.self) { try await scene.report(.restrictionLifted, old) }
        try await scene.report(.restrictionLiftingTold, old, evidence: Evidence([("letter", "7")]))
        try await scene.report(.restrictionLifted, old)
        #expect(try await scene.reason(old) == "ground-holds")
        #expect(try await scene.reason(new) == "restricted")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func aRestrictionThatWasLiftedIsNotRevived() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        try await scene.report(.restricted, old)
        try await scene.report(.restrictionLiftingTold, old, evidence: Evidence([("letter", "7")]))
        try await scene.report(.restrictionLifted, old)
        try await rectify(scene)
        #expect(try await scene.reason(new) == "ground-holds")
        _ = try await scene.collect([try lead(old)])
        #expect(try await scene.reason(old) == "ground-holds")
        await scene.close()
    }

    @Test func aFormerCustomersTimeIsOverUnderTheNewAddressToo() async throws {
        let scene = try await Scene.make()
        let now = try await scene.answer().at
        let (twoYears, month) = (now.advanced(byDays: -730), now.advanced(byDays: -30))
        _ = try await scene.collect([try lead(old, collectedAt: month.description)])
        try await scene.report(.customerEnded, old, at: twoYears.description)
        let before = try await scene.answer(old).verdict
        #expect(before.reason == .retentionExpired)
        try await rectify(scene)
        let after = try await scene.answer(new).verdict
        #expect(after.reason == .retentionExpired && after.until == before.until)
        await scene.close()
    }

    @Test func aCustomerWithoutAnOrganisationStaysOne() async throws {
        let scene = try await Scene.make()
        let now = try await scene.answer().at
        try await scene.report(.customerStarted, old, at: now.advanced(byDays: -170).description)
        _ = try await scene.collect([try lead(old, collectedAt: now.advanced(byDays: -180).description)])
        let before = try await scene.answer(old).verdict.ground?.id.text
        try await rectify(scene)
        #expect(try await scene.answer(new).verdict.ground?.id.text == before && before == "customer")
        #expect(try await file(scene, new).keepReasons.contains { $0.until == nil })
        // The end of it that is known ahead counts there too.
        try await scene.report(.customerEnded, new, at: now.advanced(byDays: 40).description)
        let third = "kari.berg@firma.example"
        try await rectify(scene, Correction(address: Address(parsing: third)), of: new)
        #expect(try await file(scene, third).acts.contains { $0.act.name == .customerEnded })
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func anEntryByADigestGoesAlong() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        let entry = HashedEntry(HashedAddress(of: try Address(parsing: old), .sha256))
        _ = try await scene.store.run(.suppress([entry]), by: scene.access)
        #expect(try await scene.reason(old) == "imported")
        let receipt = try await rectify(scene)
        #expect(receipt.inherited.map(\.name).contains(.suppressed) && receipt.refusal?.code == "imported")
        #expect(try await scene.reason(new) == "imported")
        // Only the person comes back.
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), new, evidence: Evidence(confirmed)
        )
        #expect(try await scene.reason(new) == "ground-holds")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test(arguments: [
        ("kari@firma.example", "kari+news@firma.example"), ("kari+news@firma.example", "kari@firma.example"),
    ])
    func anOptOutOfTheAliasFormGoesAlong(_ old: String, _ other: String) async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        let optOut = try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), other)
        #expect(try await scene.reason(old) == "unsubscribed")
        let receipt = try await rectify(scene, of: old)
        #expect(receipt.inherited.contains { $0.of == optOut.id } && receipt.refusal?.code == "unsubscribed")
        #expect(try await scene.reason(new) == "unsubscribed")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func whatTheRightAddressLiftedItselfIsNotBroughtToItAgain() async throws {
        let scene = try await Scene.make()
        let tagged = "kari+news@firma.example"
        _ = try await scene.collect([try lead(old)])
        try await scene.report(.unsubscribed(scope: .controller, purpose: nil, topic: nil), tagged)
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), tagged,
            evidence: Evidence(confirmed))
        let receipt = try await rectify(scene, Correction(address: Address(parsing: tagged)))
        #expect(receipt.inherited.map(\.name) == [.collected])
        #expect(try await scene.reason(tagged) == "ground-holds")
        #expect(try await scene.reason(tagged, purpose: "outreach") == "unsubscribed")
        await scene.close()
    }

    @Test func anEntryOfTheDomainStaysThere() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(old)])
        let report = Report(
            .suppressed(.domainSuppressed, scope: .controller), of: .domain(try Domain(parsing: "firma.example")))
        _ = try await scene.store.run(.record(report), by: scene.access)
        #expect(try await scene.reason(old) == "domain-suppressed")
        let elsewhere = "kari@andre.example"
        try await rectify(scene, Correction(address: Address(parsing: elsewhere)))
        #expect(try await scene.reason(elsewhere) == "ground-holds")
        await scene.close()
    }

    @Test func whatStandsUnderAnOlderPepperGoesAlong() async throws {
        let scene = try await Scene.make()
        let digest = HashedEntry(HashedAddress(of: try Address(parsing: old), .md5))
        _ = try await scene.store.run(.suppress([digest]), by: scene.access)
        try await scene.report(.unsubscribed(scope: .purpose, purpose: slug("newsletter"), topic: nil), old)
        let newer = try Pepper(version: 2, secret: (1...32).map { UInt8($0) &* 91 &+ 7 })
        let rotated = try await scene.database.store(
            peppers: Peppers(current: newer, older: [scene.store.peppers.current]))
        let later = Scene(database: scene.database, store: rotated, access: scene.access)
        let receipt = try await rectify(later)
        #expect(Set(receipt.inherited.map(\.name)) == [.suppressed, .unsubscribed])
        #expect(try await later.reason(new) == "imported")
        await later.close()
        await scene.close()
    }

    /// Entries by every key that there is, at random, on people who may come back under either address.
    @Test func whateverEntryRefusesTheOldRefusesTheNew() async throws {
        let scene = try await Scene.make("infobric", "infobric-ab")
        let text = try Checkout.text("deploy/policies/infobric.yaml")
        let purposes = try Policy(parsing: text, file: "infobric.yaml").purposes.filter { $0.kind != .record }.map(\.id)
        func refused(_ address: String) async throws -> [Slug] {
            var refused: [Slug] = []
            for purpose in purposes {
                let reason = try await scene.answer(address, purpose: purpose.text).verdict.reason
                if case .entry = reason { refused.append(purpose) }
            }
            return refused
        }
        var chance = SeededGenerator(seed: 7)
        func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &chance) }
        var (byOthers, seen) = (0, 0)
        for person in 0..<30 {
            let forms = ["p\(person)@firma.example", "p\(person)+x@firma.example"].shuffled(using: &chance)
            let right = "q\(person)@andre.example"
            _ = try await scene.collect([try lead(forms[0]), try lead(right)])
            var isOwn = false
            for _ in 0..<number(1..<4) {
                let purpose = purposes[number(0..<purposes.count)]
                let place = number(0..<4)
                let wide: Event.WideScope = number(0..<2) == 0 ? .controller : .group
                switch number(0..<8) {
                case 0..<3:
                    let digest = HashedAddress(
                        of: try Address(parsing: forms[number(0..<2)]), HashedAddress.Kind.allCases[place])
                    _ = try await scene.store.run(.suppress([HashedEntry(digest)], scope: wide), by: scene.access)
                case 3..<7:
                    let event: Event =
                        switch place {
                        case 0: .unsubscribed(scope: .purpose, purpose: purpose, topic: nil)
                        case 1: .unsubscribed(scope: nil, purpose: purpose, topic: nil)
                        case 2: .objected(purpose: purpose)
                        default: .suppressed(.imported, scope: wide)
                        }
                    let form = number(0..<3) == 0 ? 0 : 1
                    isOwn = isOwn || form == 0
                    try await scene.report(event, forms[form])
                default:
                    try await scene.report(
                        .consentGiven(purpose, by: .person(confirmsObjection: false)), forms[number(0..<2)],
                        evidence: Evidence(confirmed))
                }
            }
            let before = try await refused(forms[0])
            try await rectify(scene, Correction(address: Address(parsing: right)), of: forms[0])
            let after = Set(try await refused(right))
            #expect(before.allSatisfy(after.contains), "\(forms) \(before) \(after)")
            seen += before.count
            if !isOwn, !before.isEmpty { byOthers += 1 }
        }
        #expect(seen > 30 && byOthers > 5)
        try await expectNoDrift(scene)
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

extension Instant {
    fileprivate func advanced(byDays days: Int64) -> Instant { advanced(byMicroseconds: days * 86_400_000_000) }
}
