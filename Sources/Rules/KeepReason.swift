/// One thing that keeps a contact.
public enum KeepReason: Hashable, Sendable, CustomStringConvertible {
    /// A ground of a purpose.
    case ground(Slug, of: Slug)
    /// A request for consent to the purpose that waits for the person.
    case pendingConsent(Slug)
    /// Article 18(2).
    case restriction
    /// A legal reason to keep, by its id.
    case hold(Slug)

    /// As reports name it.
    public var description: String {
        switch self {
        case .ground(let ground, let purpose): "\(purpose)/\(ground)"
        case .pendingConsent(let purpose): "\(purpose)/consent-pending"
        case .restriction: "restricted"
        case .hold(let id): "hold/\(id)"
        }
    }
}

/// Something that keeps a contact, and until when.
public struct KeptBy: Hashable, Sendable {
    /// What it is.
    public let reason: KeepReason
    /// Its end; nil is without a clock.
    public let until: Instant?

    /// The id of the hold that it is; nil for all else.
    public var hold: Slug? { if case .hold(let id) = reason { id } else { nil } }
}

/// Everything that keeps the contact at the instant: what is behind ``keepUntil(_:address:under:at:)``.
public func keepReasons(
    _ facts: Facts, address: Question.AddressClass, under policy: Policy, at now: Instant
) -> [KeptBy] {
    var reasons: [KeptBy] = []
    Picture(facts, under: policy, at: now).eachKeeper(address, under: policy) { reason, until in
        reasons.append(KeptBy(reason: reason, until: until))
    }
    return reasons
}
