import Harness
import Rules
import Store
import Testing

@Suite struct RegistersTests {
    @Test func aLookUpTellsWhatEachEntryStops() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), evidence: Evidence(confirmed))
        try await scene.report(.objected(purpose: slug("profiling")))
        try await scene.report(.complained, "kari+x@firma.example")
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        let entries = try await scene.store.entries(on: Address(parsing: "kari@firma.example"), by: scene.access)
        #expect(entries.map(\.entry.reason) == [.unsubscribed, .objected, .complained])
        #expect(entries.map(\.via) == [.address, .address, .alias])
        #expect(!entries[0].stops.contains(try slug("newsletter")))
        #expect(entries[0].stops.contains(try slug("outreach")))
        #expect(entries[1].stops.map(\.text) == ["profiling"])
        #expect(entries[2].stops.contains(try slug("newsletter")))
        #expect(entries[0].evidence == #"{"method": "double-opt-in", "wording": "v3"}"#)
        #expect(try await scene.store.entries(on: Address(parsing: "ola@firma.example"), by: scene.access).isEmpty)
        await scene.close()
    }

    @Test func theExportGivesEveryEntryOnceWhateverThePage() async throws {
        let scene = try await Scene.make()
        for index in 0..<23 {
            try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "p\(index)@firma.example")
        }
        try await scene.report(.contacted, "not-an-entry@firma.example")
        #expect(try await scene.settledPage(of: 23).count == 23)
        for limit in [1, 7, 100] {
            var ids: [Int64] = []
            var cursor = RegisterCursor.start
            while true {
                let page = try await scene.store.registerPage(after: cursor, limit: limit, by: scene.access)
                guard let next = page.next else { break }
                ids += page.entries.map(\.id)
                cursor = try #require(RegisterCursor(parsing: next.description))
            }
            #expect(ids.count == 23)
            #expect(Set(ids).count == 23)
        }
        await scene.close()
    }

    @Test func aPageNeverStepsOverWhatCommitsLate() async throws {
        let scene = try await Scene.make()
        let other = try await scene.database.openTransaction(
            """
            set local search_path = maysend;
            insert into ledger (holder_id, controller_id, address_key, act, scope, at, actor)
            values (\(scene.access.controller.id), \(scene.access.controller.id), gen_random_uuid(), 'unsubscribed',
                'controller', now(), 'late');
            """)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        // The later entry has committed; the earlier has not, so the page must wait for it.
        #expect(try await scene.store.registerPage(after: .start, limit: 10, by: scene.access).entries.isEmpty)
        try await other.commit()
        #expect(try await scene.settledPage(of: 2).map(\.actor) == ["late", "cli:test"])
        await scene.close()
    }
}

extension Scene {
    /// The first page once it has so many entries: a transaction of any database of the cluster holds the export back
    /// while it runs, and other tests run beside this one.
    fileprivate func settledPage(of count: Int) async throws -> [RegisterEntry] {
        // The export waits for the oldest transaction of the whole cluster, another test's among them.
        for _ in 0..<12_000 {
            let page = try await store.registerPage(after: .start, limit: 1_000, by: access)
            if page.entries.count >= count { return page.entries }
            try await Task.sleep(for: .milliseconds(10))
        }
        return []
    }
}
