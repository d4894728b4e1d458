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

/// What is known of an address that turned out to be wrong.
public struct CorrectedAddress: Sendable {
    /// Its own acts, and the entries by a digest of it.
    public let acts: [NumberedAct]
    /// The acts of each other address of its alias form.
    public let aliases: [[NumberedAct]]
    /// All that a check reads of it.
    public let facts: Facts

    /// The ledger's acts, and the facts that a check finds.
    public init(acts: [NumberedAct], aliases: [[NumberedAct]] = [], facts: Facts) {
        (self.acts, self.aliases, self.facts) = (acts, aliases, facts)
    }
}

/// What a corrected address takes over from the old one, by Article 16.
///
/// Every entry, restriction, hold and mark that stands goes along, and so do the relations, with their own dates, so that no
/// window begins anew; those of the organisation too, where they were recorded of the person. Nothing that goes along lifts
/// anything: releases, liftings, confirmations and new beginnings stay behind, and a consent comes as the operator's claim,
/// which no entry yields to. An entry that the person has lifted stays behind only where it named that one purpose or topic; a
/// wide one goes along, since it covers more than was resumed. Whatever refused the old address refuses the new one, so the
/// entries on digests of it go along, and those on addresses of its alias form as far as they stop anything; one on its
/// domain is about the domain and stays there.
///
/// What is known of the corrected address already (`target`) loosens nothing either: a restriction, hold or mark counts there
/// from `now`, which is after all that is known of it, and so does an entry that an earlier act of the person there would
/// lift at once.
public func inheritance(
    of old: CorrectedAddress, onto target: Facts, under policy: Policy, at now: Instant
) -> [NumberedAct] {
    let estate = Estate(old.facts, under: policy, at: now)
    let forgotten = old.acts.filter { $0.at <= now && $0.act.name.forgets }.map(\.at).max()
    let heirs = old.acts.filter { $0.at <= now }.compactMap { numbered in
        estate.inherited(numbered, isKept: forgotten.map { numbered.at > $0 } ?? true)?.dated(now, onto: target)
    }
    let refusals = policy.aliases == .suppress ? old.aliases.flatMap { $0.refusals(under: policy, at: now) } : []
    // What is dated ahead counts from its date, at the new address too, and stands in for nothing that counts already.
    let ahead = old.acts.filter { $0.at > now && $0.act.goesAheadOfItsDate }.map(\.asStop)
    return Heirs(heirs).all + ahead + refusals.map { $0.dated(now, onto: target) }
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
            case .contacted, .demoBooked, .eventAttended, .questionAsked, .questionAnswered, .organisationContacted,
                .customerStarted, .customerEnded, .consentAsked, .consentGiven, .restricted, .leftOrganisation,
                .bounced:
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

/// What can be taken over at the instant.
private struct Estate {
    private let picture: Picture
    /// The same without what is about the domain, which stays there.
    private let anywhere: Picture

    init(_ facts: Facts, under policy: Policy, at now: Instant) {
        picture = Picture(facts, under: policy, at: now)
        var own = facts
        own.domain = []
        anywhere = Picture(own, under: policy, at: now)
    }

    /// The act as it goes along; nil where it stays behind. `isKept` says that nothing later has forgotten it.
    func inherited(_ numbered: NumberedAct, isKept: Bool) -> NumberedAct? {
        let act = numbered.act
        if let entry = act.entry { return isResumed(entry, since: numbered.at) ? nil : numbered.asStop }
        switch act.name {
        case .leftOrganisation: return picture.left.map { numbered.at >= $0 } ?? false ? numbered : nil
        case .bounced: return picture.isBounced && act.bounce == .hard ? numbered : nil
        case .holdPlaced:
            let stands = picture.holds.contains {
                $0.id == act.hold && $0.at == numbered.at && picture.stands($0)
            }
            return stands ? numbered : nil
        case .restricted: return isKept && picture.isRestricted ? numbered : nil
        case .collected, .notified, .consentAsked: return isKept ? numbered : nil
        case .consentGiven: return isKept ? claimed(numbered) : nil
        default: return isKept && act.isRelation ? numbered : nil
        }
    }

    /// A consent as the operator's claim, one that an entry voids among them: whoever ever claimed one is a subscriber. One
    /// that nothing but the domain's entry voids stays behind, since it would count at another domain.
    private func claimed(_ numbered: NumberedAct) -> NumberedAct? {
        guard let purpose = numbered.act.purpose else { return nil }
        func counts(in picture: Picture) -> Bool {
            picture.consents.contains { $0.purpose == purpose && $0.at == numbered.at }
        }
        guard counts(in: picture) || !counts(in: anywhere) else { return nil }
        return NumberedAct(
            id: numbered.id, at: numbered.at, act: Act(.consentGiven, purpose: purpose, source: .operator))
    }

    /// Whether the person has lifted the entry for all that it can ever cover.
    private func isResumed(_ entry: Entry, since instant: Instant) -> Bool {
        switch entry.reach {
        case .topic(_, let purpose), .purpose(let purpose):
            entry.isLifted(at: instant, for: purpose, by: picture.lifts)
        case .controller, .group: false
        }
    }
}

extension [NumberedAct] {
    /// Those of another address of the alias form that stop any purpose at the instant.
    fileprivate func refusals(under policy: Policy, at now: Instant) -> [NumberedAct] {
        let facts = Facts(own: flatMap { $0.act.facts(at: $0.at) ?? [] })
        return filter { numbered in
            guard let entry = numbered.act.entry else { return false }
            return !facts.purposes(stoppedBy: DatedEntry(at: numbered.at, entry), under: policy, at: now).isEmpty
        }.map(\.asStop)
    }
}

extension NumberedAct {
    /// Of an erasure the stop that it left, and not the forgetting: what is known of the corrected address was never erased.
    fileprivate var asStop: NumberedAct {
        act.name == .erased ? NumberedAct(id: id, at: at, act: Act(.unsubscribed, scope: act.scope)) : self
    }

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

extension Act {
    /// Whether it is contact with the person or the organisation, from which windows run.
    fileprivate var isRelation: Bool {
        switch name {
        case .contacted, .demoBooked, .eventAttended, .questionAsked, .questionAnswered: true
        default: isOfOrganisation
        }
    }

    /// Whether it goes along before it counts: a relation, and all that only adds a refusal or a reason to keep.
    fileprivate var goesAheadOfItsDate: Bool {
        switch name {
        case .restricted, .leftOrganisation, .holdPlaced, .bounced, .collected, .notified: true
        default: isRelation || entry != nil
        }
    }
}

extension Event.Name {
    /// Whether what was known before is forgotten by it.
    fileprivate var forgets: Bool {
        switch self {
        case .erased, .swept, .addressCorrected: true
        default: false
        }
    }
}
