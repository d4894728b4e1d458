import Harness
import Rules
import Testing

/// What a list may write, and that nothing of it lifts.
@Suite struct ImportedActTests {
    private func all() throws -> [ImportedAct] {
        let newsletter = try slug("newsletter")
        let acts: [ImportedAct] =
            [
                .collected, .collectedFromPerson, .contacted, .consentClaimed(newsletter), .takenBack,
            ]
            + ListedReason.allCases.flatMap { reason in
                Event.WideScope.allCases.map { ImportedAct.refused(reason, $0) }
            }
        for act in acts {
            // A new act of imports is to be listed above: this does not compile without it.
            switch act {
            case .collected, .collectedFromPerson, .contacted, .consentClaimed, .refused, .takenBack: break
            }
        }
        return acts
    }

    @Test func noneIsAnActOfThePersonThatLifts() throws {
        for imported in try all() {
            let facts = try #require(imported.act.facts(at: Instant(microseconds: 1)))
            #expect(!facts.isEmpty, "\(imported)")
            for fact in facts {
                switch fact.kind {
                case .collected, .contacted, .notified, .forgotten, .entry, .hardBounced, .consentGiven(_, by: .import):
                    break
                default: Issue.record("\(imported) leaves \(fact.kind)")
                }
            }
            #expect(!Facts(own: facts).lifts(after: .min), "\(imported)")
        }
    }

    /// Whatever stands in a register and whatever a list says: who was refused for an entry is refused for an entry.
    @Test func noListMakesEligibleWhomAnEntryRefuses() throws {
        var random = SeededGenerator(seed: 20_260_501)
        let imported = try all()
        var refused = 0
        for policyName in ["stratsys", "hydac", "consent-first", "infobric"] {
            let policy = try loadPolicy(policyName)
            for _ in 0..<500 {
                let before = Facts(own: entries(&random, policy) + lifts(&random, policy))
                var after = before
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let act = imported[Int.random(in: 0..<imported.count, using: &random)]
                    after.own += act.act.facts(at: instant(&random)) ?? []
                }
                let now = Instant(microseconds: 1_800_000_000_000_000)
                for purpose in policy.purposes where purpose.kind != .record {
                    for address in [Question.AddressClass.role, .named] {
                        let question = try Question(purpose: purpose.id, address: address, under: policy)
                        guard case .entry = decide(question, from: before, under: policy, at: now).reason else {
                            continue
                        }
                        refused += 1
                        let verdict = decide(question, from: after, under: policy, at: now)
                        guard case .entry = verdict.reason else {
                            Issue.record("\(purpose.id) became \(verdict.reason.code)")
                            continue
                        }
                    }
                }
            }
        }
        #expect(refused > 1_000)
    }

    private func instant(_ random: inout SeededGenerator) -> Instant {
        Instant(microseconds: Int64.random(in: 1_700_000_000...1_790_000_000, using: &random) * 1_000_000)
    }

    private func entries(_ random: inout SeededGenerator, _ policy: Policy) -> [Fact] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let purpose = policy.purposes[Int.random(in: 0..<policy.purposes.count, using: &random)].id
            let reason = EntryReason.allCases[Int.random(in: 0..<EntryReason.allCases.count, using: &random)]
            let reach: Entry.Reach =
                switch Int.random(in: 0..<3, using: &random) {
                case 0: .purpose(purpose)
                case 1: .controller
                default: .group
                }
            return Fact(at: instant(&random), .entry(Entry(reason, reach)))
        }
    }

    private func lifts(_ random: inout SeededGenerator, _ policy: Policy) -> [Fact] {
        (0..<Int.random(in: 0...1, using: &random)).map { _ in
            let purpose = policy.purposes[Int.random(in: 0..<policy.purposes.count, using: &random)].id
            return Fact(
                at: instant(&random),
                .consentGiven(purpose, by: .person(confirmsObjection: Bool.random(using: &random))))
        }
    }
}
