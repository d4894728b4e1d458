/// How a request for consent stands when the person follows its confirmation link.
public enum Confirmation: Hashable, Sendable {
    /// It waits for the person's yes, until then. Where the person objected to the purpose, the page has to name that.
    case open(isObjected: Bool, until: Instant)
    /// The person said yes to it then, by this link or otherwise.
    case given(at: Instant)
    /// It ran out, or the person stopped the purpose after it: a new request is needed.
    case lapsed
    /// An entry stands that no confirmation lifts.
    case barred(EntryReason)

    /// How the request of that instant stands now.
    public init(of purpose: Purpose, askedAt asked: Instant, from facts: Facts, under policy: Policy, at now: Instant) {
        let picture = Picture(facts, under: policy, at: now)
        let until = policy.doubleOptInKeep.end(from: asked)
        let covering = picture.entries.filter { $0.entry.covers(purpose, topic: nil) }
        let given = facts.own.lazy.filter { fact in
            guard case .consentGiven(let consented, by: .person) = fact.kind else { return false }
            return consented == purpose.id && fact.at <= now && fact.at >= asked
        }.map(\.at).max()
        if let given, !covering.contains(where: { $0.at >= given }) {
            self = .given(at: given)
        } else if now >= until || covering.contains(where: { $0.at >= asked }) {
            self = .lapsed
        } else {
            let choice = Choices(of: facts, address: .named, under: policy, at: now)[purpose.id]
            let reasons = picture.standingReasons(against: purpose)
            let barring = reasons.first { $0 == .complained || $0 == .domainSuppressed }
            self = barring.map { .barred($0) } ?? .open(isObjected: choice?.isObjected ?? false, until: until)
        }
    }

    /// Whether the mail that asks for a confirmation may go to the address: it answers the person's own act, so it goes to
    /// anyone but those who objected or complained, where the last mail came back, and where the domain wants none.
    public static func mayBeAskedFor(
        _ purpose: Purpose, from facts: Facts, under policy: Policy, at now: Instant
    ) -> Bool {
        let picture = Picture(facts, under: policy, at: now)
        let barring: Set<EntryReason> = [.objected, .complained, .domainSuppressed]
        return !picture.isBounced && picture.standingReasons(against: purpose).allSatisfy { !barring.contains($0) }
    }

    /// When a confirmation was last asked for, for whatever purpose; nil where never.
    public static func lastAsked(in facts: Facts, at now: Instant) -> Instant? {
        facts.own.lazy.filter { fact in
            if case .consentAsked = fact.kind { fact.at <= now } else { false }
        }.map(\.at).max()
    }
}

extension Picture {
    /// Why the purpose is stopped, by every entry that stands on the address, its domain or its alias form.
    fileprivate func standingReasons(against purpose: Purpose) -> [EntryReason] {
        func standing(_ entries: [DatedEntry], _ lifts: [PersonalAct]) -> [EntryReason] {
            entries.filter {
                $0.entry.covers(purpose, topic: nil) && !$0.entry.isLifted(at: $0.at, for: purpose.id, by: lifts)
            }.map(\.entry.reason)
        }
        return standing(entries, lifts) + aliases.flatMap { standing($0.entries, $0.lifts) }
    }
}
