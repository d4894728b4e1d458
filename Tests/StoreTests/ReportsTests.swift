import Harness
import Rules
import Store
import Testing

@Suite struct ReportsTests {
    @Test func anOptOutStopsTheVeryNextCheck() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        #expect(try await scene.reason() == "ground-holds")
        let receipt = try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        #expect(try await scene.reason() == "unsubscribed")
        #expect(receipt.act.scope == .controller)
        let expected: Set = ["newsletter", "outreach", "event-evaluation", "survey", "analytics", "profiling"]
        #expect(Set(receipt.stops.map(\.text)) == expected)
        #expect(!receipt.isLifted)
        await scene.close()
    }

    @Test func anOptOutOfAnAddressThatWasNeverStoredCounts() async throws {
        let scene = try await Scene.make()
        try await scene.report(.complained, "never@firma.example")
        #expect(try await scene.reason("never@firma.example") == "complained")
        #expect(try await scene.collect([lead("never@firma.example")]) == [.suppressed(.complained)])
        await scene.close()
    }

    @Test func aConsentWithoutEvidenceIsRefusedAgainstAStandingEntry() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        for source: ConsentSource in [.person(confirmsObjection: false), .import, .operator] {
            await #expect {
                try await scene.report(.consentGiven(slug("newsletter"), by: source))
            } throws: { error in
                guard case .standingEntry(let dated) = error as? StoreError else { return false }
                return dated.entry.reason == .unsubscribed
            }
        }
        let spoken = try Evidence([(name: "method", word: "spoken")])
        await #expect(throws: StoreError.self) {
            try await scene.report(
                .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: spoken)
        }
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func thePersonsOwnConsentLiftsForThatPurposeAlone() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let receipt = try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        #expect(receipt.act.source == .person(confirmsObjection: false))
        let answer = try await scene.answer()
        #expect(answer.verdict.ground?.id.text == "subscriber")
        #expect(answer.tracking.map(\.isEligible) == [false, false])
        #expect(try await scene.reason(purpose: "outreach") == "unsubscribed")
        await scene.close()
    }

    @Test func anObjectionIsLiftedOnlyWhereItIsNamed() async throws {
        let scene = try await Scene.make()
        try await scene.report(.objected(purpose: nil))
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        #expect(try await scene.reason() == "objected")
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: true)), evidence: Evidence(confirmed))
        #expect(try await scene.reason() == "ground-holds")
        await scene.close()
    }

    @Test func aConsentWithAnOldDateIsAClaimAndLiftsNothing() async throws {
        let scene = try await Scene.make()
        let receipt = try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), at: "2024-05-05T00:00:00Z",
            evidence: Evidence(confirmed))
        #expect(receipt.act.source == .operator)
        #expect(try await scene.reason() == "ground-holds")
        // A late report of an opt-out that is older still: the claim must not lift it.
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), at: "2024-01-01T00:00:00Z")
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func anEntryInTheFutureCountsFromItsCommit() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let receipt = try await scene.report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil), at: "2099-01-01T00:00:00Z")
        #expect(receipt.at <= receipt.recordedAt)
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    /// What lies ahead by no more than clocks differ holds at once: it was acknowledged.
    @Test func aRestrictionBySomebodysFastClockHoldsAtOnce() async throws {
        let scene = try await Scene.make()
        let now = try await scene.report(.contacted).recordedAt
        try await scene.report(.restricted, at: now.advanced(byMicroseconds: 60_000_000).description)
        #expect(try await scene.reason() == "restricted")
        await scene.close()
    }

    @Test func aSkewedClockCannotSlipAnOptOutUnderAConsent() async throws {
        let scene = try await Scene.make()
        let consent = try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        let early = consent.at.advanced(byMicroseconds: -2_000_000).description
        let receipt = try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), at: early)
        #expect(receipt.at > consent.at)
        #expect(!receipt.isLifted)
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func aLateOptOutThatANewerConsentWouldLiftCountsFromItsCommit() async throws {
        let scene = try await Scene.make()
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        let receipt = try await scene.report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil), at: "2024-01-01T00:00:00Z")
        #expect(receipt.stops.contains(try slug("newsletter")))
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func aConsentThatIsOlderThanTheOptOutLiftsNothingHoweverLateItIsReported() async throws {
        let scene = try await Scene.make()
        let entry = try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let before = entry.at.advanced(byMicroseconds: -60_000_000).description
        await #expect(throws: StoreError.self) {
            try await scene.report(
                .consentGiven(slug("newsletter"), by: .person(confirmsObjection: true)), at: before,
                evidence: Evidence(confirmed))
        }
        try await scene.report(.unsubscribed(scope: .topic, purpose: nil, topic: slug("events")))
        await #expect(throws: StoreError.self) {
            try await scene.report(
                .topicResumed(slug("events"), purpose: nil), at: "2020-01-01T00:00:00Z", evidence: Evidence(confirmed))
        }
        #expect(try await scene.reason() == "unsubscribed")
        #expect(try await scene.reason(topic: "events") == "unsubscribed")
        await scene.close()
    }

    @Test func aTopicResumedWithoutEvidenceLiftsNothingThatArrivesLater() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        try await scene.report(.topicResumed(slug("events"), purpose: nil))
        try await scene.report(
            .unsubscribed(scope: .topic, purpose: nil, topic: slug("events")), at: "2026-11-01T00:00:00Z")
        #expect(try await scene.reason(topic: "events") == "unsubscribed")
        await scene.close()
    }

    @Test func anOldListThatANewerConsentLiftsSaysSo() async throws {
        let scene = try await Scene.make()
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        let receipt = try await scene.report(
            .suppressed(.imported, scope: .controller), at: "2024-01-01T00:00:00Z")
        #expect(!receipt.stops.contains(try slug("newsletter")))
        #expect(receipt.stops.contains(try slug("outreach")))
        #expect(try await scene.reason() == "ground-holds")
        await scene.close()
    }

    @Test func actsOnOnePersonFollowOneAnotherStrictly() async throws {
        let scene = try await Scene.make()
        var last: Instant?
        for turn in 0..<20 {
            let receipt =
                turn.isMultiple(of: 2)
                ? try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
                : try await scene.report(
                    .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)),
                    evidence: Evidence(confirmed))
            if let last { #expect(receipt.at > last) }
            last = receipt.at
            #expect(try await scene.reason() == (turn.isMultiple(of: 2) ? "unsubscribed" : "ground-holds"))
        }
        await scene.close()
    }

    @Test func whatLoosensMayNotLieInTheFuture() async throws {
        let scene = try await Scene.make()
        let loosening: [Event] = [
            .consentAsked(try slug("newsletter")), .joinedOrganisation, .addressConfirmed, .restrictionLifted,
            .holdReleased(try slug("accounting")), .consentGiven(try slug("newsletter"), by: .import),
        ]
        for event in loosening {
            await #expect(throws: StoreError.self) { try await scene.report(event, at: "2099-01-01T00:00:00Z") }
        }
        #expect(try await scene.reason() == "unknown-address")
        await scene.close()
    }

    @Test func erasureForgetsTheContactAndKeepsTheEntry() async throws {
        let scene = try await Scene.make()
        #expect(try await scene.collect([lead("kari@firma.example", name: "Kari")]) == [.created])
        try await scene.report(.erased)
        #expect(try await scene.reason() == "erased")
        #expect(try await scene.collect([lead("kari@firma.example", name: "Kari")]) == [.suppressed(.erased)])
        await scene.close()
    }

    @Test func aTopicDeclinedAlone() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let receipt = try await scene.report(
            .unsubscribed(scope: .topic, purpose: nil, topic: slug("events")))
        #expect(receipt.stops.map(\.text) == ["newsletter"])
        #expect(try await scene.reason(topic: "events") == "unsubscribed")
        #expect(try await scene.reason(topic: "product-news") == "ground-holds")
        await #expect(throws: StoreError.self) {
            try await scene.report(.topicResumed(slug("events"), purpose: nil))
        }
        try await scene.report(.topicResumed(slug("events"), purpose: nil), evidence: Evidence(confirmed))
        #expect(try await scene.reason(topic: "events") == "ground-holds")
        await scene.close()
    }
}
