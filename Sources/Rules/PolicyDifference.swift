/// What another policy would change for the people whom it is tried on: counts, and nobody's name.
public struct PolicyDifference: Sendable {
    /// How the verdicts on one purpose change.
    public struct Change: Hashable, Sendable {
        public var unchanged: Int64 = 0
        public var gained: Int64 = 0
        public var lost: Int64 = 0
        /// The answer is the same and the reason or the ground another.
        public var reasoned: Int64 = 0
        /// How often which reason became which, as `ground-holds (lead) -> retention-expired`.
        public var reasons: [String: Int64] = [:]

        /// Nothing is counted yet.
        public init() {}
    }

    /// By purpose; one that either policy lacks counts as refused there.
    public private(set) var changes: [Slug: Change] = [:]
    /// How many were asked about.
    public private(set) var people: Int64 = 0
    /// Stored contacts that nothing keeps under either, that only the new one would erase, and that only it would keep.
    public private(set) var dueAnyway: Int64 = 0
    public private(set) var erased: Int64 = 0
    public private(set) var rescued: Int64 = 0
    /// What would have ended for those that only the new one erases.
    public private(set) var grounds: [String: Int64] = [:]

    private let old: Policy
    private let new: Policy

    /// Counts nothing yet.
    public init(from old: Policy, to new: Policy) { (self.old, self.new) = (old, new) }

    /// The purposes that are ever sent for, the old policy's first.
    public var purposes: [Slug] {
        var ids: [Slug] = []
        for purpose in old.purposes + new.purposes where purpose.kind != .record && !ids.contains(purpose.id) {
            ids.append(purpose.id)
        }
        return ids
    }

    /// Asks both policies about one person.
    public mutating func compare(
        _ facts: Facts, address: Question.AddressClass, isStored: Bool, at now: Instant
    ) {
        people += 1
        let (before, after) = (Picture(facts, under: old, at: now), Picture(facts, under: new, at: now))
        for id in purposes {
            let verdicts = (
                before.verdict(on: id, address, under: old), after.verdict(on: id, address, under: new)
            )
            changes[id, default: Change()].count(verdicts.0, verdicts.1)
        }
        guard isStored else { return }
        switch (before.retention(address, under: old), after.retention(address, under: new)) {
        case (.due, .due): dueAnyway += 1
        case (.due, .kept): rescued += 1
        case (.kept, .due(let lapse)):
            erased += 1
            grounds[lapse.reason.description, default: 0] += 1
        case (.kept, .kept): break
        }
    }
}

extension PolicyDifference.Change {
    fileprivate mutating func count(_ before: Verdict?, _ after: Verdict?) {
        let (was, becomes) = (before.words, after.words)
        switch (before?.isEligible ?? false, after?.isEligible ?? false) {
        case (true, false): lost += 1
        case (false, true): gained += 1
        default:
            guard was != becomes else {
                unchanged += 1
                return
            }
            reasoned += 1
        }
        reasons["\(was) -> \(becomes)", default: 0] += 1
    }
}

extension Verdict? {
    fileprivate var words: String {
        guard let self else { return "no such purpose" }
        return self.reason.code + (self.ground.map { " (\($0.id))" } ?? "")
    }
}

extension Picture {
    fileprivate func verdict(on id: Slug, _ address: Question.AddressClass, under policy: Policy) -> Verdict? {
        policy.purpose(id).map { decide(Question($0, topic: nil, address: address), under: policy) }
    }
}
