/// One dated fact about a person, as a decision needs it: no name, no address, and the policy's defaults filled in.
public struct Fact: Hashable, Sendable {
    /// When it happened, or from when it counts.
    public let at: Instant
    /// What happened.
    public let kind: Kind

    /// What can happen.
    public enum Kind: Hashable, Sendable {
        case collected
        case contacted
        case organisationContacted
        case demoBooked
        case eventAttended
        case questionAsked
        case questionAnswered
        case customerStarted
        case customerEnded
        case leftOrganisation
        case joinedOrganisation
        case hardBounced
        case addressConfirmed
        case restricted
        case restrictionLifted
        /// Everything at or before this instant is forgotten but for entries, marks, holds and lifts.
        case forgotten
        case consentAsked(Slug)
        case consentGiven(Slug, by: ConsentSource)
        case topicResumed(Slug, of: Slug)
        case entry(Entry)
        case holdPlaced(Slug, until: Instant?)
        case holdReleased(Slug)
        /// The person was told where the data comes from (Art. 14), or gave it (Art. 13).
        case notified
    }

    /// A fact is dated.
    public init(at: Instant, _ kind: Kind) {
        self.at = at
        self.kind = kind
    }
}

/// Who says that a consent was given.
public enum ConsentSource: Hashable, Sendable {
    /// The person, by a recorded act; on a page that named the objection or not.
    case person(confirmsObjection: Bool)
    /// A list that claims it.
    case `import`
    /// An employee who claims it.
    case `operator`
}

/// All facts that one question is answered from: the set, in no order that means anything.
public struct Facts: Hashable, Sendable {
    /// What is known of the address at the controller asked.
    public var own: [Fact]
    /// Entries that bind the whole group, whichever controller they were made at.
    public var group: [Fact]
    /// What other addresses of the same alias form left.
    ///
    /// It may only add a refusal.
    public var aliases: [Alias]
    /// Entries on the address's domain.
    public var domain: [Fact]

    /// When the person last did, at another controller of the group, what can lift an entry there.
    ///
    /// Nil where they never did, and where nobody asked: only who writes an entry has to know.
    public var liftedElsewhere: Instant?

    /// The entries of another address of the same alias form, and the acts of its person that lift them.
    public struct Alias: Hashable, Sendable {
        /// That address's own facts at the controller asked and, of its group-wide facts, all.
        public var facts: [Fact]

        /// The facts of one other address.
        public init(facts: [Fact]) { self.facts = facts }
    }

    /// Nothing is known unless it is given.
    public init(own: [Fact] = [], group: [Fact] = [], aliases: [Alias] = [], domain: [Fact] = []) {
        self.own = own
        self.group = group
        self.aliases = aliases
        self.domain = domain
    }

    /// The latest instant at which an entry begins to count, in any of them; nil without entries.
    ///
    /// A check asks at this instant or later: an entry that can be read was committed before, whatever a clock says.
    public var latestEntry: Instant? {
        var latest: Instant?
        for fact in own + group + domain + aliases.flatMap(\.facts) {
            if case .entry = fact.kind { latest = max(latest ?? fact.at, fact.at) }
        }
        return latest
    }
}

extension Facts {
    /// The latest of what only the database stamps: entries, the person's own acts, forgetting.
    ///
    /// Nil without any.
    public var latestStamped: Instant? {
        var latest = liftedElsewhere
        func look(at facts: [Fact]) {
            for fact in facts {
                switch fact.kind {
                case .entry, .consentGiven(_, by: .person), .topicResumed, .forgotten:
                    latest = max(latest ?? fact.at, fact.at)
                default: break
                }
            }
        }
        look(at: own)
        look(at: group)
        look(at: domain)
        for alias in aliases { look(at: alias.facts) }
        return latest
    }

    /// Whether the person has done after the instant what can lift an entry, here or elsewhere in the group.
    public func lifts(after instant: Instant) -> Bool {
        own.contains { $0.at > instant && $0.personalAct != nil } || liftedElsewhere.map { $0 > instant } ?? false
    }

    /// The entry on the address or its domain that stands against the purpose and topic; nil without one.
    public func standingEntry(
        against purpose: Purpose, topic: Slug?, under policy: Policy, at instant: Instant
    ) -> DatedEntry? {
        Picture(self, under: policy, at: instant).standingEntry(against: purpose, topic: topic, at: instant)
    }

    /// The purposes that the entry stops at the instant: those it covers and that no act of the person has lifted it for.
    public func purposes(stoppedBy entry: DatedEntry, under policy: Policy, at instant: Instant) -> [Slug] {
        let lifts = own.filter { $0.at <= instant }.compactMap(\.personalAct)
        return policy.purposes.filter { purpose in
            let topics: [Slug?] = purpose.topics.map { $0 } + [nil]
            return topics.contains { entry.entry.covers(purpose, topic: $0) }
                && !entry.entry.isLifted(at: entry.at, for: purpose.id, by: lifts)
        }.map(\.id)
    }
}

extension Facts {
    /// Since when the person's data is restricted, by Article 18; nil where it is not.
    public var restrictedSince: Instant? {
        let forgotten = latest { $0 == .forgotten }
        guard let restricted = latest({ $0 == .restricted }), forgotten.map({ $0 < restricted }) ?? true else {
            return nil
        }
        return latest { $0 == .restrictionLifted }.map { $0 <= restricted } ?? true ? restricted : nil
    }

    private func latest(_ isMeant: (Fact.Kind) -> Bool) -> Instant? { own.filter { isMeant($0.kind) }.map(\.at).max() }
}

extension Facts {
    /// Whether everything that such an entry covers is refused by a standing one; of the whole group, at each of its
    /// controllers.
    public func stops(_ entry: Entry, under policy: Policy, at instant: Instant) -> Bool {
        if case .group = entry.reach, let liftedElsewhere {
            guard
                (own + group).contains(where: { fact in
                    guard case .entry(let old) = fact.kind, case .group = old.reach else { return false }
                    return fact.at > liftedElsewhere && fact.at <= instant
                })
            else { return false }
        }
        let picture = Picture(self, under: policy, at: instant)
        return policy.purposes.allSatisfy { purpose in
            let topics: [Slug?] = purpose.topics.map { $0 } + [nil]
            return topics.allSatisfy { topic in
                !entry.covers(purpose, topic: topic)
                    || picture.standingEntry(against: purpose, topic: topic, at: instant) != nil
            }
        }
    }
}
