import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// The page on which a person carries out their own request.
@Suite struct RequestLinkTests {
    /// Takes a request in and makes the link that would go to the address.
    private func token(
        _ service: Service, _ kind: RequestKind, _ address: String = "kari@firma.example", of other: String? = nil,
        agedDays: Int64 = 0
    ) async throws -> String {
        let opened = try await service.post("/v1/requests", #"{"address": "\#(address)", "kind": "\#(kind.rawValue)"}"#)
        guard case .int(let id) = opened["request"] else {
            Issue.record("no request")
            return ""
        }
        let controller = try await service.store.catalogue().controller(slug("stratsys-ab"))
        let minted = systemNow().advanced(byMicroseconds: -agedDays * 86_400_000_000)
        let link = Link(
            .request, controller: controller.id,
            person: try testPeppers().current.person(Address(parsing: other ?? address)), reference: id,
            mintedAt: minted)
        let nonce = (0..<LinkToken.nonceOctets).map { _ in UInt8.random(in: 0 ... .max) }
        let ring = try TestLinks.issuer().ring
        return "/r/" + (try #require(ring.token(for: link, nonce: nonce)))
    }

    private func collect(_ service: Service) async throws {
        let lead = #"{"address": "kari@firma.example", "name": "Karri", "source": "fair"}"#
        #expect(try await service.post("/v1/contacts", lead).string("verdict") == "created")
    }

    @Test func openingTheLinkChangesNothing() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let path = try await token(service, .erase)
            for _ in 0..<3 {
                let page = try await service.send(.get, path + "?lang=nb", headers: [:])
                #expect(page.status == 200 && page.text.contains("Slett opplysningene mine"), "\(page.text)")
                #expect(page.header("Cache-Control") == "no-store" && page.header("Set-Cookie") == nil)
                #expect(try await service.send(.head, path, headers: [:]).status == 200)
            }
            #expect(try await service.reason("kari@firma.example") == "ground-holds")
        }
    }

    @Test func pressingItCarriesItOutOnce() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let path = try await token(service, .erase)
            let page = try await service.press(path, "action=answer")
            #expect(page.status == 200 && page.text.contains("17(3)(b)"), "\(page.text)")
            #expect(try await service.reason("kari@firma.example") == "erased")
            #expect(try await service.press(path, "action=answer").status == 409)
            #expect(!service.log.text.contains("@"))
        }
    }

    @Test func theLinkGoesToTheAddressItself() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let asked = #"{"address": "kari@firma.example", "kind": "export", "language": "de", "ask-identity": true}"#
            #expect(try await service.post("/v1/requests", asked).string("state") == "identity-asked")
            #expect(try await service.post("/v1/requests", asked).status == 201)
            let letters = try await service.letters()
            let letter = try #require(letters.first)
            #expect(letters.count == 1 && letter.to.canonical == "kari@firma.example" && letter.language == "de")
            let path = try #require(letter.linkPath)
            #expect(letter.html.contains(path))
            let page = try await service.press(path, "action=answer")
            #expect(page.status == 200 && page.text.contains("<html lang=\"de\">") && page.text.contains("Karri"))
        }
    }

    /// In the person's language, with the reason and where to complain; kept answers have no address.
    @Test func whoIsPutOffOrRefusedGetsALetter() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let opened = try await service.post(
                "/v1/requests", #"{"address": "kari@firma.example", "kind": "erase", "language": "nb"}"#)
            guard case .int(let id) = opened["request"] else {
                Issue.record("no request")
                return
            }
            for (verb, body, said) in [
                ("extend", #"{"months": 1, "reason": "mange samtidig"}"#, "Vi trenger mer tid"),
                ("refuse", #"{"reason": "ingen legitimasjon"}"#, "Vi etterkommer ikke"),
            ] {
                let moved = try await service.post("/v1/requests/\(id)/\(verb)", body)
                #expect(moved.string("told") == "letter" && !moved.text.contains("@"), "\(moved.text)")
                let letters = try await service.letters()
                let letter = try #require(letters.first)
                #expect(letters.count == 1 && letter.to.canonical == "kari@firma.example" && letter.language == "nb")
                for words in [said, "Slett opplysningene mine", "IMY", "domstolene"] {
                    #expect(letter.text.contains(words), "\(letter.text)")
                }
            }
            #expect(!service.log.text.contains("@"))
        }
    }

    @Test func aLetterThatCameEarlierStartsTheClockThen() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            let asked =
                #"{"address": "kari@firma.example", "kind": "erase", "received-at": "2026-01-01T10:00:00Z", "ask-identity": true}"#
            let opened = try await service.post("/v1/requests", asked)
            #expect(opened.string("due-at") == "2026-02-01T10:00:00Z" && opened.string("state") == "identity-asked")
            #expect(try await service.letters().count == 1)
        }
    }

    @Test func anExportIsShownAgain() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let path = try await token(service, .export)
            for _ in 0..<2 {
                let page = try await service.press(path, "action=answer")
                #expect(page.status == 200 && page.text.contains("Karri") && page.text.contains("fair"))
            }
        }
    }

    @Test func aPersonCorrectsWhatIsWrong() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let path = try await token(service, .rectify)
            #expect(try await service.press(path, "action=answer").status == 400)
            #expect(try await service.press(path, "action=answer&name=Kari+Nordmann").status == 200)
            let file = try await service.post("/v1/subjects/export", #"{"address": "kari@firma.example"}"#)
            #expect(file["contact"]?["name"]?.string == "Kari Nordmann")
        }
    }

    @Test func whatIsNoLinkOfTheRequestOpensNothing() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let whole = try await token(service, .erase)
            let pages = [
                try await token(service, .erase, of: "ola@firma.example"), String(whole.dropLast(2)) + "xx", "/r/x",
            ]
            for path in pages {
                #expect(try await service.send(.get, path, headers: [:]).status == 404)
                #expect(try await service.press(path, "action=answer").status == 404)
            }
            let old = try await token(service, .erase, agedDays: 1)
            #expect(try await service.send(.get, old, headers: [:]).status == 410)
            #expect(try await service.press(old, "action=answer").status == 410)
            #expect(try await service.press(try await token(service, .erase), "action=dance").status == 400)
            #expect(try await service.reason("kari@firma.example") == "ground-holds")
        }
    }

    /// The four buttons of a person's own page: each brings a letter to the address itself, whose link does it.
    @Test(arguments: [
        (RequestKind.export, "Karri"), (.restrict, "ikke brukt"), (.erase, "17(3)(b)"), (.rectify, "lagret nå"),
    ])
    func theOwnPageSendsTheLinkToTheAddressItself(_ kind: RequestKind, _ said: String) async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let page = try await service.path(.preferences, "kari@firma.example") + "?lang=nb"
            #expect(
                try await service.send(.get, page, headers: [:]).text.contains(
                    #"<button name="right" value="\#(kind.rawValue)">"#))
            for _ in 0..<3 {
                let asked = try await service.press(page, "action=ask&right=\(kind.rawValue)")
                #expect(asked.status == 200 && asked.text.contains("Se i innboksen din"), "\(asked.text)")
            }
            #expect(try await service.reason("kari@firma.example") == "ground-holds")
            let letters = try await service.letters()
            #expect(letters.map(\.to.canonical) == ["kari@firma.example"])
            let path = try #require(letters.first?.linkPath)
            #expect(path.hasPrefix("/r/") && path.hasSuffix("?lang=nb"))
            #expect(!(try await service.send(.get, path, headers: [:]).text.contains("Karri")))
            let done = try await service.press(path, "action=answer&name=Kari")
            #expect(done.status == 200 && done.text.contains(said), "\(done.text)")
            #expect(!service.log.text.contains("@"))
        }
    }

    /// Whoever holds a link of an address of which nothing is stored sees the same, after the same time, and nothing is sent.
    @Test func thePageSaysTheSameOfSomebodyWhoIsNotStored() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            var bodies: Set<[UInt8]> = []
            for address in ["kari@firma.example", "nobody@firma.example"] {
                let page = try await service.path(.preferences, address) + "?lang=nb"
                bodies.insert(try await service.press(page, "action=ask&right=erase").bytes)
            }
            #expect(bodies.count == 1)
            #expect(try await service.letters().count == 1)
            let page = try await service.path(.preferences, "kari@firma.example")
            for form in ["action=ask", "action=ask&right=object", "action=ask&right=all"] {
                #expect(try await service.press(page, form).status == 400)
            }
        }
    }
}

extension Service {
    /// The letters that wait to be sent.
    func letters() async throws -> [Letter] {
        let outbox = try Outbox(url: database.url, peppers: testPeppers(), random: { 0.5 })
        try await outbox.ready(within: .seconds(30))
        let letters = try await outbox.claimLetters(max: 9, lease: .seconds(60)).letters.map(\.letter)
        await outbox.shutdown(within: .seconds(5))
        return letters
    }
}

extension Letter {
    /// The path of the link in it; nil where it has none.
    var linkPath: String? {
        text.split(separator: "\n").first { $0.hasPrefix(TestLinks.origin) }.map {
            String($0.dropFirst(TestLinks.origin.count))
        }
    }
}
