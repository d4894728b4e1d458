import Foundation
import Harness
import Rules
import Testing

private let folder = "Tests/RulesTests/Scenarios/"

/// A shipped policy by its name, or the one that lies beside the scenarios.
func loadPolicy(_ word: String) throws(FileError) -> Policy {
    let path = word.hasSuffix(".yaml") ? folder + word : "deploy/policies/\(word).yaml"
    let text: String
    do {
        text = try Checkout.text(path)
    } catch {
        throw FileError(file: path, problem: "cannot be read")
    }
    return try Policy(parsing: text, file: path)
}

@Suite("Scenario files")
struct ScenarioFileTests {
    private static func files() throws -> [String] {
        let place = Checkout.top.appendingPathComponent(folder).path
        return try FileManager.default.contentsOfDirectory(atPath: place).filter { !$0.hasSuffix("-policy.yaml") }
            .sorted()
    }

    @Test("every scenario comes out as it says", arguments: try files())
    func passes(_ name: String) throws {
        let file = try ScenarioFile(parsing: Checkout.text(folder + name), file: name, policy: loadPolicy)
        #expect(!file.scenarios.isEmpty)
        for scenario in file.scenarios {
            let outcome = scenario.run(under: file.policy)
            #expect(outcome == .passed, "\(name):\(scenario.line): \(scenario.name): \(outcome)")
        }
    }

    @Test("every event, reason and key is met in some scenario")
    func everything() throws {
        let text = try Self.files().map { try Checkout.text(folder + $0) }.joined(separator: "\n")
        let events = Set(Event.Name.allCases.map(\.rawValue)).filter { !text.contains("event: \($0)") }
        #expect(events.isEmpty)
        let reasons =
            EntryReason.allCases.map(\.rawValue) + [
                "restricted", "left-organisation", "bounced", "retention-expired", "consent-pending", "consent-missing",
                "no-ground", "unknown-address", "no-policy",
            ]
        #expect(reasons.filter { !text.contains("reason: \($0)") }.isEmpty)
        #expect(text.components(separatedBy: "\n  - name: ").count > 200)
    }

    @Test("no two scenarios of a file have one name", arguments: try files())
    func names(_ name: String) throws {
        let file = try ScenarioFile(parsing: Checkout.text(folder + name), file: name, policy: loadPolicy)
        #expect(Set(file.scenarios.map(\.name)).count == file.scenarios.count)
    }

    @Test("a scenario that fails tells what was expected and what came, where they differ")
    func failure() throws {
        let text = Self.text(
            event: "event: contacted", ask: "purpose: newsletter",
            expect: "eligible: false, reason: ground-holds, ground: null, until: 2025-01-01T00:00:00Z")
        let file = try ScenarioFile(parsing: text, file: "x.yaml", policy: loadPolicy)
        #expect(
            file.scenarios.map { $0.run(under: file.policy) } == [
                .failed(expected: "eligible: false, ground: null", got: "eligible: true, ground: lead")
            ])
        #expect(file.scenarios.map(\.line) == [3])
    }

    @Test(
        "each key of an expectation can fail",
        arguments: [
            "eligible: false", "reason: no-ground", "ground: demo", "ground: null", "basis: \"6(1)(a)\"", "until: null",
            "until: 2025-01-01T00:00:00.000001Z", "kept: false", "keep-until: null", "keep-until: 2026-01-01T00:00:00Z",
        ])
    func wrong(_ expect: String) throws {
        let text = Self.text(event: "event: contacted", ask: "purpose: newsletter", expect: expect)
        let file = try ScenarioFile(parsing: text, file: "x.yaml", policy: loadPolicy)
        for scenario in file.scenarios { #expect(scenario.run(under: file.policy) != .passed) }
    }

    private static func text(event: String, ask: String, expect: String) -> String {
        """
        policy: stratsys
        scenarios:
          - name: a lead
            timeline:
              - {at: 2024-01-01T00:00:00Z, \(event)}
            ask: {at: 2024-02-01T00:00:00Z, \(ask)}
            expect: {\(expect)}
        """
    }

    /// A mistake in the event, the question or the expectation, its line, its path below the scenario, and a word.
    struct Mistake: CustomTestStringConvertible {
        let text: String
        let line: Int
        let path: String
        let word: String
        let testDescription: String

        private init(_ text: String, _ line: Int, _ path: String, _ word: String, _ name: String) {
            (self.text, self.line, self.path, self.word, testDescription) = (text, line, path, word, name)
        }

        static func event(_ event: String, _ path: String, _ word: String) -> Mistake {
            let text = ScenarioFileTests.text(event: event, ask: "purpose: newsletter", expect: "eligible: true")
            return Mistake(text, 5, "scenarios[0].timeline[0]" + path, word, event)
        }

        static func ask(_ ask: String, _ path: String, _ word: String) -> Mistake {
            let text = ScenarioFileTests.text(event: "event: contacted", ask: ask, expect: "eligible: true")
            return Mistake(text, 6, "scenarios[0].ask" + path, word, ask)
        }

        static func expect(_ expect: String, _ path: String, _ word: String) -> Mistake {
            let text = ScenarioFileTests.text(event: "event: contacted", ask: "purpose: newsletter", expect: expect)
            return Mistake(text, 7, "scenarios[0].expect" + path, word, expect)
        }

        static func whole(_ text: String, line: Int, _ path: String, _ word: String) -> Mistake {
            Mistake(text, line, path, word, word)
        }
    }

    @Test(
        "a mistake in an event is told with its place",
        arguments: [
            Mistake.event("event: contactd", ".event", "did you mean 'contacted'?"),
            .event("events: contacted", "", "'event' is missing"),
            .event("event: contacted, note: x", ".note", "unknown field of 'contacted'"),
            .event("event: collected, sorce: x", ".sorce", "did you mean 'source'?"),
            .event("event: [contacted]", ".event", "must be a word, not a list"),
            .event("event: contacted, controller: stratsys", ".controller", "known are stratsys-ab"),
            .event("event: consent-given", "", "'consent-given' needs 'purpose'"),
            .event("event: consent-given, purpose: ~", ".purpose", "'consent-given' needs 'purpose'"),
            .event("event: consent-given, purpose: newsletters", ".purpose", "did you mean 'newsletter'?"),
            .event("event: consent-given, purpose: newsletter, by: me", ".by", "known are person, import, operator"),
            .event("event: consent-given, purpose: newsletter, confirms: it", ".confirms", "known are objection"),
            .event("event: consent-asked, purpose: newsletter, by: me", ".by", "unknown word 'me'"),
            .event("event: consent-withdrawn, purpose: letters", ".purpose", "unknown purpose 'letters'"),
            .event("event: unsubscribed, scope: all", ".scope", "known are topic, purpose, controller, group"),
            .event("event: unsubscribed, topic: event", ".topic", "did you mean 'events'?"),
            .event("event: unsubscribed, purpose: outreach, topic: events", ".topic", "there are none"),
            .event("event: topic-resumed", "", "'topic-resumed' needs 'topic'"),
            .event("event: objected, purpose: mail", ".purpose", "unknown purpose 'mail'"),
            .event("event: bounced", "", "'bounced' needs 'kind'"),
            .event("event: bounced, kind: firm", ".kind", "known are hard, soft"),
            .event("event: hold-placed", "", "'hold-placed' needs 'id'"),
            .event("event: hold-placed, id: My hold", ".id", "'My hold' is no name"),
            .event("event: hold-placed, id: h, until: tomorrow", ".until", "'tomorrow' is no time"),
            .event("event: hold-released", "", "'hold-released' needs 'id'"),
            .event("event: suppressed", "", "'suppressed' needs 'reason'"),
            .event("event: suppressed, reason: unsubscribed", ".reason", "known are imported, domain-suppressed"),
            .event("event: suppressed, reason: imported, scope: purpose", ".scope", "known are controller, group"),
            .event(
                "event: collected, source: \(String(repeating: "a", count: 1_025))", ".source", "longer than 1024 bytes"
            ),
        ])
    func event(_ mistake: Mistake) throws { try Self.check(mistake) }

    @Test(
        "a mistake in a question or an expectation is told with its place",
        arguments: [
            Mistake.ask("purpos: newsletter", ".purpos", "did you mean 'purpose'?"),
            .ask("topic: events", "", "'purpose' is missing"),
            .ask("purpose: newsleter", ".purpose", "known are newsletter, outreach"),
            .ask("purpose: newsletter, topic: sport", ".topic", "known are product-news, events"),
            .ask("purpose: outreach, topic: events", ".topic", "there are none"),
            .ask("purpose: newsletter, address: kari.nordmann", ".address", "@"),
            .ask("purpose: newsletter, address: \"\"", ".address", "empty"),
            .ask("purpose: newsletter, controller: other", ".controller", "unknown controller 'other'"),
            .ask("purpose: newsletter, controller: NOBODY", ".controller", "is no name"),
            .expect("eligable: true", ".eligable", "did you mean 'eligible'?"),
            .expect("eligible: yes", ".eligible", "true or false"),
            .expect("kept: maybe", ".kept", "true or false"),
            .expect("reason: because", ".reason", "known are unsubscribed, consent-withdrawn"),
            .expect("reason: no-grounds", ".reason", "did you mean 'no-ground'?"),
            .expect("basis: consent", ".basis", "known are 6(1)(a)"),
            .expect("until: 12 months", ".until", "is no time"),
            .expect("keep-until: never", ".keep-until", "is no time"),
            .expect("ground: The Lead", ".ground", "is no name"),
            .expect("ground: [lead]", ".ground", "must be a word, not a list"),
        ])
    func question(_ mistake: Mistake) throws { try Self.check(mistake) }

    @Test(
        "a mistake in the whole is told with its place",
        arguments: [
            Mistake.whole("scenarios: []", line: 1, "", "'policy' is missing"),
            .whole("policy: stratsys", line: 1, "", "'scenarios' is missing"),
            .whole("policy: stratsys\nscenario: []", line: 2, "scenario", "did you mean 'scenarios'?"),
            .whole("policy: stratsys\nscenarios: {}", line: 2, "scenarios", "must be a list, not a mapping"),
            .whole(
                "policy: stratsys\nscenarios:\n  - a word", line: 3, "scenarios[0]", "must be a mapping, not a word"),
            .whole(
                "policy: stratsys\nscenarios:\n  - {name: a, ask: {}, expect: {}}", line: 3, "scenarios[0]",
                "'timeline' is missing"),
            .whole(
                "policy: stratsys\nscenarios:\n  - {timeline: [], ask: {}, expect: {}}", line: 3, "scenarios[0]",
                "'name' is missing"),
            .whole(
                "policy: stratsys\nscenarios:\n  - {name: a, timeline: [], expect: {}}", line: 3, "scenarios[0]",
                "'ask' is missing"),
            .whole(
                "policy: stratsys\nscenarios:\n  - {name: a, timeline: [], ask: {purpose: newsletter}, expect: {}}",
                line: 3, "scenarios[0].ask", "'at' is missing"),
            .whole(
                "policy: stratsys\nscenarios:\n  - {name: a, timeline: [], ask: {purpose: newsletter, at: now}, expect: {}}",
                line: 3, "scenarios[0].ask.at", "is no time"),
            .whole(
                "policy: stratsys\nscenarios:\n  - name: a\n    timeline:\n      - {event: contacted}", line: 5,
                "scenarios[0].timeline[0]", "'at' is missing"),
            .whole(
                "policy: stratsys\nscenarios:\n  - name: a\n    timeline:\n      - {event: contacted, at: noon}",
                line: 5, "scenarios[0].timeline[0].at", "is no time"),
            .whole("policy: stratsys\nscenarios:\n  - name: a\n    name: b", line: 3, "", "'name' stands twice"),
            .whole("policy: [stratsys]\nscenarios: []", line: 1, "policy", "must be a word, not a list"),
        ])
    func whole(_ mistake: Mistake) throws { try Self.check(mistake) }

    private static func check(_ mistake: Mistake) throws {
        let error = try #require(throws: FileError.self) {
            try ScenarioFile(parsing: mistake.text, file: "bad.yaml", policy: loadPolicy)
        }
        #expect(error.file == "bad.yaml")
        #expect(error.line == mistake.line)
        #expect(error.path == mistake.path)
        #expect(error.problem.contains(mistake.word), "\(error)")
    }

    @Test("a policy that is wrong is told with the policy's own file")
    func policyError() throws {
        let error = try #require(throws: FileError.self) {
            try ScenarioFile(parsing: "policy: unheard-of\nscenarios: []", file: "x.yaml", policy: loadPolicy)
        }
        #expect(error.file == "deploy/policies/unheard-of.yaml")
    }
}
