import Harness
import Rules
import Testing

/// Whatever a person's acts are: under the corrected address nothing is eligible that the old one refused.
@Suite("What a corrected address inherits")
struct InheritanceTests {
    private static func numbered(_ dated: [Timelines.Dated], under policy: Policy) -> [NumberedAct] {
        dated.enumerated().map { index, one in
            NumberedAct(id: Int64(index + 1), at: one.at, act: one.event.act(under: policy))
        }
    }

    /// An erasure goes along as the stop that it left.
    private static func name(_ numbered: NumberedAct) -> Event.Name {
        numbered.act.name == .erased ? .unsubscribed : numbered.act.name
    }

    private static func facts(_ acts: [NumberedAct]) -> Facts {
        var facts = Facts()
        for numbered in acts {
            let found = numbered.act.facts(at: numbered.at) ?? []
            if numbered.act.scope == .group, numbered.act.entry != nil {
                facts.group += found
            } else {
                facts.own += found
            }
        }
        return facts
    }

    @Test("what was refused stays refused, whatever the new address had", arguments: ["stratsys", "infobric", "hydac"])
    func refusals(_ name: String) throws {
        let policy = try loadPolicy(name)
        let kinds = Event.Name.allCases.filter {
            ![.organisationContacted, .customerStarted, .customerEnded].contains($0)
        }
        var timelines = Timelines(policy, seed: 4)
        var refused = 0
        var held = 0
        for _ in 0..<600 {
            timelines.drawInstants()
            let now = timelines.askedAt()
            let old = Self.numbered(timelines.events(1..<8, from: kinds), under: policy)
            let own = Self.numbered(timelines.events(0..<5, from: kinds), under: policy)
            let (before, there) = (Self.facts(old), Self.facts(own))
            let heirs = inheritance(of: old, from: before, onto: there, under: policy, at: now)
            let after = Self.facts(own + heirs)
            for question in try timelines.questions {
                let from = decide(question, from: before, under: policy, at: now)
                let alone = decide(question, from: there, under: policy, at: now)
                let both = decide(question, from: after, under: policy, at: now)
                let isBarred: Bool =
                    switch from.reason {
                    case .entry, .restricted, .leftOrganisation, .bounced: true
                    default: false
                    }
                if isBarred {
                    refused += 1
                    #expect(!both.isEligible, "\(old) \(own) \(now)")
                }
                // Nothing that stood against the new address is lifted by what comes along.
                if case .entry = alone.reason { #expect(!both.isEligible, "\(old) \(own) \(now)") }
                if alone.reason == .restricted { #expect(!both.isEligible) }
                if both.isEligible { held += 1 }
            }
            for reason in keepReasons(before, address: .named, under: policy, at: now) {
                guard let hold = reason.hold else { continue }
                #expect(
                    keepReasons(after, address: .named, under: policy, at: now).contains { $0.hold == hold },
                    "\(old) \(own)")
            }
        }
        #expect(refused > 300 && held > 10)
    }

    @Test("a restriction that is dated ahead stands in for none that counts")
    func aheadOfItsDate() throws {
        let policy = try loadPolicy("stratsys")
        let now = Timelines.start
        let old = [-1, 1].enumerated().map { index, day in
            NumberedAct(
                id: Int64(index + 1), at: now.advanced(byMicroseconds: day * 86_400_000_000), act: Act(.restricted))
        }
        let heirs = inheritance(of: old, from: Self.facts(old), onto: Facts(), under: policy, at: now)
        #expect(heirs.map(\.at) == [now, old[1].at])
    }

    @Test("no act that lifts goes along")
    func lifts() throws {
        let policy = try loadPolicy("stratsys")
        var timelines = Timelines(policy, seed: 9)
        for _ in 0..<400 {
            timelines.drawInstants()
            let old = Self.numbered(timelines.events(1..<9), under: policy)
            let now = timelines.askedAt()
            for heir in inheritance(of: old, from: Self.facts(old), onto: Facts(), under: policy, at: now) {
                #expect(
                    ![
                        .topicResumed, .restrictionLifted, .holdReleased, .addressConfirmed, .joinedOrganisation,
                    ].contains(heir.act.name))
                if heir.act.name == .consentGiven { #expect(heir.act.source == .operator) }
                #expect(old.contains { $0.id == heir.id && $0.at <= heir.at && Self.name($0) == heir.act.name })
            }
        }
    }
}
