extension Event {
    /// The names of all events, as scenarios, the API and imports write them.
    public enum Name: String, Sendable, CaseIterable {
        case collected, contacted
        case organisationContacted = "organisation-contacted"
        case demoBooked = "demo-booked"
        case customerStarted = "customer-started"
        case customerEnded = "customer-ended"
        case leftOrganisation = "left-organisation"
        case joinedOrganisation = "joined-organisation"
        case eventAttended = "event-attended"
        case questionAsked = "question-asked"
        case questionAnswered = "question-answered"
        case consentAsked = "consent-asked"
        case consentGiven = "consent-given"
        case consentWithdrawn = "consent-withdrawn"
        case unsubscribed
        case topicResumed = "topic-resumed"
        case objected, complained, bounced
        case addressConfirmed = "address-confirmed"
        case restricted
        case restrictionLifted = "restriction-lifted"
        case restrictionLiftingTold = "restriction-lifting-told"
        case rectified
        case addressCorrected = "address-corrected"
        case holdPlaced = "hold-placed"
        case holdReleased = "hold-released"
        case erased, swept, suppressed
        /// A message with the notice of Article 14 went to the person; it is no contact.
        case notified

        /// The fields that belong to the event, beside its time and controller.
        public var fields: [String] {
            switch self {
            case .collected: ["source"]
            case .consentAsked, .consentGiven, .consentWithdrawn: ["purpose", "by", "confirms"]
            case .unsubscribed: ["scope", "purpose", "topic"]
            case .topicResumed: ["purpose", "topic"]
            case .objected: ["purpose"]
            case .bounced: ["kind"]
            case .holdPlaced: ["id", "until"]
            case .holdReleased: ["id"]
            case .suppressed: ["reason", "scope"]
            default: []
            }
        }
    }

    /// The longest word of a field, in bytes: comparing text with many combining marks takes the square of its length.
    public static let wordBytesMax = 1_024

    /// Reads an event from its name and its fields, all of them words.
    ///
    /// A field that does not belong to the event, an unknown word, purpose or topic, and a missing field are errors that
    /// name the field and what is allowed.
    public init(_ name: Name, fields: [String: String], under policy: Policy) throws(EventError) {
        let reader = EventFields(name: name, fields: fields, policy: policy)
        try reader.checkNames()
        switch name {
        case .collected: self = fields["source"] == Lead.sourcePerson ? .collectedFromPerson : .collected
        case .notified: self = .notified
        case .contacted: self = .contacted
        case .organisationContacted: self = .organisationContacted
        case .demoBooked: self = .demoBooked
        case .customerStarted: self = .customerStarted
        case .customerEnded: self = .customerEnded
        case .leftOrganisation: self = .leftOrganisation
        case .joinedOrganisation: self = .joinedOrganisation
        case .eventAttended: self = .eventAttended
        case .questionAsked: self = .questionAsked
        case .questionAnswered: self = .questionAnswered
        case .consentAsked:
            _ = try reader.source()
            self = .consentAsked(try reader.purpose())
        case .consentGiven: self = .consentGiven(try reader.purpose(), by: try reader.source())
        case .consentWithdrawn:
            _ = try reader.source()
            self = .consentWithdrawn(try reader.purpose())
        case .unsubscribed:
            self = .unsubscribed(
                scope: try reader.word("scope", Scope.self), purpose: try reader.optionalPurpose(),
                topic: try reader.optionalTopic())
        case .topicResumed:
            guard let topic = try reader.optionalTopic() else { throw reader.missing("topic") }
            self = .topicResumed(topic, purpose: try reader.optionalPurpose())
        case .objected: self = .objected(purpose: try reader.optionalPurpose())
        case .complained: self = .complained
        case .bounced:
            guard let kind = try reader.word("kind", Bounce.self) else { throw reader.missing("kind") }
            self = .bounced(kind)
        case .addressConfirmed: self = .addressConfirmed
        case .restricted: self = .restricted
        case .restrictionLifted: self = .restrictionLifted
        case .restrictionLiftingTold: self = .restrictionLiftingTold
        case .rectified: self = .rectified
        case .addressCorrected: self = .addressCorrected
        case .holdPlaced: self = .holdPlaced(try reader.hold(), until: try reader.until())
        case .holdReleased: self = .holdReleased(try reader.hold())
        case .erased: self = .erased
        case .swept: self = .swept
        case .suppressed:
            guard let reason = try reader.word("reason", Suppression.self) else { throw reader.missing("reason") }
            self = .suppressed(reason, scope: try reader.word("scope", WideScope.self) ?? .controller)
        }
    }
}

/// What is wrong with an event's field, and what is allowed.
public struct EventError: Error, Hashable, Sendable {
    /// The field.
    public let field: String
    /// The kind of mistake, for machines.
    public let kind: Kind
    /// One sentence.
    public let problem: String

    /// The kinds of mistake.
    public enum Kind: String, Sendable {
        case missing, unknownField, notAllowed, unknownPurpose, unknownTopic
    }
}

/// The fields of one event, read word by word.
private struct EventFields {
    let name: Event.Name
    let fields: [String: String]
    let policy: Policy

    func checkNames() throws(EventError) {
        for (field, word) in fields where max(field.utf8.count, word.utf8.count) > Event.wordBytesMax {
            throw EventError(
                field: String(decoding: field.utf8.prefix(Slug.charactersMax), as: UTF8.self), kind: .notAllowed,
                problem: "is longer than \(Event.wordBytesMax) bytes")
        }
        for field in fields.keys.sorted() where !name.fields.contains(field) {
            throw EventError(
                field: field, kind: .unknownField,
                problem: "unknown field of '\(name.rawValue)'; \(knownWords(name.fields, insteadOf: field))")
        }
    }

    func missing(_ field: String) -> EventError {
        EventError(field: field, kind: .missing, problem: "'\(name.rawValue)' needs '\(field)'")
    }

    func word<Word: RawRepresentable & CaseIterable>(_ field: String, _: Word.Type) throws(EventError) -> Word?
    where Word.RawValue == String {
        guard let text = fields[field] else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue)
            throw EventError(
                field: field, kind: .notAllowed,
                problem: "unknown word '\(text)'; \(knownWords(known, insteadOf: text))")
        }
        return word
    }

    func optionalPurpose() throws(EventError) -> Slug? {
        guard let text = fields["purpose"] else { return nil }
        guard let purpose = policy.purposes.first(where: { $0.id.text == text }) else {
            let known = policy.purposes.map(\.id.text)
            throw EventError(
                field: "purpose", kind: .unknownPurpose,
                problem: "unknown purpose '\(text)'; \(knownWords(known, insteadOf: text))")
        }
        return purpose.id
    }

    func purpose() throws(EventError) -> Slug {
        guard let purpose = try optionalPurpose() else { throw missing("purpose") }
        return purpose
    }

    func optionalTopic() throws(EventError) -> Slug? {
        guard let text = fields["topic"] else { return nil }
        let purpose = try optionalPurpose() ?? policy.defaultPurpose
        let topics = policy.purpose(purpose)?.topics ?? []
        guard let topic = topics.first(where: { $0.text == text }) else {
            throw EventError(
                field: "topic", kind: .unknownTopic,
                problem: "unknown topic '\(text)' of '\(purpose)'; \(knownWords(topics.map(\.text), insteadOf: text))")
        }
        return topic
    }

    private enum Claimant: String, CaseIterable {
        case person, `import`, `operator`
    }

    private enum Confirmable: String, CaseIterable {
        case objection
    }

    func source() throws(EventError) -> ConsentSource {
        let confirms = try word("confirms", Confirmable.self)
        return switch try word("by", Claimant.self) ?? .person {
        case .person: .person(confirmsObjection: confirms == .objection)
        case .import: .import
        case .operator: .operator
        }
    }

    func hold() throws(EventError) -> Slug {
        guard let text = fields["id"] else { throw missing("id") }
        guard let id = Slug(text) else {
            throw EventError(field: "id", kind: .notAllowed, problem: "'\(text)' is no name: \(Slug.allowed)")
        }
        return id
    }

    func until() throws(EventError) -> Instant? {
        guard let text = fields["until"] else { return nil }
        guard let until = Instant(parsing: text) else {
            throw EventError(
                field: "until", kind: .notAllowed,
                problem: "'\(text)' is no time: RFC 3339 with an offset, as 2026-01-31T10:00:00Z, is allowed")
        }
        return until
    }
}
