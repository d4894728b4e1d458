import Harness
import Rules
import Store
import Testing

@Suite struct StoriesTests {
    private let kari = "kari@firma.example"

    @Test func whatDoesNotFitIsSaidAndTold() async throws {
        let scene = try await Scene.make()
        let days = (1...5).map { "2026-01-0\($0)T10:00:00Z" }
        for day in days { try await scene.report(.contacted, kari, at: day) }
        let address = try Address(parsing: kari)
        var told: [Int64] = []
        var start: Instant? = .min
        while let from = start {
            let story = try await scene.store.story(of: address, from: from, actsMax: 2, by: scene.access)
            #expect(story.acts.count <= 2)
            told += story.acts.map(\.id)
            start = story.moreFrom
        }
        let whole = try await scene.store.story(of: address, by: scene.access)
        #expect(whole.moreFrom == nil && whole.acts.map(\.id) == told && told.count == 5)
        await scene.close()
    }

    @Test func aDigestIsNoOtherAddress() async throws {
        let scene = try await Scene.make()
        let digest = HashedEntry(HashedAddress(of: try Address(parsing: kari), .sha1))
        _ = try await scene.store.run(.suppress([digest]), by: scene.access)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "kari+x@firma.example")
        let story = try await scene.store.story(of: Address(parsing: kari), by: scene.access)
        #expect(story.acts.map(\.of) == [.digest, .alias])
        await scene.close()
    }

    @Test func whatThePersonAskedForIsTold() async throws {
        let scene = try await Scene.make()
        _ = try await scene.store.run(
            .openRequest(
                .export, of: .address(Address(parsing: kari)), language: nil, from: .staff(receivedAt: nil)),
            by: scene.access)
        let story = try await scene.store.story(of: Address(parsing: kari), by: scene.access)
        #expect(story.requests.map(\.kind) == [.export])
        await scene.close()
    }
}
