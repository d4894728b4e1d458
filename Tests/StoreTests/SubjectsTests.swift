import Harness
import Rules
import Store
import Testing

@Suite struct SubjectsTests {
    private let kari = "kari@firma.example"

    private func erase(_ scene: Scene) async throws -> ErasureReceipt {
        try await scene.store.run(.erase(Address(parsing: kari), evidence: nil), by: scene.access)
    }

    private func file(_ scene: Scene) async throws -> SubjectFile {
        try await scene.store.subjectFile(of: Address(parsing: kari), by: scene.access)
    }

    private func expectNoDrift(_ scene: Scene) async throws {
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        #expect(try await verifier.verify().drifts == [])
        await verifier.shutdown()
    }

    @Test func anErasureTakesTheContactAndStopsMarketing() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari, organisation: OrganisationName(number: "1", name: nil))])
        let receipt = try await erase(scene)
        #expect(receipt.hadContact && receipt.isCarriedOut)
        #expect(try await file(scene).contact == nil)
        #expect(try await scene.reason() == "erased")
        #expect(try await erase(scene).hadContact == false)
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func aHoldDefersItUntilItIsReleased() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([
            try lead(kari, name: "Kari", organisation: OrganisationName(number: "1", name: nil))
        ])
        try await scene.report(.holdPlaced(slug("dispute"), until: nil))
        try await scene.report(.holdPlaced(slug("accounting"), until: nil))
        let receipt = try await erase(scene)
        #expect(
            !receipt.isCarriedOut && Set(receipt.traces.holds.compactMap(\.hold?.text)) == ["dispute", "accounting"])
        #expect(try await scene.reason() == "erased")
        #expect(try await scene.reason(purpose: "service-notice") == "unknown-address")
        #expect(try await file(scene).contact?.name == "Kari")
        try await scene.report(.holdReleased(slug("dispute")))
        #expect(try await file(scene).contact?.name == "Kari")
        try await expectNoDrift(scene)
        try await scene.report(.holdReleased(slug("accounting")))
        let after = try await file(scene)
        #expect(after.contact == nil && after.acts.last?.act.name == .swept)
        #expect(try await scene.reason() == "erased")
        try await expectNoDrift(scene)
        await scene.close()
    }

    private func kept(_ receipt: ErasureReceipt) -> [String] {
        receipt.kept.map { "\($0.what.rawValue)\($0.hold.map { " \($0)" } ?? "") \($0.exception)" }
    }

    private let always = ["address-digest 17(3)(b)", "register 17(3)(b)", "ledger 17(3)(e)"]

    @Test func ofSomebodyWithNothingElseNothingElseIsKept() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        #expect(try await file(scene).keptAfterErasure.map(\.what) == [.addressDigest, .register, .ledger])
        #expect(kept(try await erase(scene)) == always)
        await scene.close()
    }

    @Test func whatIsKeptIsSaidOfWhatThereIs() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari, name: "Kari")])
        for hold in ["accounting", "legal-claims", "warranty"] {
            try await scene.report(.holdPlaced(slug(hold), until: nil))
        }
        try await scene.report(.bounced(.hard))
        _ = try await scene.store.run(
            .openRequest(
                .erase, of: .address(Address(parsing: kari)), language: nil, from: .staff(receivedAt: nil)),
            by: scene.access)
        let predicted = try await file(scene).keptAfterErasure
        let receipt = try await erase(scene)
        #expect(
            kept(receipt) == [
                "address-digest 17(3)(b)", "register 17(3)(b)", "marks 6(1)(f)", "ledger 17(3)(e)",
                "requests 17(3)(b)", "hold accounting 17(3)(b)", "hold legal-claims 17(3)(e)", "hold warranty 17(3)",
            ])
        #expect(predicted == receipt.kept)
        await scene.close()
    }

    /// A notice that needs the address has it sealed until it is delivered, and so has a letter.
    @Test func whatIsOnItsWayIsSaidToBeKept() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        let purpose = try slug("confirmation")
        let request = ConsentRequest(of: try Address(parsing: kari), for: try slug("newsletter")) { _ in
            do {
                return try Letter(
                    to: Address(parsing: "kari@firma.example"), purpose: purpose, language: "nb", subject: "S",
                    text: "T",
                    html: "-")
            } catch {
                return nil
            }
        }
        try await scene.store.run(.requestConsent(request), by: scene.access)
        #expect(kept(try await erase(scene)) == always + ["undelivered 17(3)(b)"])
        await scene.close()
    }

    @Test func whoComesBackBeforeTheHoldEndsStays() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari, name: "Kari")])
        try await scene.report(.holdPlaced(slug("dispute"), until: nil))
        _ = try await erase(scene)
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        try await scene.report(.holdReleased(slug("dispute")))
        #expect(try await scene.reason() == "ground-holds")
        #expect(try await file(scene).contact != nil)
        await scene.close()
    }

    @Test func aReleaseWithoutAnErasureErasesNothing() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        try await scene.report(.holdPlaced(slug("dispute"), until: nil))
        try await scene.report(.holdReleased(slug("dispute")))
        #expect(try await file(scene).contact != nil)
        await scene.close()
    }

    @Test func aRestrictionIsLiftedOnlyOnceThePersonWasTold() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        let told = try Evidence([("letter", "2026-7")])
        // One that was told before the restriction says nothing about this one.
        try await scene.report(.restrictionLiftingTold, evidence: told)
        let restricted = try await scene.report(.restricted)
        await #expect(throws: StoreError.personNotTold(since: restricted.at)) {
            try await scene.report(.restrictionLifted)
        }
        #expect(try await scene.reason() == "restricted")
        try await scene.report(.restrictionLiftingTold, evidence: told)
        #expect(try await scene.reason() == "restricted")
        try await scene.report(.restrictionLifted)
        #expect(try await scene.reason() == "ground-holds")
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func theSourceOfACollectionIsKeptByTheContact() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        var report = Report(.collected, of: .address(try Address(parsing: kari)))
        report.source = "company-register"
        _ = try await scene.store.run(.record(report), by: scene.access)
        #expect(try await file(scene).contact?.source == "company-register")
        report.source = "fair"
        _ = try await scene.store.run(.record(report), by: scene.access)
        #expect(try await file(scene).contact?.source == "company-register")
        await scene.close()
    }

    @Test func theFileHasEveryEntryThatRefuses() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        let other = "kari+news@firma.example"
        try await scene.report(.contacted, other)
        let digest = HashedEntry(HashedAddress(of: try Address(parsing: kari), .sha256))
        _ = try await scene.store.run(.suppress([digest]), by: scene.access)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), other)
        let domain = Report(
            .suppressed(.domainSuppressed, scope: .controller), of: .domain(try Domain(parsing: "firma.example")))
        _ = try await scene.store.run(.record(domain), by: scene.access)
        let acts = try await file(scene).acts
        // Of the other address the entry alone: what else it did may be somebody else's.
        #expect(acts.map(\.of) == [.person, .digest, .alias, .domain("firma.example")])
        #expect(acts.map(\.act.name) == [.collected, .suppressed, .unsubscribed, .suppressed])
        await scene.close()
    }

    @Test func theFileIsOfOneInstant() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari)])
        let open = try await scene.database.openTransaction(
            """
            lock table maysend.subject_request in access exclusive mode;
            insert into maysend.subject_request (controller_id, address_key, kind, state, received_at, due_at)
                select controller_id, address_key, 'export', 'received', now(), now() + interval '1 month' from maysend.contact
            """)
        // It waits for the requests with all else read, and sees none that came since.
        let file = Task { try await self.file(scene) }
        try await scene.database.waitForBlockedQuery()
        try await open.commit()
        #expect(try await file.value.requests.isEmpty)
        #expect(try await self.file(scene).requests.count == 1)
        await scene.close()
    }
}
