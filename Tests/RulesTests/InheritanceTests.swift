import Harness
import Rules
import Testing

/// Whatever a person's acts are: under the corrected address nothing is eligible that the old one refused.
@Suite("What a corrected address inherits")
struct InheritanceTests {
    /// What others of an alias form can leave that a check reads.
    private static let entriesAndLifts: [Event.Name] = [
        .unsubscribed, .objected, .complained, .consentWithdrawn, .suppressed, .erased, .consentGiven, .topicResumed,
    ]

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
        var timelines = Timelines(policy, seed: 4)
        var refused = 0
        var held = 0
        for _ in 0..<600 {
            timelines.drawInstants()
            let now = timelines.askedAt()
            let old = Self.numbered(timelines.events(1..<8), under: policy)
            let own = Self.numbered(timelines.events(0..<5), under: policy)
            let aliases = (0..<timelines.number(0..<3)).map { _ in
                Self.numbered(timelines.events(1..<4, from: Self.entriesAndLifts), under: policy)
            }
            var (before, there) = (Self.facts(old), Self.facts(own))
            before.aliases = aliases.map { Facts.Alias(facts: Self.facts($0).own + Self.facts($0).group) }
            let heirs = inheritance(
                of: CorrectedAddress(acts: old, aliases: aliases, facts: before), onto: there, under: policy, at: now)
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

    /// What may be dated ahead: all but entries, what ends something, and what the person says.
    private static let datedAhead: Set<Event.Name> = [
        .collected, .notified, .contacted, .organisationContacted, .demoBooked, .customerStarted, .customerEnded,
        .eventAttended, .questionAsked, .questionAnswered, .leftOrganisation, .bounced, .restricted, .holdPlaced,
    ]

    /// The person's own yes comes along as a claim, which a wide entry voids that the yes had lifted; without one nothing
    /// changes at all.
    @Test("where nothing was known, no verdict is looser, now or later, and nothing is kept shorter")
    func sameAnswers() throws {
        var (compared, relations) = (0, 0)
        for policy in try Timelines.policies() {
            var timelines = Timelines(policy, seed: 31)
            let questions = try timelines.questions
            for _ in 0..<150 {
                timelines.drawInstants()
                let now = timelines.askedAt()
                let old = Self.numbered(timelines.events(1..<9), under: policy).filter {
                    $0.at <= now || Self.datedAhead.contains($0.act.name)
                }
                let before = Self.facts(old)
                let known = CorrectedAddress(acts: old, facts: before)
                let heirs = inheritance(of: known, onto: Facts(), under: policy, at: now)
                let after = Self.facts(heirs)
                let isLifting = (before.own + before.group).contains(where: \.isLift)
                if heirs.contains(where: \.act.isOfOrganisation) { relations += 1 }
                for at in [now, max(now, timelines.askedAt()), max(now, timelines.askedAt())] {
                    for question in questions {
                        let from = decide(question, from: before, under: policy, at: at)
                        let to = decide(question, from: after, under: policy, at: at)
                        #expect(!to.isEligible || from.isEligible, "\(old) \(now) \(at) \(question)")
                        if to.isEligible, let end = from.until {
                            #expect(to.until.map { $0 <= end } ?? false, "\(old) \(now) \(at) \(question)")
                        }
                        guard !isLifting else { continue }
                        compared += 1
                        let isSame = from.reason.rule == to.reason.rule && from.until == to.until
                        #expect(isSame, "\(old) \(now) \(at) \(question): \(from) \(to)")
                    }
                    guard !isLifting else { continue }
                    for address in [Question.AddressClass.named, .role] {
                        let (kept, keeps) = (
                            keepUntil(before, address: address, under: policy, at: at),
                            keepUntil(after, address: address, under: policy, at: at)
                        )
                        #expect(kept == keeps, "\(old) \(now) \(at)")
                    }
                }
            }
        }
        #expect(compared > 5_000 && relations > 50)
    }

    @Test(
        "a claim that only the domain's entry voids stays behind, and one that an entry of the person's voids goes along"
    )
    func voidClaims() throws {
        let policy = try loadPolicy("stratsys")
        let newsletter = policy.defaultPurpose
        let start = Timelines.start
        func at(_ day: Int64) -> Instant { start.advanced(byMicroseconds: day * 86_400_000_000) }
        let collected = NumberedAct(id: 1, at: at(0), act: Act(.collected))
        let stop = NumberedAct(id: 2, at: at(1), act: Act(.unsubscribed, purpose: newsletter, scope: .purpose))
        let claim = NumberedAct(id: 3, at: at(2), act: Act(.consentGiven, purpose: newsletter, source: .import))
        func heirs(_ acts: [NumberedAct], domain: [Fact] = []) -> [Int64] {
            var facts = Self.facts(acts)
            facts.domain = domain
            return inheritance(
                of: CorrectedAddress(acts: acts, facts: facts), onto: Facts(), under: policy, at: at(3)
            ).map(\.id).sorted()
        }
        let domain = [Fact(at: at(1), .entry(Entry(.domainSuppressed, .controller)))]
        #expect(heirs([collected, claim]) == [1, 3])
        #expect(heirs([collected, stop, claim]) == [1, 2, 3])
        #expect(heirs([collected, claim], domain: domain) == [1])
        #expect(heirs([collected, stop, claim], domain: domain) == [1, 2, 3])
    }

    @Test("what an alias form lifted stops nothing and stays behind")
    func aliases() throws {
        let policy = try loadPolicy("stratsys")
        let start = Timelines.start
        func at(_ day: Int64) -> Instant { start.advanced(byMicroseconds: day * 86_400_000_000) }
        let purpose = policy.defaultPurpose
        let stop = NumberedAct(id: 1, at: at(0), act: Act(.unsubscribed, purpose: purpose, scope: .purpose))
        let back = NumberedAct(
            id: 2, at: at(1), act: Act(.consentGiven, purpose: purpose, source: .person(confirmsObjection: false)))
        func heirs(_ aliases: [[NumberedAct]]) -> [Int64] {
            inheritance(
                of: CorrectedAddress(acts: [], aliases: aliases, facts: Facts()), onto: Facts(), under: policy,
                at: at(2)
            ).map(\.id)
        }
        #expect(heirs([[stop]]) == [1])
        #expect(heirs([[stop, back]]) == [])
        // What one address lifted another's person did not.
        #expect(heirs([[stop], [back]]) == [1])
    }

    @Test("a restriction that is dated ahead stands in for none that counts")
    func aheadOfItsDate() throws {
        let policy = try loadPolicy("stratsys")
        let now = Timelines.start
        let old = [-1, 1].enumerated().map { index, day in
            NumberedAct(
                id: Int64(index + 1), at: now.advanced(byMicroseconds: day * 86_400_000_000), act: Act(.restricted))
        }
        let heirs = inheritance(
            of: CorrectedAddress(acts: old, facts: Self.facts(old)), onto: Facts(), under: policy, at: now)
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
            let known = CorrectedAddress(acts: old, facts: Self.facts(old))
            for heir in inheritance(of: known, onto: Facts(), under: policy, at: now) {
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
