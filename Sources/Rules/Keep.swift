/// Whether anything still keeps a contact, and for how long: the same engine as the check, asked for every purpose.
public enum Keeping: Hashable, Sendable {
    /// Nothing does: the next sweep erases it.
    case notKept
    /// Something does, until then; nil is without a clock.
    case kept(until: Instant?)

    /// Whether anything keeps the contact.
    public var isKept: Bool { self != .notKept }

    /// The end, where there is one.
    public var until: Instant? { if case .kept(let until) = self { until } else { nil } }

    func or(until other: Instant?) -> Keeping {
        switch (self, other) {
        case (.notKept, _): .kept(until: other)
        case (.kept(until: nil), _), (_, nil): .kept(until: nil)
        case (.kept(.some(let one)), .some(let two)): .kept(until: max(one, two))
        }
    }
}

/// Until when the contact is kept, and whether: storage limitation, Article 5(1)(e).
///
/// It is the latest end of the grounds of every purpose that no standing entry covers, of a request for consent, of a
/// restriction (Article 18(2)) and of the holds.
public func keepUntil(
    _ facts: Facts, address: Question.AddressClass, under policy: Policy, at now: Instant
) -> Keeping {
    Picture(facts, under: policy, at: now).keeping(address, under: policy)
}

extension Picture {
    func keeping(_ address: Question.AddressClass, under policy: Policy) -> Keeping {
        var keeping = Keeping.notKept
        eachKeeper(address, under: policy) { _, until in keeping = keeping.or(until: until) }
        return keeping
    }

    /// Names everything that keeps the contact, and until when; nil is without a clock.
    func eachKeeper(
        _ address: Question.AddressClass, under policy: Policy, _ note: (KeepReason, _ until: Instant?) -> Void
    ) {
        for hold in holds where stands(hold) { note(.hold(hold.id), hold.until) }
        guard isKnown else { return }
        if isRestricted { note(.restriction, nil) }
        for purpose in policy.purposes {
            if let end = pendingConsent(to: purpose, under: policy) { note(.pendingConsent(purpose.id), end) }
            guard left == nil, standingEntry(against: purpose, topic: nil, at: now) == nil else { continue }
            let question = Question(purpose, topic: nil, address: address)
            for ground in purpose.grounds {
                if case .holds(let until) = standing(of: ground, in: question, under: policy) {
                    note(.ground(ground.id, of: purpose.id), until)
                }
            }
        }
    }

    /// Whether one placing of a hold still counts; a release at the same instant does not end it.
    func stands(_ hold: (id: Slug, at: Instant, until: Instant?)) -> Bool {
        if let until = hold.until, until <= now { return false }
        return !holdReleases.contains { $0.id == hold.id && $0.at > hold.at }
    }
}
