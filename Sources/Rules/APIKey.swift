import Crypto

/// The secret by which a mail tool proves that it asks for a controller: `msk_PREFIX_SECRETCHECK`.
///
/// The prefix names the key and is no secret; the last seven characters are a checksum, so that a cut or mistyped key is
/// told apart from an unknown one without asking the database.
public struct APIKey: Sendable {
    /// The part that may be shown and logged.
    public let prefix: String
    private let text: String

    /// Characters of the prefix.
    public static let prefixCharacters = 8
    /// Characters of the secret: 200 bits.
    public static let secretCharacters = 40
    private static let checkCharacters = 7
    /// `msk_`, the prefix, `_`, the secret and the checksum.
    private static let characters = 5 + prefixCharacters + secretCharacters + checkCharacters
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

    /// Makes a key from random octets; one octet gives one character.
    public init(random: [UInt8]) {
        let characters = random.map { Self.alphabet[Int($0 & 31)] }
        prefix = String(decoding: characters.prefix(Self.prefixCharacters), as: UTF8.self)
        let secret = characters.dropFirst(Self.prefixCharacters).prefix(Self.secretCharacters)
        let body = "msk_" + prefix + "_" + String(decoding: secret, as: UTF8.self)
        text = body + Self.check(body)
    }

    /// How many random octets a key takes.
    public static let randomOctets = prefixCharacters + secretCharacters

    /// Nil for anything that no `init(random:)` has made: wrong form or wrong checksum.
    public init?(parsing text: some StringProtocol) {
        guard text.utf8.count == Self.characters else { return nil }
        let text = String(text)
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "msk", parts[1].utf8.count == Self.prefixCharacters,
            parts[2].utf8.count == Self.secretCharacters + Self.checkCharacters,
            parts.dropFirst().allSatisfy({ $0.utf8.allSatisfy(Self.alphabet.contains) }),
            text.hasSuffix(Self.check(String(text.dropLast(Self.checkCharacters))))
        else { return nil }
        prefix = String(parts[1])
        self.text = text
    }

    /// The key itself: shown once, when it is made.
    public var secret: String { text }

    /// What is stored of the key: SHA-256 of all of it.
    ///
    /// Its 200 random bits need no slow hash.
    public var digest: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Whether the stored digest is this key's, in constant time.
    public func hasDigest(_ stored: [UInt8]) -> Bool {
        let digest = digest
        guard stored.count == digest.count else { return false }
        return zip(stored, digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// CRC-32 (ISO-HDLC) in the key's alphabet.
    private static func check(_ body: String) -> String {
        var crc: UInt32 = .max
        for byte in body.utf8 {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
        crc = ~crc
        let characters = (0..<checkCharacters).map { alphabet[Int(crc >> UInt32($0 * 5) & 31)] }
        return String(decoding: characters, as: UTF8.self)
    }
}

extension APIKey: CustomStringConvertible, CustomReflectable {
    /// The prefix alone.
    public var description: String { "msk_\(prefix)_…" }
    /// Nothing, so that no dump shows the secret.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
