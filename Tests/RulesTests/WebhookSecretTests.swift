import Crypto
import Rules
import Testing

@Suite struct WebhookSecretTests {
    /// The vector of the specification.
    @Test func theSharedSecretSignsAsStandardWebhooksHasIt() throws {
        let secret = try WebhookSecret(parsing: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signatures = secret.signatures(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signatures == ["v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="])
        #expect(secret.shown == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    @Test func theSigningKeySignsAndOnlyItsPublicHalfIsShown() throws {
        let seed = (0..<32).map { UInt8($0) }
        let text = WebhookSecret.text(shared: Array(repeating: 7, count: 32), signing: seed)
        let secret = try WebhookSecret(parsing: text)
        let words = secret.shown.split(separator: " ")
        #expect(words.count == 2 && words[1].hasPrefix("whpk_"))
        let signatures = secret.signatures(id: "a", seconds: 5, body: Array("{}".utf8))
        #expect(signatures.map { String($0.prefix { $0 != "," }) } == ["v1", "v1a"])
        let key = try Curve25519.Signing.PublicKey(
            rawRepresentation: try #require(Base64.decoded(words[1].dropFirst("whpk_".count))))
        let signature = try #require(Base64.decoded(signatures[1].dropFirst("v1a,".count)))
        #expect(key.isValidSignature(signature, for: Array("a.5.{}".utf8)))
        #expect(!key.isValidSignature(signature, for: Array("a.6.{}".utf8)))
        #expect(!"\(secret)".contains("whsec"))
    }

    @Test(arguments: [
        "", "whsec_", "whsec_AAAA", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_AAAA",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whpk_x",
    ])
    func whatIsNoSecretIsRefused(_ text: String) {
        #expect(throws: WebhookSecretError.self) { try WebhookSecret(parsing: text) }
    }

    @Test func base64IsThatOfRFC4648() {
        for (plain, coded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encoded(Array(plain.utf8)) == coded)
            #expect(Base64.decoded(coded) == Array(plain.utf8))
        }
        for text in ["Z", "Zg", "Zg=", "Zh==", "Zg===", "Z===", "====", "Zm9-", "Zm 9v"] {
            #expect(Base64.decoded(text) == nil, "\(text)")
        }
    }
}
