import Crypto

/// Why a text is no secret of a webhook: one sentence, without the text.
public struct WebhookSecretError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// What a recipient checks our notices by, as Standard Webhooks has it: a shared secret (`whsec_…`, HMAC-SHA-256), a key of
/// ours whose public half they have (`whsk_…`, Ed25519), or both.
public struct WebhookSecret: Sendable {
    private let shared: [UInt8]?
    private let signing: Curve25519.Signing.PrivateKey?

    /// The octets of a shared secret.
    public static let sharedOctets = 24...64
    /// The octets drawn for a new one.
    public static let sharedOctetsNew = 32
    /// The octets drawn for a new key.
    public static let signingOctets = 32

    /// Reads words apart by white space: at most one `whsec_` and one `whsk_`, at least one of them.
    public init(parsing text: String) throws(WebhookSecretError) {
        var shared: [UInt8]?
        var signing: Curve25519.Signing.PrivateKey?
        for word in text.split(whereSeparator: \.isWhitespace) {
            if word.hasPrefix(Self.sharedPrefix), shared == nil {
                guard let octets = Base64.decoded(word.dropFirst(Self.sharedPrefix.count)),
                    Self.sharedOctets.contains(octets.count)
                else {
                    throw WebhookSecretError(
                        description: "a shared secret is whsec_ and the base64 of 24 to 64 octets")
                }
                shared = octets
            } else if word.hasPrefix(Self.signingPrefix), signing == nil {
                // Some tools write the seed alone, some the seed and the public key behind it.
                let octets = Base64.decoded(word.dropFirst(Self.signingPrefix.count)) ?? []
                do {
                    guard octets.count == 32 || octets.count == 64 else { throw Self.noKey }
                    signing = try Curve25519.Signing.PrivateKey(rawRepresentation: octets.prefix(32))
                } catch {
                    throw Self.noKey
                }
            } else {
                throw WebhookSecretError(
                    description:
                        "a word is neither a first whsec_… (a shared secret) nor a first whsk_… (an Ed25519 key)")
            }
        }
        guard shared != nil || signing != nil else {
            throw WebhookSecretError(description: "there is no whsec_… and no whsk_… in it")
        }
        (self.shared, self.signing) = (shared, signing)
    }

    /// The text of a new secret of both kinds, from octets drawn at random.
    public static func text(shared: [UInt8], signing: [UInt8]) -> String {
        sharedPrefix + Base64.encoded(shared) + " " + signingPrefix + Base64.encoded(signing)
    }

    /// What the recipient needs of it: the shared secret as it is, of the key only the public half (`whpk_…`).
    public var shown: String {
        var words: [String] = []
        if let shared { words.append(Self.sharedPrefix + Base64.encoded(shared)) }
        if let signing { words.append("whpk_" + Base64.encoded(Array(signing.publicKey.rawRepresentation))) }
        return words.joined(separator: " ")
    }

    /// The signatures of one message, for the header `webhook-signature`; `seconds` since 1970.
    public func signatures(id: String, seconds: Int64, body: [UInt8]) -> [String] {
        let message = Array("\(id).\(seconds).".utf8) + body
        var signatures: [String] = []
        if let shared {
            let code = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: shared))
            signatures.append("v1," + Base64.encoded(Array(code)))
        }
        if let signing {
            do {
                signatures.append("v1a," + Base64.encoded(Array(try signing.signature(for: message))))
            } catch {
                // Without it the other signature still stands; without any the recipient refuses, and it is tried again.
            }
        }
        return signatures
    }

    private static let sharedPrefix = "whsec_"
    private static let signingPrefix = "whsk_"
    private static let noKey = WebhookSecretError(
        description: "a signing key is whsk_ and the base64 of 32 octets of Ed25519 (or 64, with the public key behind)"
    )
}

extension WebhookSecret: CustomStringConvertible, CustomReflectable {
    /// Never the secret.
    public var description: String { "WebhookSecret(redacted)" }
    /// Has no children, so that a dump shows nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
