/// How a verdict came about, for a person to read: every rule that did not apply, and the one that did.
public struct Explanation: Sendable {
    /// The same as ``decide(_:from:under:at:)`` gives.
    public let verdict: Verdict
    /// The purpose asked.
    public let purpose: Purpose
    /// How each ground of the purpose stands, in the policy's order.
    ///
    /// Empty where nobody came to ask for one: the person is not known or a rule before the grounds answered.
    public let grounds: [(ground: Ground, standing: Standing)]

    /// How a ground stands at the instant asked.
    public enum Standing: Hashable, Sendable {
        case neverHeld
        case lapsed(Instant)
        /// Nil: no clock.
        case holds(until: Instant?)
    }

    /// Looks at everything once.
    public init(of question: Question, from facts: Facts, under policy: Policy, at now: Instant) {
        let picture = Picture(facts, under: policy, at: now)
        let verdict = picture.decide(question, under: policy)
        self.verdict = verdict
        purpose = question.purpose
        let isAsked = (5...8).contains(verdict.reason.rule)
        grounds =
            !isAsked
            ? []
            : question.purpose.grounds.map { ground in
                switch picture.standing(of: ground, in: question, under: policy) {
                case .never: (ground, .neverHeld)
                case .lapsed(let at): (ground, .lapsed(at))
                case .holds(let until): (ground, .holds(until: until))
                }
            }
    }
}

extension Ground {
    /// What it takes, in the policy's words: `12 months from last-contact, given warm`.
    public var terms: String {
        var parts: [String] = []
        if basis == .consent { parts.append("a consent") }
        switch condition {
        case .customer: parts.append("while customer")
        case .openQuestion: parts.append("while open-question")
        case .purpose(let id): parts.append("while \(id)")
        case nil: break
        }
        if let window { parts.append("\(window.period) from \(window.from.rawValue)") }
        if !given.isEmpty { parts.append("given \(given.map(\.rawValue).joined(separator: " and "))") }
        return parts.joined(separator: ", ")
    }
}
