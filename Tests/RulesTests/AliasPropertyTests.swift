import Harness
import Rules
import Testing

/// What other addresses of the same alias form may do: add a refusal, and nothing else.
@Suite("Alias properties")
struct AliasPropertyTests {
    private static func withAliases(_ facts: Facts, _ random: inout Timelines) -> Facts {
        var facts = facts
        facts.aliases = (0..<random.number(1..<3)).map { _ in
            let other = random.facts(random.events(1..<5))
            return Facts.Alias(facts: other.own + other.group)
        }
        return facts
    }

    @Test(
        "an alias never turns a no into a yes, and changes a verdict only into rule 1",
        arguments: try Timelines.policies())
    func onlyRefuse(_ policy: Policy) throws {
        var refused = 0
        try DecisionPropertyTests.each(under: policy, seed: 1_000) { random, events, now in
            let alone = random.facts(events)
            let facts = Self.withAliases(alone, &random)
            for question in try random.questions {
                let before = decide(question, from: alone, under: policy, at: now)
                let after = decide(question, from: facts, under: policy, at: now)
                if after.reason.rule == 1 && before.reason.rule != 1 { refused += 1 }
                #expect(before.isEligible || !after.isEligible, "\(sentence(events))")
                if before.reason.rule == 1 { #expect(after.reason.rule == 1, "\(sentence(events))") }
                let leans = question.purpose.grounds.contains {
                    if case .purpose = $0.condition { true } else { false }
                }
                if after.reason.rule != 1, !leans { #expect(after == before, "\(sentence(events))") }
            }
        }
        #expect(refused > 100)
    }

    /// A policy in which no ground leans on another purpose.
    private static func straight() throws -> Policy {
        try Policy(parsing: PolicyMistake.sound.replacing(", while: newsletter", with: ""), file: "straight.yaml")
    }

    @Test(
        "an alias keeps nobody and lets nobody go, but where a ground leans on a purpose",
        arguments: try Timelines.policies() + [straight()])
    func keeping(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 1_100) { random, events, now in
            let alone = random.facts(events)
            let facts = Self.withAliases(alone, &random)
            let before = keepUntil(alone, address: .named, under: policy, at: now)
            let after = keepUntil(facts, address: .named, under: policy, at: now)
            #expect(before.isKept || !after.isKept, "\(sentence(events))")
            let leaning = policy.purposes.flatMap(\.grounds).contains {
                if case .purpose = $0.condition { true } else { false }
            }
            if !leaning { #expect(after == before, "\(sentence(events))") }
        }
    }

    @Test("where the policy ignores aliases they do nothing at all")
    func ignored() throws {
        let text = try Checkout.text("deploy/policies/stratsys.yaml")
        let policy = try Policy(
            parsing: text.replacing("default-scope:", with: "aliases: ignore\ndefault-scope:"), file: "ignore.yaml")
        #expect(policy.aliases == .ignore)
        try DecisionPropertyTests.each(under: policy, seed: 1_200) { random, events, now in
            let alone = random.facts(events)
            let facts = Self.withAliases(alone, &random)
            for question in try random.questions {
                let verdicts = [alone, facts].map { decide(question, from: $0, under: policy, at: now) }
                #expect(verdicts[0] == verdicts[1])
            }
            let keeping = [alone, facts].map { keepUntil($0, address: .named, under: policy, at: now) }
            #expect(keeping[0] == keeping[1])
        }
    }

    @Test("an alias's entry is lifted by a consent of that very address alone")
    func lifts() throws {
        let policy = try loadPolicy("stratsys")
        let newsletter = try slug("newsletter")
        let question = try Question(purpose: newsletter, address: .named, under: policy)
        let entry = Fact(at: Timelines.start, .entry(Entry(.unsubscribed, .controller)))
        let later = Timelines.start.advanced(byMicroseconds: 1)
        let consent = Fact(at: later, .consentGiven(newsletter, by: .person(confirmsObjection: false)))
        let mine = Facts(own: [consent], aliases: [.init(facts: [entry])])
        #expect(decide(question, from: mine, under: policy, at: later).reason == .entry(.unsubscribed))
        let theirs = Facts(own: [consent], aliases: [.init(facts: [entry, consent])])
        #expect(decide(question, from: theirs, under: policy, at: later).isEligible)
        let another = Facts(own: [consent], aliases: [.init(facts: [entry]), .init(facts: [consent])])
        #expect(decide(question, from: another, under: policy, at: later).reason == .entry(.unsubscribed))
    }

    @Test("an entry on the domain refuses like one on the address")
    func domain() throws {
        let policy = try loadPolicy("stratsys")
        let question = try Question(purpose: slug("newsletter"), address: .named, under: policy)
        let facts = Facts(
            own: [Fact(at: Timelines.start, .contacted)],
            domain: [Fact(at: Timelines.start, .entry(Entry(.domainSuppressed, .controller)))])
        let verdict = decide(question, from: facts, under: policy, at: Timelines.start)
        #expect(verdict.reason == .entry(.domainSuppressed))
        #expect(verdict.entry?.at == Timelines.start)
    }
}
