import Harness
import Rules

/// Random timelines: all events, at few instants, so that ties, ends of windows and lifts are met often.
struct Timelines {
    typealias Dated = (at: Instant, event: Event, controller: Slug)

    let policy: Policy
    private var chance: SeededGenerator
    private(set) var instants: [Instant] = []

    init(_ policy: Policy, seed: UInt64) {
        self.policy = policy
        chance = SeededGenerator(seed: seed)
    }

    static let start = Instant(microseconds: 1_706_695_200_000_000)  // 2024-01-31T10:00:00Z
    private static let microsecondsPerDay: Int64 = 86_400_000_000
    private static let days: [Int64] = [0, 1, 10, 30, 60, 90, 91, 182, 366, 400, 731]

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &chance) }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[number(0..<items.count)] }
    mutating func shuffled<Item>(_ items: [Item]) -> [Item] { items.shuffled(using: &chance) }

    /// Draws the few instants that the next timelines are made of.
    mutating func drawInstants() {
        instants = (0..<number(2..<6)).map { _ in
            let day = Self.start.advanced(byMicroseconds: pick(Self.days) * Self.microsecondsPerDay)
            return day.advanced(byMicroseconds: pick([0, 0, 0, 1, -1]))
        }
    }

    mutating func instant() -> Instant { pick(instants) }

    /// An instant to ask at: of the events, or the end of a window that begins at one, or beside it.
    mutating func askedAt() -> Instant {
        let base = instant()
        let windows = policy.purposes.flatMap(\.grounds).compactMap(\.window).map(\.period)
        let ends = [base, base, policy.doubleOptInKeep.end(from: base)] + windows.map { $0.end(from: base) }
        return pick(ends).advanced(byMicroseconds: pick([0, 0, -1, 1, 3_600_000_000]))
    }

    mutating func events(_ count: Range<Int>, from kinds: [Event.Name] = Event.Name.allCases) -> [Dated] {
        (0..<number(count)).map { _ in (instant(), event(pick(kinds)), controller()) }
    }

    /// The first controller mostly.
    mutating func controller() -> Slug { number(0..<4) == 0 ? pick(policy.controllers).id : policy.controllers[0].id }

    mutating func purpose() -> Purpose { pick(policy.purposes) }

    mutating func event(_ name: Event.Name) -> Event {
        switch name {
        case .collected: number(0..<4) == 0 ? .collectedFromPerson : .collected
        case .notified: .notified
        case .contacted: .contacted
        case .organisationContacted: .organisationContacted
        case .demoBooked: .demoBooked
        case .customerStarted: .customerStarted
        case .customerEnded: .customerEnded
        case .leftOrganisation: .leftOrganisation
        case .joinedOrganisation: .joinedOrganisation
        case .eventAttended: .eventAttended
        case .questionAsked: .questionAsked
        case .questionAnswered: .questionAnswered
        case .consentAsked: .consentAsked(purpose().id)
        case .consentGiven: .consentGiven(purpose().id, by: source())
        case .consentWithdrawn: .consentWithdrawn(purpose().id)
        case .unsubscribed: unsubscribed()
        case .topicResumed: topicResumed()
        case .objected: .objected(purpose: number(0..<2) == 0 ? nil : purpose().id)
        case .complained: .complained
        case .bounced: .bounced(pick(Event.Bounce.allCases))
        case .addressConfirmed: .addressConfirmed
        case .restricted: .restricted
        case .restrictionLifted: .restrictionLifted
        case .restrictionLiftingTold: .restrictionLiftingTold
        case .rectified: .rectified
        case .addressCorrected: .addressCorrected
        case .holdPlaced: .holdPlaced(purpose().id, until: number(0..<2) == 0 ? nil : instant())
        case .holdReleased: .holdReleased(purpose().id)
        case .erased: .erased
        case .swept: .swept
        case .suppressed: .suppressed(pick(Event.Suppression.allCases), scope: pick(Event.WideScope.allCases))
        }
    }

    private mutating func source() -> ConsentSource {
        pick([
            .person(confirmsObjection: false), .person(confirmsObjection: false), .person(confirmsObjection: true),
            .import, .operator,
        ])
    }

    private mutating func unsubscribed() -> Event {
        let purpose = number(0..<3) == 0 ? nil : purpose()
        let topics = (purpose ?? policy.purpose(policy.defaultPurpose))?.topics ?? []
        let topic = topics.isEmpty || number(0..<2) == 0 ? nil : pick(topics)
        let scope = number(0..<3) == 0 ? nil : pick(Scope.allCases)
        return .unsubscribed(scope: scope, purpose: purpose?.id, topic: topic)
    }

    private mutating func topicResumed() -> Event {
        let known = policy.purposes.filter { !$0.topics.isEmpty }
        guard !known.isEmpty else { return .contacted }
        let purpose = pick(known)
        return .topicResumed(pick(purpose.topics), purpose: purpose.id)
    }

    /// All that may be asked: every purpose, as a whole and by topic, of a person's address and of a function's.
    var questions: [Question] {
        get throws {
            try policy.purposes.flatMap { purpose in
                try (purpose.topics.map { $0 } + [nil] as [Slug?]).flatMap { topic in
                    try [Question.AddressClass.named, .role].map {
                        try Question(purpose: purpose.id, topic: topic, address: $0, under: policy)
                    }
                }
            }
        }
    }

    /// The facts at the first controller.
    func facts(_ events: [Dated]) -> Facts {
        Facts(replaying: events, for: policy.controllers[0].id, under: policy)
    }

    /// The policies that the properties are tried under: the four shipped, and the one that uses all the rest.
    static func policies() throws -> [Policy] {
        try ["stratsys", "hydac", "consent-first", "infobric", "rich-policy.yaml"].map(loadPolicy)
    }
}

/// The rule of an event list in a message.
func sentence(_ events: [Timelines.Dated]) -> String {
    events.map { "\($0.at) \($0.event) at \($0.controller)" }.joined(separator: "; ")
}
