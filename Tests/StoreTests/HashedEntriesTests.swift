import Harness
import Rules
import Testing

@testable import Store

@Suite struct HashedEntriesTests {
    private func hashed(_ address: String, _ kind: HashedAddress.Kind) throws -> HashedAddress {
        HashedAddress(of: try Address(parsing: address), kind)
    }

    /// Every way in which a server asks, each with what memory held before the first entry of the kind.
    @Test(arguments: HashedAddress.Kind.allCases, [Event.WideScope.controller, .group])
    func theFirstOfItsKindIsSeenByAServerThatKnewOfNone(kind: HashedAddress.Kind, scope: Event.WideScope) async throws {
        let scene = try await Scene.make("infobric", "infobric-ab")
        let other = try await scene.database.store()
        let sister = try await scene.of("infobric-as")
        let question = Check(address: try Address(parsing: "kari@firma.example"), purpose: try slug("newsletter"))
        for scene in [scene, sister] { try await scene.report(.contacted) }
        func answers(of access: Access) async throws -> [String] {
            let single = try await other.verdict(question, by: access).get().verdict.reason.code
            let listed = try await other.verdicts(of: [question.address], question.terms, by: access, .prompt).get()
            return [single, listed[0].verdict.reason.code]
        }
        #expect(try await answers(of: scene.access) == ["ground-holds", "ground-holds"])
        let entry = HashedEntry(try hashed("kari@firma.example", kind))
        #expect(try await scene.store.run(.suppress([entry], scope: scope), by: scene.access) == [.created])
        #expect(try await answers(of: scene.access) == ["imported", "imported"])
        let expected = scope == .group ? "imported" : "ground-holds"
        #expect(try await answers(of: sister.access) == [expected, expected])
        // Nobody else is meant.
        try await scene.report(.contacted, "ola@firma.example")
        #expect(try await scene.reason("ola@firma.example") == "ground-holds")
        await other.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func anAddressFirstSeenLaterIsRefusedAndNotStored() async throws {
        let scene = try await Scene.make()
        let entry = HashedEntry(try hashed("kari@firma.example", .sha256))
        _ = try await scene.store.run(.suppress([entry]), by: scene.access)
        #expect(try await scene.reason() == "imported")
        let verdicts = try await scene.collect([try lead("Kari@Firma.example", collectedAt: "2026-11-01T00:00:00Z")])
        #expect(verdicts == [.suppressed(.imported)])
        // The operator's claim of a consent is refused, as it is against any entry.
        await #expect(throws: StoreError.self) {
            try await scene.report(.consentGiven(try slug("newsletter"), by: .operator))
        }
        #expect(try await scene.reason() == "imported")
        await scene.close()
    }

    @Test func onlyThePersonLiftsIt() async throws {
        let scene = try await Scene.make()
        let entry = HashedEntry(try hashed("kari@firma.example", .md5))
        _ = try await scene.store.run(.suppress([entry]), by: scene.access)
        try await scene.report(
            .consentGiven(try slug("newsletter"), by: .person(confirmsObjection: false)),
            evidence: try Evidence(confirmed))
        #expect(try await scene.reason() == "ground-holds")
        // The same list once more is no new word of the person.
        #expect(try await scene.store.run(.suppress([entry]), by: scene.access) == [.unchanged])
        #expect(try await scene.reason() == "ground-holds")
        await scene.close()
    }

    @Test func theAliasFormOfAnAddressIsLookedUpToo() async throws {
        let scene = try await Scene.make()
        let entry = HashedEntry(try hashed("kari@firma.example", .sha1))
        _ = try await scene.store.run(.suppress([entry]), by: scene.access)
        #expect(try await scene.reason("kari+news@firma.example") == "imported")
        let tagged = HashedEntry(try hashed("ola+news@firma.example", .sha1))
        _ = try await scene.store.run(.suppress([tagged]), by: scene.access)
        #expect(try await scene.reason("ola+news@firma.example") == "imported")
        await scene.close()
    }

    @Test func theRegisterSaysHowTheEntryMeetsTheAddress() async throws {
        let scene = try await Scene.make()
        let at = try instant("2024-05-13T08:21:44Z")
        let evidence = try Evidence([(name: "dialect", word: "hashed")])
        let entry = HashedEntry(try hashed("kari@firma.example", .sha512), at: at, evidence: evidence)
        _ = try await scene.store.run(.suppress([entry]), by: scene.access)
        let entries = try await scene.store.entries(on: try Address(parsing: "kari@firma.example"), by: scene.access)
        #expect(entries.map(\.via) == [.hash])
        #expect(entries.map(\.at) == [at])
        #expect(entries.map(\.entry.reason) == [.imported])
        #expect(entries.map(\.stops.isEmpty) == [false])
        let tagged = try await scene.store.entries(on: try Address(parsing: "kari+x@firma.example"), by: scene.access)
        #expect(tagged.map(\.via) == [.alias])
        await scene.close()
    }

    @Test func listsAreReadInOnceAndVerified() async throws {
        let scene = try await Scene.make()
        let entries = try (0..<50).map { HashedEntry(try hashed("person\($0)@firma.example", .sha256)) }
        let first = try await scene.store.run(.suppress(entries + entries.prefix(3)), by: scene.access)
        #expect(first.filter { $0 == .created }.count == 50)
        #expect(first.suffix(3).allSatisfy { $0 == .unchanged })
        let second = try await scene.store.run(.suppress(entries), by: scene.access)
        #expect(second.allSatisfy { $0 == .unchanged })
        // An earlier date than the one that is known is news.
        let dated = HashedEntry(entries[0].hashed, at: try instant("2024-05-13T08:21:44Z"))
        #expect(try await scene.store.run(.suppress([dated]), by: scene.access) == [.created])
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        let report = try await verifier.verify()
        #expect(report.driftCount == 0)
        #expect(report.compared >= 50)
        await verifier.shutdown()
        await scene.close()
    }

    @Test func aCheckMakesNoDigestWhereThereIsNoEntry() async throws {
        let scene = try await Scene.make()
        let address = try Address(parsing: "kari@firma.example")
        func places() async throws -> Int {
            let controller = try await scene.store.catalogue().controller(slug("stratsys-ab"))
            return LookupKeys(address, scene.store.peppers, toCheckAt: controller).checkPlaces(at: controller).count
        }
        #expect(try await places() == 1)
        _ = try await scene.store.run(.suppress([HashedEntry(try hashed("a@b.example", .md5))]), by: scene.access)
        #expect(try await places() == 2)
        _ = try await scene.store.run(.suppress([HashedEntry(try hashed("a@b.example", .sha1))]), by: scene.access)
        #expect(try await places() == 3)
        await scene.close()
    }

    @Test func noDigestIsKept() async throws {
        let scene = try await Scene.make()
        let digest = try hashed("kari@firma.example", .sha256)
        let report = Report(.suppressed(.imported, scope: .controller), of: .hashed(digest))
        _ = try await scene.store.run(.record(report), by: scene.access)
        #expect(try await scene.reason() == "imported")
        // The export waits for whatever transaction of the cluster is older.
        var entries: [RegisterEntry] = []
        while entries.isEmpty {
            entries = try await scene.store.registerPage(after: .start, limit: 10, by: scene.access).entries
        }
        #expect(entries.count == 1)
        #expect(!entries.contains { $0.key.octets.elementsEqual(digest.octets.prefix(16)) })
        await scene.close()
    }
}
