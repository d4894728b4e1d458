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
        #expect(try await file(scene).held?.name == "Kari")
        #expect(try await file(scene).contact == nil)
        try await scene.report(.holdReleased(slug("dispute")))
        #expect(try await file(scene).held?.name == "Kari")
        try await expectNoDrift(scene)
        try await scene.report(.holdReleased(slug("accounting")))
        let after = try await file(scene)
        #expect(after.contact == nil && after.held == nil && after.acts.last?.act.name == .swept)
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

    private func comeBack(_ scene: Scene) async throws {
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
    }

    /// A contact of an organisation, with all that can be stored, whose erasure a hold defers.
    private func held(_ scene: Scene, until end: Instant? = nil) async throws {
        var kari = try lead(kari, name: "Kari", organisation: OrganisationName(number: "1", name: nil))
        (kari.position, kari.phone, kari.source) = ("CFO", "+47 900 00 000", "fair")
        _ = try await scene.collect([kari])
        try await scene.report(.holdPlaced(slug("accounting"), until: end))
        #expect(try await !erase(scene).isCarriedOut)
        let file = try await file(scene)
        #expect(file.contact == nil && file.held?.phone == "+47 900 00 000" && file.held?.organisation?.number == "1")
    }

    /// Nothing of the old contact keeps a place in the new one, and both last as long as each has a reason.
    @Test func whoComesBackKeepsWhatWasGivenSince() async throws {
        let scene = try await Scene.make()
        try await held(scene)
        try await comeBack(scene)
        #expect(try await file(scene).contact == nil)
        _ = try await scene.collect([try lead(kari, name: "Kari Hansen")])
        // The organisation that was theirs before the erasure says nothing of them.
        let firma = OrganisationReport(
            try #require(OrganisationName(number: "1", name: nil)), events: [(.customerStarted, nil)])
        #expect(try await scene.store.run(.report(firma), by: scene.access).members == 0)
        #expect(try await scene.reason(purpose: "service-notice") != "ground-holds")
        var now = try await file(scene)
        #expect(now.held?.name == "Kari" && now.contact?.name == "Kari Hansen")
        #expect(now.contact?.phone == nil && now.contact?.position == nil && now.contact?.organisation == nil)
        try await expectNoDrift(scene)
        try await scene.report(.holdReleased(slug("accounting")))
        now = try await file(scene)
        #expect(now.held == nil && now.contact?.name == "Kari Hansen" && now.contact?.phone == nil)
        #expect(try await scene.reason() == "ground-holds")
        #expect(try await scene.database.count("maysend.pending_erasure where done_at is null") == 0)
        try await expectNoDrift(scene)
        await scene.close()
    }

    /// A hold that ends by itself is the sweep's to notice, whoever has come back.
    @Test(arguments: [false, true])
    func aHoldThatEndsByItselfIsNoticed(isBack: Bool) async throws {
        let scene = try await Scene.make()
        try await held(scene, until: systemNow().advanced(byMicroseconds: 3_600_000_000))
        if isBack { try await comeBack(scene) }
        #expect(try await scene.sweep().erased == 0)
        #expect(try await file(scene).held != nil)
        // The hour passes: what was to end then has ended.
        try await scene.database.run(
            """
            alter table maysend.ledger disable trigger user;
            update maysend.ledger set until = now() where act = 'hold-placed';
            alter table maysend.ledger enable trigger user;
            update maysend.pending_erasure set due_at = now()
            """)
        try await scene.report(.bounced(.soft))
        let run = try await scene.sweep()
        #expect(run.erased == (isBack ? 0 : 1) && run.grounds == (isBack ? "{}" : #"{"erased": 1}"#))
        let file = try await file(scene)
        #expect(file.held == nil && file.contact == nil)
        #expect(file.acts.last?.act.name == (isBack ? .bounced : .swept))
        #expect(try await scene.database.count("maysend.pending_erasure where done_at is null") == 0)
        #expect(try await scene.reason() == (isBack ? "ground-holds" : "erased"))
        try await expectNoDrift(scene)
        await scene.close()
    }

    /// As an older program has left it: the hold's contact in its place, and the erasure open.
    @Test(arguments: [false, true])
    func anErasureThatWaitsInPlaceIsPutApart(isBack: Bool) async throws {
        let scene = try await Scene.make()
        try await held(scene)
        if isBack { try await comeBack(scene) }
        try await scene.database.run(
            """
            insert into maysend.contact (controller_id, address_key, address, name, phone, organisation_id)
            select controller_id, address_key, address, name, phone, organisation_id from maysend.pending_erasure;
            update maysend.pending_erasure set due_at = now(), address = null, name = null, position = null, phone = null,
                source = null, organisation_id = null, stored_at = null, updated_at = null
            """)
        try await scene.sweep()
        var now = try await file(scene)
        #expect(now.held?.phone == "+47 900 00 000" && now.contact?.address == (isBack ? kari : nil))
        #expect(now.contact?.name == nil)
        try await scene.report(.holdReleased(slug("accounting")))
        now = try await file(scene)
        #expect(now.held == nil && now.contact?.address == (isBack ? kari : nil))
        try await expectNoDrift(scene)
        await scene.close()
    }

    @Test func whatAHoldKeepsGoesAlongWithACorrectedAddress() async throws {
        let scene = try await Scene.make()
        try await held(scene)
        let hansen = try Address(parsing: "kari.hansen@firma.example")
        _ = try await scene.store.run(
            .rectify(Address(parsing: kari), to: Correction(address: hansen, name: "Kari Hansen"), evidence: nil),
            by: scene.access)
        let there = try await scene.store.subjectFile(of: hansen, by: scene.access)
        #expect(there.held?.name == "Kari Hansen" && there.held?.phone == "+47 900 00 000" && there.contact == nil)
        #expect(try await file(scene).held == nil)
        try await scene.report(.holdReleased(slug("accounting")), hansen.canonical)
        #expect(try await scene.store.subjectFile(of: hansen, by: scene.access).held == nil)
        await scene.close()
    }

    /// The same request again after the person came back is a new erasure, and not an old answer.
    @Test func anErasureThatIsSentAgainIsDoneAgain() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead(kari, name: "Kari")])
        func erase() async throws -> StoredAnswer {
            try await scene.store.run(
                .erase(Address(parsing: kari), evidence: nil), by: scene.access, once: Once(key: "k", request: [1])
            ) { StoredAnswer(status: 200, body: Array("\($0.receipt.id)".utf8)) }
        }
        let first = try await erase()
        #expect(try await erase().body == first.body)
        try await comeBack(scene)
        _ = try await scene.collect([try lead(kari, name: "Kari")])
        let again = try await erase()
        #expect(!again.isReplayed && again.body != first.body)
        #expect(try await file(scene).contact == nil)
        #expect(try await scene.reason() == "erased")
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
