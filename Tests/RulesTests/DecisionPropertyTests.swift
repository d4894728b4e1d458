import Harness
import Rules
import Testing

/// What must hold of every timeline, tried on some thousands.
@Suite("Decision properties")
struct DecisionPropertyTests {
    static let timelines = 700

    /// Tries a body on random timelines under one policy.
    static func each(
        under policy: Policy, seed: UInt64, _ body: (inout Timelines, [Timelines.Dated], Instant) throws -> Void
    ) throws {
        var random = Timelines(policy, seed: seed &+ UInt64(policy.purposes.count))
        for _ in 0..<timelines {
            random.drawInstants()
            let events = random.events(0..<9)
            try body(&random, events, random.askedAt())
        }
    }

    private static let refusals: [Event.Name] = [
        .unsubscribed, .consentWithdrawn, .objected, .complained, .suppressed, .restricted, .leftOrganisation, .bounced,
    ]

    /// A talk and a consent to some marketing among the events, and the withdrawal of that consent.
    private static func changeOfMind(
        _ events: [Timelines.Dated], _ random: inout Timelines
    ) -> (events: [Timelines.Dated], more: [Timelines.Dated]) {
        let controller = random.policy.controllers[0].id
        let purpose = random.pick(random.policy.purposes.filter { $0.kind == .marketing }).id
        let consent = Event.consentGiven(purpose, by: .person(confirmsObjection: false))
        let talk = [(random.instant(), Event.contacted, controller), (random.instant(), consent, controller)]
        return (talk + events.prefix(3), [(random.instant(), .consentWithdrawn(purpose), controller)])
    }

    @Test("one more refusal never turns a no into a yes", arguments: try Timelines.policies())
    func refusal(_ policy: Policy) throws {
        try Self.each(under: policy, seed: 100) { random, events, now in
            let (events, more) =
                random.number(0..<2) == 0
                ? (events, random.events(1..<2, from: Self.refusals)) : Self.changeOfMind(events, &random)
            let (before, after) = (random.facts(events), random.facts(events + more))
            for question in try random.questions
            where !decide(question, from: before, under: policy, at: now).isEligible {
                let verdict = decide(question, from: after, under: policy, at: now)
                #expect(
                    !verdict.isEligible, "\(question.purpose.id) at \(now): \(sentence(events)) + \(sentence(more))")
            }
        }
    }

    @Test("a refusal that covers what is asked refuses from its instant on", arguments: try Timelines.policies())
    func acknowledged(_ policy: Policy) throws {
        try Self.each(under: policy, seed: 110) { random, events, now in
            let past = events.filter { $0.at <= now }
            let refusal = random.pick([
                Event.complained, .objected(purpose: nil), .unsubscribed(scope: .group, purpose: nil, topic: nil),
            ])
            let facts = random.facts(past + [(now, refusal, policy.controllers[0].id)])
            for question in try random.questions
            where question.purpose.kind == .marketing || question.purpose.kind == .tracking {
                #expect(decide(question, from: facts, under: policy, at: now).reason.rule == 1, "\(sentence(past))")
            }
        }
    }

    @Test("the order in which events arrive means nothing", arguments: try Timelines.policies())
    func order(_ policy: Policy) throws {
        try Self.each(under: policy, seed: 200) { random, events, now in
            let other = random.shuffled(events + random.shuffled(events).prefix(2))
            let (one, two) = (random.facts(events), random.facts(other))
            for question in try random.questions {
                let verdicts = [one, two].map { decide(question, from: $0, under: policy, at: now) }
                #expect(verdicts[0] == verdicts[1], "\(sentence(events))")
                let keeping = [one, two].map { keepUntil($0, address: question.address, under: policy, at: now) }
                #expect(keeping[0] == keeping[1], "\(sentence(events))")
            }
        }
    }

    @Test("no import and no employee ever lifts an entry", arguments: try Timelines.policies())
    func claims(_ policy: Policy) throws {
        try Self.each(under: policy, seed: 300) { random, events, now in
            var more = random.events(
                0..<3,
                from: [
                    .collected, .contacted, .demoBooked, .customerStarted, .suppressed, .restrictionLifted,
                    .joinedOrganisation,
                ])
            for _ in 0..<2 {
                let source: ConsentSource = random.pick([.import, .operator])
                more.append(
                    (random.instant(), .consentGiven(random.purpose().id, by: source), policy.controllers[0].id))
            }
            let (before, after) = (random.facts(events), random.facts(events + more))
            for question in try random.questions
            where decide(question, from: before, under: policy, at: now).reason.rule == 1 {
                let verdict = decide(question, from: after, under: policy, at: now)
                #expect(verdict.reason.rule == 1, "\(sentence(events)) + \(sentence(more))")
            }
        }
    }

    @Test(
        "a yes names a ground of the policy and ends at the very instant it says", arguments: try Timelines.policies())
    func until(_ policy: Policy) throws {
        var ended = 0
        try Self.each(under: policy, seed: 400) { random, events, now in
            let facts = random.facts(events.filter { $0.at <= now })
            for question in try random.questions {
                let verdict = decide(question, from: facts, under: policy, at: now)
                guard verdict.isEligible else {
                    #expect(verdict.ground == nil && verdict.basis == nil)
                    #expect((verdict.until != nil) == (verdict.reason == .retentionExpired))
                    if let until = verdict.until { #expect(until <= now) }
                    continue
                }
                #expect(verdict.ground.map(question.purpose.grounds.contains) == true)
                let asked = { decide(question, from: facts, under: policy, at: $0).isEligible }
                guard let until = verdict.until else {
                    #expect(asked(Period(100, .years)?.end(from: now) ?? now), "\(sentence(events))")
                    continue
                }
                ended += 1
                #expect(until > now)
                #expect(asked(until.advanced(byMicroseconds: -1)), "\(sentence(events))")
                #expect(!asked(until), "\(sentence(events))")
            }
        }
        #expect(ended > 20 || !policy.purposes.flatMap(\.grounds).contains { $0.window != nil })
    }

    @Test(
        "a yes on a consent has a consent to that purpose, and one look answers like another",
        arguments: try Timelines.policies())
    func consentIsThere(_ policy: Policy) throws {
        try Self.each(under: policy, seed: 500) { random, events, now in
            let facts = random.facts(events)
            for question in try random.questions {
                let verdict = decide(question, from: facts, under: policy, at: now)
                guard let ground = verdict.ground else { continue }
                let consents = facts.own.contains {
                    if case .consentGiven(question.purpose.id, _) = $0.kind { return $0.at <= now }
                    return false
                }
                #expect(ground.basis != .consent || consents, "\(sentence(events))")
                #expect(Opinion(of: question, from: facts, under: policy, at: now).verdict == verdict)
            }
        }
    }
}
