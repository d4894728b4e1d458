import Foundation
import Rules
import Store
import Testing

@testable import Web

@Suite struct PageTests {
    static let tags = ["de", "en", "nb", "sv"]

    private func frame(_ tag: String, _ policy: Policy, _ pages: Pages) -> PageFrame {
        pages.frame(language: tag, accept: nil, controller: policy.controllers[0], group: policy.controllers)
    }

    @Test(arguments: tags) func everyPageIsWholeInEveryLanguage(_ tag: String) throws {
        let pages = try PageScene.pages()
        for name in ["stratsys", "infobric", "hydac", "consent-first"] {
            let policy = try PageScene.policy(name)
            for (page, answer) in try PageScene.every(frame(tag, policy, pages), policy, pages) {
                let html = answer.html
                let place = Comment(rawValue: "\(page) of \(name) in \(tag)")
                let isWhole = html.hasPrefix("<!doctype html>\n<html lang=\"\(tag)\">") && html.hasSuffix("</html>\n")
                let isNamed = html.contains(policy.controllers[0].name)
                #expect(isWhole && isNamed, place)
                #expect(answer.header("Content-Language") == tag, place)
                // Nothing left to be filled in, no element without words, one heading of the first order.
                for rest in [
                    "{", "}", "<h1></h1>", "<h2></h2>", "<p></p>", "<dd></dd>", "></button>",
                    "<blockquote></blockquote>", ": .", "  <",
                ] {
                    let body = html.replacing(PageStyle.sheet, with: "")
                    #expect(!body.contains(rest), "\(page) of \(name) in \(tag): \(rest)")
                }
                #expect(html.components(separatedBy: "<h1>").count == 2, place)
            }
        }
    }

    /// A page without a controller: whose link it was, nobody knows.
    @Test(arguments: tags) func aLinkOfNobodyHasAPageToo(_ tag: String) throws {
        let pages = try PageScene.pages()
        let answer = pages.invalid(in: pages.frame(language: tag, accept: nil))
        #expect(answer.status == 404)
        let body = answer.html.replacing(PageStyle.sheet, with: "")
        #expect(!body.contains("<footer>") && !body.contains("company"))
    }

    @Test func whatIsFilledInIsNeverMarkup() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.hostilePolicy()
        for tag in Self.tags {
            for (name, answer) in try PageScene.every(frame(tag, policy, pages), policy, pages) {
                let html = answer.html
                let octets = Data(answer.body)
                func has(_ text: String) -> Bool { octets.range(of: Data(text.utf8)) != nil }
                #expect(!has("<script") && !has("<img") && !has("<b>"), "\(name) in \(tag)")
                let escaped = has(
                    "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&quot;\u{301} onfocus=alert(2)")
                #expect(escaped, "\(name) in \(tag)")
                // By scalar: to Swift a mark with an accent is another letter, to a browser it is the mark.
                for (before, scalar) in zip(html.unicodeScalars, html.unicodeScalars.dropFirst())
                where scalar == "\u{301}" || scalar == "\u{338}" {
                    #expect(before == ";", "\(name) in \(tag)")
                }
                let styles = html.components(separatedBy: "<style>").count
                #expect(styles == 2, "\(name) in \(tag)")
            }
        }
    }

    @Test func aBraceInANameStaysABrace() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.hostilePolicy()
        let frame = pages.frame(
            language: "en", accept: nil, controller: policy.controllers[1], group: policy.controllers)
        let html = pages.invalid(in: frame).html
        #expect(html.contains("Two {topic} {{frame.language}} {{{style}}} answers for this page"))
    }

    @Test func everyAnswerForbidsWhatAPageNeedNotDo() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.policy()
        for (name, answer) in try PageScene.every(frame("nb", policy, pages), policy, pages) {
            let csp = try #require(answer.header("Content-Security-Policy"))
            #expect(csp.hasPrefix("default-src 'none'; style-src 'sha256-"), "\(name)")
            for rule in ["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
                #expect(csp.contains(rule))
            }
            for bad in ["unsafe", "script-src", "http:", "https:", "*"] { #expect(!csp.contains(bad)) }
            #expect(answer.header("Referrer-Policy") == "no-referrer")
            #expect(answer.header("X-Robots-Tag")?.contains("noindex") == true)
            #expect(answer.header("Cache-Control") == "no-store")
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Set-Cookie") == nil)
            #expect(answer.mediaType == "text/html; charset=utf-8")
            let body = answer.html.replacing(PageStyle.sheet, with: "")
            for word in ["<script", " style=", "<img", "<link", "<iframe", "javascript:", " on", "src="]
            where word != " on" {
                #expect(!body.contains(word), "\(name): \(word)")
            }
            #expect(!body.contains(/\son[a-z]+=/), "\(name)")
        }
        #expect(pages.failed(in: frame("nb", policy, pages)).header("Retry-After") != nil)
    }

    /// The hash in the policy is the one that a browser computes of what stands between the tags.
    @Test func theStyleIsAllowedByItsOwnHash() throws {
        let pages = try PageScene.pages()
        let answer = pages.invalid(in: pages.frame(language: "en", accept: nil))
        let between = try #require(answer.html.firstMatch(of: /<style>([^<]*)<\/style>/)).1
        let hash = Data(Digest(of: String(between)).octets).base64EncodedString()
        #expect(answer.header("Content-Security-Policy")?.contains("'sha256-\(hash)'") == true)
    }

    @Test func base64IsThatOfEverybody() {
        for count in 0..<40 {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64Text.of(octets) == Data(octets).base64EncodedString())
        }
    }

    @Test func theStatusOfAPageSaysWhetherItWasDone() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.policy()
        let statuses = Dictionary(
            uniqueKeysWithValues: try PageScene.every(frame("en", policy, pages), policy, pages).map {
                ($0.name, $0.answer.status)
            })
        for (name, status) in [
            "ask": 200, "stopped": 200, "noted": 200, "failed": 503, "unreadable": 400, "invalid": 404, "expired": 410,
            "too-late": 409, "barred": 409, "lapsed": 410, "request-erase": 200, "request-answered": 409,
            "request-nothing": 409,
        ] { #expect(statuses[name] == status, "\(name)") }
    }

    @Test func timesAreTheCompanysOwnOrSaidToBeUTC() throws {
        let texts = try #require(try PageScene.languages()["nb"])
        let noon = try #require(Instant(parsing: "2026-07-01T23:30:00Z"))
        let known = PageCalendar { zone, _ in zone == "Europe/Oslo" ? 7_200 : nil }
        #expect(known.moment(noon, in: "Europe/Oslo", texts) == "2. juli 2026 kl. 01:30")
        #expect(known.moment(noon, in: "Nowhere", texts) == "1. juli 2026 kl. 23:30 UTC")
        #expect(known.moment(noon, in: nil, texts) == "1. juli 2026 kl. 23:30 UTC")
        #expect(known.day(noon, in: "Europe/Oslo", texts) == "2. juli 2026")
    }

    @Test func everyWordOfTheApiHasItsText() throws {
        for event in Event.Name.allCases { #expect(TextKey(rawValue: "event.\(event.rawValue)") != nil) }
        for right in PersonRight.allCases { #expect(TextKey(rawValue: "right.\(right.rawValue)") != nil) }
        for kept in KeptAfterErasure.What.allCases { #expect(TextKey(rawValue: "kept.\(kept.rawValue)") != nil) }
        let reasons: [Verdict.Reason] = [
            .restricted, .leftOrganisation, .bounced, .retentionExpired, .consentPending, .consentMissing, .noGround,
            .unknownAddress,
        ]
        for reason in reasons { #expect(TextKey(rawValue: "unused.\(reason.code)") != nil) }
    }

    /// A page that asks shows nothing of what is held; only pressing the button does.
    @Test func whatIsHeldIsOnItsOwnPageAlone() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.policy()
        for (name, answer) in try FileScene.every(frame("nb", policy, pages), policy, pages) {
            #expect(answer.html.contains("kari@firma.example") == (name == "file"), "\(name)")
        }
    }

    @Test func aMailHoldsItsLinkInBothParts() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.hostilePolicy()
        for tag in Self.tags {
            let frame = frame(tag, policy, pages)
            let link = "https://opt.one.example/c/abc?a=1&b=2"
            let letter = pages.confirmationLetter(
                purpose: try PageScene.slug("newsletter"), link: link, forgotten: PageScene.now, in: frame)
            #expect(letter.text.contains("\n\n\(link)\n\n"))
            #expect(letter.html.contains("<a href=\"https://opt.one.example/c/abc?a=1&amp;b=2\""))
            #expect(!letter.html.contains("<script") && !letter.html.contains("{"))
            #expect(!letter.subject.isEmpty && !letter.subject.contains("\n"))
            for right in RequestKind.allCases {
                #expect(pages.rightLetter(right, link: link, in: frame).html.contains("abc?a=1&amp;b=2"))
            }
        }
    }

    @Test func aMailOfARefusalSaysWhyAndWhereToComplain() throws {
        let pages = try PageScene.pages()
        let policy = try PageScene.hostilePolicy()
        let request = FileScene.request(.erase)
        for tag in Self.tags {
            let frame = frame(tag, policy, pages)
            for move in [RequestMove.extend(months: 1, reason: "too <many>"), .refuse(reason: "too <many>")] {
                let letter = try #require(pages.moveLetter(request, move, in: frame))
                #expect(letter.text.contains("too <many>") && letter.html.contains("too &lt;many&gt;"), "\(tag)")
                #expect(letter.text.contains(frame.texts(.mailCourt)) && letter.html.contains(frame.texts(.mailCourt)))
                #expect(!letter.html.contains("<a ") && !letter.html.contains("{") && !letter.text.contains("{"))
            }
            #expect(pages.moveLetter(request, .complete(note: nil), in: frame) == nil)
        }
    }
}

extension Answer {
    var html: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.0 == name }?.1 }
}
