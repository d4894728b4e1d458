import Harness
import Rules
import Testing

@Suite("Admission")
struct AdmissionTests {
    private static func facts(_ kinds: Fact.Kind...) -> [Fact] { kinds.map { Fact(at: Timelines.start, $0) } }
    private static let entry = Fact.Kind.entry(Entry(.unsubscribed, .controller))

    @Test("who would be kept is let in, and nobody else")
    func admitted() throws {
        let (stratsys, hydac) = try (loadPolicy("stratsys"), loadPolicy("hydac"))
        let now = Timelines.start
        #expect(admit(Facts(own: Self.facts(.collected)), address: .named, under: stratsys, at: now) == .admitted)
        #expect(
            admit(Facts(own: Self.facts(.collected)), address: .named, under: hydac, at: now)
                == .noGround(.consentMissing))
        #expect(
            admit(Facts(own: Self.facts(.collected, Self.entry)), address: .named, under: stratsys, at: now)
                == .suppressed(.unsubscribed))
        #expect(
            admit(Facts(own: Self.facts(.collected, .leftOrganisation)), address: .named, under: stratsys, at: now)
                == .noGround(.leftOrganisation))
        #expect(admit(Facts(), address: .named, under: stratsys, at: now) == .noGround(.unknownAddress))
        let late = Period(3, .months)?.end(from: now) ?? now
        #expect(
            admit(Facts(own: Self.facts(.collected)), address: .named, under: stratsys, at: late)
                == .noGround(.retentionExpired))
    }

    @Test("an alias keeps out who is known for marketing alone, and nobody else")
    func aliases() throws {
        let stratsys = try loadPolicy("stratsys")
        let alias = [Facts.Alias(facts: Self.facts(Self.entry))]
        let lead = Facts(own: Self.facts(.collected), aliases: alias)
        #expect(admit(lead, address: .named, under: stratsys, at: Timelines.start) == .suppressed(.unsubscribed))
        let customer = Facts(own: Self.facts(.collected, .customerStarted), aliases: [.init(facts: [])])
        #expect(admit(customer, address: .named, under: stratsys, at: Timelines.start) == .admitted)
    }

    @Test("who is let in is kept", arguments: try Timelines.policies())
    func property(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 1_300) { random, events, now in
            let facts = random.facts(events)
            let kept = keepUntil(facts, address: .named, under: policy, at: now).isKept
            #expect((admit(facts, address: .named, under: policy, at: now) == .admitted) == kept)
        }
    }
}
