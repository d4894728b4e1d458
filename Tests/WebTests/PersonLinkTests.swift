import HTTPTypes
import Harness
import Rules
import Store
import Synchronization
import Testing

@testable import Web

@Suite(.serialized) struct PersonLinkTests {
    private static let address = "kari@firma.example"

    private static func run(
        policy: String = "stratsys", controller: String = "stratsys-ab",
        _ body: @escaping @Sendable (Service) async throws -> Void
    ) async throws {
        try await Service.run(
            policy: policy, controller: controller, pages: PageScene.recipientPages(), body)
    }

    private func form(_ service: Service, _ path: String, _ fields: String) async throws -> Reply {
        try await service.press(path, fields)
    }

    // MARK: Preferences

    @Test func theOwnPageSaysWhatStandsAndChangesNothing() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.preferences, Self.address)
            _ = try await service.post("/v1/events", #"{"address": "\#(Self.address)", "event": "contacted"}"#)
            let rows = try await service.database.ledgerRows()
            for method in ["GET", "HEAD", "GET"] {
                let reply = try await service.send(
                    method == "GET" ? .get : .head, path + "?lang=nb", headers: ["Accept-Language": "de"])
                #expect(reply.status == 200)
                if method == "GET" {
                    let isNorwegian = reply.text.contains("<html lang=\"nb\">") && reply.text.contains("Nyhetsbrev")
                    #expect(isNorwegian)
                    let isTicked = reply.text.contains(
                        "name=\"on.newsletter\" value=\"1\" aria-describedby=\"about-newsletter\" checked")
                    #expect(isTicked)
                }
            }
            #expect(try await service.database.ledgerRows() == rows)
        }
    }

    @Test func aTickThatIsTakenAwayStopsAndOneThatIsSetBringsBack() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.preferences, Self.address)
            _ = try await service.post("/v1/events", #"{"address": "\#(Self.address)", "event": "contacted"}"#)
            let shown = "was=newsletter+newsletter.events+outreach"
            let stop = try await form(service, path, "action=save&\(shown)&on.outreach=1&on.newsletter.events=1")
            #expect(stop.status == 200)
            #expect(try await service.reason(Self.address) == "unsubscribed")
            #expect(try await service.reason(Self.address, purpose: "outreach") == "ground-holds")

            // Words that the page never had were never said.
            let strange = try await form(
                service, path, "action=save&was=outreach&on.outreach=1&on.newsletter=1&wording=x")
            #expect(strange.status == 200)
            #expect(try await service.reason(Self.address) == "unsubscribed")

            let back = try await form(
                service, path + "?lang=nb",
                "action=save&was=outreach&on.outreach=1&on.newsletter=1&wording=resume-1")
            #expect(back.status == 200)
            #expect(try await service.reason(Self.address) == "ground-holds")
            let texts = try #require(try PageScene.languages()["nb"])
            let words = try #require(
                texts.wording("resume-1", controller: "Stratsys AB", purposes: [try slug("newsletter")]))
            let kept = try await service.database.consentEvidence()
            #expect(kept.contains(words.digest) && kept.contains("preference-page") && kept.contains("resume-1"))
            #expect(!kept.contains("@"))
        }
    }

    @Test func whatTheFormDoesNotChangeIsNoAct() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.preferences, Self.address)
            let rows = try await service.database.ledgerRows()
            for fields in [
                "action=save&was=newsletter&on.newsletter=1", "action=save&was=", "action=nothing", "", "a=%FF",
            ] {
                let reply = try await form(service, path, fields)
                #expect([200, 400].contains(reply.status), "\(fields)")
            }
            #expect(try await service.database.ledgerRows() == rows)
        }
    }

    @Test func oneButtonStopsEverythingOfSomebodyWhoIsNotEvenKnown() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.preferences, Self.address)
            #expect(try await form(service, path, "action=stop&scope=controller").status == 200)
            for purpose in ["newsletter", "outreach", "profiling"] {
                #expect(try await service.reason(Self.address, purpose: purpose) == "unsubscribed")
            }
            #expect(try await form(service, path, "action=stop&scope=topic").status == 400)
        }
    }

    /// The button means the same whatever stands, and is kept as an unsubscribe link of no purpose, which binds as much; what
    /// ticks mean, only the database can tell.
    @Test func whileTheDatabaseIsAwayTheButtonIsKeptAndTicksWait() async throws {
        let kept = Mutex<[(token: String, scope: Scope?)]>([])
        let isDurable = Mutex(true)
        let links = try TestLinks.service { token, scope, _ in
            guard isDurable.withLock({ $0 }) else { return false }
            kept.withLock { $0.append((token, scope)) }
            return true
        }
        try await Service.run(links: links, pages: PageScene.recipientPages()) { service async throws in
            let path = try await service.path(.preferences, Self.address, purpose: "service-notice")
            let catalogue = try await service.store.catalogue()
            let policy = try catalogue.policy(of: #require(catalogue.controllers.first), at: systemNow())
            await service.store.shutdown(within: .zero)
            for scope in [Scope.controller, .group] {
                let reply = try await form(service, path, "action=stop&scope=\(scope.rawValue)")
                #expect(reply.status == 200)
                let record = try #require(kept.withLock { $0.last })
                let link = try TestLinks.issuer().ring.link(in: record.token, as: .unsubscribe)
                #expect(record.scope == scope)
                #expect(link.unsubscribe(scope, under: policy).entry?.reach.scope == scope)
                #expect(link.person == (try testPeppers().current.person(try Address(parsing: Self.address))))
            }
            #expect(try await form(service, path, "action=save&was=newsletter").status == 503)
            #expect(try await form(service, path, "action=stop&scope=topic").status == 503)
            #expect(kept.withLock { $0.count } == 2)
            isDurable.withLock { $0 = false }
            #expect(try await form(service, path, "action=stop&scope=controller").status == 503)
        }
    }

    @Test func anObjectionIsLiftedOnlyWhereThePageNamedIt() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.preferences, Self.address)
            _ = try await service.post("/v1/events", #"{"address": "\#(Self.address)", "event": "contacted"}"#)
            _ = try await service.post("/v1/register", #"{"address": "\#(Self.address)", "reason": "objected"}"#)
            let page = try await service.send(.get, path + "?lang=en", headers: [:])
            let namesIt = page.text.contains("you take your objection back")
            #expect(namesIt)
            let base = "action=save&was=&on.newsletter=1&wording=resume-1"
            _ = try await form(service, path, base)
            #expect(try await service.reason(Self.address) == "objected")
            _ = try await form(service, path, base + "&objections=newsletter")
            #expect(try await service.reason(Self.address) == "ground-holds")
            #expect(try await service.reason(Self.address, purpose: "outreach") == "objected")
        }
    }

    @Test func aComplaintIsLockedWhateverTheFormSays() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.preferences, Self.address)
            _ = try await service.post("/v1/register", #"{"address": "\#(Self.address)", "reason": "complained"}"#)
            _ = try await form(
                service, path, "action=save&was=&on.newsletter=1&wording=resume-1&objections=newsletter")
            #expect(try await service.reason(Self.address) == "complained")
        }
    }

    @Test func anOldAForeignAndACutLinkSayNothing() async throws {
        try await Self.run { service async throws in
            let old = try await service.path(.preferences, Self.address, agedDays: 91)
            #expect(try await service.send(.get, old, headers: [:]).status == 410)
            #expect(try await form(service, old, "action=stop&scope=controller").status == 410)
            let sound = try await service.path(.preferences, Self.address)
            let other = try await service.path(.unsubscribe, Self.address).replacing("/u/", with: "/p/")
            var bodies: Set<[UInt8]> = []
            for path in [String(sound.dropLast(3)), "/p/x", other, sound.replacing("/p/", with: "/c/")] {
                let reply = try await service.send(.get, path, headers: [:])
                #expect(reply.status == 404)
                bodies.insert(reply.bytes)
            }
            #expect(bodies.count == 1)
            #expect(try await service.reason(Self.address) == "unknown-address")
        }
    }

    // MARK: Double opt-in

    @Test func aConsentIsGivenByTheButtonAndNotByTheLink() async throws {
        try await Self.run { service async throws in
            let asked = try await service.post(
                "/v1/consents/request",
                #"{"address": "\#(Self.address)", "purpose": "newsletter", "language": "nb", "evidence": {"form": "footer"}}"#
            )
            #expect(asked.status == 202)
            #expect(try await service.reason(Self.address) == "consent-pending")
            let path = try await service.path(.confirmation, Self.address)
            let rows = try await service.database.ledgerRows()
            let page = try await service.send(.get, path + "?lang=en", headers: [:])
            let hasWords = page.text.contains("Yes, Stratsys AB may send me this by email: Newsletter.")
            #expect(hasWords && page.status == 200)
            for fields in ["", "action=confirm", "action=confirm&wording=confirm-9", "wording=confirm-1"] {
                #expect(try await form(service, path, fields).status == 400, "\(fields)")
            }
            #expect(try await service.database.ledgerRows() == rows)

            #expect(try await form(service, path + "?lang=en", "action=confirm&wording=confirm-1").status == 200)
            #expect(try await service.reason(Self.address) == "ground-holds")
            #expect(
                try await service.database.ledgerRows() == rows + 2, "the consent, and that the address is confirmed")
            let kept = try await service.database.consentEvidence()
            let texts = try #require(try PageScene.languages()["en"])
            let words = try #require(
                texts.wording("confirm-1", controller: "Stratsys AB", purposes: [try slug("newsletter")]))
            #expect(kept.contains(words.digest) && kept.contains("double-opt-in") && !kept.contains("@"))

            #expect(try await form(service, path, "action=confirm&wording=confirm-1").status == 200)
            #expect(try await service.database.ledgerRows() == rows + 2, "again is the same")
            _ = try await service.post("/v1/register", #"{"address": "\#(Self.address)", "reason": "unsubscribed"}"#)
            #expect(try await form(service, path, "action=confirm&wording=confirm-1").status == 410)
            #expect(try await service.reason(Self.address) == "unsubscribed")
        }
    }

    @Test func aRequestThatWaitedTooLongIsForgotten() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.confirmation, Self.address, agedDays: 31)
            #expect(try await service.send(.get, path, headers: [:]).status == 410)
            #expect(try await form(service, path, "action=confirm&wording=confirm-1").status == 410)
            #expect(try await service.reason(Self.address) == "unknown-address")
        }
    }

    @Test func aConfirmationLiftsWhatTheDesignLetsItLift() async throws {
        try await Self.run { service async throws in
            let path = try await service.path(.confirmation, Self.address, agedDays: 1)
            // Older than the request, so the request still waits.
            for (reason, status, after) in [
                ("unsubscribed", 200, "ground-holds"), ("complained", 409, "complained"),
            ] {
                let address = "\(reason)@firma.example"
                _ = try await service.post("/v1/register", #"{"address": "\#(address)", "reason": "\#(reason)"}"#)
                let own = try await service.path(.confirmation, address)
                #expect(try await form(service, own, "action=confirm&wording=confirm-1").status == status)
                #expect(try await service.reason(address) == after)
            }
            let address = "objected@firma.example"
            _ = try await service.post("/v1/register", #"{"address": "\#(address)", "reason": "objected"}"#)
            let own = try await service.path(.confirmation, address)
            #expect(try await form(service, own, "action=confirm&wording=confirm-1").status == 200)
            #expect(try await service.reason(address) == "objected", "the page did not name the objection")
            #expect(try await form(service, own, "action=confirm&wording=confirm-1&confirms=objection").status == 200)
            #expect(try await service.reason(address) == "ground-holds")
            _ = try await service.post(
                "/v1/events", #"{"address": "\#(Self.address)", "event": "bounced", "kind": "hard"}"#)
            #expect(try await form(service, path, "action=confirm&wording=confirm-1").status == 200)
            #expect(try await service.reason(Self.address) == "ground-holds", "following the link confirms the address")
        }
    }

    @Test func everyAddressGetsTheSameAnswer() async throws {
        try await Self.run { service async throws in
            _ = try await service.post("/v1/events", #"{"address": "known@firma.example", "event": "contacted"}"#)
            for reason in ["unsubscribed", "objected", "complained"] {
                let body = #"{"address": "\#(reason)@firma.example", "reason": "\#(reason)"}"#
                _ = try await service.post("/v1/register", body)
            }
            var answers: Set<[UInt8]> = []
            let before = try await service.database.ledgerRows()
            let names = ["ny", "known", "unsubscribed", "objected", "complained", "ny", "known"]
            for name in names {
                let reply = try await service.post(
                    "/v1/consents/request", #"{"address": "\#(name)@firma.example", "purpose": "newsletter"}"#)
                #expect(reply.status == 202)
                answers.insert(reply.bytes)
            }
            #expect(answers.count == 1)
            // One for each that may be asked, once a day.
            #expect(try await service.database.ledgerRows() == before + 3)
        }
    }

    @Test func aRequestNamesAPurposeThatConsentOpensAndALanguageThatThereIs() async throws {
        try await Self.run { service async throws in
            for (fields, problem) in [
                (#""purpose": "newsletters""#, "422 unknown-purpose /purpose"),
                (#""purpose": "survey""#, "422 not-allowed /purpose"),
                (#""purpose": "newsletter", "language": "xx""#, "422 not-allowed /language"),
                (#""purpose": "newsletter", "extra": 1"#, "422 unknown-field /extra"),
            ] {
                let reply = try await service.post(
                    "/v1/consents/request", #"{"address": "ny@firma.example", \#(fields)}"#)
                #expect(reply.problem == problem)
            }
        }
    }

    // MARK: The unsubscribe page in words

    @Test func theUnsubscribePageSpeaksTheReadersLanguageAndTakesBack() async throws {
        try await Self.run { service async throws in
            let subscriber = try await service.subscriber(Self.address, topic: "events")
            let asks = try await service.send(.get, subscriber.path, headers: ["Accept-Language": "de;q=0.1, nn"])
            let isNorwegian = asks.text.contains("<html lang=\"nb\">") && asks.text.contains("fra Stratsys AB?")
            #expect(asks.status == 200 && isNorwegian)
            let stopped = try await service.press(subscriber.path + "?lang=en", "action=stop")
            let says = stopped.text.contains("You are unsubscribed") && stopped.text.contains("Counts from")
            #expect(says)
            #expect(try await service.press(subscriber.path, "action=undo").status == 400, "without the words")
            #expect(try await service.reason(Self.address) == "unsubscribed")
            let undone = try await service.press(subscriber.path + "?lang=en", "action=undo&wording=resume-1")
            #expect(undone.status == 200)
            #expect(try await service.reason(Self.address) == "ground-holds")
            #expect(try await service.database.consentEvidence().contains("wording-sha256"))
        }
    }
}

extension Service {
    /// The path of a fresh link of the address, for the newsletter.
    func path(
        _ type: LinkType, _ address: String, purpose: String = "newsletter", agedDays days: Int64 = 0
    ) async throws -> String {
        let issuer = try TestLinks.issuer()
        let controller = try #require(try await store.catalogue().controllers.first)
        let link = Link(
            type, controller: controller.id, person: try testPeppers().current.person(try Address(parsing: address)),
            purpose: try slug(purpose), mintedAt: systemNow().advanced(byMicroseconds: -days * 86_400_000_000))
        let nonce = (0..<LinkToken.nonceOctets).map { _ in UInt8.random(in: 0 ... .max) }
        let url = try #require(issuer.url(of: link, nonce: nonce))
        return String(url.dropFirst(TestLinks.origin.count))
    }
}
