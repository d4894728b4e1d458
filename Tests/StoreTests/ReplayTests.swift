import Harness
import Rules
import Store
import Testing

/// The same acts answer the same, replayed in memory or derived in the database.
@Suite struct ReplayTests {
    @Test(arguments: 1...12)
    func theDatabaseAnswersAsTheRulesDo(_ seed: UInt64) async throws {
        var chance = SeededGenerator(seed: seed)
        let isGroup = seed.isMultiple(of: 2)
        let policyName = isGroup ? "infobric" : "stratsys"
        let scene = try await Scene.make(policyName, isGroup ? "infobric-ab" : "stratsys-ab")
        let policy = try Policy(parsing: Checkout.text("deploy/policies/\(policyName).yaml"), file: "p")
        let other = isGroup ? try await scene.of("infobric-as") : scene
        let events = try Self.events(isGroup: isGroup)
        var facts = Facts()
        for _ in 0..<14 {
            let event = events[Int.random(in: 0..<events.count, using: &chance)]
            let isOther = isGroup && Bool.random(using: &chance)
            let past = Int64.random(in: 0..<500, using: &chance) * 86_400_000_000
            let at =
                Bool.random(using: &chance) ? nil : try instant("2026-11-20T00:00:00Z").advanced(byMicroseconds: -past)
            let receipt: Receipt
            do {
                receipt = try await (isOther ? other : scene).report(
                    event, at: at?.description, evidence: Evidence(confirmed))
            } catch StoreError.standingEntry {
                continue
            }
            for fact in try #require(receipt.act.facts(at: receipt.at)) {
                if fact.isGroupWide { facts.group.append(fact) } else if !isOther { facts.own.append(fact) }
            }
        }
        for purpose in policy.purposes where purpose.kind != .record {
            for days in [0, 3, 60, 200, 380, 900] as [Int64] {
                let check = Check(
                    address: try Address(parsing: "kari@firma.example"), purpose: purpose.id,
                    at: days == 0
                        ? nil : try instant("2026-12-24T00:00:00Z").advanced(byMicroseconds: days * 86_400_000_000))
                let got = try await scene.store.verdict(check, by: scene.access).get()
                let question = try Question(purpose: purpose.id, address: .named, under: policy)
                #expect(got.verdict == decide(question, from: facts, under: policy, at: got.at), "\(facts)")
                #expect(got.keeping == keepUntil(facts, address: .named, under: policy, at: got.at))
            }
        }
        await scene.close()
    }

    private static func events(isGroup: Bool) throws -> [Event] {
        let newsletter = try slug("newsletter")
        let other = try slug(isGroup ? "offers" : "outreach")
        let hold = try slug("accounting")
        return [
            .collected, .contacted, .organisationContacted, .demoBooked, .customerStarted, .customerEnded,
            .leftOrganisation, .joinedOrganisation, .eventAttended, .questionAsked, .questionAnswered,
            .consentAsked(newsletter), .consentGiven(newsletter, by: .person(confirmsObjection: false)),
            .consentGiven(other, by: .person(confirmsObjection: true)), .consentGiven(newsletter, by: .import),
            .consentGiven(other, by: .operator), .consentWithdrawn(newsletter),
            .unsubscribed(scope: nil, purpose: nil, topic: nil),
            .unsubscribed(scope: .purpose, purpose: other, topic: nil),
            .unsubscribed(scope: .controller, purpose: nil, topic: nil), .objected(purpose: nil),
            .objected(purpose: newsletter), .complained, .bounced(.hard), .bounced(.soft), .addressConfirmed,
            .restricted,
            .restrictionLifted, .holdPlaced(hold, until: nil), .holdReleased(hold), .erased, .swept,
            .suppressed(.imported, scope: .controller), .suppressed(.imported, scope: .group),
        ]
    }
}
