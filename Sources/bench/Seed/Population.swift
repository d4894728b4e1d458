import Rules

/// The people of a seeded register and what happened to each: a function of their number, the seed and one instant.
struct Population: Sendable {
    /// How many people there are unless told otherwise.
    static let peopleStandard = 3_000_000
    static let seedStandard: UInt64 = 1
    /// Raised when the same seed makes something else, so that no old register passes for a new one.
    static let version: Int64 = 1

    let book: AddressBook
    /// The instant before which everything happened.
    let now: Instant

    /// What somebody is to the controller.
    enum Persona: CaseIterable {
        case subscriber, coldLead, customer, unsubscribed, restricted, bounced, lapsed

        /// How many of a thousand are this.
        var permille: UInt64 {
            switch self {
            case .subscriber: 400
            case .coldLead: 250
            case .customer: 200
            case .unsubscribed: 100
            case .restricted: 15
            case .bounced: 15
            case .lapsed: 20
            }
        }
    }

    /// An act and when it happened.
    struct DatedAct {
        let at: Instant
        let act: Act
    }

    init(people: Int, seed: UInt64, now: Instant) {
        book = AddressBook(count: people, seed: seed)
        self.now = now
    }

    func persona(of person: Int) -> Persona {
        var place = Self.number(person, seed: book.seed) % 1_000
        for persona in Persona.allCases {
            if place < persona.permille { return persona }
            place -= persona.permille
        }
        return .lapsed
    }

    /// Everything that happened to a person, in order.
    func acts(of person: Int, newsletter: Slug) -> [DatedAct] {
        let number = Self.number(person, seed: book.seed) / 1_000
        // A second within a day, so that not all of them happened at midnight.
        let second = Int64(number % 86_400)
        func ago(_ range: ClosedRange<UInt64>, _ part: UInt64) -> Instant {
            let days = range.lowerBound + (number >> part) % (range.upperBound - range.lowerBound + 1)
            return now.advanced(byMicroseconds: -(Int64(days) * 86_400 + second) * 1_000_000)
        }
        func acts(_ parts: (Instant, Act)...) -> [DatedAct] { parts.map { DatedAct(at: $0.0, act: $0.1) } }
        switch persona(of: person) {
        case .subscriber:
            let consent = Act(.consentGiven, purpose: newsletter, source: .person(confirmsObjection: false))
            return acts((ago(600...1_200, 17), Act(.collected)), (ago(1...500, 23), consent))
        case .coldLead: return acts((ago(1...80, 17), Act(.collected)))
        case .customer: return acts((ago(300...900, 17), Act(.collected)), (ago(30...299, 23), Act(.customerStarted)))
        case .unsubscribed:
            let entry = Act(.unsubscribed, purpose: newsletter, scope: .controller)
            return acts((ago(300...900, 17), Act(.collected)), (ago(1...299, 23), entry))
        case .restricted: return acts((ago(60...80, 17), Act(.collected)), (ago(1...59, 23), Act(.restricted)))
        case .bounced: return acts((ago(60...80, 17), Act(.collected)), (ago(1...59, 23), Act(.bounced, bounce: .hard)))
        case .lapsed: return acts((ago(200...900, 17), Act(.collected)))
        }
    }

    /// The companies whose whole domain is suppressed: every tenth, 2,000 in all.
    static let suppressedCompanies = Array(stride(from: 0, to: Int(AddressBook.companyDomains), by: 10))

    /// What stands against such a domain.
    var suppression: DatedAct {
        DatedAct(
            at: now.advanced(byMicroseconds: -86_400_000_000),
            act: Act(.suppressed, scope: .controller, suppression: .domainSuppressed))
    }

    /// Another number than the one that chooses the domain.
    private static func number(_ person: Int, seed: UInt64) -> UInt64 {
        RandomNumbers.number(at: UInt64(person), seed: ~seed)
    }
}
