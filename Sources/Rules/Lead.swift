/// A person as a list or a tool hands them over.
public struct Lead: Hashable, Sendable {
    public var address: Address
    public var name: String?
    public var position: String?
    public var phone: String?
    /// Where the data comes from (Art. 14(2)(f)).
    public var source: String?
    public var organisation: OrganisationName?
    /// When it was collected; nil is now.
    public var collectedAt: Instant?
    /// When the person was last met, where that is known.
    public var contactedAt: Instant?

    /// The source of what the person gave us: then Article 13 applies, and no notice is due.
    public static let sourcePerson = "person"

    /// The longest of the free texts, in bytes.
    public static let textBytesMax = 500

    public init(address: Address) { self.address = address }
}
