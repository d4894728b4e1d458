import Harness
import Rules
import Store
import Testing

@Suite struct ChecksTests {
    private func fault(_ scene: Scene, purpose: String, topic: String? = nil, at: String? = nil) async throws
        -> CheckFault?
    {
        let check = Check(
            address: try Address(parsing: "kari@firma.example"), purpose: try slug(purpose), topic: try topic.map(slug),
            at: try at.map(instant))
        guard case .failure(let fault) = try await scene.store.verdict(check, by: scene.access) else { return nil }
        return fault
    }

    @Test func aWrongQuestionIsAFaultAndNoRefusal() async throws {
        let scene = try await Scene.make()
        let unknown = try #require(try await fault(scene, purpose: "newsleter"))
        guard case .unknownName(let name) = unknown else {
            Issue.record("\(unknown)")
            return
        }
        #expect(name.known.contains("newsletter"))
        guard case .unknownName = try await fault(scene, purpose: "newsletter", topic: "cats") else {
            Issue.record("an unknown topic was answered")
            return
        }
        #expect(try await fault(scene, purpose: "contact-form") == .notSendable(slug("contact-form")))
        guard case .inThePast = try await fault(scene, purpose: "newsletter", at: "2025-01-01T00:00:00Z") else {
            Issue.record("the past was answered")
            return
        }
        await scene.close()
    }

    @Test func aLaterInstantIsJudgedAsThen() async throws {
        let scene = try await Scene.make()
        try await scene.report(.collected)
        let check = Check(
            address: try Address(parsing: "kari@firma.example"), purpose: try slug("newsletter"),
            at: try instant("2099-01-01T00:00:00Z"))
        #expect(try await scene.store.verdict(check, by: scene.access).get().verdict.reason == .retentionExpired)
        #expect(try await scene.reason() == "ground-holds")
        await scene.close()
    }

    @Test func aBatchIsAnsweredInOrderAcrossQueries() async throws {
        let scene = try await Scene.make()
        let count = 2 * ListPace.unhurried.addressesPerQueryMax + 500
        for index in stride(from: 0, to: count, by: 500) {
            try await scene.report(.contacted, "p\(index)@firma.example")
        }
        let addresses = try AddressList((0..<count).map { try Address(parsing: "p\($0)@firma.example") })
        for pace in [ListPace.prompt, .unhurried] {
            let answers = try await scene.store.verdicts(
                of: addresses, CheckTerms(purpose: slug("newsletter")), by: scene.access, pace
            ).get()
            #expect(answers.count == count)
            for (index, answer) in answers.enumerated() {
                #expect(answer.verdict.isEligible == index.isMultiple(of: 500))
            }
        }
        await scene.close()
    }

    @Test func aPolicyThatTakesEffectIsSeenByTheNextCheckOnEveryServer() async throws {
        let scene = try await Scene.make()
        let other = try await scene.database.store()
        try await scene.report(.collected, at: "2026-10-01T00:00:00Z")
        #expect(try await scene.answer().policy == "stratsys@1")
        let check = Check(address: try Address(parsing: "kari@firma.example"), purpose: try slug("newsletter"))
        #expect(try await other.verdict(check, by: scene.access).get().policy == "stratsys@1")
        let text = try Checkout.text("deploy/policies/stratsys.yaml")
            .replacing("version: 1", with: "version: 2")
            .replacing("effective: 2023-03-21T00:00:00Z", with: "effective: 2024-01-01T00:00:00Z")
            .replacing("for: 3 months, from: collected", with: "for: 1 days, from: collected")
        try await scene.database.apply(policyText: text)
        for store in [scene.store, other] {
            let answer = try await store.verdict(check, by: scene.access).get()
            #expect(answer.policy == "stratsys@2")
            #expect(answer.verdict.reason == .retentionExpired)
        }
        await other.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func everyLivePepperIsTried() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted, "kari+x@firma.example")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "kari@firma.example")
        let newer = try Pepper(version: 2, secret: (1...32).map { UInt8($0) &* 91 &+ 7 })
        let rotated = try await scene.database.store(
            peppers: Peppers(current: newer, older: [testPeppers().current]))
        let later = Scene(database: scene.database, store: rotated, access: scene.access)
        #expect(try await later.reason("kari@firma.example") == "unsubscribed")
        #expect(try await later.reason("kari+x@firma.example") == "unsubscribed")
        // What stands under the old key is met by a consent under the new one.
        await #expect(throws: StoreError.self) {
            try await later.report(.consentGiven(slug("newsletter"), by: .operator))
        }
        try await later.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        #expect(try await later.reason("kari@firma.example") == "ground-holds")
        await later.close()
        await scene.close()
    }

    @Test func aClockThatWasSetBackHidesNoEntry() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        // As if the entry had been stamped by a clock an hour ahead of today's.
        try await scene.database.run(
            """
            set search_path = maysend; set session_replication_role = replica;
            update ledger set at = at + interval '1 hour' where act = 'unsubscribed';
            """)
        let receipt = try await scene.report(.contacted)
        #expect(receipt.act.name == .contacted)
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }
}
