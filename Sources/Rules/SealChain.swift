/// A chain of digests over records: each link is SHA-256 over the link before it and all of its record.
///
/// So whoever changes, takes out or puts in a record has to change every later link too, and cannot where the end was signed
/// and kept elsewhere.
public struct SealChain: Hashable, Sendable {
    /// How many records there are in it.
    public private(set) var position: Int64
    /// The last link: 32 octets.
    public private(set) var digest: [UInt8]

    /// Before the first record.
    public static let start = SealChain(position: 0, digest: [UInt8](repeating: 0, count: digestOctets))
    /// The octets of a link.
    public static let digestOctets = 32

    /// Goes on from a stored link.
    public init(position: Int64, digest: [UInt8]) {
        (self.position, self.digest) = (position, digest)
    }

    /// Adds the next record.
    public mutating func add(_ record: SealedRecord) {
        position += 1
        digest = Digest(of: digest + record.octets).octets
    }
}

/// A record in the one form that a link is taken of: its fields in a fixed order, each with its length or as absent, so that no
/// two records have the same octets.
public struct SealedRecord: Sendable {
    private(set) var octets: [UInt8] = [version]

    /// The form's own version, the first octet.
    private static let version: UInt8 = 1
    private static let absent: UInt8 = 0
    private static let present: UInt8 = 1

    /// Has no fields yet.
    public init() {}

    /// Adds text, as UTF-8.
    public mutating func add(_ text: String?) { add(text.map { Array($0.utf8) }) }

    /// Adds a number, most significant octet first.
    public mutating func add(_ number: Int64?) {
        add(
            number.map { number in
                stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
            })
    }

    /// Adds an instant, as microseconds since 1970.
    public mutating func add(_ instant: Instant?) { add(instant?.microseconds) }

    /// Adds a key.
    public mutating func add(_ key: AddressKey?) { add(key?.octets) }

    /// Adds yes or no.
    public mutating func add(_ truth: Bool) { add([truth ? 1 : 0] as [UInt8]) }

    private mutating func add(_ field: [UInt8]?) {
        guard let field else {
            octets.append(Self.absent)
            return
        }
        octets.append(Self.present)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: UInt32(clamping: field.count) >> shift))
        }
        octets += field
    }
}
