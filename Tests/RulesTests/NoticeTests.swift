import Harness
import Rules
import Testing

/// By when somebody is to be told where their data comes from (Art. 14).
@Suite struct NoticeTests {
    private func due(_ timeline: [(String, Event)], at now: String = "2026-06-01T00:00:00Z") throws -> String? {
        let policy = try loadPolicy("stratsys")
        let facts = try timeline.flatMap { try $1.facts(at: instant($0), under: policy) }
        let all = Facts(own: facts)
        let now = try instant(now)
        let pruned = Facts(own: Facts.pruned(facts, at: now))
        #expect(pruned.noticeDue(under: policy, at: now) == all.noticeDue(under: policy, at: now))
        return all.noticeDue(under: policy, at: now)?.description
    }

    @Test func whoWasCollectedElsewhereIsDueANoticeWithinAMonth() throws {
        #expect(try due([("2026-01-31T10:00:00Z", .collected)]) == "2026-02-28T10:00:00Z")
        #expect(try due([]) == nil)
        #expect(try due([("2026-01-31T10:00:00Z", .contacted)]) == nil)
        // Being collected again is no new collection.
        #expect(
            try due([("2026-03-01T00:00:00Z", .collected), ("2026-01-31T10:00:00Z", .collected)])
                == "2026-02-28T10:00:00Z")
    }

    @Test func whoWasToldOrGaveTheDataIsDueNone() throws {
        #expect(try due([("2026-01-31T10:00:00Z", .collected), ("2026-05-01T00:00:00Z", .notified)]) == nil)
        #expect(try due([("2026-01-31T10:00:00Z", .collectedFromPerson)]) == nil)
        // What was said before is no word about this collection.
        #expect(
            try due([("2026-01-01T00:00:00Z", .notified), ("2026-01-31T10:00:00Z", .collected)])
                == "2026-02-28T10:00:00Z")
        #expect(
            try due([("2026-01-31T10:00:00Z", .collected), ("2026-05-01T00:00:00Z", .contacted)])
                == "2026-02-28T10:00:00Z")
    }

    @Test func aNoticeIsNoContactAndMakesNobodyKnown() throws {
        let policy = try loadPolicy("stratsys")
        let question = try Question(purpose: slug("newsletter"), address: .named, under: policy)
        let now = try instant("2026-06-01T00:00:00Z")
        let told = Facts(own: Event.notified.facts(at: try instant("2026-05-01T00:00:00Z"), under: policy))
        #expect(decide(question, from: told, under: policy, at: now).reason == .unknownAddress)
        // Cold stays cold: a month past its window, a notice does not warm it.
        let cold = Facts(
            own: Event.collected.facts(at: try instant("2026-01-01T00:00:00Z"), under: policy)
                + Event.notified.facts(at: try instant("2026-05-01T00:00:00Z"), under: policy))
        #expect(decide(question, from: cold, under: policy, at: now).reason == .retentionExpired)
    }

    @Test func whatIsForgottenIsDueNothing() throws {
        #expect(try due([("2026-01-31T10:00:00Z", .collected), ("2026-02-01T00:00:00Z", .swept)]) == nil)
    }
}
