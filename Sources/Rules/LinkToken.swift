/// A link as it stands in a URL: opaque, bound to a person and a scope, and unforgeable (RFC 8058 3.1).
///
/// The token is base64url, without padding, of: version (1 octet), number of the key (2), nonce (12), and the link
/// sealed with AES-GCM-SIV (RFC 8452). What is authenticated with it is version, key number and type, so a token opens
/// as the type that it was minted for and as no other.
public enum LinkToken {
    /// The octets of a nonce. Drawn at random; should one ever come twice, the cipher gives away only that two links are
    /// the same.
    public static let nonceOctets = 12
    /// The longest token, in characters; one with short names has 212.
    public static let charactersMax = (headOctets + nonceOctets + LinkCode.octetsMax + tagOctets) * 4 / 3 + 1
    static let tagOctets = 16
    private static let version: UInt8 = 1
    private static let headOctets = 3

    /// The token of a link, sealed with the newest key; nil for a nonce of another length, and nothing else.
    static func mint(_ link: Link, nonce: [UInt8], with key: LinkKey) -> String? {
        guard nonce.count == nonceOctets else { return nil }
        let message = LinkCode.encode(link)
        var octets = head(of: key.number)
        let authenticated = octets + [link.type.rawValue]
        octets.reserveCapacity(headOctets + nonceOctets + message.count + tagOctets)
        octets += nonce
        guard key.seal(message, nonce: nonce, authenticating: authenticated, onto: &octets) else { return nil }
        return String(decoding: Base64.url(octets), as: UTF8.self)
    }

    /// The link in a token of that type.
    ///
    /// Whatever is wrong with a text, it is the same error after the same work: one look-up of a key and one opening of a
    /// box, which for a text that has no box in it is one of the usual length.
    static func open(_ text: String, as type: LinkType, with ring: LinkKeyRing) throws(LinkRefusal) -> Link {
        let octets = octets(of: text) ?? nothing
        let number = Int(octets[1]) << 8 | Int(octets[2])
        let key = ring.key(number)
        // One that is not there is stood in for by another, in vain.
        let message = (key ?? ring.newest).open(
            octets[headOctets...], authenticating: octets[..<headOctets] + [type.rawValue])
        guard let message, key != nil, let link = LinkCode.decode(message, as: type) else { throw LinkRefusal() }
        return link
    }

    /// The octets of a text that has the form of a token.
    private static func octets(of text: String) -> [UInt8]? {
        guard text.utf8.count <= charactersMax, let octets = Base64.decoded(Array(text.utf8)[...], .url),
            octets.count >= headOctets + nonceOctets + tagOctets, octets[0] == version
        else { return nil }
        return octets
    }

    /// What is opened, in vain, in place of a text that is no token.
    private static let nothing = [UInt8](
        repeating: 0, count: headOctets + nonceOctets + LinkCode.octetsUsual + tagOctets)

    private static func head(of number: Int) -> [UInt8] {
        [version, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }
}

/// That a text opens nothing: it is no token, or one that was changed, cut, made by somebody else, or for another use.
///
/// Which of these is not said, to nobody.
public struct LinkRefusal: Error, Hashable, Sendable {}

extension LinkKeyRing {
    /// The token of a link, under the newest key; nil for a nonce that has not ``LinkToken/nonceOctets``.
    public func token(for link: Link, nonce: [UInt8]) -> String? {
        LinkToken.mint(link, nonce: nonce, with: newest)
    }

    /// The link in a token of that type, whichever key of the ring sealed it. Its time may have passed:
    /// ``Link/isExpired(at:)`` tells.
    public func link(in token: String, as type: LinkType) throws(LinkRefusal) -> Link {
        try LinkToken.open(token, as: type, with: self)
    }
}
