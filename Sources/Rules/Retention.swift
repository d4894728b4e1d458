/// What becomes of a contact: what keeps it the longest, or why nothing does.
public enum Retention: Hashable, Sendable {
    /// Kept until then; nil is without a clock.
    case kept(until: Instant?, by: KeepReason)
    /// Nothing keeps it: the next sweep erases it.
    case due(Lapse)

    /// In a word or two, as reports count by it: `newsletter/cold-lead`.
    public var ground: String {
        switch self {
        case .kept(_, let keeper): keeper.description
        case .due(let lapse): lapse.reason.description
        }
    }
}

/// Why nothing keeps a contact any more.
public struct Lapse: Hashable, Sendable {
    /// What ended last.
    public let reason: Reason
    /// When it ended; nil where nothing ever kept the contact.
    public let since: Instant?

    /// What can end.
    public enum Reason: Hashable, Sendable, CustomStringConvertible {
        /// The window of a ground, or the request for consent.
        case ended(KeepReason)
        /// An entry of the register covers what the data could be used for.
        case entry(EntryReason)
        case leftOrganisation
        /// No ground ever held.
        case neverHeld

        /// As reports name it.
        public var description: String {
            switch self {
            case .ended(let keeper): keeper.description
            case .entry(let reason): reason.rawValue
            case .leftOrganisation: "left-organisation"
            case .neverHeld: "no-ground"
            }
        }
    }
}

/// What keeps the contact at the instant, or why nothing does: the same engine as the check, with the reason named.
public func retention(
    _ facts: Facts, address: Question.AddressClass, under policy: Policy, at now: Instant
) -> Retention {
    Picture(facts, under: policy, at: now).retention(address, under: policy)
}

extension Facts {
    /// The next instant at which the answer of ``retention(_:address:under:at:)`` may be another without any new act: the
    /// end of what keeps the contact, or a fact that is dated after `now`.
    ///
    /// Nil where there is none.
    public func nextLook(after now: Instant, _ retention: Retention) -> Instant? {
        var next: Instant?
        switch retention {
        case .kept(let until, _): next = until
        case .due: return now
        }
        for fact in own + group + domain where fact.at > now { next = min(next ?? fact.at, fact.at) }
        return next
    }

    /// Since when the person no longer represents their organisation; nil while they do.
    public func left(under policy: Policy, at now: Instant) -> Instant? {
        Picture(self, under: policy, at: now).left
    }

    /// Whether a hard bounce stands.
    public func isBounced(under policy: Policy, at now: Instant) -> Bool {
        Picture(self, under: policy, at: now).isBounced
    }

    /// What forbids to forget the person, whatever else has ended: a restriction or a hold; nil without one.
    public func bar(under policy: Policy, at now: Instant) -> KeepReason? {
        Picture(self, under: policy, at: now).bar
    }
}

extension Picture {
    func retention(_ address: Question.AddressClass, under policy: Policy) -> Retention {
        var longest: (until: Instant?, by: KeepReason)?
        eachKeeper(address, under: policy) { keeper, until in
            guard let found = longest else {
                longest = (until, keeper)
                return
            }
            guard let end = found.until else { return }
            if until.map({ $0 > end }) ?? true { longest = (until, keeper) }
        }
        if let longest { return .kept(until: longest.until, by: longest.by) }
        return .due(lapse(address, under: policy))
    }

    /// A restriction or a standing hold.
    fileprivate var bar: KeepReason? {
        if let hold = holds.first(where: { stands($0) }) { return .hold(hold.id) }
        return isRestricted ? .restriction : nil
    }

    /// What ended last of all that ever kept the contact.
    private func lapse(_ address: Question.AddressClass, under policy: Policy) -> Lapse {
        if isKnown, let left { return Lapse(reason: .leftOrganisation, since: left) }
        var latest = Lapse(reason: .neverHeld, since: nil)
        func note(_ reason: Lapse.Reason, _ at: Instant) {
            if latest.since.map({ at > $0 }) ?? true { latest = Lapse(reason: reason, since: at) }
        }
        for purpose in policy.purposes {
            if let asked = consentsAsked.filter({ $0.purpose == purpose.id }).map(\.at).max() {
                let end = policy.doubleOptInKeep.end(from: asked)
                if end <= now { note(.ended(.pendingConsent(purpose.id)), end) }
            }
            if let entry = standingEntry(against: purpose, topic: nil, at: now) {
                note(.entry(entry.entry.reason), entry.at)
                continue
            }
            let question = Question(purpose, topic: nil, address: address)
            for ground in purpose.grounds {
                if case .lapsed(let at) = standing(of: ground, in: question, under: policy) {
                    note(.ended(.ground(ground.id, of: purpose.id)), at)
                }
            }
        }
        return latest
    }
}
