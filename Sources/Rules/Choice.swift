/// One purpose on a person's own page: how it stands for them, and what they may do about it.
public struct Choice: Hashable, Sendable {
    /// The purpose; never one of kind record.
    public let purpose: Purpose
    /// How it stands now.
    public let standing: Standing
    /// Whether no act of the person on a page may loosen it: an entry stands that a consent does not lift.
    public let isLocked: Bool
    /// Whether the person objected to it, so that the page has to name the objection before a consent lifts it.
    public let isObjected: Bool
    /// Its topics, in the policy's order.
    public let topics: [Topic]

    /// How a purpose stands for one person.
    public enum Standing: Hashable, Sendable {
        /// A ground holds; nil is without a clock.
        case allowed(Ground, until: Instant?)
        /// An entry stands against it.
        case stopped(DatedEntry)
        /// The person asked for it and has not confirmed it.
        case pending
        /// Nothing stands against it and nothing for it; a consent would.
        case askable
        /// Nothing stands against it and nothing for it, and it does not rest on consent.
        case idle
    }

    /// A topic that may be declined alone.
    public struct Topic: Hashable, Sendable {
        /// Its name.
        public let id: Slug
        /// Since when it is declined; nil while it is not.
        public let stoppedSince: Instant?
    }

    /// Whether its box on the page has a tick: it may be sent when there is a reason to.
    public var isTicked: Bool {
        switch standing {
        case .allowed, .idle: true
        case .stopped, .pending, .askable: false
        }
    }

    /// What the person says by taking the tick away.
    public var stop: Event {
        guard purpose.kind == .tracking else { return .unsubscribed(scope: .purpose, purpose: purpose.id, topic: nil) }
        if case .allowed(let ground, _) = standing, ground.basis == .consent {
            return .consentWithdrawn(purpose.id)
        }
        return .objected(purpose: purpose.id)
    }

    /// What the person says by ticking; nil where that changes nothing. `namesObjection` is whether the page did.
    public func start(namesObjection: Bool) -> Event? {
        isLocked ? nil : .consentGiven(purpose.id, by: .person(confirmsObjection: namesObjection && isObjected))
    }
}

/// All that a person may choose about one controller, as of one instant.
public struct Choices: Sendable {
    /// The purposes that may be sent or done, in the policy's order.
    public let all: [Choice]
    /// Why nothing is sent at all, beside what stands against each purpose.
    public let notice: Notice?

    /// What stops everything.
    public enum Notice: Hashable, Sendable {
        case restricted, leftOrganisation, bounced
    }

    /// Looks at the facts once.
    public init(of facts: Facts, address: Question.AddressClass, under policy: Policy, at now: Instant) {
        let picture = Picture(facts, under: policy, at: now)
        all = policy.purposes.filter { $0.kind != .record }.map { picture.choice(of: $0, address, under: policy) }
        notice =
            picture.isRestricted
            ? .restricted : picture.left != nil ? .leftOrganisation : picture.isBounced ? .bounced : nil
    }

    /// The choice about a purpose.
    public subscript(_ purpose: Slug) -> Choice? { all.first { $0.purpose.id == purpose } }

    /// Those of one kind.
    public func all(_ kind: Purpose.Kind) -> [Choice] { all.filter { $0.purpose.kind == kind } }
}

extension Picture {
    fileprivate func choice(
        of purpose: Purpose, _ address: Question.AddressClass, under policy: Policy
    ) -> Choice {
        let covering = covering(purpose)
        return Choice(
            purpose: purpose, standing: standing(of: purpose, address, under: policy),
            isLocked: isLocked(purpose, covering), isObjected: covering.contains { $0.entry.reason == .objected },
            topics: purpose.topics.map { topic in
                let entry = Entry(.unsubscribed, .topic(topic, of: purpose.id))
                let declined = entries.filter {
                    $0.entry.reach == entry.reach && !$0.entry.isLifted(at: $0.at, for: purpose.id, by: lifts)
                }
                return Choice.Topic(id: topic, stoppedSince: declined.map(\.at).min())
            })
    }

    /// The entries on this very address and its domain that stand against the purpose as a whole.
    private func covering(_ purpose: Purpose) -> [DatedEntry] {
        entries.filter {
            $0.at <= now && $0.entry.covers(purpose, topic: nil)
                && !$0.entry.isLifted(at: $0.at, for: purpose.id, by: lifts)
        }
    }

    /// Whether something would still stand after the strongest consent that a page can take.
    private func isLocked(_ purpose: Purpose, _ covering: [DatedEntry]) -> Bool {
        let act = PersonalAct(at: .max, kind: .consentGiven(purpose.id, confirmsObjection: true))
        if covering.contains(where: { !$0.entry.isLifted(at: $0.at, for: purpose.id, by: [act]) }) { return true }
        return covering.isEmpty && refusingEntry(against: purpose, topic: nil) != nil
    }

    private func standing(
        of purpose: Purpose, _ address: Question.AddressClass, under policy: Policy
    ) -> Choice.Standing {
        if let entry = refusingEntry(against: purpose, topic: nil) { return .stopped(entry) }
        if let (ground, until) = holding(purpose, address, under: policy) { return .allowed(ground, until: until) }
        if pendingConsent(to: purpose, under: policy) != nil { return .pending }
        return purpose.grounds.contains { $0.basis == .consent } ? .askable : .idle
    }

    /// The first ground that holds, and when the last one ends.
    private func holding(
        _ purpose: Purpose, _ address: Question.AddressClass, under policy: Policy
    ) -> (Ground, until: Instant?)? {
        guard isKnown else { return nil }
        var first: Ground?
        var ends: [Instant?] = []
        for ground in purpose.grounds {
            let question = Question(purpose, topic: nil, address: address)
            guard case .holds(let until) = standing(of: ground, in: question, under: policy) else { continue }
            if first == nil { first = ground }
            ends.append(until)
        }
        let known = ends.compactMap { $0 }
        return first.map { ($0, until: known.count == ends.count ? known.max() : nil) }
    }
}

/// What a person did with the boxes of their page: what the page showed, and what came back.
///
/// Only what differs is an act, so that a page that was open for long undoes nothing that happened meanwhile.
public struct Ticks: Hashable, Sendable {
    /// The boxes that had a tick when they were shown, as `newsletter` or `newsletter.events`.
    public let shown: Set<String>
    /// The boxes that have one now.
    public let sent: Set<String>
    /// The purposes of which the page said that the person had objected.
    public let objections: Set<String>

    /// Takes the names as they came.
    public init(shown: Set<String>, sent: Set<String>, objections: Set<String>) {
        (self.shown, self.sent, self.objections) = (shown, sent, objections)
    }

    /// The name of a topic's box.
    public static func name(of topic: Slug, _ purpose: Slug) -> String { "\(purpose).\(topic)" }

    /// What the person says by them, what stops something first; names that the policy does not have say nothing.
    public func events(on choices: Choices) -> [Event] {
        var stops: [Event] = []
        var starts: [Event] = []
        for choice in choices.all where choice.purpose.kind != .service {
            let id = choice.purpose.id
            switch change(id.text) {
            case .stopped: stops.append(choice.stop)
            case .started:
                if let start = choice.start(namesObjection: objections.contains(id.text)) { starts.append(start) }
            case nil: break
            }
            for topic in choice.topics {
                switch change(Self.name(of: topic.id, id)) {
                case .stopped: stops.append(.unsubscribed(scope: .topic, purpose: id, topic: topic.id))
                case .started: starts.append(.topicResumed(topic.id, purpose: id))
                case nil: break
                }
            }
        }
        return stops + starts
    }

    private enum Change { case stopped, started }

    private func change(_ name: String) -> Change? {
        switch (shown.contains(name), sent.contains(name)) {
        case (true, false): .stopped
        case (false, true): .started
        default: nil
        }
    }
}
