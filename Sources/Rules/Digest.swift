import Crypto

/// SHA-256, as FIPS 180-4 defines it, of octets or of a text's UTF-8.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 octets.
    public let octets: [UInt8]

    /// Of the text's octets.
    public init(of text: String) { self.init(of: Array(text.utf8)) }

    /// Of these octets.
    public init(of octets: [UInt8]) { self.octets = Array(SHA256.hash(data: octets)) }

    /// 64 hexadecimal digits.
    public var description: String { hexadecimal(octets) }
}

/// A digest of octets that come one piece after another.
public struct RunningDigest: Sendable {
    private var hash = SHA256()

    /// Of nothing yet.
    public init() {}

    /// Takes the next piece in.
    public mutating func update(_ octets: [UInt8]) { hash.update(data: octets) }

    /// Of all pieces so far.
    public var digest: Digest { Digest(octets: Array(hash.finalize())) }
}

extension Digest {
    fileprivate init(octets: [UInt8]) { self.octets = octets }
}
