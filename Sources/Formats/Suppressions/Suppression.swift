public import Rules

/// One entry of a suppression list: whom it stops, why, since when, and what the list says beside that.
public struct Suppression: Sendable, Equatable {
    /// Who is meant.
    public enum Subject: Hashable, Sendable {
        case address(Address)
        /// Whoever's address has this digest.
        case hashed(HashedAddress)
    }

    /// Why, in our words.
    public typealias Reason = ListedReason

    public let subject: Subject
    public let reason: Reason
    /// Since when; nil where the list does not say, or not in a way that can be relied on: then it counts from now.
    public let at: Instant?
    /// What the list says of the reason, without anything of the person.
    public let evidence: [SuppressionWord]

    /// An entry as a list would have it. A digest is listed and no more: who it is cannot be asked.
    public init(_ subject: Subject, _ reason: Reason, at: Instant? = nil, evidence: [SuppressionWord] = []) {
        self.subject = subject
        if case .hashed = subject { self.reason = .listed } else { self.reason = reason }
        self.at = at
        self.evidence = evidence
    }

    /// What is reported of the person. An unsubscribe at a provider was meant for all that came through it, so it never has
    /// a narrower scope than the controller.
    public func event(under policy: Policy) -> Event {
        switch reason {
        case .complained: .complained
        case .unsubscribed: .unsubscribed(scope: max(policy.defaultScope, .controller), purpose: nil, topic: nil)
        case .bounced: .bounced(.hard)
        case .listed: .suppressed(.imported, scope: .controller)
        }
    }
}

/// A word of the list about an entry, fit to be kept as evidence: named in kebab-case, without an address in it.
public struct SuppressionWord: Hashable, Sendable {
    public let name: String
    public let word: String

    /// Cuts the word to the longest that evidence can have, and puts something else for what looks like an address.
    public init(_ name: String, _ word: String) {
        self.name = name
        self.word = Self.kept(word)
    }

    private static func kept(_ word: String) -> String {
        var parts: [String] = []
        for part in word.split(whereSeparator: \.isWhitespace) {
            parts.append(part.utf8.contains(UInt8(ascii: "@")) ? "(address)" : String(part))
        }
        var kept = parts.joined(separator: " ")
        kept.unicodeScalars.removeAll { $0.value == 0 }
        while kept.utf8.count > Evidence.wordBytesMax { kept.unicodeScalars.removeLast() }
        return kept
    }
}
