import Harness
import Rules
import Testing

@testable import Store

/// What a check leaves out, because nothing of the kind was ever recorded, it looks for from the first time on.
@Suite struct LookupsTests {
    /// Every way in which a server asks, each with what memory held before.
    private static let ways = ["by access", "with key", "quick", "in a list"]

    @Test(arguments: ways, ["domain", "group", "group's domain"])
    func theFirstOfItsKindIsSeenByAServerThatKnewOfNone(way: String, kind: String) async throws {
        let scene = try await Scene.make("infobric", "infobric-ab")
        let other = try await scene.database.store()
        let key = try #require(APIKey(parsing: try await scene.database.key(for: "infobric-ab")))
        try await scene.report(.contacted)
        let access = try other.believedAccess(of: key) ?? scene.access
        let question = try Question(other: other, key: key, access: access)
        #expect(try await question.reason(way) == "ground-holds")

        switch kind {
        case "group":
            try await scene.report(.unsubscribed(scope: .group, purpose: nil, topic: nil))
        default:
            let scope: Event.WideScope = kind == "domain" ? .controller : .group
            let report = Report(
                .suppressed(.domainSuppressed, scope: scope), of: .domain(try Domain(parsing: "firma.example")))
            _ = try await scene.store.run(.record(report), by: scene.access)
        }
        #expect(try await question.reason(way) == (kind == "group" ? "unsubscribed" : "domain-suppressed"))
        await other.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func aCheckLooksOnlyForWhatThereCanBe() async throws {
        let scene = try await Scene.make()
        let address = try Address(parsing: "kari@firma.example")
        func places() async throws -> Int {
            let controller = try await scene.store.catalogue().controller(slug("stratsys-ab"))
            return LookupKeys(address, scene.store.peppers, toCheckAt: controller).checkPlaces(at: controller).count
        }
        try await scene.report(.unsubscribed(scope: .controller, purpose: nil, topic: nil))
        #expect(try await places() == 1)
        try await scene.report(.unsubscribed(scope: .group, purpose: nil, topic: nil), "ola@other.example")
        #expect(try await places() == 2)
        let report = Report(
            .suppressed(.domainSuppressed, scope: .controller), of: .domain(try Domain(parsing: "third.example")))
        _ = try await scene.store.run(.record(report), by: scene.access)
        #expect(try await places() == 3)
        await scene.close()
    }
}

/// One question, asked of one server in one way or another.
private struct Question {
    let other: Store
    let key: APIKey
    let access: Access
    let check: Check

    init(other: Store, key: APIKey, access: Access) throws {
        (self.other, self.key, self.access) = (other, key, access)
        check = Check(address: try Address(parsing: "kari@firma.example"), purpose: try slug("newsletter"))
    }

    func reason(_ way: String) async throws -> String {
        switch way {
        case "by access": return try await other.verdict(check, by: access).get().verdict.reason.code
        case "with key":
            let provisional = try await other.provisionalAccess(of: key, at: instant("2026-12-01T00:00:00Z")).get()
            let outcome = try await other.verdict(
                check, with: key, provisional: provisional, at: instant("2026-12-01T00:00:00Z"))
            return try outcome.get().answer.get().verdict.reason.code
        case "in a list":
            return try await other.verdicts(of: [check.address], check.terms, by: access, .prompt).get()[0].verdict
                .reason.code
        default:
            let now = try instant("2026-12-01T00:00:00Z")
            _ = try await other.provisionalAccess(of: key, at: now)
            let believed = try #require(other.believed(key, at: now))
            let read = await withCheckedContinuation { continuation in
                other.ask(check, as: believed) { continuation.resume(returning: $0) }
            }
            // The short way may only say that it cannot tell: then the long way is gone.
            guard let answer = read?.answer(at: now) else { return try await reason("with key") }
            return answer.verdict.reason.code
        }
    }
}

extension Store {
    fileprivate func believedAccess(of key: APIKey) throws -> Access? {
        believed(key, at: try instant("2026-12-01T00:00:00Z"))?.access
    }
}
