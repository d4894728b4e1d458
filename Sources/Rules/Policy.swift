/// One version of a company's or a group's published privacy policy, as data.
///
/// Made only by reading a policy file, which checks it whole; so one of these is consistent. It never changes, and is a class
/// so that tens of thousands of decisions a second share it at the price of one count.
public final class Policy: Hashable, Sendable {
    /// The policy's name.
    public let name: Slug
    /// Its version, from 1.
    public let version: Int
    /// From when it judges.
    public let effective: Instant
    /// The companies that answer for their handling under it; several form a group, and the first is the default.
    public let controllers: [Controller]
    /// What a plain unsubscribe binds.
    public let defaultScope: Scope
    /// The purpose of a mail that does not say.
    public let defaultPurpose: Slug
    /// The purposes, in the file's order.
    public let purposes: [Purpose]
    /// The third parties that get the data and are told of erasure (Article 19).
    public let recipients: [Recipient]
    /// How long an unconfirmed request for consent counts and keeps the contact.
    public let doubleOptInKeep: Period
    /// Whether an entry on another address of the same alias form refuses too.
    public let aliases: AliasRule
    /// Name and version as verdicts show them: `stratsys@1`.
    public let label: String
    /// The purposes that decide about opens, clicks and profiles.
    public let trackingPurposes: [Purpose]

    init(
        name: Slug, version: Int, effective: Instant, controllers: [Controller], defaultScope: Scope,
        defaultPurpose: Slug, purposes: [Purpose], recipients: [Recipient], doubleOptInKeep: Period, aliases: AliasRule
    ) {
        (self.name, self.version, self.effective, self.controllers) = (name, version, effective, controllers)
        (self.defaultScope, self.defaultPurpose, self.purposes) = (defaultScope, defaultPurpose, purposes)
        (self.recipients, self.doubleOptInKeep, self.aliases) = (recipients, doubleOptInKeep, aliases)
        label = "\(name)@\(version)"
        trackingPurposes = purposes.filter { $0.kind == .tracking }
    }

    /// What other addresses of the same alias form do.
    public enum AliasRule: String, Sendable, CaseIterable {
        case suppress, ignore
    }

    /// The purpose of that name.
    public func purpose(_ id: Slug) -> Purpose? { purposes.first { $0.id == id } }

    /// The controller of that name.
    public func controller(_ id: Slug) -> Controller? { controllers.first { $0.id == id } }

    /// Equal when the files say the same.
    public static func == (left: Policy, right: Policy) -> Bool {
        if left === right { return true }
        return left.name == right.name && left.version == right.version && left.effective == right.effective
            && left.controllers == right.controllers && left.defaultScope == right.defaultScope
            && left.defaultPurpose == right.defaultPurpose && left.purposes == right.purposes
            && left.recipients == right.recipients && left.doubleOptInKeep == right.doubleOptInKeep
            && left.aliases == right.aliases
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(version)
    }
}

/// A company that answers for its handling: a controller, Article 4(7).
public struct Controller: Hashable, Sendable {
    /// Its name in the API.
    public let id: Slug
    /// Its name in the register of companies.
    public let name: String
    /// Its number in that register.
    public let number: String?
    /// ISO 3166-1 alpha-2.
    public let country: String?
    /// IANA name, for showing times; windows run in UTC.
    public let timeZone: String?
    /// The supervisory authority, Article 77.
    public let authority: String?
    /// BCP 47, the first is the default.
    public let languages: [String]
    /// How it is reached.
    public let contact: ControllerContact
}

/// How a person reaches a controller: what Article 13(1)(a) asks for, as far as the policy says it.
public struct ControllerContact: Hashable, Sendable {
    /// For questions about the handling of data.
    public let email: String?
    /// A postal address on one line.
    public let address: String?
    /// Its site; always https.
    public let url: String?
    /// Its published privacy policy; always https.
    public let privacyPolicy: String?

    /// Nothing is said unless it is given.
    public init(email: String? = nil, address: String? = nil, url: String? = nil, privacyPolicy: String? = nil) {
        (self.email, self.address, self.url, self.privacyPolicy) = (email, address, url, privacyPolicy)
    }
}

/// A third party that gets the data.
public struct Recipient: Hashable, Sendable {
    /// Its name in the API.
    public let id: Slug
    /// Its name for people.
    public let name: String
    /// ISO 3166-1 alpha-2.
    public let country: String?
    /// What a transfer out of the EEA rests on, Article 46.
    public let safeguard: String?
}

/// What a message is for, or why a record is kept. Like its policy it never changes and is shared.
public final class Purpose: Hashable, Sendable {
    /// Its name in the API.
    public let id: Slug
    /// What it does.
    public let kind: Kind
    /// What a person may decline alone.
    public let topics: [Slug]
    /// In the order in which they are tried and named.
    public let grounds: [Ground]

    init(id: Slug, kind: Kind, topics: [Slug], grounds: [Ground]) {
        (self.id, self.kind, self.topics, self.grounds) = (id, kind, topics, grounds)
    }

    /// Equal when all of it is.
    public static func == (left: Purpose, right: Purpose) -> Bool {
        if left === right { return true }
        return left.id == right.id && left.kind == right.kind && left.topics == right.topics
            && left.grounds == right.grounds
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// What a purpose does.
    public enum Kind: String, Sendable, CaseIterable {
        case marketing, service, tracking, record
    }
}

/// The legal basis, of those in Article 6(1).
public enum Basis: String, Sendable, CaseIterable {
    case consent
    case contract
    case legalObligation = "legal-obligation"
    case legitimateInterest = "legitimate-interest"

    /// The article, as a verdict names it.
    public var article: String {
        switch self {
        case .consent: "6(1)(a)"
        case .contract: "6(1)(b)"
        case .legalObligation: "6(1)(c)"
        case .legitimateInterest: "6(1)(f)"
        }
    }
}

/// One way a purpose may rest on a legal basis; all its parts must hold. Shared like its policy.
public final class Ground: Hashable, Sendable {
    /// Its name in a verdict.
    public let id: Slug
    /// What it rests on.
    public let basis: Basis
    /// Holds as long as this does.
    public let condition: While?
    /// Holds for so long from there.
    public let window: Window?
    /// Holds only for whom this is so.
    public let given: [Given]

    init(id: Slug, basis: Basis, condition: While?, window: Window?, given: [Given]) {
        (self.id, self.basis, self.condition, self.window, self.given) = (id, basis, condition, window, given)
    }

    /// Equal when all of it is.
    public static func == (left: Ground, right: Ground) -> Bool {
        if left === right { return true }
        return left.id == right.id && left.basis == right.basis && left.condition == right.condition
            && left.window == right.window && left.given == right.given
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// A relation that has no clock of its own.
    public enum While: Hashable, Sendable {
        case customer
        case openQuestion
        case purpose(Slug)
    }

    /// A period and what it runs from.
    public struct Window: Hashable, Sendable {
        /// How long it is.
        public let period: Period
        /// What it runs from.
        public let from: Start
    }

    /// What a window runs from: the first collection, and the latest of all others.
    public enum Start: String, Sendable, CaseIterable {
        case collected
        case lastContact = "last-contact"
        case customerEnded = "customer-ended"
        case demoBooked = "demo-booked"
        case eventAttended = "event-attended"
        case questionAnswered = "question-answered"
    }

    /// What a ground may ask of the person or the address.
    public enum Given: String, Sendable, CaseIterable {
        case cold, warm
        case demoBooked = "demo-booked"
        case eventAttended = "event-attended"
        case subscriber
        case notSubscriber = "not-subscriber"
        case roleAddress = "role-address"
        case namedAddress = "named-address"
    }
}
