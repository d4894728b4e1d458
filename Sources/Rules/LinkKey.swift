import Crypto
import CryptoExtras

/// One key that seals links.
///
/// It can be used and cannot be read back; printing, dumping or reflecting a `LinkKey` shows its number alone.
public struct LinkKey: Sendable {
    /// The octets of a secret, exactly: AES with 256 bits.
    public static let secretOctets = 32
    /// The highest number there can be.
    public static let numberMax = 9_999
    /// The different octets in a secret, at least; 32 random ones have fewer about once in 10^16 draws.
    public static let differentOctetsMin = 16

    /// The number, from 1; a newer key has a higher one.
    public let number: Int
    private let secret: SymmetricKey

    /// Takes a secret that was drawn at random; one of another length or plainly not random is an error.
    public init(number: Int, secret: [UInt8]) throws(LinkKeyFault) {
        guard (1...Self.numberMax).contains(number) else { throw .number }
        guard secret.count == Self.secretOctets else { throw .secretLength }
        guard Set(secret).count >= Self.differentOctetsMin else { throw .secretNotRandom }
        self.number = number
        self.secret = SymmetricKey(data: secret)
    }

    /// Appends the sealed message and its tag; false never, but for a failure inside the cipher.
    func seal(
        _ message: [UInt8], nonce: [UInt8], authenticating data: [UInt8], onto octets: inout [UInt8]
    ) -> Bool {
        do {
            let box = try AES.GCM._SIV.seal(
                message, using: secret, nonce: AES.GCM._SIV.Nonce(data: nonce), authenticating: data)
            octets += box.ciphertext
            octets += box.tag
            return true
        } catch {
            return false
        }
    }

    /// The message in a nonce, a sealed message and its tag; nil where they are not what this key sealed with that data.
    func open(_ box: ArraySlice<UInt8>, authenticating data: [UInt8]) -> [UInt8]? {
        do {
            return Array(
                try AES.GCM._SIV.open(
                    AES.GCM._SIV.SealedBox(combined: Array(box)), using: secret, authenticating: data))
        } catch {
            return nil
        }
    }

    /// Whether both have the same secret, whatever their numbers.
    func hasSecret(of other: LinkKey) -> Bool { secret == other.secret }
}

extension LinkKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows the number, never the secret.
    public var description: String { "LinkKey(k\(number), redacted)" }
    /// Shows the number, never the secret.
    public var debugDescription: String { description }
    /// Has no children, so that a dump shows nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Every key that ever sealed a link: the newest seals, all open, forever.
public struct LinkKeyRing: Sendable {
    /// The keys of a ring, at most; a new one every month for 80 years.
    public static let keysMax = 1_000

    /// The newest key, which seals.
    public let newest: LinkKey
    private var byNumber: [Int: LinkKey]

    /// A ring of one key.
    public init(_ newest: LinkKey) {
        self.newest = newest
        byNumber = [newest.number: newest]
    }

    /// Adds a key older than all others.
    mutating func add(_ key: LinkKey) throws(LinkKeyFault) {
        guard byNumber.count < Self.keysMax else { throw .tooMany }
        guard byNumber.keys.allSatisfy({ key.number < $0 }) else { throw .order }
        guard !byNumber.values.contains(where: { key.hasSecret(of: $0) }) else { throw .secretRepeated }
        byNumber[key.number] = key
    }

    /// The key of that number; nil where the ring has none.
    func key(_ number: Int) -> LinkKey? { byNumber[number] }

    /// How many keys open links.
    public var count: Int { byNumber.count }
}
