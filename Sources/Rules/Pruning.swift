extension Facts {
    /// The facts of one address without those that can change no answer asked at `instant` or later.
    ///
    /// So a row stays short however often somebody is contacted. What arrives late needs the whole set again: replay the
    /// acts, not this.
    public static func pruned(_ facts: [Fact], at instant: Instant) -> [Fact] {
        let past = facts.filter { $0.at <= instant }
        let forgotten = past.filter { $0.kind == .forgotten }.map(\.at).max()
        var latest: [Fact.Kind: Instant] = [:]
        var firstCollected: Instant?
        for fact in past where forgotten.map({ fact.at > $0 }) ?? true {
            if fact.kind.onlyLatestCounts { latest[fact.kind] = max(latest[fact.kind] ?? fact.at, fact.at) }
            if fact.kind == .collected { firstCollected = min(firstCollected ?? fact.at, fact.at) }
        }
        return facts.filter { fact in
            guard fact.at <= instant else { return true }
            switch fact.kind {
            case .forgotten: return fact.at == forgotten
            case .entry, .leftOrganisation, .hardBounced, .holdPlaced, .holdReleased, .topicResumed,
                .consentGiven(_, by: .person):
                return true
            default: break
            }
            if let forgotten, fact.at <= forgotten { return false }
            if fact.kind == .collected { return fact.at == firstCollected }
            return fact.kind.onlyLatestCounts ? fact.at == latest[fact.kind] : true
        }
    }
}

extension Fact.Kind {
    /// Whether, of several, no rule looks at any but the latest.
    fileprivate var onlyLatestCounts: Bool {
        switch self {
        case .contacted, .organisationContacted, .demoBooked, .eventAttended, .questionAsked, .questionAnswered,
            .customerStarted, .customerEnded, .joinedOrganisation, .addressConfirmed, .restricted, .restrictionLifted,
            .notified:
            true
        default: false
        }
    }
}
