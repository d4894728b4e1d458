/// What a link lets its holder do: one capability, and no other.
public enum LinkType: UInt8, Sendable, CaseIterable {
    /// Stop messages, forever.
    case unsubscribe = 1
    /// See and change what may be sent.
    case preferences = 2
    /// Confirm a request for consent.
    case confirmation = 3
    /// Ask for, correct, restrict or erase one's own data; sent only to the address itself.
    case request = 4

    /// The word of commands and logs.
    public var word: String {
        switch self {
        case .unsubscribe: "unsubscribe"
        case .preferences: "preferences"
        case .confirmation: "confirmation"
        case .request: "request"
        }
    }

    /// How long after its minting a link opens; nil is forever, since an old mail must still be answerable with a no.
    public var microsecondsMax: Int64? {
        let day: Int64 = 86_400_000_000
        return switch self {
        case .unsubscribe: nil
        case .preferences: 90 * day
        case .confirmation: nil
        case .request: day
        }
    }

    /// The first part of the path at which such a link opens.
    public var path: String {
        switch self {
        case .unsubscribe: "u"
        case .preferences: "p"
        case .confirmation: "c"
        case .request: "r"
        }
    }
}

/// An address as a link names it: by the keys that it has under one pepper, so that the link outlives every row.
public struct KeyedPerson: Hashable, Sendable {
    /// The version of the pepper that made the keys.
    public let pepper: Int
    /// The key of the address.
    public let own: AddressKey
    /// The key of its alias form; the same as `own` for most.
    public let alias: AddressKey

    /// Keys that belong together.
    public init(pepper: Int, own: AddressKey, alias: AddressKey) {
        (self.pepper, self.own, self.alias) = (pepper, own, alias)
    }
}

extension Pepper {
    /// The address as a link names it.
    public func person(_ address: Address) -> KeyedPerson {
        let own = key(for: address)
        return KeyedPerson(
            pepper: version, own: own, alias: address.alias == address.canonical ? own : aliasKey(for: address))
    }
}

/// What a link says of itself: to whom it belongs, what its mail was, and what it may do.
public struct Link: Hashable, Sendable {
    /// What it may do.
    public let type: LinkType
    /// The controller whose mail it stood in, by its number as a holder.
    public let controller: Int64
    /// Who got the mail.
    public let person: KeyedPerson
    /// What the mail was for.
    public let purpose: Slug?
    /// The topic of the mail.
    public let topic: Slug?
    /// The mailing.
    public let campaign: Campaign?
    /// What a confirmation or a request is about, by its number; nothing else rests on a row.
    public let reference: Int64?
    /// When it was made: what the person did later may contradict it.
    public let mintedAt: Instant

    /// Takes the parts as they are; a reference is a positive number.
    public init(
        _ type: LinkType, controller: Int64, person: KeyedPerson, purpose: Slug? = nil, topic: Slug? = nil,
        campaign: Campaign? = nil, reference: Int64? = nil, mintedAt: Instant
    ) {
        (self.type, self.controller, self.person) = (type, controller, person)
        (self.purpose, self.topic, self.campaign) = (purpose, topic, campaign)
        (self.reference, self.mintedAt) = (reference, mintedAt)
    }

    /// The day of its making, in UTC, as 2026-05-04.
    public var day: String { mintedAt.date }

    /// The same for another capability, with all else as it is.
    public func with(_ type: LinkType, mintedAt: Instant) -> Link {
        Link(
            type, controller: controller, person: person, purpose: purpose, topic: topic, campaign: campaign,
            reference: reference, mintedAt: mintedAt)
    }

    /// Whether its time has passed; an unsubscribe link's never does.
    public func isExpired(at now: Instant) -> Bool {
        guard let limit = type.microsecondsMax else { return false }
        return now >= mintedAt.advanced(byMicroseconds: limit)
    }
}
