/// What is asked before a send: whether a message for this purpose, on this topic, may go to this address.
public struct Question: Hashable, Sendable {
    /// A purpose of the policy that the question is decided under.
    public let purpose: Purpose
    /// A topic of that purpose; nil asks for the purpose as a whole.
    public let topic: Slug?
    /// Whether the address is a function's or a person's.
    public let address: AddressClass

    /// Whose an address is.
    public enum AddressClass: Hashable, Sendable {
        case role, named
    }

    /// Throws the error that names the known purposes or topics for one that the policy does not have.
    public init(
        purpose: Slug, topic: Slug? = nil, address: AddressClass, under policy: Policy
    ) throws(UnknownName) {
        guard let known = policy.purpose(purpose) else {
            throw UnknownName(what: .purpose, name: purpose.text, known: policy.purposes.map(\.id.text))
        }
        if let topic, !known.topics.contains(topic) {
            throw UnknownName(what: .topic(of: purpose), name: topic.text, known: known.topics.map(\.text))
        }
        (self.purpose, self.topic, self.address) = (known, topic, address)
    }

    init(_ purpose: Purpose, topic: Slug?, address: AddressClass) {
        (self.purpose, self.topic, self.address) = (purpose, topic, address)
    }
}

/// A purpose, topic or controller that the policy does not have.
public struct UnknownName: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of name.
    public enum What: Hashable, Sendable {
        case purpose
        case topic(of: Slug)
        case controller
    }

    /// Of which kind the name is.
    public let what: What
    /// The name that nothing has.
    public let name: String
    /// The names that there are.
    public let known: [String]

    /// A name, of its kind, and the names that there are.
    public init(what: What, name: String, known: [String]) {
        (self.what, self.name, self.known) = (what, name, known)
    }

    /// One sentence, with what is allowed.
    public var description: String {
        let allowed = known.isEmpty ? "there are none" : "known are " + known.joined(separator: ", ")
        return switch what {
        case .purpose: "unknown purpose '\(name)'; \(allowed)"
        case .topic(let purpose): "unknown topic '\(name)' of purpose '\(purpose)'; \(allowed)"
        case .controller: "unknown controller '\(name)'; \(allowed)"
        }
    }
}

/// The answer to a question, with what it rests on.
public struct Verdict: Hashable, Sendable {
    /// Why, in a word that is API.
    public let reason: Reason
    /// The ground that holds, on a yes.
    public let ground: Ground?
    /// On a yes, when eligibility lapses if nothing else happens (nil: no clock); on `retention-expired`, when the last
    /// ground lapsed; nil otherwise.
    public let until: Instant?
    /// The register entry that refuses.
    public let entry: DatedEntry?

    /// Whether the message may go.
    public var isEligible: Bool { reason == .groundHolds }

    /// The legal basis, on a yes.
    public var basis: Basis? { ground?.basis }

    /// The reason codes, stable.
    public enum Reason: Hashable, Sendable {
        case entry(EntryReason)
        case restricted, leftOrganisation, bounced, groundHolds, retentionExpired, consentPending, consentMissing
        case noGround, unknownAddress

        /// The code in the API.
        public var code: String {
            switch self {
            case .entry(let reason): reason.rawValue
            case .restricted: "restricted"
            case .leftOrganisation: "left-organisation"
            case .bounced: "bounced"
            case .groundHolds: "ground-holds"
            case .retentionExpired: "retention-expired"
            case .consentPending: "consent-pending"
            case .consentMissing: "consent-missing"
            case .noGround: "no-ground"
            case .unknownAddress: "unknown-address"
            }
        }

        /// The number of the rule that answered, from 1; the first rule that applies answers.
        public var rule: Int {
            switch self {
            case .entry: 1
            case .restricted: 2
            case .leftOrganisation: 3
            case .bounced: 4
            case .groundHolds: 5
            case .retentionExpired: 6
            case .consentPending: 7
            case .consentMissing, .noGround: 8
            case .unknownAddress: 9
            }
        }
    }

    init(_ reason: Reason, ground: Ground? = nil, until: Instant? = nil, entry: DatedEntry? = nil) {
        (self.reason, self.ground, self.until, self.entry) = (reason, ground, until, entry)
    }
}

/// Answers the question from the facts, under the policy, at the instant; facts after it are ignored.
public func decide(_ question: Question, from facts: Facts, under policy: Policy, at now: Instant) -> Verdict {
    Picture(facts, under: policy, at: now).decide(question, under: policy)
}

extension Picture {
    func decide(_ question: Question, under policy: Policy) -> Verdict {
        if let dated = refusingEntry(against: question.purpose, topic: question.topic) {
            return Verdict(.entry(dated.entry.reason), entry: dated)
        }
        if isRestricted { return Verdict(.restricted) }
        if left != nil { return Verdict(.leftOrganisation) }
        if isBounced { return Verdict(.bounced) }
        guard isKnown else { return Verdict(.unknownAddress) }

        var first: Ground?
        var end = Instant.min as Instant?
        var lapsed: Instant?
        for ground in question.purpose.grounds {
            switch standing(of: ground, in: question, under: policy) {
            case .never: break
            case .lapsed(let at): lapsed = max(lapsed ?? at, at)
            case .holds(let until):
                if first == nil { first = ground }
                end = Self.later(end, until)
            }
        }
        if let first { return Verdict(.groundHolds, ground: first, until: end) }
        if let lapsed { return Verdict(.retentionExpired, until: lapsed) }
        if pendingConsent(to: question.purpose, under: policy) != nil { return Verdict(.consentPending) }
        let needsConsent = question.purpose.grounds.allSatisfy { $0.basis == .consent }
        return Verdict(needsConsent ? .consentMissing : .noGround)
    }

    /// How a ground stands at the instant.
    enum GroundStanding {
        case never
        case lapsed(Instant)
        /// Nil: no clock.
        case holds(until: Instant?)

        /// Both parts must hold, and the earlier end counts.
        func and(_ other: GroundStanding) -> GroundStanding {
            switch (self, other) {
            case (.never, _), (_, .never): .never
            case (.lapsed(let one), .lapsed(let two)): .lapsed(min(one, two))
            case (.lapsed, _): self
            case (_, .lapsed): other
            case (.holds(until: nil), _): other
            case (_, .holds(until: nil)): self
            case (.holds(.some(let one)), .holds(.some(let two))): .holds(until: min(one, two))
            }
        }
    }

    /// The later of two ends; nil, which is no clock, is the latest.
    private static func later(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return nil }
        return max(one, other)
    }

    /// How the ground stands for a known person who still represents the organisation.
    func standing(of ground: Ground, in question: Question, under policy: Policy) -> GroundStanding {
        guard ground.given.allSatisfy({ holds($0, question.address, under: policy) }) else { return .never }
        var standing = GroundStanding.holds(until: nil)
        if ground.basis == .consent, !hasConsent(to: question.purpose.id) { return .never }
        if let condition = ground.condition {
            standing = standing.and(self.standing(of: condition, question.address, under: policy))
        }
        if let window = ground.window { standing = standing.and(self.standing(of: window)) }
        return standing
    }

    private func standing(
        of condition: Ground.While, _ address: Question.AddressClass, under policy: Policy
    ) -> GroundStanding {
        switch condition {
        case .customer:
            return isCustomer ? .holds(until: nil) : customerEnded.map { .lapsed($0) } ?? .never
        case .openQuestion:
            return hasOpenQuestion ? .holds(until: nil) : questionAnswered.map { .lapsed($0) } ?? .never
        case .purpose(let id):
            guard let purpose = policy.purpose(id) else { return .never }
            let verdict = decide(Question(purpose, topic: nil, address: address), under: policy)
            switch (verdict.reason, verdict.until) {
            case (.groundHolds, let until): return .holds(until: until)
            case (.retentionExpired, .some(let at)): return .lapsed(at)
            default: return .never
            }
        }
    }

    private func standing(of window: Ground.Window) -> GroundStanding {
        let start =
            switch window.from {
            case .collected: firstCollected
            case .lastContact: lastContact
            case .customerEnded: customerEnded
            case .demoBooked: demoBooked
            case .eventAttended: eventAttended
            case .questionAnswered: questionAnswered
            }
        guard let start else { return .never }
        let end = window.period.end(from: start)
        return now < end ? .holds(until: end) : .lapsed(end)
    }

    private func holds(_ given: Ground.Given, _ address: Question.AddressClass, under policy: Policy) -> Bool {
        switch given {
        case .cold: lastContact == nil
        case .warm: lastContact != nil
        case .demoBooked: demoBooked != nil
        case .eventAttended: eventAttended != nil
        case .subscriber: isSubscriber(under: policy)
        case .notSubscriber: !isSubscriber(under: policy)
        case .roleAddress: address == .role
        case .namedAddress: address == .named
        }
    }

    /// Whether a consent to a marketing purpose was ever given or claimed and is not forgotten.
    ///
    /// Ever, and a claim that an entry voids too, so that no refusal can open tracking.
    private func isSubscriber(under policy: Policy) -> Bool {
        everConsented.contains { policy.purpose($0)?.kind == .marketing }
    }
}

/// A verdict with the tracking purposes and the keeping, all from the same facts.
public final class Opinion: Sendable {
    /// The answer to the question.
    public let verdict: Verdict
    /// The policy that judged.
    public let policy: Policy
    private let picture: Picture
    private let address: Question.AddressClass

    /// Answers the question; the rest is worked out where it is asked for.
    public init(of question: Question, from facts: Facts, under policy: Policy, at now: Instant) {
        picture = Picture(facts, under: policy, at: now)
        (address, self.policy) = (question.address, policy)
        verdict = picture.decide(question, under: policy)
    }

    /// For each tracking purpose of the policy, in its order, whether it is eligible.
    public var tracking: [(purpose: Slug, isEligible: Bool)] {
        policy.trackingPurposes.map { purpose in
            let question = Question(purpose, topic: nil, address: address)
            return (purpose.id, picture.decide(question, under: policy).isEligible)
        }
    }

    /// Whether and until when the contact is kept.
    public var keeping: Keeping { picture.keeping(address, under: policy) }

    /// By when the person is due the notice of Article 14; nil where none is.
    public var noticeDue: Instant? { picture.noticeDue }
}
