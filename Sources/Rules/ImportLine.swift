/// Where a row of a list is: which file of an archive, and on which physical line of it.
public struct ImportPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// From 1; a list that is no archive is one file.
    public let file: Int
    /// The physical line on which the row begins, from 1; rows that share a line count on from it.
    public let line: Int

    public init(file: Int = 1, line: Int) { (self.file, self.line) = (file, line) }

    /// Lines that a file can have; far more than fit into one.
    private static let lineBits = 40

    /// One number, in the order of the rows.
    public var number: Int64 { Int64(file - 1) << Self.lineBits | Int64(line) }

    /// The place with that number.
    public init(number: Int64) {
        (file, line) = (Int(number >> Self.lineBits) + 1, Int(number & (1 << Self.lineBits - 1)))
    }

    /// In the order of the rows.
    public static func < (left: ImportPlace, right: ImportPlace) -> Bool { left.number < right.number }

    /// `12`, or behind the first file of an archive `2:12`.
    public var description: String { file == 1 ? String(line) : "\(file):\(line)" }
}

/// One row of a list, before anything is known of the person.
public struct ImportLine: Sendable {
    public let place: ImportPlace
    public let content: Content

    public enum Content: Sendable {
        /// Somebody to keep, if a ground allows it.
        case lead(ImportedLead)
        /// The list says that this person is not to be written to.
        case declined(ImportedRefusal)
        /// Says nothing against mail, in a list of those who want none; which is no consent, and changes nothing.
        case passedOver
        /// Cannot be read: which column, and why; quotes nothing of the line.
        case invalid(String)
        /// Nothing in any field.
        case empty
    }

    public init(_ place: ImportPlace, _ content: Content) { (self.place, self.content) = (place, content) }
}

/// A lead and what its list claims of a consent.
public struct ImportedLead: Sendable {
    public let lead: Lead
    /// When the list says that consent was given; counts for what design and policy let a claim count.
    public let consentAt: Instant?

    public init(_ lead: Lead, consentAt: Instant? = nil) { (self.lead, self.consentAt) = (lead, consentAt) }
}

/// Whom a list says not to write to, and what it says of that.
public struct ImportedRefusal: Sendable {
    public enum Subject: Hashable, Sendable {
        case address(Address)
        /// Whoever's address has this digest.
        case hashed(HashedAddress)
    }

    public let subject: Subject
    public let reason: ListedReason
    /// Since when; nil where the list does not say: then it counts from the import.
    public let at: Instant?
    /// A JSON object of the list's own words about it, without anything of the person; nil without any.
    public let words: String?

    public init(_ subject: Subject, _ reason: ListedReason = .listed, at: Instant? = nil, words: String? = nil) {
        (self.subject, self.reason, self.at, self.words) = (subject, reason, at, words)
    }
}

/// What a list is.
public enum ImportKind: String, Sendable, CaseIterable {
    case leads, suppressions
}
