import Foundation
import Harness
import Rules
import Store
import Testing

@testable import Web

/// The pages in a real browser. Screenshots go to `.local/screenshots`.
@Suite(.serialized) struct BrowserTests {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let screenshots = here.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent(".local/screenshots")

    /// One page as the script reads it.
    private struct Shown: Encodable {
        let name: String
        let language: String
        let status: Int
        let headers: [[String]]
        let html: String
        let shots: Bool
    }

    /// Every page in every language: readable at 360 and 1280 px, in light and dark, without a fault that axe-core knows.
    @Test func everyPageIsAccessible() async throws {
        let pages = try PageScene.pages()
        var shown: [Shown] = []
        for tag in PageTests.tags {
            let policy = try PageScene.policy(tag == "nb" || tag == "sv" ? "stratsys" : "infobric")
            let frame = pages.frame(
                language: tag, accept: nil, controller: policy.controllers[0], group: policy.controllers)
            for (name, answer) in try PageScene.every(frame, policy, pages) {
                shown.append(
                    Shown(
                        name: name, language: tag, status: answer.status, headers: answer.headers.map { [$0.0, $0.1] },
                        html: answer.html,
                        shots: tag == "nb" || (tag == "de" && (name.hasPrefix("stopped") || name.hasPrefix("file")))))
            }
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pages-\(UUID().uuidString).json")
        try JSONEncoder().encode(shown).write(to: file)
        defer { do { try FileManager.default.removeItem(at: file) } catch {} }
        let (status, output) = try await Self.run("gallery.py", [file.path, Self.screenshots.path])
        #expect(status == 0, "\(output.suffix(20_000))")
        #expect(output.contains("\(shown.count) pages, 0 faults"))
    }

    /// With scripts on, as a person or a scanner with a browser has them: looking changes nothing, pressing does.
    @Test func aPageThatIsLookedAtChangesNothing() async throws {
        try await LiveService.run { service in
            let store = try await service.database.store()
            let address = try Address(parsing: "kari@firma.example")
            let controller = try #require(try await store.catalogue().controllers.first)
            let issuer = try TestLinks.issuer()
            var urls: [String] = []
            let request = try await store.run(
                .openRequest(.restrict, of: .address(address), language: "nb", from: .staff(receivedAt: nil)),
                by: Access(operator: "test", for: controller))
            for type in [LinkType.unsubscribe, .preferences, .confirmation, .request] {
                let link = Link(
                    type, controller: controller.id, person: try testPeppers().current.person(address),
                    purpose: type == .request ? nil : try slug("newsletter"),
                    reference: type == .request ? request.id : nil, mintedAt: systemNow())
                let nonce = (0..<LinkToken.nonceOctets).map { _ in UInt8.random(in: 0 ... .max) }
                let url = try #require(issuer.url(of: link, nonce: nonce))
                urls.append("http://127.0.0.1:\(service.port)\(url.dropFirst(TestLinks.origin.count))?lang=nb")
            }
            await store.shutdown(within: .seconds(5))
            let rows = try await service.database.ledgerRows()
            let (looked, said) = try await Self.run("visit.py", ["look"] + urls)
            #expect(looked == 0, "\(said.suffix(2_000))")
            for title in ["Valgene dine hos Stratsys AB", "Er det dette du vil?", "Stans bruken av opplysningene mine"]
            {
                #expect(said.contains(title))
            }
            #expect(try await service.database.ledgerRows() == rows)

            let (pressed, answer) = try await Self.run("visit.py", ["press", urls[2], urls[0], urls[3]])
            #expect(pressed == 0, "\(answer.suffix(2_000))")
            #expect(
                answer.contains("Takk, det er bekreftet") && answer.contains("Du er meldt av")
                    && answer.contains("Det er gjort"), "\(answer.suffix(500))")
            #expect(try await service.database.ledgerRows() == rows + 4)
        }
    }

    /// Runs a script beside this file with the tests' Python, bounded in time.
    static func run(_ script: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let venv = try #require(
            ProcessInfo.processInfo.environment["MAYSEND_TEST_VENV"],
            "run the tests by 'make test', which makes a Python")
        return try await Script.run(
            URL(fileURLWithPath: "/usr/bin/timeout"),
            ["--kill-after=10", "900", venv + "/bin/python", here.appendingPathComponent(script).path] + arguments)
    }
}
