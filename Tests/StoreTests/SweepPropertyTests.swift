import Harness
import Rules
import Store
import Testing

/// The sweep against the rules, on random people: it erases just those whom the rules, asked apart, say nothing keeps.
@Suite struct SweepPropertyTests {
    private static let people = 90
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Both policies as shipped, and with shorter windows, so that the change of policy makes people fall due.
    private static func shortened(_ name: String) throws -> String {
        try Checkout.text("deploy/policies/\(name).yaml").replacing("version: 1", with: "version: 2")
            .replacing("-21T00:00:00Z", with: "-22T00:00:00Z").replacing("-25T00:00:00Z", with: "-26T00:00:00Z")
            .replacing("for: 12 months", with: "for: 5 months").replacing("for: 3 months", with: "for: 1 months")
    }

    @Test(arguments: [("stratsys", "stratsys-ab", 1), ("stratsys", "stratsys-ab", 2), ("infobric", "infobric-as", 3)])
    func erasesWhatTheRulesSayAndNothingElse(_ name: String, _ controller: String, _ seed: UInt64) async throws {
        let scene = try await Scene.make(name, controller)
        var chance = SeededGenerator(seed: seed)
        var people: [Person] = []
        for number in 0..<Self.people {
            people.append(try await Self.live(number, in: scene, &chance))
        }
        let text = try Self.shortened(name)
        try await scene.database.apply(policyText: text)
        let policy = try Policy(parsing: text, file: "test.yaml")
        let now = systemNow()
        let due = people.filter { !$0.keeping(under: policy, at: now).isKept }
        // Both kinds are there, or the test says nothing.
        #expect(due.count > 10 && people.count - due.count > 10)
        let names = Set(due.map(\.address.canonical))
        #expect(Set(try await scene.due().compactMap { $0.split(separator: " ").first.map(String.init) }) == names)

        var before: [String: String] = [:]
        for person in people { before[person.address.canonical] = try await scene.reason(person.address.canonical) }
        let run = try await scene.sweep()
        #expect(run.erased == Int64(due.count))
        let left = try await scene.database.texts("select address as text from maysend.contact")
        #expect(Set(left) == Set(people.map(\.address.canonical)).subtracting(names))
        for person in people {
            let address = person.address.canonical
            let reason = try await scene.reason(address)
            if names.contains(address) {
                #expect(reason != "ground-holds", "\(address)")
                #expect(person.refusal(under: policy, at: now) == nil || reason == before[address], "\(address)")
            } else {
                #expect(reason == before[address], "\(address)")
                let until = person.keeping(under: policy, at: now).until.map { "'\($0)'" }
                #expect(
                    try await scene.dueCount(
                        "address = '\(address)' and due_at is not distinct from \(until ?? "null")")
                        == 1, "\(address)")
            }
        }
        // What was erased a moment ago is not found again.
        #expect(try await scene.sweep().erased == 0)
        await scene.close()
    }

    /// What the receipts say of one person, apart from what the database derives of it.
    private struct Person {
        let address: Address
        var facts = Facts()

        var addressClass: Question.AddressClass { address.isRole ? .role : .named }

        func keeping(under policy: Policy, at now: Instant) -> Keeping {
            keepUntil(facts, address: addressClass, under: policy, at: max(now, facts.latestStamped ?? now))
        }

        /// The entry that stands against the newsletter.
        func refusal(under policy: Policy, at now: Instant) -> DatedEntry? {
            guard let newsletter = policy.purposes.first(where: { $0.kind == .marketing }) else { return nil }
            return facts.standingEntry(
                against: newsletter, topic: nil, under: policy, at: max(now, facts.latestStamped ?? now))
        }
    }

    /// Stores a person and lets some things happen to them.
    private static func live(
        _ number: Int, in scene: Scene, _ chance: inout SeededGenerator
    ) async throws -> Person {
        let local = Int.random(in: 0..<12, using: &chance) == 0 ? "info" : "p\(number)"
        var person = Person(address: try Address(parsing: "\(local)@f\(number).example"))
        var lead = Lead(address: person.address)
        // Some hours off, so that no window ends while the test runs.
        let offset = systemNow().advanced(byMicroseconds: -5 * 3_600_000_000)
        func ago(_ days: ClosedRange<Int64>) -> Instant {
            offset.advanced(byMicroseconds: -Int64.random(in: days, using: &chance) * microsecondsPerDay)
        }
        let collected = ago(1...80)
        lead.collectedAt = collected
        #expect(try await scene.collect([lead]) == [.created])
        person.facts.own.append(Fact(at: collected, .collected))
        let newsletter = try slug("newsletter")
        for _ in 0..<Int.random(in: 0..<4, using: &chance) {
            let event = try Self.event(newsletter, &chance, holdEnd: ago(1...60))
            let report = try Report(
                event, of: .address(person.address), at: ago(0...340), evidence: Evidence(confirmed))
            guard let receipt = try await Self.receipt(of: report, in: scene) else { continue }
            let facts = receipt.act.facts(at: receipt.at) ?? []
            if receipt.act.scope == .group { person.facts.group += facts } else { person.facts.own += facts }
        }
        return person
    }

    /// Nil where an entry stands against it, or the person was not told first, so that nothing happened.
    private static func receipt(of report: Report, in scene: Scene) async throws -> Receipt? {
        do {
            return try await scene.store.run(.record(report), by: scene.access)
        } catch StoreError.standingEntry {
            return nil
        } catch StoreError.personNotTold {
            return nil
        }
    }

    private static func event(
        _ newsletter: Slug, _ chance: inout SeededGenerator, holdEnd: Instant
    ) throws -> Event {
        switch Int.random(in: 0..<16, using: &chance) {
        case 0, 1: .contacted
        case 2: .eventAttended
        case 3: .questionAsked
        case 4: .questionAnswered
        case 5: .customerStarted
        case 6: .customerEnded
        case 7: .consentAsked(newsletter)
        case 8: .consentGiven(newsletter, by: .person(confirmsObjection: false))
        case 9: .unsubscribed(scope: nil, purpose: nil, topic: nil)
        case 10: .unsubscribed(scope: .purpose, purpose: newsletter, topic: nil)
        case 11: .objected(purpose: nil)
        case 12: .restricted
        case 13: .restrictionLifted
        case 14: .holdPlaced(try slug("dispute"), until: Bool.random(using: &chance) ? nil : holdEnd)
        default: .leftOrganisation
        }
    }
}
