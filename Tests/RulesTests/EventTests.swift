import Harness
import Rules
import Testing

@Suite("Event")
struct EventTests {
    private static func policy() throws -> Policy { try loadPolicy("rich-policy.yaml") }

    /// An event as it is reported, and the facts that it leaves under the rich policy.
    private static func table() throws -> [(name: Event.Name, fields: [String: String], facts: [Fact.Kind])] {
        let (newsletter, offers, news, spring) = try (slug("newsletter"), slug("offers"), slug("news"), slug("spring"))
        let (books, hold) = try (slug("books"), slug("dispute-7"))
        let person = ConsentSource.person(confirmsObjection: false)
        func entry(_ reason: EntryReason, _ reach: Entry.Reach) -> [Fact.Kind] { [.entry(Entry(reason, reach))] }
        return [
            (.collected, ["source": "a register"], [.collected]), (.contacted, [:], [.contacted]),
            (.organisationContacted, [:], [.organisationContacted]), (.demoBooked, [:], [.demoBooked]),
            (.customerStarted, [:], [.customerStarted]), (.customerEnded, [:], [.customerEnded]),
            (.leftOrganisation, [:], [.leftOrganisation]), (.joinedOrganisation, [:], [.joinedOrganisation]),
            (.eventAttended, [:], [.eventAttended]), (.questionAsked, [:], [.questionAsked]),
            (.questionAnswered, [:], [.questionAnswered]), (.addressConfirmed, [:], [.addressConfirmed]),
            (.restricted, [:], [.restricted]), (.restrictionLifted, [:], [.restrictionLifted]),
            (.swept, [:], [.forgotten]), (.notified, [:], [.notified]),
            (.collected, ["source": "person"], [.collected, .notified]),
            (.erased, [:], [.entry(Entry(.erased, .controller)), .forgotten]),
            (.consentAsked, ["purpose": "books"], [.consentAsked(books)]),
            (.consentAsked, ["purpose": "books", "by": "import"], [.consentAsked(books)]),
            (.consentGiven, ["purpose": "books"], [.consentGiven(books, by: person)]),
            (
                .consentGiven, ["purpose": "books", "by": "person", "confirms": "objection"],
                [.consentGiven(books, by: .person(confirmsObjection: true))]
            ),
            (
                .consentGiven, ["purpose": "books", "by": "import", "confirms": "objection"],
                [.consentGiven(books, by: .import)]
            ),
            (.consentGiven, ["purpose": "books", "by": "operator"], [.consentGiven(books, by: .operator)]),
            (.consentWithdrawn, ["purpose": "books"], entry(.consentWithdrawn, .purpose(books))),
            (.unsubscribed, [:], entry(.unsubscribed, .purpose(offers))),
            (.unsubscribed, ["topic": "spring"], entry(.unsubscribed, .topic(spring, of: offers))),
            (.unsubscribed, ["purpose": "newsletter"], entry(.unsubscribed, .purpose(newsletter))),
            (
                .unsubscribed, ["purpose": "newsletter", "topic": "news"],
                entry(.unsubscribed, .topic(news, of: newsletter))
            ),
            (
                .unsubscribed, ["scope": "purpose", "purpose": "newsletter", "topic": "news"],
                entry(.unsubscribed, .purpose(newsletter))
            ),
            (.unsubscribed, ["scope": "controller", "purpose": "newsletter"], entry(.unsubscribed, .controller)),
            (.unsubscribed, ["scope": "group"], entry(.unsubscribed, .group)),
            (.topicResumed, ["topic": "spring"], [.topicResumed(spring, of: offers)]),
            (.topicResumed, ["topic": "news", "purpose": "newsletter"], [.topicResumed(news, of: newsletter)]),
            (.objected, [:], entry(.objected, .controller)),
            (.objected, ["purpose": "books"], entry(.objected, .purpose(books))),
            (.complained, [:], entry(.complained, .controller)),
            (.bounced, ["kind": "hard"], [.hardBounced]), (.bounced, ["kind": "soft"], []),
            (.holdPlaced, ["id": "dispute-7"], [.holdPlaced(hold, until: nil)]),
            (
                .holdPlaced, ["id": "dispute-7", "until": "2024-01-31T11:00:00+01:00"],
                [.holdPlaced(hold, until: Timelines.start)]
            ),
            (.restrictionLiftingTold, [:], []), (.rectified, [:], []), (.addressCorrected, [:], [.forgotten]),
            (.holdReleased, ["id": "dispute-7"], [.holdReleased(hold)]),
            (.suppressed, ["reason": "imported"], entry(.imported, .controller)),
            (.suppressed, ["reason": "domain-suppressed", "scope": "group"], entry(.domainSuppressed, .group)),
        ]
    }

    @Test("an event leaves exactly these facts, and its act the same")
    func facts() throws {
        let policy = try Self.policy()
        for row in try Self.table() {
            let event = try Event(row.name, fields: row.fields, under: policy)
            let facts = row.facts.map { Fact(at: Timelines.start, $0) }
            #expect(event.facts(at: Timelines.start, under: policy) == facts, "\(row.name)")
            let act = event.act(under: policy)
            #expect(act.name == row.name)
            #expect(act.facts(at: Timelines.start) == facts, "\(row.name)")
            #expect(
                act.isOfOrganisation == [.organisationContacted, .customerStarted, .customerEnded].contains(row.name))
            let again = Act(
                act.name, purpose: act.purpose, topic: act.topic, scope: act.scope, source: act.source,
                suppression: act.suppression, bounce: act.bounce, hold: act.hold, until: act.until)
            #expect(again == act)
        }
        #expect(Set(try Self.table().map(\.name)) == Set(Event.Name.allCases))
    }

    @Test("a wide default scope is what an objection and a complaint bind too")
    func wideDefault() throws {
        let group = try loadPolicy("infobric")
        for event in [Event.complained, .objected(purpose: nil), .unsubscribed(scope: nil, purpose: nil, topic: nil)] {
            #expect(event.act(under: group).scope == .group)
        }
        #expect(Event.erased.act(under: group).scope == .controller)
    }

    @Test("the purpose and topic of the mail are kept with a wide unsubscribe")
    func mailIsKept() throws {
        let event = try Event(
            .unsubscribed, fields: ["scope": "group", "purpose": "newsletter", "topic": "news"], under: Self.policy())
        let act = try event.act(under: Self.policy())
        #expect(act.purpose?.text == "newsletter" && act.topic?.text == "news" && act.scope == .group)
    }

    @Test("an act without one of its parts leaves nothing and is told apart from one that leaves no fact")
    func damagedActs() throws {
        for row in try Self.table() where !row.facts.isEmpty || row.name == .bounced {
            let bare = Act(row.name).facts(at: Timelines.start)
            let act = try Event(row.name, fields: row.fields, under: Self.policy()).act(under: Self.policy())
            // Who gave the data is no part that a record can lack.
            let hasParts = act != Act(row.name) && row.name != .collected
            #expect((bare == nil) == hasParts, "\(row.name)")
        }
    }

    @Test("a field that does not belong to the event is refused, each one")
    func foreignFields() throws {
        let all = Set(Event.Name.allCases.flatMap(\.fields))
        #expect(all == ["source", "purpose", "by", "confirms", "scope", "topic", "kind", "id", "until", "reason"])
        for name in Event.Name.allCases {
            for field in all.subtracting(name.fields) {
                let error = #expect(throws: EventError.self) {
                    try Event(name, fields: [field: "newsletter"], under: Self.policy())
                }
                #expect(error?.field == field && error?.kind == .unknownField)
            }
        }
    }

    @Test(
        "a word that is wrong is told with its field, its kind and what is known",
        arguments: [
            (
                Event.Name.consentGiven, "purpose", "nothing", EventError.Kind.unknownPurpose,
                "known are newsletter, offers"
            ),
            (.unsubscribed, "topic", "news", .unknownTopic, "known are spring"),
            (.unsubscribed, "scope", "GROUP", .notAllowed, "known are topic"),
            (.bounced, "kind", "harder", .notAllowed, "did you mean 'hard'?"),
            (.holdPlaced, "id", "", .notAllowed, "1 to 64"),
            (.holdReleased, "id", "a--", .notAllowed, "1 to 64"),
        ] as [(Event.Name, String, String, EventError.Kind, String)])
    func wrong(_ name: Event.Name, _ field: String, _ word: String, _ kind: EventError.Kind, _ says: String) throws {
        let error = #expect(throws: EventError.self) { try Event(name, fields: [field: word], under: Self.policy()) }
        #expect(error?.field == field && error?.kind == kind)
        #expect(error?.problem.contains(says) == true, "\(error?.problem ?? "")")
    }

    @Test("a word of a megabyte is refused before it is compared, whatever field it is in")
    func longWords() throws {
        let marks = String(repeating: "\u{301}\u{323}", count: 262_144)
        for name in Event.Name.allCases {
            for field in name.fields + ["unknown"] {
                let error = #expect(throws: EventError.self) {
                    try Event(name, fields: [field: marks], under: Self.policy())
                }
                #expect(error?.field == field && (error?.problem.utf8.count ?? .max) < 100)
            }
        }
        let name = String(repeating: "\u{301}\u{323}", count: 1_000)
        let error = #expect(throws: EventError.self) {
            try Event(.collected, fields: [name: "x"], under: Self.policy())
        }
        #expect((error?.field.utf8.count ?? .max) <= 64 && (error?.problem.utf8.count ?? .max) < 100)
    }
}
