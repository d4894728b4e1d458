import Testing

@testable import Rules

@Suite("Choices on a person's own page")
struct ChoiceTests {
    private static let policy: Policy = {
        do {
            return try Policy(
                parsing: """
                    policy: chosen
                    version: 1
                    effective: 2020-01-01T00:00:00Z
                    controllers: [{id: one, name: One AS}]
                    default-scope: controller
                    purposes:
                      newsletter:
                        kind: marketing
                        topics: [events, products]
                        grounds:
                          - {id: subscriber, basis: consent}
                          - {id: cold-lead, basis: legitimate-interest, for: 3 months, from: collected, given: [cold]}
                      survey:
                        kind: marketing
                        grounds: [{id: user, basis: legitimate-interest, while: customer}]
                      analytics:
                        kind: tracking
                        grounds: [{id: consent, basis: consent}]
                      profiling:
                        kind: tracking
                        grounds: [{id: interest, basis: legitimate-interest, while: newsletter}]
                      notice:
                        kind: service
                        grounds: [{id: user, basis: contract, while: customer}]
                      record:
                        kind: record
                        grounds: [{id: user, basis: contract, while: customer}]
                    """, file: "chosen.yaml")
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    private static func at(_ text: String) throws -> Instant {
        try #require(Instant(parsing: "2026-\(text)T10:00:00Z"))
    }
    private static func slug(_ text: String) throws -> Slug { try #require(Slug(text)) }

    private func choices(_ events: [(String, Event)], at now: String = "02-01", group: [Fact] = []) throws -> Choices {
        let own = try events.flatMap { when, event in event.facts(at: try Self.at(when), under: Self.policy) }
        return Choices(of: Facts(own: own, group: group), address: .named, under: Self.policy, at: try Self.at(now))
    }

    private func choice(_ choices: Choices, _ name: String) throws -> Choice {
        try #require(choices[try Self.slug(name)])
    }

    @Test("a purpose stands as the engine judges it, and one of kind record is no choice")
    func standing() throws {
        let choices = try choices([("01-01", .collected)])
        #expect(choices.all.map(\.purpose.id.text) == ["newsletter", "survey", "analytics", "profiling", "notice"])
        guard case .allowed(let ground, let until) = try choice(choices, "newsletter").standing else {
            Issue.record("the newsletter is not allowed")
            return
        }
        #expect(ground.id.text == "cold-lead")
        #expect(until == (try Self.at("04-01")))
        #expect(try choice(choices, "survey").standing == .idle)
        #expect(try choice(choices, "analytics").standing == .askable)
        #expect(try choice(choices, "analytics").isTicked == false)
        #expect(try choice(choices, "survey").isTicked)
    }

    @Test("of several grounds that hold, one without a clock takes the clock away")
    func noClock() throws {
        let choices = try choices([
            ("01-01", .collected),
            ("01-02", .consentGiven(try Self.slug("newsletter"), by: .person(confirmsObjection: false))),
        ])
        guard case .allowed(let ground, let until) = try choice(choices, "newsletter").standing else {
            Issue.record("the newsletter is not allowed")
            return
        }
        #expect(ground.id.text == "subscriber")
        #expect(until == nil)
    }

    @Test("an entry is named, with what a tick can do about it")
    func entries() throws {
        let newsletter = try Self.slug("newsletter")
        let stopped = try choices([
            ("01-01", .collected), ("01-05", .unsubscribed(scope: .controller, purpose: newsletter, topic: nil)),
        ])
        for name in ["newsletter", "survey", "analytics", "profiling"] {
            guard case .stopped(let entry) = try choice(stopped, name).standing else {
                Issue.record("\(name) is not stopped")
                continue
            }
            #expect(entry.at == (try Self.at("01-05")))
            #expect(try !choice(stopped, name).isLocked)
        }
        #expect(try choice(stopped, "notice").standing == .idle)

        let complained = try choices([("01-01", .collected), ("01-05", .complained)])
        #expect(try choice(complained, "newsletter").isLocked)
        #expect(try choice(complained, "newsletter").start(namesObjection: true) == nil)

        let objected = try choices([("01-01", .collected), ("01-05", .objected(purpose: nil))])
        let choice = try choice(objected, "newsletter")
        #expect(choice.isObjected && !choice.isLocked)
        #expect(choice.start(namesObjection: true) == .consentGiven(newsletter, by: .person(confirmsObjection: true)))
        #expect(choice.start(namesObjection: false) == .consentGiven(newsletter, by: .person(confirmsObjection: false)))
    }

    @Test("a wide entry of the group and a complaint below it: locked, whichever is named")
    func lockedBelow() throws {
        let group = [Fact(at: try Self.at("01-03"), .entry(Entry(.unsubscribed, .group)))]
        let choices = try choices([("01-01", .collected), ("01-05", .complained)], group: group)
        let newsletter = try choice(choices, "newsletter")
        guard case .stopped(let entry) = newsletter.standing else {
            Issue.record("not stopped")
            return
        }
        #expect(entry.entry.reason == .unsubscribed)
        #expect(newsletter.isLocked)
    }

    @Test("a topic is declined and resumed alone")
    func topics() throws {
        let (newsletter, events) = (try Self.slug("newsletter"), try Self.slug("events"))
        let declined: [(String, Event)] = [
            ("01-01", .collected), ("01-05", .unsubscribed(scope: .topic, purpose: newsletter, topic: events)),
        ]
        let topics = try choice(choices(declined), "newsletter").topics
        #expect(topics.map(\.id.text) == ["events", "products"])
        #expect(topics.map(\.stoppedSince) == [try Self.at("01-05"), nil])
        #expect(try choice(choices(declined), "newsletter").isTicked)
        let resumed = declined + [("01-06", .topicResumed(events, purpose: newsletter))]
        #expect(try choice(choices(resumed), "newsletter").topics.allSatisfy { $0.stoppedSince == nil })
    }

    @Test("what stops everything is said")
    func notices() throws {
        #expect(try choices([("01-01", .collected)]).notice == nil)
        #expect(try choices([("01-01", .collected), ("01-02", .restricted)]).notice == .restricted)
        #expect(try choices([("01-01", .collected), ("01-02", .leftOrganisation)]).notice == .leftOrganisation)
        #expect(try choices([("01-01", .collected), ("01-02", .bounced(.hard))]).notice == .bounced)
    }

    private func ticks(_ shown: [String], _ sent: [String], objections: [String] = []) -> Ticks {
        Ticks(shown: Set(shown), sent: Set(sent), objections: Set(objections))
    }

    @Test("only what differs is an act; what stops comes first")
    func ticksDiffer() throws {
        let choices = try choices([("01-01", .collected)])
        let newsletter = try Self.slug("newsletter")
        let shown = ["newsletter", "newsletter.events", "newsletter.products", "survey", "profiling"]
        #expect(ticks(shown, shown).events(on: choices).isEmpty)
        #expect(
            ticks(shown, ["newsletter", "newsletter.products", "survey", "analytics"]).events(on: choices) == [
                .unsubscribed(scope: .topic, purpose: newsletter, topic: try Self.slug("events")),
                .objected(purpose: try Self.slug("profiling")),
                .consentGiven(try Self.slug("analytics"), by: .person(confirmsObjection: false)),
            ])
        #expect(
            ticks(["newsletter"], []).events(on: choices) == [
                .unsubscribed(scope: .purpose, purpose: newsletter, topic: nil)
            ])
    }

    @Test("names that the page never had say nothing")
    func strangeTicks() throws {
        let choices = try choices([("01-01", .collected)])
        #expect(ticks([], ["notice", "record", "newsletter.none", "", "<b>"]).events(on: choices).isEmpty)
        #expect(ticks(["notice", "record", "x"], []).events(on: choices).isEmpty)
    }

    @Test("consent to tracking is withdrawn, another ground objected to")
    func tracking() throws {
        let analytics = try Self.slug("analytics")
        let choices = try choices([
            ("01-01", .collected), ("01-02", .consentGiven(analytics, by: .person(confirmsObjection: false))),
        ])
        #expect(ticks(["analytics"], []).events(on: choices) == [.consentWithdrawn(analytics)])
    }

    /// Whatever stands, the acts of a page that ticks everything leave nothing stopped but what is locked.
    @Test("after its acts the page shows what the person ticked")
    func roundTrip() throws {
        let newsletter = try Self.slug("newsletter")
        let pasts: [[(String, Event)]] = [
            [("01-01", .collected)],
            [("01-01", .collected), ("01-02", .objected(purpose: nil))],
            [("01-01", .collected), ("01-02", .complained)],
            [
                ("01-01", .collected),
                ("01-02", .unsubscribed(scope: .topic, purpose: newsletter, topic: try Self.slug("events"))),
            ],
            [("01-01", .collected), ("01-02", .erased)],
        ]
        for past in pasts {
            let before = try choices(past)
            let objected = before.all.filter(\.isObjected).map(\.purpose.id.text)
            let everything = before.all.flatMap { choice in
                [choice.purpose.id.text] + choice.topics.map { Ticks.name(of: $0.id, choice.purpose.id) }
            }
            let acts = ticks([], everything, objections: objected).events(on: before).map { ("02-02", $0) }
            let after = try choices(past + acts, at: "02-03")
            for choice in after.all where choice.purpose.kind != .service {
                #expect(choice.isTicked != choice.isLocked, "\(past) \(choice.purpose.id)")
                #expect(choice.topics.allSatisfy { $0.stoppedSince == nil })
            }
            let none = try choices(
                past + acts + ticks(everything, []).events(on: after).map { ("02-04", $0) }, at: "02-05")
            #expect(none.all.filter { $0.purpose.kind != .service }.allSatisfy { !$0.isTicked }, "\(past)")
        }
    }
}
