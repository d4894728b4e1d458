/// Why an entry stands in the unsubscribe register.
///
/// The order is the one in which the reason is named where several entries are equally wide and equally old.
public enum EntryReason: String, Sendable, CaseIterable {
    case unsubscribed
    case consentWithdrawn = "consent-withdrawn"
    case objected
    case complained
    case erased
    case domainSuppressed = "domain-suppressed"
    case imported
}

/// How far an entry reaches; a wider scope compares as greater.
public enum Scope: String, Sendable, CaseIterable, Comparable {
    case topic, purpose, controller, group

    var width: Int {
        switch self {
        case .topic: 0
        case .purpose: 1
        case .controller: 2
        case .group: 3
        }
    }

    /// Narrower is less.
    public static func < (left: Scope, right: Scope) -> Bool { left.width < right.width }
}

/// What an entry of the unsubscribe register stops, and why: a fact that only a newer act of the person lifts.
public struct Entry: Hashable, Sendable {
    /// Why it stands.
    public let reason: EntryReason
    /// What it stops.
    public let reach: Reach

    /// What an entry stops; a purpose or topic is named exactly where the scope is that narrow.
    public enum Reach: Hashable, Sendable {
        case topic(Slug, of: Slug)
        case purpose(Slug)
        case controller
        case group

        /// The scope without the names.
        public var scope: Scope {
            switch self {
            case .topic: .topic
            case .purpose: .purpose
            case .controller: .controller
            case .group: .group
            }
        }
    }

    /// Why, and what it stops.
    public init(_ reason: EntryReason, _ reach: Reach) {
        self.reason = reason
        self.reach = reach
    }

    /// Whether the entry stops a message of this purpose and topic (nil: the purpose as a whole).
    ///
    /// Narrow entries stop what they name, of whatever kind; wide ones every marketing and tracking purpose and never a
    /// service one.
    func covers(_ purpose: Purpose, topic: Slug?) -> Bool {
        switch reach {
        case .topic(let declined, let of): of == purpose.id && declined == topic
        case .purpose(let id): id == purpose.id
        case .controller, .group: purpose.kind == .marketing || purpose.kind == .tracking
        }
    }

    /// Whether an act of the person lifts the entry for the purpose asked, both at their own instants.
    ///
    /// At one and the same instant the entry stands.
    func isLifted(at instant: Instant, for purpose: Slug, by acts: [PersonalAct]) -> Bool {
        acts.contains { act in
            guard act.at > instant else { return false }
            switch (act.kind, reach) {
            case (.topicResumed(let topic, let of), .topic(let declined, let declinedOf)):
                return topic == declined && of == declinedOf
            case (.consentGiven, .topic), (.topicResumed, _):
                return false
            case (.consentGiven(let consented, let confirmsObjection), _):
                guard consented == purpose else { return false }
                switch reason {
                case .unsubscribed, .consentWithdrawn, .imported, .erased: return true
                case .objected: return confirmsObjection
                case .complained, .domainSuppressed: return false
                }
            }
        }
    }
}

/// An entry and since when it counts.
public struct DatedEntry: Hashable, Sendable {
    /// Since when.
    public let at: Instant
    /// What.
    public let entry: Entry

    /// An entry is dated.
    public init(at: Instant, _ entry: Entry) {
        self.at = at
        self.entry = entry
    }

    /// Whether this one is named rather than the other: the wider, then the earlier, then by the order of reasons.
    func isNamed(before other: DatedEntry) -> Bool {
        if entry.reach.scope != other.entry.reach.scope { return entry.reach.scope > other.entry.reach.scope }
        if at != other.at { return at < other.at }
        let order = EntryReason.allCases
        return order.firstIndex(of: entry.reason) ?? 0 < order.firstIndex(of: other.entry.reason) ?? 0
    }
}

/// What only the person can do, and what alone lifts an entry.
struct PersonalAct: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case consentGiven(Slug, confirmsObjection: Bool)
        case topicResumed(Slug, of: Slug)
    }

    let at: Instant
    let kind: Kind
}
