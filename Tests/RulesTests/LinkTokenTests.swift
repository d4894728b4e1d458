import Harness
import Rules
import Testing

/// Keys of fixed octets: tests alone have such.
private func key(_ number: Int, _ first: UInt8) throws -> LinkKey {
    try LinkKey(number: number, secret: (0..<32).map { first &+ $0 })
}

private let firstLine = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
private let secondLine = "k2:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

@Suite("Link tokens")
struct LinkTokenTests {
    private let ring: LinkKeyRing
    private let nonce = [UInt8](repeating: 7, count: LinkToken.nonceOctets)
    private let person = KeyedPerson(
        pepper: 1, own: AddressKey(high: 1, low: 2), alias: AddressKey(high: 3, low: 4))
    private let minted = Instant(microseconds: 1_777_000_000_123_456)

    init() throws { ring = LinkKeyRing(try key(1, 0)) }

    private func link(_ type: LinkType = .unsubscribe, purpose: String? = "newsletter", campaign: String? = nil) -> Link
    {
        Link(
            type, controller: 2, person: person, purpose: purpose.flatMap { Slug($0) }, topic: Slug("events"),
            campaign: campaign.flatMap { Campaign($0) }, mintedAt: minted)
    }

    private func token(_ link: Link, _ ring: LinkKeyRing? = nil) throws -> String {
        try #require((ring ?? self.ring).token(for: link, nonce: nonce))
    }

    @Test("what was sealed opens, whatever names there are", arguments: LinkType.allCases)
    func roundTrip(_ type: LinkType) throws {
        var chance = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let campaign = String(repeating: "æ", count: Int(chance.next() % 65))
            let purpose = String(repeating: "p", count: Int(chance.next() % 65))
            let link = Link(
                type, controller: Int64(bitPattern: chance.next() >> 1),
                person: KeyedPerson(
                    pepper: Int(chance.next() % 9_999) + 1, own: AddressKey(high: chance.next(), low: chance.next()),
                    alias: AddressKey(high: chance.next(), low: chance.next())),
                purpose: Slug(purpose), topic: Slug("t"), campaign: Campaign(campaign),
                reference: Int64(bitPattern: chance.next() >> 2) + 1,
                mintedAt: Instant(microseconds: Int64(chance.next() % 4_000_000_000_000_000)))
            let token = try token(link)
            #expect(token.utf8.count <= LinkToken.charactersMax)
            #expect(token.utf8.allSatisfy { Character(UnicodeScalar($0)).isLetter || "0123456789-_".utf8.contains($0) })
            #expect(try ring.link(in: token, as: type) == link)
        }
    }

    @Test("the octets are frozen: a mail that was sent must open forever")
    func vector() throws {
        let token = try token(link(campaign: "spring"))
        #expect(token == Self.frozen)
        #expect(try ring.link(in: Self.frozen, as: .unsubscribe) == link(campaign: "spring"))
    }

    private static let frozen = #"""
        AQABBwcHBwcHBwcHBwcHWUkJxjjmls5YIxtcc18ZQiumFFepw3yY4ASHqDELEshFeewKd-n6tG80OW37er_dF7Ywie27NcQCvdEhs9xIiKXOPV9K\#
        2V35H8CNCVj8YrYtKIcKT4m_XM5yGAu0QsklZPxShPmHzL5N5c5N6V5vrywSst3-3wY3w_h7a6LKBuCMiYHNjyeSkl4map6DYaDH
        """#

    @Test("short names do not show in the length")
    func length() throws {
        let lengths = try ["newsletter", "x", "event-evaluation", nil].flatMap { purpose in
            try [nil, "c", "spring 2026"].map { try token(link(purpose: purpose, campaign: $0)).utf8.count }
        }
        #expect(Set(lengths) == [212])
    }

    @Test("another type of link does not open")
    func otherType() throws {
        for minted in LinkType.allCases {
            let token = try token(link(minted))
            for wanted in LinkType.allCases where wanted != minted {
                #expect(throws: LinkRefusal.self) { try ring.link(in: token, as: wanted) }
            }
        }
    }

    @Test("a token with any bit changed does not open, nor a part of one")
    func tampered() throws {
        let octets = Array(try token(link()).utf8)
        for place in octets.indices {
            for other in [UInt8(ascii: "A"), UInt8(ascii: "_"), UInt8(ascii: "="), 0, 0xFF] where other != octets[place]
            {
                var changed = octets
                changed[place] = other
                #expect(throws: LinkRefusal.self) {
                    try ring.link(in: String(decoding: changed, as: UTF8.self), as: .unsubscribe)
                }
            }
            let part = String(decoding: octets[..<place], as: UTF8.self)
            #expect(throws: LinkRefusal.self) { try ring.link(in: part, as: .unsubscribe) }
        }
    }

    @Test(
        "a text that is no token does not open",
        arguments: [
            "", "A", "=", "AAAA", "é", String(repeating: "A", count: 212), String(repeating: "A", count: 468),
            String(repeating: "A", count: 100_000), "../../etc/passwd", "\0",
        ])
    func noToken(_ text: String) {
        for type in LinkType.allCases { #expect(throws: LinkRefusal.self) { try ring.link(in: text, as: type) } }
    }

    @Test("a token of another installation does not open, nor one under a number that is not there")
    func otherKeys() throws {
        let others = try [key(1, 100), key(2, 100), key(2, 0)]
        for other in others {
            let token = try token(link(), LinkKeyRing(other))
            #expect(throws: LinkRefusal.self) { try ring.link(in: token, as: .unsubscribe) }
        }
    }

    @Test("the newest key seals and the older ones open")
    func rotation() throws {
        let old = try token(link())
        let rotated = try LinkKeyRing(parsing: "# keys\n\(secondLine)\n\n\(firstLine)\n", file: "links")
        #expect(rotated.count == 2 && rotated.newest.number == 2)
        #expect(try rotated.link(in: old, as: .unsubscribe) == link())
        let new = try token(link(), rotated)
        #expect(try rotated.link(in: new, as: .unsubscribe) == link())
        #expect(throws: LinkRefusal.self) { try ring.link(in: new, as: .unsubscribe) }
    }

    @Test("a nonce has twelve octets", arguments: [0, 11, 13])
    func nonces(_ count: Int) {
        #expect(ring.token(for: link(), nonce: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test("an unsubscribe link never expires; one for preferences does after 90 days, one for a request after a day")
    func expiry() {
        let day: Int64 = 86_400_000_000
        #expect(!link(.unsubscribe).isExpired(at: .max))
        for (type, days) in [(LinkType.preferences, Int64(90)), (.request, 1)] {
            #expect(!link(type).isExpired(at: minted.advanced(byMicroseconds: days * day - 1)))
            #expect(link(type).isExpired(at: minted.advanced(byMicroseconds: days * day)))
        }
        #expect(link().day == "2026-04-24")
    }
}

@Suite("Link keys")
struct LinkKeyTests {
    @Test(
        "a fault names the file and the line",
        arguments: [
            ("", 1, LinkKeyFault.empty), ("\n# none\n", 1, .empty), ("k1", 1, .form), ("v1:AAAA", 1, .form),
            ("\nk0:AAAA", 2, .number), ("k01:AAAA", 1, .number), ("k10000:" + firstLine.dropFirst(3), 1, .number),
            ("k1:AAAA", 1, .secretLength), ("k1:AAEC" + firstLine.dropFirst(3), 1, .secretLength),
            ("k1:" + String(repeating: "A", count: 43) + "=", 1, .secretNotRandom),
            (String(firstLine.dropLast()), 1, .base64), (firstLine.replacing("A", with: "-"), 1, .base64),
            ("\(firstLine)\n\(secondLine)", 2, .order), ("\(secondLine)\n\(secondLine)", 2, .order),
            ("k3:" + firstLine.dropFirst(3) + "\n\(secondLine)\n\(firstLine)", 3, .secretRepeated),
        ])
    func faults(_ text: String, _ line: Int, _ fault: LinkKeyFault) throws {
        let error = try #require(throws: LinkKeyError.self) { try LinkKeyRing(parsing: text, file: "/etc/links") }
        #expect(error.line == line && error.fault == fault, "\(error)")
        #expect(error.description == "/etc/links:\(line): \(fault.sentence)")
    }

    @Test("no way of printing shows a secret")
    func redaction() throws {
        let ring = try LinkKeyRing(parsing: firstLine, file: "links")
        var dumped = ""
        dump(ring, to: &dumped)
        for text in ["\(ring.newest)", "\(ring)", String(reflecting: ring), dumped] {
            #expect(text.contains("LinkKey(k1, redacted)"))
            #expect(!text.contains("AAEC") && !text.contains("SymmetricKey"))
        }
    }
}

@Suite("Link issuer")
struct LinkIssuerTests {
    @Test(
        "a public URL has a host, and TLS unless it is this machine",
        arguments: [
            ("https://opt.firma.example", "https://opt.firma.example", ""),
            ("https://opt.firma.example/", "https://opt.firma.example", ""),
            ("https://firma.example:8443/mail/opt/", "https://firma.example:8443", "/mail/opt"),
            ("http://localhost:8080", "http://localhost:8080", ""), ("http://127.0.0.1", "http://127.0.0.1", ""),
            ("http://[::1]:80/x", "http://[::1]:80", "/x"), ("https://[2001:db8::1]", "https://[2001:db8::1]", ""),
        ])
    func urls(_ text: String, _ origin: String, _ path: String) throws {
        let url = try #require(PublicURL(text))
        #expect(url.origin == origin && url.path == path && url.text == origin + path)
    }

    @Test(
        "and nothing else",
        arguments: [
            "", "https://", "firma.example", "http://firma.example", "http://127.0.0.1.firma.example",
            "ftp://localhost",
            "https://a b", "https://a>b", "https://a,b", "https://a?x=1", "https://a#b", "https://u:p@a",
            "https://å.no",
            "https://a:99999", "https://a:", "https://[]", "https://a\r\nBcc: b", "https:///x", "HTTPS://firma.example",
            "https://" + String(repeating: "a", count: 193),
        ])
    func noURL(_ text: String) { #expect(PublicURL(text) == nil) }

    @Test("the two fields are those of RFC 8058, the mailto behind the link")
    func headers() throws {
        let ring = LinkKeyRing(try key(1, 0))
        let base = try #require(PublicURL("https://opt.firma.example/mail"))
        let plain = try #require(LinkIssuer(ring: ring, base: base, mailbox: nil))
        let link = Link(
            .unsubscribe, controller: 2,
            person: KeyedPerson(pepper: 1, own: AddressKey(high: 1, low: 1), alias: AddressKey(high: 1, low: 1)),
            mintedAt: .min)
        let url = try #require(plain.url(of: link, nonce: [UInt8](repeating: 0, count: 12)))
        #expect(url.hasPrefix("https://opt.firma.example/mail/u/"))
        #expect(plain.headers(unsubscribe: url).listUnsubscribe == "<\(url)>")
        #expect(plain.headers(unsubscribe: url).listUnsubscribePost == "List-Unsubscribe=One-Click")
        let mailbox = try Address(parsing: "stop+me@firma.example")
        let both = try #require(LinkIssuer(ring: ring, base: base, mailbox: mailbox))
        #expect(
            both.headers(unsubscribe: url).listUnsubscribe
                == "<\(url)>, <mailto:stop+me@firma.example?subject=unsubscribe>")
        for bad in [#""a>b"@firma.example"#, "æ@firma.example", "a?b@firma.example"] {
            #expect(LinkIssuer(ring: ring, base: base, mailbox: try Address(parsing: bad)) == nil)
        }
    }

    @Test("a campaign is a short text and no address")
    func campaigns() {
        #expect(Campaign("Vår 2026: nyheter") != nil && Campaign(String(repeating: "x", count: 128)) != nil)
        for text in ["", String(repeating: "x", count: 129), "a@b", "a\nb", "\u{7F}"] { #expect(Campaign(text) == nil) }
    }
}
