import Harness
import Rules
import Store
import Testing

/// Numbers of transactions after a restore: the export and the seals step over nothing.
@Suite struct RestoresTests {
    @Test func inAClusterThatHasNumberedLessTheExportGoesOn() async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "a@firma.example")
        try await scene.database.run(
            """
            set session_replication_role = replica;
            update maysend.ledger set tx = (tx::text::bigint + 1000000000)::text::xid8;
            update maysend.cluster set system_identifier = '1'
            """)
        // Behind the newest number there is nothing to be seen, however long one waits.
        #expect(try await scene.store.registerPage(after: .start, limit: 10, by: scene.access).entries.isEmpty)
        let desk = try RestoreDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        #expect(try await !desk.state().isAtHome)
        #expect(try await desk.settle(behind: .start) > 0)
        #expect(try await desk.state().isAtHome)
        try await desk.finish()
        let first = try await page(scene, after: .start, count: 1)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "b@firma.example")
        let next = try await page(scene, after: first, count: 1)
        // A reader that had seen more than the backup holds misses nothing of what comes now.
        let lost = ActPosition(transaction: 5_000_000_000, id: 7)
        _ = try await desk.settle(behind: lost)
        try await desk.finish()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "c@firma.example")
        let ahead = try #require(RegisterCursor(parsing: lost.description))
        _ = try await page(scene, after: ahead, count: 1)
        _ = try await page(scene, after: next, count: 1)
        // Once behind everything, it stays where it is.
        let offset = try await desk.state().offset
        #expect(try await desk.settle(behind: .start) == offset)
        await desk.shutdown()
        await scene.close()
    }

    /// Whatever the backup has of it, a hold keeps what it names, and an erasure waits for its end.
    @Test(arguments: [true, false])
    func anErasureThatIsReplayedWaitsForAHold(_ isHoldInBackup: Bool) async throws {
        let scene = try await Scene.make()
        let kari = try Address(parsing: "kari@firma.example")
        _ = try await scene.collect([
            lead("kari@firma.example", name: "Kari", organisation: OrganisationName(number: "1", name: nil))
        ])
        let hold = try slug("accounting")
        if isHoldInBackup { try await scene.report(.holdPlaced(hold, until: nil)) }
        let key = scene.database.peppers.key(for: kari)
        func entry(_ act: Act, _ number: Int64) -> JournalEntry {
            let at = systemNow()
            return JournalEntry(
                position: ActPosition(transaction: 4_000_000_000, id: number), controller: scene.access.controller.slug,
                act: act, key: key, alias: nil, domain: nil, hashed: nil, at: at, recordedAt: at)
        }
        var entries = [entry(Act(.erased, scope: .controller), 2)]
        if !isHoldInBackup { entries.insert(entry(Act(.holdPlaced, hold: hold), 1), at: 0) }
        #expect(try await scene.store.run(.replay(entries), by: scene.access) == entries.count)
        #expect(try await scene.store.run(.replay(entries), by: scene.access) == 0)
        #expect(try await scene.reason() == "erased")
        #expect(try await scene.store.subjectFile(of: kari, by: scene.access).held?.name == "Kari")
        #expect(try await scene.database.count("maysend.pending_erasure where done_at is null") == 1)
        #expect(try await scene.store.run(.replay([entry(Act(.holdReleased, hold: hold), 3)]), by: scene.access) == 1)
        let after = try await scene.store.subjectFile(of: kari, by: scene.access)
        #expect(after.contact == nil && after.held == nil)
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        #expect(try await verifier.verify().drifts == [])
        await verifier.shutdown()
        await scene.close()
    }

    /// Once begun, it is open again only when it has ended.
    @Test func settlingShutsTheDoorsUntilItIsFinished() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let desk = try RestoreDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        _ = try await desk.settle(behind: .start)
        await #expect(throws: StoreError.self) { _ = try await scene.answer() }
        await #expect(throws: StoreError.self) { try await scene.report(.contacted) }
        try await desk.finish()
        _ = try await scene.answer()
        await desk.shutdown()
        await scene.close()
    }

    /// Reads on until so many entries have come; a transaction of another test on the cluster may hold them up for a moment.
    private func page(_ scene: Scene, after cursor: RegisterCursor, count: Int) async throws -> RegisterCursor {
        while true {
            let page = try await scene.store.registerPage(after: cursor, limit: 10, by: scene.access)
            if page.entries.count >= count, let next = page.next {
                #expect(page.entries.count == count)
                return next
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
