import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Synchronization
import Testing

@testable import Web

@Suite(.serialized) struct UnsubscribeLinkTests {
    private static let multipart = "multipart/form-data; boundary=\"b 1\""

    private static func part(_ name: String, _ value: String, end: String = "\r\n") -> String {
        ["--b 1", "Content-Disposition: form-data; name=\"\(name)\"", "", value, "--b 1--", ""].joined(separator: end)
    }

    // MARK: In the verdict

    @Test func aYesForMarketingCarriesTheFieldsAndNothingElseDoes() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/events", #"{"address": "kari@firma.example", "event": "contacted"}"#)
            let question = #"{"address": "kari@firma.example", "purpose": "newsletter", "campaign": "vår"}"#
            let yes = try await service.post("/v1/eligibility", question)
            let url = try #require(yes["links"]?["unsubscribe"]?.string)
            #expect(url.hasPrefix(TestLinks.origin + "/u/"))
            #expect(
                yes["headers"]?["List-Unsubscribe"]?.string
                    == "<\(url)>, <mailto:stop@firma.example?subject=unsubscribe>")
            #expect(yes["headers"]?["List-Unsubscribe-Post"]?.string == "List-Unsubscribe=One-Click")
            #expect(!yes.text.contains("kari"), "no address is in it")
            let ring = try TestLinks.issuer().ring
            let link = try ring.link(in: String(url.dropFirst((TestLinks.origin + "/u/").count)), as: .unsubscribe)
            #expect(link.campaign?.text == "vår" && link.purpose?.text == "newsletter" && link.topic == nil)
            let preferences = try #require(yes["links"]?["preferences"]?.string)
            #expect(preferences.hasPrefix(TestLinks.origin + "/p/"))
            let token = String(preferences.dropFirst((TestLinks.origin + "/p/").count))
            #expect(try ring.link(in: token, as: .preferences).person == link.person)
            #expect(throws: LinkRefusal.self) { try ring.link(in: token, as: .unsubscribe) }

            let again = try await service.post("/v1/eligibility", question)
            #expect(again["links"]?["unsubscribe"]?.string != url, "each has a nonce of its own")

            for (address, purpose) in [("kari@firma.example", "service-notice"), ("ny@firma.example", "newsletter")] {
                let other = try await service.post(
                    "/v1/eligibility", #"{"address": "\#(address)", "purpose": "\#(purpose)"}"#)
                #expect(other["headers"] == nil && other["links"] == nil, "\(purpose)")
            }
            let batch = try await service.post(
                "/v1/eligibility/batch",
                #"{"purpose": "newsletter", "campaign": "c", "addresses": ["kari@firma.example", "ny@firma.example"]}"#)
            let verdicts = batch.objects("verdicts")
            #expect(verdicts.map { $0["links"] != nil } == [true, false])
        }
    }

    @Test func aCampaignIsAShortTextAndNoAddress() async throws {
        try await Service.run { service async throws in
            for (campaign, expected) in [
                ("a@b", "422 invalid-field /campaign"), (String(repeating: "x", count: 129), "422 too-long /campaign"),
                ("a\\nb", "422 invalid-field /campaign"),
            ] {
                let reply = try await service.post(
                    "/v1/eligibility",
                    #"{"address": "kari@firma.example", "purpose": "newsletter", "campaign": "\#(campaign)"}"#)
                #expect(reply.problem == expected)
            }
        }
    }

    // MARK: Pressing

    @Test func oneClickInBothEncodingsStopsAtOnce() async throws {
        let bodies: [(String, String)] = [
            ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
            ("application/x-www-form-urlencoded; charset=utf-8", "List-Unsubscribe=One-Click\r\n"),
            ("Application/X-WWW-Form-URLEncoded", "List%2DUnsubscribe=One-Click"),
            (Self.multipart, Self.part("List-Unsubscribe", "One-Click")),
            ("multipart/form-data;boundary=\"b 1\"", "preamble\r\n" + Self.part("List-Unsubscribe", "One-Click")),
            (Self.multipart, Self.part("List-Unsubscribe", "One-Click", end: "\n")),
        ]
        try await Service.run { service async throws in
            for (index, (type, body)) in bodies.enumerated() {
                let kari = try await service.subscriber("p\(index)@firma.example", campaign: "spring")
                #expect(try await service.reason(kari.address) == "ground-holds")
                let reply = try await service.send(
                    .post, kari.path, bytes: Array(body.utf8), headers: ["Content-Type": type])
                #expect(reply.status == 200, "\(type): \(reply.text)")
                for name in ["Location", "Set-Cookie"] { #expect(reply.header(name) == nil) }
                #expect(reply.header("Cache-Control") == "no-store")
                #expect(reply.header("Referrer-Policy") == "no-referrer")
                #expect(reply.header("X-Robots-Tag")?.contains("noindex") == true)
                #expect(reply.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
                #expect(try await service.reason(kari.address) == "unsubscribed", "\(type)")
            }
        }
    }

    @Test func pressingAgainIsTheSame() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            let first = try await service.press(kari.path)
            let rows = try await service.database.ledgerRows()
            for _ in 0..<3 {
                let again = try await service.press(kari.path)
                #expect(again.status == 200 && again.text == first.text)
            }
            #expect(try await service.database.ledgerRows() == rows)
        }
    }

    @Test func theEvidenceSaysHowAndHoldsNoAddress() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example", topic: "events", campaign: "vår 2026")
            _ = try await service.send(
                .post, kari.path, bytes: Array("List-Unsubscribe=One-Click".utf8),
                headers: [
                    "Content-Type": "application/x-www-form-urlencoded",
                    "X-Forwarded-For": "203.0.113.77, 198.51.100.9",
                    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
                ])
            _ = try await service.press(
                kari.path, "action=stop&scope=group&reason=too-many&note=Jeg+er+kari%40firma.example+hos+dere%0Anei")
            let found = try await service.post("/v1/register/lookup", #"{"address": "kari@firma.example"}"#)
            let evidence = found.objects("entries").compactMap { $0["evidence"] }
            #expect(evidence.count == 2)
            #expect(evidence[0]["method"]?.string == "one-click" && evidence[0]["campaign"]?.string == "vår 2026")
            #expect(evidence[0]["ip"]?.string == "198.51.100.0/24" && evidence[0]["agent"]?.string == "firefox")
            #expect(evidence[0]["link-day"]?.string == kari.link.day)
            #expect(evidence[1]["method"]?.string == "unsubscribe-page")
            #expect(evidence[1]["reason"]?.string == "too-many")
            #expect(evidence[1]["note"]?.string == "Jeg er hos dere nei")
            #expect(!service.log.text.contains("kari") && !service.log.text.contains(kari.token))
        }
    }

    @Test func theButtonsOfThePage() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example", topic: "events")
            #expect(try await service.press(kari.path, "action=stop").status == 200)
            #expect(try await service.reason(kari.address) == "unsubscribed")
            #expect(try await service.press(kari.path, "action=narrow").status == 200)
            #expect(try await service.reason(kari.address) == "ground-holds")
            #expect(try await service.press(kari.path, "action=undo").status == 200)
            #expect(try await service.press(kari.path, "action=undo").status == 409)
            #expect(try await service.reason(kari.address) == "ground-holds")
            #expect(try await service.press(kari.path, "action=stop&scope=group").status == 200)
            #expect(try await service.reason(kari.address) == "unsubscribed")
        }
    }

    @Test func anOldLinkAgainstANewerConsentAsksFirst() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            #expect(
                try await service.send(.get, kari.path, headers: [:]).text.contains("older than your consent") == false)
            let consent = try await service.post(
                "/v1/consents",
                #"{"address": "kari@firma.example", "purpose": "newsletter", "evidence": {"method": "double-opt-in"}}"#)
            #expect(consent.status == 201)
            #expect(try await service.send(.get, kari.path, headers: [:]).text.contains("older than your consent"))
            #expect(try await service.press(kari.path).status == 200)
            #expect(try await service.reason(kari.address) == "unsubscribed")
        }
    }

    // MARK: What opens nothing

    @Test func whateverIsWrongWithALinkTheAnswerIsTheSame() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            let issuer = try TestLinks.issuer()
            func token(_ link: Link, _ ring: LinkKeyRing) throws -> String {
                try #require(ring.token(for: link, nonce: [UInt8](repeating: 3, count: 12)))
            }
            let foreign = LinkKeyRing(try LinkKey(number: 1, secret: (0..<32).map { UInt8($0) &* 3 }))
            let nowhere = Link(.unsubscribe, controller: 4_711, person: kari.link.person, mintedAt: .min)
            let other = kari.token.dropFirst(29).first == "_" ? "A" : "_"
            let tokens = [
                "x", "A", String(kari.token.dropLast()), String(kari.token.dropFirst()), kari.token + "A",
                kari.token.replacing(kari.token.prefix(30), with: String(kari.token.prefix(29)) + other),
                String(repeating: "A", count: 212), String(repeating: "B", count: 5_000),
                try token(kari.link.with(.preferences, mintedAt: kari.link.mintedAt), issuer.ring),
                try token(kari.link.with(.confirmation, mintedAt: kari.link.mintedAt), issuer.ring),
                try token(kari.link, foreign), try token(nowhere, issuer.ring),
            ]
            let rows = try await service.database.ledgerRows()
            var pages: Set<String> = []
            for token in tokens {
                let got = try await service.send(.get, "/u/" + token, headers: [:])
                let posted = try await service.press("/u/" + token)
                #expect(got.status == 404 && posted.status == 404, "\(token.prefix(20))")
                pages.formUnion([got.text, posted.text])
            }
            #expect(pages.count == 1)
            #expect(try await service.database.ledgerRows() == rows)
            #expect(try await service.reason(kari.address) == "ground-holds")
        }
    }

    @Test func withoutKeysNoLinkOpensAndNoVerdictHasOne() async throws {
        try await Service.run(links: nil) { service async throws in
            _ = try await service.post("/v1/events", #"{"address": "kari@firma.example", "event": "contacted"}"#)
            let yes = try await service.post(
                "/v1/eligibility", #"{"address": "kari@firma.example", "purpose": "newsletter"}"#)
            #expect(yes["eligible"] == .bool(true) && yes["headers"] == nil && yes["links"] == nil)
            #expect(try await service.press("/u/" + String(repeating: "A", count: 212)).status == 404)
        }
    }

    // MARK: The database away

    @Test func withoutADatabaseNothingIsPromised() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            await service.store.shutdown(within: .zero)
            #expect(try await service.send(.get, kari.path, headers: [:]).status == 200)
            for body in ["List-Unsubscribe=One-Click", "action=stop", "action=undo"] {
                let reply = try await service.press(kari.path, body)
                #expect(reply.status == 503 && reply.header("Retry-After") != nil, "\(body)")
            }
        }
    }

    /// While somebody's spool is in doubt an opt-out is recorded, and coming back waits: nobody is told that the link is broken.
    @Test func comingBackWaitsWhileASpoolIsInDoubt() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            let oneClick = try await service.press(kari.path)
            #expect(oneClick.status == 200 && !oneClick.text.contains("undo"), "a machine is offered nothing")
            service.store.gate.shut()
            #expect(try await service.press(kari.path, "action=stop").status == 200)
            let waits = try await service.press(kari.path, "action=undo&wording=resume-1")
            #expect(waits.status == 503 && waits.header("Retry-After") != nil)
            service.store.gate.open()
            #expect(try await service.press(kari.path, "action=undo&wording=resume-1").status == 200)
            #expect(try await service.reason(kari.address) == "ground-holds")
        }
    }

    @Test func withASpoolOnlyAnOptOutIsKept() async throws {
        let kept = Mutex<[String]>([])
        let isDurable = Mutex(true)
        let links = try TestLinks.service { token, scope, _ in
            guard isDurable.withLock({ $0 }) else { return false }
            kept.withLock { $0.append("\(token) \(scope?.rawValue ?? "standard")") }
            return true
        }
        try await Service.run(links: links) { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            await service.store.shutdown(within: .zero)
            #expect(try await service.press(kari.path).status == 200)
            #expect(try await service.press(kari.path, "action=stop&scope=group").status == 200)
            #expect(try await service.press(kari.path, "action=undo").status == 503)
            #expect(kept.withLock { $0 } == [kari.token + " standard", kari.token + " group"])
            isDurable.withLock { $0 = false }
            #expect(try await service.press(kari.path).status == 503)
        }
    }
}

@Suite struct VisitTests {
    @Test(
        "what a proxy on this machine says of the client is kept as precisely as without a port",
        arguments: [
            ("127.0.0.1", "203.0.113.7:5678", "203.0.113.0/24"), ("::1", "[2001:db8:9:8::1]:123", "2001:db8:9::/48"),
            ("::ffff:127.0.0.1", "198.51.100.9, 203.0.113.7:1\t", "203.0.113.0/24"),
            (nil, "2001:db8:9:8::1", "2001:db8:9::/48"), ("192.0.2.1", "203.0.113.7:5678", "192.0.2.0/24"),
            ("127.0.0.1", "", "127.0.0.0/24"),
        ])
    func peers(_ peer: String?, _ forwarded: String, _ network: String) throws {
        let word = try #require(Visit.peer(peer, forwarded: forwarded))
        #expect(try Evidence([("ip", word)]).json == #"{"ip":"\#(network)"}"#)
    }
}

@Suite struct OpeningKeysTests {
    @Test func keysThatCameLaterOpenAndNoneIsForgotten() throws {
        let person = KeyedPerson(pepper: 1, own: AddressKey(high: 1, low: 1), alias: AddressKey(high: 1, low: 1))
        let link = Link(.unsubscribe, controller: 1, person: person, mintedAt: .min)
        let line = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        let old = try LinkKeyRing(parsing: line, file: "links")
        let both = try LinkKeyRing(parsing: "k2:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n" + line, file: "links")
        let token = try #require(both.token(for: link, nonce: [UInt8](repeating: 1, count: 12)))
        let file = Mutex<LinkKeyRing?>(both)
        let keys = OpeningKeys(old) { file.withLock { $0 } }
        let start = ContinuousClock.now
        #expect(throws: LinkRefusal.self) { try keys.ring(at: start).link(in: token, as: .unsubscribe) }
        let later = start + .seconds(linkKeysSecondsMax + 1)
        #expect(try keys.ring(at: later).link(in: token, as: .unsubscribe) == link)
        for left in [LinkKeyRing?.none, old] {
            file.withLock { $0 = left }
            #expect(try keys.ring(at: later + .seconds(1_000)).link(in: token, as: .unsubscribe) == link)
        }
    }
}

@Suite struct LinkFormTests {
    @Test(
        "a form of either kind is read",
        arguments: [
            ("a=1&b=2", ["a": "1", "b": "2"]), ("a=%C3%A6+%26&a=2", ["a": "æ &"]), ("", [:]), ("=x&&a", [:]),
            ("a=%zz%4", ["a": "%zz%4"]), ("a=%FF", [:]), ("a=b=c", ["a": "b=c"]),
        ])
    func urlencoded(_ body: String, _ fields: [String: String]) throws {
        let form = try #require(LinkForm(Array(body.utf8), .urlencoded))
        for name in ["a", "b", "x", ""] { #expect(form[name] == fields[name]) }
    }

    @Test(
        "other media types are none",
        arguments: [
            "", "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
            "multipart/form-data; charset=x", "multipart/mixed; boundary=x", "application/x-www-form-urlencodedx",
            "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
        ])
    func kinds(_ type: String) { #expect(LinkForm.Kind(contentType: type) == nil) }

    @Test("random bytes never trap")
    func fuzz() {
        var chance = SeededGenerator(seed: 3)
        let bricks = [
            "--x", "--", "\r\n", "\n", "Content-Disposition: form-data; name=", "\"a\"", "=", "&", "%", "%4", "é", ";",
            "\0",
        ]
        for _ in 0..<3_000 {
            var body = ""
            for _ in 0..<chance.next() % 20 { body += bricks[Int(chance.next() % UInt64(bricks.count))] }
            _ = LinkForm(Array(body.utf8), .urlencoded)
            _ = LinkForm(Array(body.utf8), .multipart(boundary: Array("x".utf8)))
            _ = LinkForm.Kind(contentType: body)
        }
    }
}
