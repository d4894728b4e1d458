import Harness
import Rules
import Store
import Testing

@Suite struct AliasesTests {
    @Test(arguments: [
        ("kari+news@firma.example", "kari@firma.example"), ("kari@firma.example", "kari+news@firma.example"),
        ("kari+a@firma.example", "kari+b@firma.example"), ("k.a.r.i@gmail.com", "kari+x@googlemail.com"),
    ])
    func anOptOutRefusesTheOtherAddressesOfTheAliasForm(_ optedOut: String, _ asked: String) async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted, asked)
        #expect(try await scene.reason(asked) == "ground-holds")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), optedOut)
        #expect(try await scene.reason(asked) == "unsubscribed")
        #expect(try await scene.reason("ola@firma.example") == "unknown-address")
        await scene.close()
    }

    @Test func onlyTheVeryAddressLiftsItsEntry() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted, "kari@firma.example")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "kari+news@firma.example")
        let consent = Event.consentGiven(try slug("newsletter"), by: .person(confirmsObjection: false))
        try await scene.report(consent, "kari@firma.example", evidence: Evidence(confirmed))
        #expect(try await scene.reason("kari@firma.example") == "unsubscribed")
        try await scene.report(consent, "kari+news@firma.example", evidence: Evidence(confirmed))
        #expect(try await scene.reason("kari@firma.example") == "ground-holds")
        #expect(try await scene.reason("kari@firma.example", purpose: "outreach") == "unsubscribed")
        await scene.close()
    }

    @Test func aGroupWideEntryOnAnAliasRefusesInTheWholeGroup() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        try await other.report(.contacted, "kari@firma.example")
        try await one.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "kari+x@firma.example")
        #expect(try await other.reason("kari@firma.example") == "unsubscribed")
        await one.close()
    }

    @Test func aLeadWhoseAliasOptedOutIsNotStored() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "kari+x@firma.example")
        #expect(try await scene.collect([lead("kari@firma.example")]) == [.suppressed(.unsubscribed)])
        await scene.close()
    }

    @Test func aClockThatWasSetBackHidesNoEntryOfAnAlias() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted, "kari+b@firma.example")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "kari+a@firma.example")
        // As if a clock an hour ahead had stamped it; the next act derives the rows from the ledger again.
        try await scene.database.run(
            """
            set search_path = maysend; set session_replication_role = replica;
            update ledger set at = at + interval '1 hour' where act = 'unsubscribed';
            """)
        try await scene.report(.objected(purpose: slug("profiling")), "kari+a@firma.example")
        #expect(try await scene.reason("kari+b@firma.example") == "unsubscribed")
        await scene.close()
    }

    @Test func aSuppressedDomainRefusesEveryAddressAtIt() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let report = Report(
            .suppressed(.domainSuppressed, scope: .controller), of: .domain(try Domain(parsing: "firma.example")))
        let receipt = try await scene.store.run(.record(report), by: scene.access)
        #expect(receipt.stops.contains(try slug("newsletter")))
        #expect(try await scene.reason() == "domain-suppressed")
        #expect(try await scene.reason("ola+x@firma.example") == "domain-suppressed")
        #expect(try await scene.reason("ola@other.example") == "unknown-address")
        let consent = Event.consentGiven(try slug("newsletter"), by: .person(confirmsObjection: true))
        try await scene.report(consent, evidence: Evidence(confirmed))
        #expect(try await scene.reason() == "domain-suppressed")
        await scene.close()
    }
}
