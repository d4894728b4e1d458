/// An event as it is recorded for good: the policy's defaults filled in, so that it means the same under every later
/// policy.
public struct Act: Hashable, Sendable {
    /// What happened.
    public let name: Event.Name
    /// What a consent, an entry or a topic is of; of a wide unsubscribe, what its mail was for.
    public let purpose: Slug?
    /// The topic, where one was named.
    public let topic: Slug?
    /// How far the entry reaches.
    public let scope: Scope?
    /// Whose word a consent is.
    public let source: ConsentSource?
    /// Why the address was put on a list.
    public let suppression: Event.Suppression?
    /// How the message came back.
    public let bounce: Event.Bounce?
    /// Which hold.
    public let hold: Slug?
    /// The end that the hold names.
    public let until: Instant?

    /// Takes the parts as a record holds them; `facts(at:)` tells whether none is missing.
    public init(
        _ name: Event.Name, purpose: Slug? = nil, topic: Slug? = nil, scope: Scope? = nil, source: ConsentSource? = nil,
        suppression: Event.Suppression? = nil, bounce: Event.Bounce? = nil, hold: Slug? = nil, until: Instant? = nil
    ) {
        (self.name, self.purpose, self.topic, self.scope, self.source) = (name, purpose, topic, scope, source)
        (self.suppression, self.bounce, self.hold, self.until) = (suppression, bounce, hold, until)
    }

    /// The facts that the act leaves at its instant; none for a soft bounce.
    ///
    /// Nil where a part is missing, which only a damaged record shows.
    public func facts(at instant: Instant) -> [Fact]? {
        kinds?.map { Fact(at: instant, $0) }
    }

    private var kinds: [Fact.Kind]? {
        switch name {
        // From the person: who gave the data was told when they gave it.
        case .collected: if case .person = source { [.collected, .notified] } else { [.collected] }
        case .notified: [.notified]
        case .contacted: [.contacted]
        case .organisationContacted: [.organisationContacted]
        case .demoBooked: [.demoBooked]
        case .customerStarted: [.customerStarted]
        case .customerEnded: [.customerEnded]
        case .leftOrganisation: [.leftOrganisation]
        case .joinedOrganisation: [.joinedOrganisation]
        case .eventAttended: [.eventAttended]
        case .questionAsked: [.questionAsked]
        case .questionAnswered: [.questionAnswered]
        case .addressConfirmed: [.addressConfirmed]
        case .restricted: [.restricted]
        case .restrictionLifted: [.restrictionLifted]
        // On record for the person and whoever asks; no decision reads them.
        case .restrictionLiftingTold, .rectified: []
        case .swept, .addressCorrected: [.forgotten]
        case .erased: entry.map { [.entry($0), .forgotten] }
        case .consentAsked: purpose.map { [.consentAsked($0)] }
        case .consentGiven: named(purpose, source) { [.consentGiven($0, by: $1)] }
        // One that nothing shows to be the person's is kept on record and lifts nothing.
        case .topicResumed: source == .operator ? [] : named(topic, purpose) { [.topicResumed($0, of: $1)] }
        case .bounced: bounce.map { $0 == .hard ? [.hardBounced] : [] }
        case .holdPlaced: hold.map { [.holdPlaced($0, until: until)] }
        case .holdReleased: hold.map { [.holdReleased($0)] }
        case .consentWithdrawn, .unsubscribed, .objected, .complained, .suppressed: entry.map { [.entry($0)] }
        }
    }

    /// The register entry that the act leaves, if it leaves one.
    public var entry: Entry? {
        let reason: EntryReason? =
            switch name {
            case .consentWithdrawn: .consentWithdrawn
            case .unsubscribed: .unsubscribed
            case .objected: .objected
            case .complained: .complained
            case .erased: .erased
            case .suppressed: suppression?.reason
            default: nil
            }
        let reach: Entry.Reach? =
            switch scope {
            case .topic: named(topic, purpose) { .topic($0, of: $1) }
            case .purpose: purpose.map { .purpose($0) }
            case .controller: .controller
            case .group: .group
            case nil: nil
            }
        return named(reason, reach) { Entry($0, $1) }
    }

    /// Whether the act is of the person's organisation and so of all its people.
    public var isOfOrganisation: Bool {
        switch name {
        case .organisationContacted, .customerStarted, .customerEnded: true
        default: false
        }
    }

    private func named<One, Two, Result>(_ one: One?, _ two: Two?, _ make: (One, Two) -> Result) -> Result? {
        guard let one, let two else { return nil }
        return make(one, two)
    }
}

extension Event {
    /// The event with the policy's defaults filled in.
    public func act(under policy: Policy) -> Act {
        switch self {
        case .collected: Act(.collected)
        case .collectedFromPerson: Act(.collected, source: .person(confirmsObjection: false))
        case .notified: Act(.notified)
        case .contacted: Act(.contacted)
        case .organisationContacted: Act(.organisationContacted)
        case .demoBooked: Act(.demoBooked)
        case .customerStarted: Act(.customerStarted)
        case .customerEnded: Act(.customerEnded)
        case .leftOrganisation: Act(.leftOrganisation)
        case .joinedOrganisation: Act(.joinedOrganisation)
        case .eventAttended: Act(.eventAttended)
        case .questionAsked: Act(.questionAsked)
        case .questionAnswered: Act(.questionAnswered)
        case .addressConfirmed: Act(.addressConfirmed)
        case .restricted: Act(.restricted)
        case .restrictionLifted: Act(.restrictionLifted)
        case .restrictionLiftingTold: Act(.restrictionLiftingTold)
        case .rectified: Act(.rectified)
        case .addressCorrected: Act(.addressCorrected)
        case .swept: Act(.swept)
        case .erased: Act(.erased, scope: .controller)
        case .consentAsked(let purpose): Act(.consentAsked, purpose: purpose)
        case .consentGiven(let purpose, let source): Act(.consentGiven, purpose: purpose, source: source)
        case .consentWithdrawn(let purpose): Act(.consentWithdrawn, purpose: purpose, scope: .purpose)
        case .topicResumed(let topic, let purpose):
            Act(.topicResumed, purpose: purpose ?? policy.defaultPurpose, topic: topic)
        case .unsubscribed(let scope, let purpose, let topic):
            policy.unsubscribe(scope: scope ?? policy.defaultScope, purpose: purpose, topic: topic)
        case .objected(purpose: .some(let purpose)): Act(.objected, purpose: purpose, scope: .purpose)
        case .objected(purpose: nil): Act(.objected, scope: policy.objectionScope)
        case .complained: Act(.complained, scope: policy.objectionScope)
        case .bounced(let bounce): Act(.bounced, bounce: bounce)
        case .holdPlaced(let id, let until): Act(.holdPlaced, hold: id, until: until)
        case .holdReleased(let id): Act(.holdReleased, hold: id)
        case .suppressed(let suppression, let scope):
            Act(.suppressed, scope: scope == .group ? .group : .controller, suppression: suppression)
        }
    }

    /// The facts that the event leaves at its instant under the policy.
    public func facts(at instant: Instant, under policy: Policy) -> [Fact] {
        act(under: policy).facts(at: instant) ?? []
    }
}

extension Policy {
    /// What a plain unsubscribe of these words binds.
    ///
    /// The purpose and topic of the mail are kept with a wider scope too.
    fileprivate func unsubscribe(scope: Scope, purpose: Slug?, topic: Slug?) -> Act {
        switch (scope, topic) {
        case (.topic, .some): Act(.unsubscribed, purpose: purpose ?? defaultPurpose, topic: topic, scope: .topic)
        case (.topic, nil), (.purpose, _):
            Act(.unsubscribed, purpose: purpose ?? defaultPurpose, topic: topic, scope: .purpose)
        case (.controller, _), (.group, _): Act(.unsubscribed, purpose: purpose, topic: topic, scope: scope)
        }
    }

    /// An objection to all direct marketing, by Article 21(2), is never narrower than the controller.
    fileprivate var objectionScope: Scope { max(defaultScope, .controller) }
}
