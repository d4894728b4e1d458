import Harness
import Rules
import Store
import Testing

/// A list is read, looked up and judged in a way of its own. It must say of each address what a single check says.
@Suite struct ListChecksTests {
    private static let addresses =
        (0..<12).flatMap {
            [
                "person\($0)@firma.example", "person\($0)+news@firma.example", "Person\($0)@Gmail.com",
                "per.son\($0)@gmail.com", "person\($0)@googlemail.com", "person\($0)@domain\($0 % 3).example",
                "pérson\($0)@blåbær.example", "\"per son\($0)\"@domain\($0 % 3).example",
            ]
        } + ["info@firma.example", "post@domain0.example", "info+x@domain1.example", "noreply@gmail.com"]

    @Test(arguments: 0..<6) func aListSaysOfEachWhatASingleCheckSays(seed: Int) async throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let isOfGroup = seed % 2 == 1
        let scene = isOfGroup ? try await Scene.make("infobric", "infobric-ab") : try await Scene.make()
        let sister = isOfGroup ? try await scene.of("infobric-as") : scene
        for _ in 0..<220 {
            let here = Int.random(in: 0..<5, using: &chance) == 0 ? sister : scene
            try await happen(at: here, isOfGroup: isOfGroup, &chance)
        }
        if seed % 3 == 2 { try await suppressDigests(at: scene, &chance) }
        for purpose in ["newsletter", isOfGroup ? "offers" : "outreach", "survey"] {
            for at in [nil, "2031-01-01T00:00:00Z"] {
                let terms = CheckTerms(purpose: try slug(purpose), at: try at.map(instant))
                try await compare(terms, at: scene, &chance)
            }
        }
        await scene.close()
    }

    /// A list of several slices, with everybody in it many times, answered in full and as verdicts alone.
    private func compare(_ terms: CheckTerms, at scene: Scene, _ chance: inout SeededGenerator) async throws {
        var single: [CheckAnswer] = []
        for text in Self.addresses {
            let check = Check(address: try Address(parsing: text), terms: terms)
            single.append(try await scene.store.verdict(check, by: scene.access).get())
        }
        let places = (0..<(ListPace.unhurried.addressesPerQueryMax + 1)).map { _ in
            Int.random(in: 0..<Self.addresses.count, using: &chance)
        }
        var list = AddressList()
        for place in places {
            try Array(Self.addresses[place].utf8).withUnsafeBytes { try list.append(parsing: $0) }
        }
        let answers = try await scene.store.verdicts(of: list, terms, by: scene.access, .prompt).get()
        let now = try instant("2026-12-01T00:00:00Z")
        let verdicts = try await scene.store.scrub(list, terms, by: scene.access, clock: { now })
        try #require(answers.count == places.count && verdicts.count == places.count)
        for (index, place) in places.enumerated() {
            let (answer, expected) = (answers[index], single[place])
            #expect(answer.verdict == expected.verdict, "\(Self.addresses[place])")
            #expect(verdicts[index] == expected.verdict, "\(Self.addresses[place])")
            #expect(answer.policy == expected.policy)
            #expect(answer.noticeDue == expected.noticeDue)
            #expect(answer.tracking.map(\.isEligible) == expected.tracking.map(\.isEligible))
            let (link, expectedLink) = (
                answer.link(.unsubscribe, campaign: nil), expected.link(.unsubscribe, campaign: nil)
            )
            #expect(link?.person == expectedLink?.person)
            #expect((link == nil) == (expectedLink == nil))
        }
        #expect(Set(verdicts.map(\.reason)).count > 2)
    }

    private func happen(at scene: Scene, isOfGroup: Bool, _ chance: inout SeededGenerator) async throws {
        let newsletter = try slug("newsletter")
        let address = try Address(parsing: try #require(Self.addresses.randomElement(using: &chance)))
        let wide: Event.WideScope = isOfGroup && Bool.random(using: &chance) ? .group : .controller
        let event: Event
        switch Int.random(in: 0..<14, using: &chance) {
        case 0, 1, 2: event = .collected
        case 3, 4: event = .contacted
        case 5: event = .customerStarted
        case 6: event = .customerEnded
        case 7, 8: event = .consentGiven(newsletter, by: .person(confirmsObjection: true))
        case 9: event = .unsubscribed(scope: wide == .group ? .group : nil, purpose: nil, topic: nil)
        case 10: event = .unsubscribed(scope: .purpose, purpose: newsletter, topic: nil)
        case 11: event = .restricted
        case 12: event = .leftOrganisation
        default:
            let domain = try Domain(parsing: "domain\(Int.random(in: 0..<2, using: &chance)).example")
            let report = Report(.suppressed(.domainSuppressed, scope: wide), of: .domain(domain))
            _ = try await scene.store.run(.record(report), by: scene.access)
            return
        }
        let days = Int64.random(in: 0...400, using: &chance)
        let at = try instant("2026-11-20T08:00:00Z").advanced(byMicroseconds: -days * 86_400_000_000)
        let report = Report(event, of: .address(address), at: at, evidence: try Evidence(confirmed))
        do throws(StoreError) {
            _ = try await scene.store.run(.record(report), by: scene.access)
        } catch {
            // What a person said stands, and a notice that is due comes first.
            switch error {
            case .standingEntry, .personNotTold: break
            default: throw error
            }
        }
    }

    private func suppressDigests(at scene: Scene, _ chance: inout SeededGenerator) async throws {
        let entries = try Self.addresses.shuffled(using: &chance).prefix(10).map {
            HashedEntry(HashedAddress(of: try Address(parsing: $0), .sha256))
        }
        _ = try await scene.store.run(.suppress(entries), by: scene.access)
    }

    @Test func aSuppressedDomainIsKnownInTheTransactionThatRecordsIt() async throws {
        let scene = try await Scene.make()
        let terms = CheckTerms(purpose: try slug("newsletter"))
        try await scene.report(.contacted)
        func reason() async throws -> String {
            let list: AddressList = [try Address(parsing: "kari@firma.example")]
            return try await scene.store.verdicts(of: list, terms, by: scene.access, .prompt).get()[0].verdict.reason
                .code
        }
        for domain in ["other.example", "firma.example"] {
            #expect(try await reason() == "ground-holds")
            let report = Report(
                .suppressed(.domainSuppressed, scope: .controller), of: .domain(try Domain(parsing: domain)))
            _ = try await scene.store.run(.record(report), by: scene.access)
        }
        #expect(try await reason() == "domain-suppressed")
        #expect(try await scene.reason() == "domain-suppressed")
        await scene.close()
    }
}
