import Crypto

/// The end of the chain as it was signed: kept outside, it shows what was changed or cut off since.
public struct SealHead: Hashable, Sendable {
    /// From 1, without gaps: the heads, too, are counted.
    public let number: Int64
    public let chain: SealChain
    public let signedAt: Instant
    /// The public half of the key, 32 octets.
    public let key: [UInt8]
    /// Ed25519 (RFC 8032), 64 octets.
    public let signature: [UInt8]

    /// As it was stored or kept.
    public init(number: Int64, chain: SealChain, signedAt: Instant, key: [UInt8], signature: [UInt8]) {
        (self.number, self.chain, self.signedAt, self.key, self.signature) = (number, chain, signedAt, key, signature)
    }

    /// What is signed: a line for each part, so that a person can write it down.
    static func text(number: Int64, chain: SealChain, signedAt: Instant) -> String {
        """
        maysend seal 1
        number \(number)
        position \(chain.position)
        digest \(hexadecimal(chain.digest))
        signed-at \(signedAt)

        """
    }

    /// Whether the signature is of just this, by the key that it names.
    public var isGenuine: Bool {
        guard key.count == SealKey.publicOctets, signature.count == 64 else { return false }
        do {
            let key = try Curve25519.Signing.PublicKey(rawRepresentation: key)
            let text = Self.text(number: number, chain: chain, signedAt: signedAt)
            return key.isValidSignature(signature, for: Array(text.utf8))
        } catch {
            return false
        }
    }
}

extension SealHead: CustomStringConvertible {
    /// The lines that are signed, then the key and the signature: a file to keep outside.
    public var description: String {
        Self.text(number: number, chain: chain, signedAt: signedAt)
            + "key \(hexadecimal(key))\nsignature \(hexadecimal(signature))\n"
    }

    /// Reads one head or several, one behind another; nil for anything else.
    public static func all(parsing text: String) -> [SealHead]? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard !lines.isEmpty, lines.count.isMultiple(of: lineCount) else { return nil }
        var heads: [SealHead] = []
        for start in stride(from: 0, to: lines.count, by: lineCount) {
            let text = lines[start..<(start + lineCount)].joined(separator: "\n")
            guard let head = SealHead(parsing: text) else { return nil }
            heads.append(head)
        }
        return heads
    }

    private static let lineCount = 7

    /// Reads what ``description`` writes, with or without the last line end; nil for anything else.
    public init?(parsing text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
        let names = ["maysend", "number", "position", "digest", "signed-at", "key", "signature"]
        guard lines.count == names.count, lines.map({ $0.first.map(String.init) }) == names,
            lines[0] == ["maysend", "seal", "1"], lines.dropFirst().allSatisfy({ $0.count == 2 }),
            let number = Int64(lines[1][1]), let position = Int64(lines[2][1]),
            let digest = octets(hexadecimal: lines[3][1]), digest.count == SealChain.digestOctets,
            let signedAt = Instant(parsing: lines[4][1]), let key = octets(hexadecimal: lines[5][1]),
            let signature = octets(hexadecimal: lines[6][1])
        else { return nil }
        self.init(
            number: number, chain: SealChain(position: position, digest: digest), signedAt: signedAt, key: key,
            signature: signature)
    }
}

/// The secret that signs heads: an Ed25519 key.
public struct SealKey: Sendable {
    private let secret: Curve25519.Signing.PrivateKey

    /// The octets of the secret.
    public static let secretOctets = 32
    /// The octets of its public half.
    public static let publicOctets = 32
    /// What its file looks like, for messages.
    public static let allowed = "one line ed25519:<64 hexadecimal digits>, as 'maysend audit key create FILE' makes it"

    /// Nil for any other number of octets.
    public init?(secret: [UInt8]) {
        guard secret.count == Self.secretOctets else { return nil }
        do {
            self.secret = try Curve25519.Signing.PrivateKey(rawRepresentation: secret)
        } catch {
            return nil
        }
    }

    /// Reads the file: one line `ed25519:` and the secret; lines that begin with `#` and empty ones count for nothing.
    public init?(parsing text: String) {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        guard lines.count == 1, let line = lines.first, line.hasPrefix("ed25519:"),
            let secret = octets(hexadecimal: line.dropFirst("ed25519:".count))
        else { return nil }
        self.init(secret: secret)
    }

    /// What the file holds.
    public static func fileText(secret: [UInt8]) -> String {
        """
        # Signs the head of the sealed ledger. Keep it apart from the database: who has both can forge a history.
        ed25519:\(hexadecimal(secret))

        """
    }

    /// The public half, 32 octets.
    public var publicKey: [UInt8] { Array(secret.publicKey.rawRepresentation) }

    /// Signs the end of the chain; nil where the library refuses.
    public func head(number: Int64, of chain: SealChain, at now: Instant) -> SealHead? {
        let text = SealHead.text(number: number, chain: chain, signedAt: now)
        do {
            let signature = try secret.signature(for: Array(text.utf8))
            return SealHead(
                number: number, chain: chain, signedAt: now, key: publicKey, signature: Array(signature))
        } catch {
            return nil
        }
    }
}
