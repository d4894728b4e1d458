import Harness
import Rules
import Testing

/// What keeps a contact, by name, and when to look again.
@Suite("Retention")
struct RetentionTests {
    @Test("names what keeps for as long as keeping says", arguments: try Timelines.policies())
    func agreesWithKeeping(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 1_900) { random, events, now in
            let facts = random.facts(events)
            for address in [Question.AddressClass.named, .role] {
                let keeping = keepUntil(facts, address: address, under: policy, at: now)
                switch retention(facts, address: address, under: policy, at: now) {
                case .kept(let until, _): #expect(keeping == .kept(until: until), "\(sentence(events))")
                case .due(let lapse):
                    #expect(keeping == .notKept, "\(sentence(events))")
                    #expect(lapse.since.map { $0 <= now } ?? true, "\(sentence(events))")
                }
            }
        }
    }

    @Test("nobody falls due before the next look", arguments: try Timelines.policies())
    func nextLookMissesNothing(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 2_000) { random, events, now in
            let facts = random.facts(events)
            let found = retention(facts, address: .named, under: policy, at: now)
            guard case .kept = found else { return }
            let next = facts.nextLook(after: now, found)
            var later =
                events.map(\.at)
                + policy.purposes.flatMap(\.grounds).compactMap(\.window).flatMap { window in
                    events.map { window.period.end(from: $0.at) }
                }
            later += events.map { policy.doubleOptInKeep.end(from: $0.at) }
            later += later.map { $0.advanced(byMicroseconds: 1) }
            for instant in later where instant > now && next.map({ instant < $0 }) ?? true {
                #expect(
                    keepUntil(facts, address: .named, under: policy, at: instant).isKept,
                    "at \(instant): \(sentence(events))")
            }
        }
    }

    private let stratsys = #"""
        policy: acme
        version: 1
        effective: 2020-01-01T00:00:00Z
        controllers: [{id: acme, name: Acme}]
        default-scope: controller
        purposes:
          newsletter:
            kind: marketing
            grounds:
              - {id: lead, basis: legitimate-interest, for: 12 months, from: last-contact, given: [warm]}
              - {id: cold-lead, basis: legitimate-interest, for: 3 months, from: collected, given: [cold]}
        """#

    @Test("says why, in the words that reports count by")
    func words() throws {
        let policy = try Policy(parsing: stratsys, file: "acme.yaml")
        let start = try instant("2026-01-31T10:00:00Z")
        let later = try instant("2026-06-01T00:00:00Z")
        func ground(_ facts: [Fact], at now: Instant) -> String {
            retention(Facts(own: facts), address: .named, under: policy, at: now).ground
        }
        let collected = Fact(at: start, .collected)
        #expect(ground([collected], at: start) == "newsletter/cold-lead")
        guard case .due(let lapse) = retention(Facts(own: [collected]), address: .named, under: policy, at: later)
        else {
            Issue.record("a cold lead is kept after its window")
            return
        }
        #expect(lapse.reason == .ended(.ground(try slug("cold-lead"), of: try slug("newsletter"))))
        #expect(lapse.since == (try instant("2026-04-30T10:00:00Z")))
        #expect(ground([collected, Fact(at: later, .contacted)], at: later) == "newsletter/lead")
        #expect(
            ground([collected, Fact(at: start, .entry(Entry(.unsubscribed, .controller)))], at: start) == "unsubscribed"
        )
        #expect(ground([collected, Fact(at: start, .leftOrganisation)], at: later) == "left-organisation")
        #expect(ground([collected, Fact(at: start, .restricted)], at: later) == "restricted")
        #expect(
            ground([collected, Fact(at: start, .holdPlaced(try slug("dispute"), until: nil))], at: later)
                == "hold/dispute")
        #expect(ground([], at: later) == "no-ground")
        #expect(
            ground([Fact(at: start, .consentAsked(try slug("newsletter")))], at: later) == "newsletter/consent-pending")
    }
}
