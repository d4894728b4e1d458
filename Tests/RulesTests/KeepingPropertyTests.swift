import Harness
import Rules
import Testing

/// What must hold of keeping and of what a row leaves out.
@Suite("Keeping properties")
struct KeepingPropertyTests {
    @Test("who may be mailed is kept, and at least as long", arguments: try Timelines.policies())
    func keptOnYes(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 600) { random, events, now in
            let facts = random.facts(events)
            for question in try random.questions {
                let verdict = decide(question, from: facts, under: policy, at: now)
                guard verdict.isEligible else { continue }
                let keeping = keepUntil(facts, address: question.address, under: policy, at: now)
                #expect(keeping.isKept, "\(sentence(events))")
                guard let end = keeping.until else { continue }
                #expect(verdict.until.map { $0 <= end } == true, "\(sentence(events))")
            }
        }
    }

    @Test("keeping ends at the very instant it says", arguments: try Timelines.policies())
    func keepUntilIsExact(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 700) { random, events, now in
            let facts = random.facts(events.filter { $0.at <= now })
            for address in [Question.AddressClass.named, .role] {
                let kept = { keepUntil(facts, address: address, under: policy, at: $0).isKept }
                switch keepUntil(facts, address: address, under: policy, at: now) {
                case .notKept:
                    for later in [1, 86_400_000_000, 40_000_000_000_000] as [Int64] {
                        #expect(!kept(now.advanced(byMicroseconds: later)), "\(sentence(events))")
                    }
                case .kept(until: nil):
                    #expect(kept(Period(100, .years)?.end(from: now) ?? now), "\(sentence(events))")
                case .kept(.some(let end)):
                    #expect(end > now && kept(end.advanced(byMicroseconds: -1)) && !kept(end), "\(sentence(events))")
                }
            }
        }
    }

    @Test("what nothing keeps may be swept, and no answer becomes a yes by it", arguments: try Timelines.policies())
    func sweepIsSafe(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 800) { random, events, now in
            let past = events.filter { $0.at <= now }
            let facts = random.facts(past)
            for question in try random.questions
            where !keepUntil(facts, address: question.address, under: policy, at: now).isKept {
                let swept = random.facts(past + [(now, .swept, policy.controllers[0].id)])
                let verdict = decide(question, from: swept, under: policy, at: now)
                #expect(!verdict.isEligible, "\(sentence(events))")
                let before = decide(question, from: facts, under: policy, at: now).reason
                #expect(before.rule != 1 || verdict.reason == before, "\(sentence(events))")
                #expect(!keepUntil(swept, address: question.address, under: policy, at: now).isKept)
            }
        }
    }

    @Test("pruning changes no answer, then or later", arguments: try Timelines.policies())
    func pruning(_ policy: Policy) throws {
        var dropped = 0
        try DecisionPropertyTests.each(under: policy, seed: 900) { random, events, now in
            let facts = random.facts(events + random.events(0..<6))
            var pruned = facts
            pruned.own = Facts.pruned(facts.own, at: now)
            pruned.group = Facts.pruned(facts.group, at: now)
            dropped += facts.own.count - pruned.own.count
            #expect(Set(pruned.own).isSubset(of: facts.own))
            var later = [now, now.advanced(byMicroseconds: 1), Period(30, .years)?.end(from: now) ?? now]
            for _ in 0..<4 { later.append(max(now, random.askedAt())) }
            for question in try random.questions {
                for at in later {
                    let verdicts = [facts, pruned].map { decide(question, from: $0, under: policy, at: at) }
                    #expect(verdicts[0] == verdicts[1], "\(now) then \(at): \(sentence(events))")
                }
            }
            for at in later {
                let keeping = [facts, pruned].map { keepUntil($0, address: .named, under: policy, at: at) }
                #expect(keeping[0] == keeping[1], "\(now) then \(at): \(sentence(events))")
            }
        }
        #expect(dropped > 100)
    }

    @Test("pruned facts, pruned again, are the same", arguments: try Timelines.policies())
    func prunedTwice(_ policy: Policy) throws {
        try DecisionPropertyTests.each(under: policy, seed: 950) { random, events, now in
            let once = Facts.pruned(random.facts(events).own, at: now)
            #expect(Facts.pruned(once, at: now) == once)
        }
    }
}
