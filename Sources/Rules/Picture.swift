/// What the facts say at one instant: everything later is ignored, everything forgotten is gone.
///
/// Made in two passes over the facts, so that nothing depends on the order in which they arrived.
struct Picture {
    let now: Instant
    /// Standing or lifted, own and group-wide.
    private(set) var entries: [DatedEntry] = []
    /// Entries of other addresses of the alias form, each with the acts that lift it.
    private(set) var aliases: [(entries: [DatedEntry], lifts: [PersonalAct])] = []
    /// What lifts entries; survives sweep and erasure.
    private(set) var lifts: [PersonalAct] = []

    private(set) var isKnown = false
    private(set) var firstCollected: Instant?
    private(set) var lastContact: Instant?
    private(set) var demoBooked: Instant?
    private(set) var eventAttended: Instant?
    private(set) var questionAsked: Instant?
    private(set) var questionAnswered: Instant?
    private(set) var customerStarted: Instant?
    private(set) var customerEnded: Instant?
    private(set) var restrictedAt: Instant?
    private(set) var restrictionLiftedAt: Instant?
    private(set) var leftAt: Instant?
    private(set) var joinedAt: Instant?
    private(set) var bouncedAt: Instant?
    private(set) var confirmedAt: Instant?
    private(set) var notifiedAt: Instant?
    /// The person's own latest consent, to whatever purpose.
    private(set) var ownConsentAt: Instant?
    private(set) var consents: [(purpose: Slug, at: Instant)] = []
    /// Every purpose that a consent was given or claimed for, the void claims among them.
    private(set) var everConsented: [Slug] = []
    private(set) var consentsAsked: [(purpose: Slug, at: Instant)] = []
    private(set) var holds: [(id: Slug, at: Instant, until: Instant?)] = []
    private(set) var holdReleases: [(id: Slug, at: Instant)] = []

    init(_ facts: Facts, under policy: Policy, at now: Instant) {
        self.now = now
        collectLasting(facts.own)
        collectLasting(facts.group)
        collectLasting(facts.domain)
        if policy.aliases == .suppress {
            for alias in facts.aliases { collectAlias(alias.facts) }
        }
        let forgotten = Self.lastForgetting(facts.own, at: now)
        for fact in facts.own where fact.at <= now {
            if let forgotten, fact.at <= forgotten { continue }
            collectForgettable(fact, under: policy)
        }
    }

    private static func lastForgetting(_ facts: [Fact], at now: Instant) -> Instant? {
        var latest: Instant?
        for fact in facts where fact.at <= now && fact.kind == .forgotten { latest = later(latest, fact.at) }
        return latest
    }

    /// What sweep and erasure leave: entries and what lifts them, the marks, holds.
    private mutating func collectLasting(_ facts: [Fact]) {
        for fact in facts where fact.at <= now {
            switch fact.kind {
            case .entry(let entry): entries.append(DatedEntry(at: fact.at, entry))
            case .leftOrganisation: leftAt = later(leftAt, fact.at)
            case .hardBounced: bouncedAt = later(bouncedAt, fact.at)
            case .holdPlaced(let id, let until): holds.append((id, fact.at, until))
            case .holdReleased(let id): holdReleases.append((id, fact.at))
            default:
                if let act = fact.personalAct { lifts.append(act) }
            }
        }
    }

    private mutating func collectAlias(_ facts: [Fact]) {
        var entries: [DatedEntry] = []
        var lifts: [PersonalAct] = []
        for fact in facts where fact.at <= now {
            if case .entry(let entry) = fact.kind { entries.append(DatedEntry(at: fact.at, entry)) }
            if let act = fact.personalAct { lifts.append(act) }
        }
        aliases.append((entries, lifts))
    }

    private mutating func collectForgettable(_ fact: Fact, under policy: Policy) {
        let at = fact.at
        switch fact.kind {
        case .collected:
            isKnown = true
            firstCollected = min(firstCollected ?? at, at)
        case .contacted: meet(at)
        case .demoBooked:
            meet(at)
            demoBooked = later(demoBooked, at)
        case .eventAttended:
            meet(at)
            eventAttended = later(eventAttended, at)
        case .questionAsked:
            meet(at)
            questionAsked = later(questionAsked, at)
        case .questionAnswered:
            meet(at)
            questionAnswered = later(questionAnswered, at)
        case .organisationContacted: lastContact = later(lastContact, at)
        case .customerStarted:
            lastContact = later(lastContact, at)
            customerStarted = later(customerStarted, at)
        case .customerEnded:
            lastContact = later(lastContact, at)
            customerEnded = later(customerEnded, at)
        case .joinedOrganisation: joinedAt = later(joinedAt, at)
        case .addressConfirmed: confirmedAt = later(confirmedAt, at)
        case .notified: notifiedAt = later(notifiedAt, at)
        case .restricted: restrictedAt = later(restrictedAt, at)
        case .restrictionLifted: restrictionLiftedAt = later(restrictionLiftedAt, at)
        case .consentAsked(let purpose):
            isKnown = true
            consentsAsked.append((purpose, at))
        case .consentGiven(let purpose, let by): consent(to: purpose, by: by, at: at, under: policy)
        case .leftOrganisation, .hardBounced, .entry, .holdPlaced, .holdReleased, .topicResumed, .forgotten: break
        }
    }

    /// A claimed consent is no fact at all while an entry stands against it, but for this: it was claimed.
    private mutating func consent(to purpose: Slug, by source: ConsentSource, at: Instant, under policy: Policy) {
        everConsented.append(purpose)
        switch source {
        case .person: ownConsentAt = later(ownConsentAt, at)
        case .import, .operator:
            guard let known = policy.purpose(purpose), standingEntry(against: known, topic: nil, at: at) == nil
            else { return }
        }
        isKnown = true
        consents.append((purpose, at))
    }

    private mutating func meet(_ at: Instant) {
        isKnown = true
        lastContact = later(lastContact, at)
    }
}

extension Picture {
    /// The standing entry on this address or its domain that is named for the question, of those that count at the
    /// instant; nil without one.
    func standingEntry(against purpose: Purpose, topic: Slug?, at instant: Instant) -> DatedEntry? {
        let lifts = instant == now ? lifts : lifts.filter { $0.at <= instant }
        return Self.named(entries, against: purpose, topic: topic, at: instant, lifts: lifts)
    }

    /// The same with the entries of other addresses of the alias form, which may refuse and do nothing else.
    func refusingEntry(against purpose: Purpose, topic: Slug?) -> DatedEntry? {
        var named = standingEntry(against: purpose, topic: topic, at: now)
        for alias in aliases {
            guard let other = Self.named(alias.entries, against: purpose, topic: topic, at: now, lifts: alias.lifts)
            else { continue }
            if let found = named, !other.isNamed(before: found) { continue }
            named = other
        }
        return named
    }

    private static func named(
        _ entries: [DatedEntry], against purpose: Purpose, topic: Slug?, at instant: Instant, lifts: [PersonalAct]
    ) -> DatedEntry? {
        var named: DatedEntry?
        for dated in entries where dated.at <= instant && dated.entry.covers(purpose, topic: topic) {
            if dated.entry.isLifted(at: dated.at, for: purpose.id, by: lifts) { continue }
            if let found = named, !dated.isNamed(before: found) { continue }
            named = dated
        }
        return named
    }

    /// Whether processing is restricted, by Article 18; a tie goes to the restriction.
    var isRestricted: Bool { stands(restrictedAt, unlessAfter: restrictionLiftedAt) }

    /// Since when the person no longer represents the organisation; nil while they do.
    var left: Instant? {
        guard let leftAt, stands(leftAt, unlessAfter: joinedAt), stands(leftAt, unlessAfter: ownConsentAt)
        else { return nil }
        return leftAt
    }

    /// Whether a hard bounce stands.
    var isBounced: Bool { stands(bouncedAt, unlessAfter: confirmedAt) }

    /// Whether the organisation is a customer; the end wins a tie.
    var isCustomer: Bool { stands(customerStarted, beyond: customerEnded) }

    /// Whether a question waits for its answer; the answer wins a tie.
    var hasOpenQuestion: Bool { stands(questionAsked, beyond: questionAnswered) }

    /// Whether a standing consent to the purpose exists: one that no later withdrawal ended.
    func hasConsent(to purpose: Slug) -> Bool {
        guard let given = latest(consents, purpose) else { return false }
        return !entries.contains { $0.at >= given && $0.entry == Entry(.consentWithdrawn, .purpose(purpose)) }
    }

    /// The end of a request for consent that still waits for the person's confirmation; nil without one.
    func pendingConsent(to purpose: Purpose, under policy: Policy) -> Instant? {
        guard let asked = latest(consentsAsked, purpose.id) else { return nil }
        let end = policy.doubleOptInKeep.end(from: asked)
        guard now < end else { return nil }
        if let given = latest(consents, purpose.id), given >= asked { return nil }
        let isCovered = entries.contains { $0.at >= asked && $0.entry.covers(purpose, topic: nil) }
        return isCovered ? nil : end
    }

    private func latest(_ dated: [(purpose: Slug, at: Instant)], _ purpose: Slug) -> Instant? {
        var found: Instant?
        for one in dated where one.purpose == purpose { found = later(found, one.at) }
        return found
    }

    private func stands(_ mark: Instant?, unlessAfter end: Instant?) -> Bool {
        guard let mark else { return false }
        return end.map { $0 <= mark } ?? true
    }

    private func stands(_ start: Instant?, beyond end: Instant?) -> Bool {
        guard let start else { return false }
        return end.map { $0 < start } ?? true
    }
}

private func later(_ one: Instant?, _ other: Instant) -> Instant { one.map { max($0, other) } ?? other }

extension Fact {
    /// The fact as an act that can lift an entry; nil for all others.
    var personalAct: PersonalAct? {
        switch kind {
        case .consentGiven(let purpose, by: .person(let confirmsObjection)):
            PersonalAct(at: at, kind: .consentGiven(purpose, confirmsObjection: confirmsObjection))
        case .topicResumed(let topic, let purpose): PersonalAct(at: at, kind: .topicResumed(topic, of: purpose))
        default: nil
        }
    }

    /// Whether it can lift an entry.
    public var isLift: Bool { personalAct != nil }
}
