import Foundation
import Harness
import Rules
import Store
import Testing

@Suite struct GroupTests {
    @Test func aGroupWideEntryReachesCompaniesThatNeverKnewThePerson() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("blastmanager-as")
        try await other.report(.contacted)
        #expect(try await other.reason() == "ground-holds")
        let receipt = try await one.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        #expect(receipt.act.scope == .group)
        #expect(try await other.reason() == "unsubscribed")
        #expect(try await one.of("infobric-time-as").reason() == "unsubscribed")
        await one.close()
    }

    @Test func itReachesACompanyThatIsAddedLater() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        try await one.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let text = try Checkout.text("deploy/policies/infobric.yaml")
            .replacingOccurrences(of: "version: 1", with: "version: 2")
            .replacingOccurrences(of: "effective: 2018-05-25T00:00:00Z", with: "effective: 2020-01-01T00:00:00Z")
            .replacingOccurrences(
                of: "default-scope: group",
                with: "  - {id: infobric-later, name: Infobric Later AS}\ndefault-scope: group")
        try await one.database.apply(policyText: text)
        let later = try await one.of("infobric-later")
        try await later.report(.contacted)
        let answer = try await later.answer()
        #expect(answer.verdict.reason.code == "unsubscribed")
        #expect(answer.policy == "infobric@2")
        await one.close()
    }

    @Test func aConsentToOneCompanyLiftsThereAndNowhereElse() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        try await other.report(.contacted)
        try await one.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await one.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        #expect(try await one.reason() == "ground-holds")
        #expect(try await one.reason(purpose: "offers") == "unsubscribed")
        #expect(try await other.reason() == "unsubscribed")
        await one.close()
    }

    @Test func aNarrowerWishStaysWithItsCompany() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        try await other.report(.contacted)
        try await one.report(.unsubscribed(scope: .controller, purpose: nil, topic: nil))
        #expect(try await one.reason() == "unsubscribed")
        #expect(try await other.reason() == "ground-holds")
        await one.close()
    }
}
