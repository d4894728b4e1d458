/// An act with its number in the ledger.
public struct NumberedAct: Hashable, Sendable {
    /// Its number.
    public let id: Int64
    /// From when it counts.
    public let at: Instant
    /// What happened.
    public let act: Act

    /// An act is dated and numbered.
    public init(id: Int64, at: Instant, act: Act) { (self.id, self.at, self.act) = (id, at, act) }
}

/// What a corrected address takes over from the old one, by Article 16.
///
/// Every entry, restriction, hold and mark that stands goes along, and so do the relations, with their own dates, so that no
/// window begins anew. Nothing that goes along lifts anything: releases, liftings, confirmations and new beginnings stay
/// behind, and a consent comes as the operator's claim, which no entry yields to. An entry that the person has lifted stays
/// behind only where it named that one purpose or topic; a wide one goes along, since it covers more than was resumed.
///
/// What is known of the corrected address already (`target`) loosens nothing either: a restriction, hold or mark counts there
/// from `now`, which is after all that is known of it, and so does an entry that an earlier act of the person there would
/// lift at once.
public func inheritance(
    of acts: [NumberedAct], from facts: Facts, onto target: Facts, under policy: Policy, at now: Instant
) -> [NumberedAct] {
    let picture = Picture(facts, under: policy, at: now)
    let forgotten = acts.filter { $0.at <= now && $0.act.name.forgets }.map(\.at).max()
    let heirs = acts.filter { $0.at <= now }.compactMap { numbered in
        picture.inherited(numbered, isKept: forgotten.map { numbered.at > $0 } ?? true)?.dated(now, onto: target)
    }
    // What is dated ahead counts from its date, at the new address too, and stands in for nothing that counts already.
    return Heirs(heirs).all + acts.filter { $0.at > now && $0.act.name.goesAheadOfItsDate }
}

/// The acts that go along, each kind of which only one counts by that one.
private struct Heirs {
    private(set) var all: [NumberedAct] = []

    init(_ acts: [NumberedAct]) {
        var places: [Act: Int] = [:]
        for numbered in acts.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) {
            switch numbered.act.name {
            // The window of a lead that nobody met runs from the first.
            case .collected where places[numbered.act] != nil: continue
            case .contacted, .demoBooked, .eventAttended, .questionAsked, .questionAnswered, .consentGiven, .restricted,
                .leftOrganisation, .bounced:
                if let place = places[numbered.act] {
                    all[place] = numbered
                    continue
                }
            default: break
            }
            places[numbered.act] = all.count
            all.append(numbered)
        }
    }
}

extension Picture {
    /// The act as it goes along; nil where it stays behind. `isKept` says that nothing later has forgotten it.
    fileprivate func inherited(_ numbered: NumberedAct, isKept: Bool) -> NumberedAct? {
        let act = numbered.act
        if let entry = act.entry {
            if isResumed(entry, since: numbered.at) { return nil }
            // The stop goes along, and not the forgetting: what is known of the corrected address was never erased.
            guard act.name == .erased else { return numbered }
            return NumberedAct(id: numbered.id, at: numbered.at, act: Act(.unsubscribed, scope: act.scope))
        }
        switch act.name {
        case .leftOrganisation: return left.map { numbered.at >= $0 } ?? false ? numbered : nil
        case .bounced: return isBounced && act.bounce == .hard ? numbered : nil
        case .holdPlaced:
            return holds.contains { $0.id == act.hold && $0.at == numbered.at && stands($0) } ? numbered : nil
        case .restricted: return isKept && isRestricted ? numbered : nil
        case .collected, .notified, .contacted, .demoBooked, .eventAttended, .questionAsked, .questionAnswered:
            return isKept ? numbered : nil
        case .consentGiven:
            guard isKept, let purpose = act.purpose,
                consents.contains(where: { $0.purpose == purpose && $0.at == numbered.at })
            else { return nil }
            return NumberedAct(
                id: numbered.id, at: numbered.at, act: Act(.consentGiven, purpose: purpose, source: .operator))
        default: return nil
        }
    }

    /// Whether the person has lifted the entry for all that it can ever cover.
    private func isResumed(_ entry: Entry, since instant: Instant) -> Bool {
        switch entry.reach {
        case .topic(_, let purpose), .purpose(let purpose):
            entry.isLifted(at: instant, for: purpose, by: lifts)
        case .controller, .group: false
        }
    }
}

extension NumberedAct {
    /// The same from when it counts at the corrected address.
    fileprivate func dated(_ now: Instant, onto target: Facts) -> NumberedAct {
        let counts =
            switch act.name {
            case .restricted, .holdPlaced, .leftOrganisation, .bounced: now
            default: act.entry != nil && target.lifts(after: at) ? now : at
            }
        return NumberedAct(id: id, at: counts, act: act)
    }
}

extension Event.Name {
    /// Whether it goes along before it counts: all that only adds a refusal or a reason to keep.
    fileprivate var goesAheadOfItsDate: Bool {
        switch self {
        case .restricted, .leftOrganisation, .holdPlaced, .bounced: true
        default: false
        }
    }

    /// Whether what was known before is forgotten by it.
    fileprivate var forgets: Bool {
        switch self {
        case .erased, .swept, .addressCorrected: true
        default: false
        }
    }
}
