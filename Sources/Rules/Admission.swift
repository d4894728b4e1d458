/// Whether a person's data may be stored at all: the same engine as the check and the sweep.
public enum Admission: Hashable, Sendable {
    /// Something would keep it.
    case admitted
    /// An entry of the register stands against what it could be used for.
    case suppressed(EntryReason)
    /// No ground would keep it.
    case noGround(Verdict.Reason)
}

/// Whether somebody of whom these facts were known would be kept, and why not.
///
/// An entry of another address of the same alias form keeps out who is known for marketing alone.
public func admit(
    _ facts: Facts, address: Question.AddressClass, under policy: Policy, at now: Instant
) -> Admission {
    let picture = Picture(facts, under: policy, at: now)
    let marketing = policy.purposes.filter { $0.kind == .marketing }
    let reasons = marketing.map { picture.decide(Question($0, topic: nil, address: address), under: policy).reason }
    guard picture.keeping(address, under: policy).isKept else {
        for case .entry(let reason) in reasons { return .suppressed(reason) }
        return .noGround(reasons.first ?? .noGround)
    }
    guard !facts.aliases.isEmpty else { return .admitted }
    var alone = facts
    alone.aliases = []
    let own = Picture(alone, under: policy, at: now)
    var refused: EntryReason?
    for (purpose, reason) in zip(marketing, reasons)
    where own.decide(Question(purpose, topic: nil, address: address), under: policy).isEligible {
        guard case .entry(let entry) = reason else { return .admitted }
        refused = refused ?? entry
    }
    return refused.map { .suppressed($0) } ?? .admitted
}
