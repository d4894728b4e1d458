import Crypto

/// SHA-256 (FIPS 180-4) of a text's UTF-8.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 octets.
    public let octets: [UInt8]

    public init(of text: String) { self.init(of: Array(text.utf8)) }

    public init(of octets: [UInt8]) { self.octets = Array(SHA256.hash(data: octets)) }

    /// 64 hexadecimal digits.
    public var description: String {
        octets.reduce(into: "") { digits, octet in
            digits += octet < 16 ? "0" : ""
            digits += String(octet, radix: 16)
        }
    }
}
