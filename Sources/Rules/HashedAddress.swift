import Crypto

/// An address of which only an unkeyed digest is known, as suppression lists are handed around: it names nobody, and yet
/// every address can be held against it.
///
/// Lists are made of the lower-cased address; ours is the canonical form, which for all but a few is the same. A list that
/// was made of upper-case letters in the local part, or of a domain in its own script, can meet no address.
public struct HashedAddress: Hashable, Sendable {
    /// How the digest was made.
    public enum Kind: String, Sendable, CaseIterable {
        case md5
        case sha1 = "sha-1"
        case sha256 = "sha-256"
        case sha512 = "sha-512"

        /// The octets of a digest.
        public var octetCount: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        }
    }

    public let kind: Kind
    /// The digest.
    public let octets: [UInt8]

    /// Takes a digest; nil where it has not the kind's length.
    public init?(_ kind: Kind, octets: [UInt8]) {
        guard octets.count == kind.octetCount else { return nil }
        (self.kind, self.octets) = (kind, octets)
    }

    /// The digest of an address.
    public init(of address: Address, _ kind: Kind) { self.init(of: address.canonical, kind) }

    /// The digest of an address's alias form.
    public init(ofAliasOf address: Address, _ kind: Kind) { self.init(of: address.alias, kind) }

    private init(of text: String, _ kind: Kind) {
        let text = Array(text.utf8)
        self.kind = kind
        octets =
            switch kind {
            case .md5: Array(Insecure.MD5.hash(data: text))
            case .sha1: Array(Insecure.SHA1.hash(data: text))
            case .sha256: Array(SHA256.hash(data: text))
            case .sha512: Array(SHA512.hash(data: text))
            }
    }

    /// Reads a digest in hexadecimal, in either case, or in base64 (RFC 4648, either alphabet, padded or not); its length
    /// tells the kind. Nil for any other text.
    public init?(parsing text: some StringProtocol) {
        guard text.utf8.count <= Self.textOctetsMax else { return nil }
        let text = Array(text.utf8)
        let octets = Self.hexadecimal(text) ?? Self.base64(text)
        guard let octets, let kind = Kind.allCases.first(where: { $0.octetCount == octets.count }) else { return nil }
        (self.kind, self.octets) = (kind, octets)
    }

    /// The digest in hexadecimal, in lower case.
    public var hexadecimal: String {
        var text: [UInt8] = []
        for octet in octets { text += [Self.digits[Int(octet >> 4)], Self.digits[Int(octet & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The digest in padded base64.
    public var base64: String {
        var text: [UInt8] = []
        var rest = octets[...]
        while let first = rest.popFirst() {
            let second = rest.popFirst()
            let third = rest.popFirst()
            let group = UInt32(first) << 16 | UInt32(second ?? 0) << 8 | UInt32(third ?? 0)
            for (place, shift) in [18, 12, 6, 0].enumerated() {
                let isPadding = place == 2 && second == nil || place == 3 && third == nil
                text.append(isPadding ? UInt8(ascii: "=") : Self.alphabet[Int(group >> UInt32(shift) & 63)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A SHA-512 in hexadecimal.
    private static let textOctetsMax = 128
    private static let digits = Array("0123456789abcdef".utf8)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
        guard Kind.allCases.contains(where: { 2 * $0.octetCount == text.count }) else { return nil }
        var octets: [UInt8] = []
        var high: UInt8?
        for letter in text {
            let lower = (0x41...0x46).contains(letter) ? letter | 0x20 : letter
            guard let digit = digits.firstIndex(of: lower) else { return nil }
            if let first = high {
                octets.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return octets
    }

    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        var letters = text[...]
        while letters.last == UInt8(ascii: "="), text.count - letters.count < 2 { letters.removeLast() }
        if letters.count < text.count, text.count % 4 != 0 { return nil }
        var octets: [UInt8] = []
        var (bits, held): (Int, UInt32) = (0, 0)
        for letter in letters {
            let standard: UInt8 =
                switch letter {
                case UInt8(ascii: "-"): UInt8(ascii: "+")
                case UInt8(ascii: "_"): UInt8(ascii: "/")
                default: letter
                }
            guard let value = alphabet.firstIndex(of: standard) else { return nil }
            held = held << 6 | UInt32(value)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            octets.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            held &= 1 << UInt32(bits) - 1
        }
        // What is left over must be nothing, or two texts would be one digest.
        return held == 0 && bits < 6 ? octets : nil
    }
}

extension Pepper {
    /// The key under which a hashed entry stands: over the kind and the digest, which no address and no domain is.
    public func key(for hashed: HashedAddress) -> AddressKey {
        key(over: hashed.kind.rawValue + ":" + hashed.hexadecimal)
    }
}
