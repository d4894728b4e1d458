extension Link {
    /// What pressing the link binds under the policy: the person's own choice of scope, or the policy's default.
    ///
    /// It always stops the mail that it stood in. A narrow scope needs names that the policy still has: an old mail's
    /// purpose or topic may be gone, and then the next wider scope that stops something is meant. A service message is
    /// stopped by its purpose, since no wide entry reaches it.
    public func unsubscribe(_ scope: Scope?, under policy: Policy) -> Act {
        let known = purpose.map { policy.purpose($0) } ?? policy.purpose(policy.defaultPurpose)
        var scope = scope ?? policy.defaultScope
        if let known, known.kind == .service, scope > .purpose { scope = .purpose }
        if scope == .topic, topic.map({ known?.topics.contains($0) == true }) != true { scope = .purpose }
        if scope == .purpose, known == nil { scope = .controller }
        return Event.unsubscribed(scope: scope, purpose: purpose, topic: topic).act(under: policy)
    }
}

extension Facts {
    /// What the person did and may undo: without what an alias, a domain or a list says.
    private var personalEntries: [DatedEntry] {
        (own + group).compactMap { fact in
            guard case .entry(let entry) = fact.kind, entry.reason != .imported, entry.reason != .domainSuppressed
            else { return nil }
            return DatedEntry(at: fact.at, entry)
        }
    }

    /// An entry by the person that stands, and binds all that such an entry would: with it another says nothing new.
    public func entry(binding new: Entry, under policy: Policy, at instant: Instant) -> DatedEntry? {
        let lifts = own.filter { $0.at <= instant }.compactMap(\.personalAct)
        let covered = policy.purposes.filter { purpose in
            purpose.topicsAndWhole.contains { new.covers(purpose, topic: $0) }
        }
        let standing = personalEntries.filter { old in
            old.at <= instant && old.entry.reach.binds(new.reach, under: policy) && !isLiftedElsewhere(old, as: new)
                && covered.allSatisfy { !old.entry.isLifted(at: old.at, for: $0.id, by: lifts) }
        }
        return standing.min { $0.isNamed(before: $1) }
    }

    /// Whether the old one of the whole group may have been lifted at another of its controllers, which the new one binds.
    private func isLiftedElsewhere(_ old: DatedEntry, as new: Entry) -> Bool {
        guard case .group = new.reach, let liftedElsewhere else { return false }
        return old.at <= liftedElsewhere
    }

    /// Every standing entry against a message of the purpose and topic, whoever made it.
    fileprivate func entries(
        against purpose: Purpose, topic: Slug?, at instant: Instant
    ) -> [DatedEntry] {
        let lifts = own.filter { $0.at <= instant }.compactMap(\.personalAct)
        return (own + group + domain).compactMap { fact in
            guard case .entry(let entry) = fact.kind, fact.at <= instant, entry.covers(purpose, topic: topic),
                !entry.isLifted(at: fact.at, for: purpose.id, by: lifts)
            else { return nil }
            return DatedEntry(at: fact.at, entry)
        }
    }

    /// How often the person has consented or resumed after the instant.
    fileprivate func consents(after instant: Instant) -> Int { own.count { $0.isLift && $0.at > instant } }

    /// The person's latest consent to the purpose; nil without one.
    public func latestConsent(to purpose: Slug, at instant: Instant) -> Instant? {
        own.lazy.filter { fact in
            guard case .consentGiven(let consented, by: .person) = fact.kind else { return false }
            return consented == purpose && fact.at <= instant
        }.map(\.at).max()
    }
}

extension Entry.Reach {
    /// Whether whatever the other reach stops, now and under any later policy, this one stops too.
    fileprivate func binds(_ other: Entry.Reach, under policy: Policy) -> Bool {
        switch (self, other) {
        case (.group, .group), (.group, .controller), (.controller, .controller): true
        case (.purpose(let one), .purpose(let two)), (.purpose(let one), .topic(_, of: let two)): one == two
        case (.topic, .topic): self == other
        case (.group, .purpose(let id)), (.group, .topic(_, of: let id)), (.controller, .purpose(let id)),
            (.controller, .topic(_, of: let id)):
            policy.purpose(id).map { $0.kind == .marketing || $0.kind == .tracking } ?? false
        default: false
        }
    }
}

extension Purpose {
    fileprivate var topicsAndWhole: [Slug?] { topics.map { $0 } + [nil] }
}

/// What a person may take back of what they just stopped, and what they may narrow it to.
///
/// Coming back is the person's own recorded act: a consent to the purpose of the mail, and the resumption of its topic. A
/// link that anybody who is handed an old mail could press must not bring back what was stopped long ago: so it is offered
/// for ``Undo/microsecondsMax`` after the opt-out, and only where nothing stood against the mail before it.
public struct Undo: Hashable, Sendable {
    /// How long after the opt-out: 24 hours.
    public static let microsecondsMax: Int64 = 24 * 3_600_000_000
    /// How often within that time: whoever has the link could press to and fro for ever, and nothing leaves the ledger.
    public static let timesMax = 5

    /// The purpose that the person would consent to.
    public let purpose: Slug
    /// Whether a consent is needed: an entry as wide as the purpose stands.
    public let needsConsent: Bool
    /// The topic that the person would resume; nil where no entry on it stands.
    public let topic: Slug?
    /// The topic that a wide opt-out may be narrowed to; nil where the mail has none or no wide one stands.
    public let narrowsTo: Slug?
    /// Until when it is offered.
    public let until: Instant

    /// Nil where nothing stands that may be undone.
    public init?(of link: Link, from facts: Facts, under policy: Policy, at now: Instant) {
        guard let purpose = policy.purpose(link.purpose ?? policy.defaultPurpose),
            purpose.kind == .marketing || purpose.kind == .service
        else { return nil }
        let topic = link.topic.flatMap { purpose.topics.contains($0) ? $0 : nil }
        let entries = facts.entries(against: purpose, topic: topic, at: now)
        guard let first = entries.map(\.at).min(),
            entries.allSatisfy({ $0.entry.reason == .unsubscribed || $0.entry.reason == .consentWithdrawn })
        else { return nil }
        until = first.advanced(byMicroseconds: Self.microsecondsMax)
        guard now < until, facts.consents(after: now.advanced(byMicroseconds: -Self.microsecondsMax)) < Self.timesMax
        else { return nil }
        self.purpose = purpose.id
        needsConsent = entries.contains { $0.entry.reach.scope > .topic }
        self.topic = entries.contains { $0.entry.reach.scope == .topic } ? topic : nil
        narrowsTo = needsConsent && self.topic == nil ? topic : nil
    }

    /// The acts of taking it all back.
    public var acts: [Act] {
        consent + (topic.map { [Act(.topicResumed, purpose: purpose, topic: $0)] } ?? [])
    }

    /// The acts of declining the topic alone instead; empty where that is not offered.
    public var narrowingActs: [Act] {
        narrowsTo.map { [Act(.unsubscribed, purpose: purpose, topic: $0, scope: .topic)] + consent } ?? []
    }

    private var consent: [Act] {
        needsConsent ? [Act(.consentGiven, purpose: purpose, source: .person(confirmsObjection: false))] : []
    }
}
