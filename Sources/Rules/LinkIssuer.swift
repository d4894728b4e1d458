/// Makes the links that go into mails: the key ring, and where people reach the service.
public struct LinkIssuer: Sendable {
    /// The keys.
    public let ring: LinkKeyRing
    /// Where the links lead.
    public let base: PublicURL
    /// Where an unsubscribe mail may go instead, as a mailto URI; nil offers none.
    public let mailto: String?

    /// What a mailbox for unsubscribe mails may look like, for messages.
    public static let mailboxAllowed = "an address of ASCII letters, digits and . _ - + before the @"

    /// Nil where the mailbox is not of the allowed kind.
    public init?(ring: LinkKeyRing, base: PublicURL, mailbox: Address?) {
        (self.ring, self.base) = (ring, base)
        guard let mailbox else {
            mailto = nil
            return
        }
        guard mailbox.canonical.utf8.allSatisfy(Self.isPlain) else { return nil }
        mailto = "mailto:\(mailbox.canonical)?subject=unsubscribe"
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet.isASCIIDigit || (0x61...0x7A).contains(octet | 0x20) || "@._-+".utf8.contains(octet)
    }

    /// The URL of a link; the nonce has ``LinkToken/nonceOctets`` random octets, else it is nil.
    public func url(of link: Link, nonce: [UInt8]) -> String? {
        ring.token(for: link, nonce: nonce).map { url(type: link.type, token: $0) }
    }

    /// The URL at which a token of that type opens.
    public func url(type: LinkType, token: String) -> String { "\(base.text)/\(type.path)/\(token)" }

    /// The header fields of a mail with that unsubscribe URL: one HTTPS URI, then the mailto if there is one (RFC 2369 3.2,
    /// RFC 8058 3.1).
    public func headers(unsubscribe url: String) -> UnsubscribeHeaders {
        UnsubscribeHeaders(listUnsubscribe: mailto.map { "<\(url)>, <\($0)>" } ?? "<\(url)>")
    }
}

/// The two header fields of RFC 8058 as a mail must carry them, both covered by its DKIM signature.
public struct UnsubscribeHeaders: Hashable, Sendable {
    /// The value of `List-Unsubscribe`.
    public let listUnsubscribe: String
    /// The value of `List-Unsubscribe-Post`.
    public let listUnsubscribePost = "List-Unsubscribe=One-Click"
}
