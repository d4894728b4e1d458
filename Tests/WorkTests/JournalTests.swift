import Harness
import Rules
import Store
import Synchronization
import Testing
import Work

@Suite struct JournalLineTests {
    private func entry(
        _ act: Act, domain: String? = nil, alias: AddressKey? = nil, hashed: HashedAddress.Kind? = nil
    ) throws -> JournalEntry {
        JournalEntry(
            position: ActPosition(transaction: 4_711, id: 12), controller: try slug("stratsys-ab"), act: act,
            key: AddressKey(high: 1, low: 2), alias: alias, domain: domain, hashed: hashed,
            at: try instant("2026-11-21T10:00:00.5Z"),
            recordedAt: try instant("2026-11-21T10:00:01Z"))
    }

    @Test func everyLineIsReadBackAsItWasWritten() throws {
        let news = try slug("newsletter")
        var checksum = JournalLine.firstChecksum
        for entry in [
            try entry(Act(.unsubscribed, scope: .controller)),
            try entry(
                Act(.unsubscribed, purpose: news, topic: slug("events"), scope: .topic),
                alias: AddressKey(high: 3, low: 4)),
            try entry(Act(.suppressed, scope: .group, suppression: .domainSuppressed), domain: "firma.example"),
            try entry(Act(.suppressed, scope: .controller, suppression: .imported), hashed: .sha256),
            try entry(Act(.erased, scope: .controller)), try entry(Act(.restricted)),
        ] {
            let line = JournalLine(entry, after: checksum)
            let read = try #require(JournalLine(parsing: line.text, after: checksum))
            #expect(read.entry == entry && read.checksum == line.checksum)
            #expect(JournalLine(parsing: line.text, after: String(repeating: "1", count: 64)) == nil)
            for index in line.text.indices {
                var text = line.text
                text.replaceSubrange(index...index, with: text[index] == "7" ? "8" : "7")
                #expect(JournalLine(parsing: text, after: checksum) == nil)
            }
            #expect(JournalLine(parsing: line.text.dropLast(), after: checksum) == nil)
            checksum = line.checksum
        }
    }
}

/// The journal as it follows a ledger.
@Suite struct JournalTests {
    private final class Shelf: Sendable {
        let entries = Mutex<[JournalEntry]>([])
        let isBroken = Mutex(false)

        var shelf: JournalShelf {
            JournalShelf(
                append: { entries, _ throws(JournalFault) in
                    if self.isBroken.withLock({ $0 }) { throw JournalFault("the disk is full") }
                    self.entries.withLock { $0 += entries }
                },
                newest: { count throws(JournalFault) in self.entries.withLock { Array($0.suffix(count)) } })
        }

        var names: [String] { entries.withLock { $0.map(\.act.name.rawValue) } }
    }

    @Test func itHasEveryRefusalOnceAndGoesOnWhereItWas() async throws {
        let scene = try await JournalScene()
        let desk = try SealDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        let shelf = Shelf()
        let journal = Journal(desk, shelf.shelf)
        try await scene.unsubscribe("a@firma.example")
        try await scene.report(.contacted, "b@firma.example")
        try await scene.report(.restricted, "b@firma.example")
        try await tick(journal, until: { shelf.names == ["unsubscribed", "restricted"] })
        // A disk that is full loses nothing: what could not be written is written later.
        shelf.isBroken.withLock { $0 = true }
        try await scene.report(.erased, "b@firma.example")
        await #expect(throws: JournalFailure.self) {
            while true { try await journal.tick() }
        }
        shelf.isBroken.withLock { $0 = false }
        // Another process takes the folder over.
        let next = Journal(desk, shelf.shelf)
        try await tick(next, until: { shelf.names == ["unsubscribed", "restricted", "erased"] })
        try await next.tick()
        #expect(shelf.names.count == 3)
        await desk.shutdown()
        await scene.close()
    }

    @Test func aDatabaseThatWentBackInTimeIsNoticedAndClosed() async throws {
        let scene = try await JournalScene()
        let desk = try SealDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        let shelf = Shelf()
        let journal = Journal(desk, shelf.shelf)
        try await scene.unsubscribe("a@firma.example")
        try await tick(journal, until: { shelf.names.count == 1 })
        #expect(try await Journal(desk, shelf.shelf).compare())
        try await scene.database.run(
            "set session_replication_role = replica; delete from maysend.ledger; delete from maysend.standing")
        try await journal.tick()
        let closed = try await scene.database.count("maysend.cluster where restore_wanted is not null")
        #expect(closed == 1)
        #expect(try await !Journal(desk, shelf.shelf).compare())
        await #expect(throws: StoreError.self) { try await scene.unsubscribe("b@firma.example") }
        await desk.shutdown()
        await scene.close()
    }

    private func tick(_ journal: Journal, until isDone: () -> Bool) async throws {
        while !isDone() {
            try await journal.tick()
            if !isDone() { try await Task.sleep(for: .milliseconds(5)) }
        }
    }
}

/// One controller on a database of its own.
private struct JournalScene {
    let database: TestDatabase
    let store: Store
    let access: Access

    init() async throws {
        database = try await TestDatabase.make()
        store = try await database.store(policy: "stratsys")
        access = Access(operator: "test", for: try #require(try await store.catalogue().controllers.first))
    }

    func report(_ event: Event, _ address: String) async throws {
        _ = try await store.run(.record(Report(event, of: .address(try Address(parsing: address)))), by: access)
    }

    func unsubscribe(_ address: String) async throws {
        try await report(.unsubscribed(scope: nil, purpose: nil, topic: nil), address)
    }

    func close() async { await store.shutdown(within: .seconds(5)) }
}
