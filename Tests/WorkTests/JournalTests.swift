import Harness
import Postgres
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
            try entry(Act(.holdPlaced, hold: slug("dispute"), until: instant("2030-01-01T00:00:00Z"))),
            try entry(Act(.holdReleased, hold: slug("dispute"))), try entry(Act(.bounced, bounce: .hard)),
            try entry(Act(.leftOrganisation)),
        ] {
            let line = JournalLine(entry, floor: 4_700, after: checksum)
            let read = try #require(JournalLine(parsing: line.text, after: checksum))
            #expect(read.entry == entry && read.floor == 4_700 && read.checksum == line.checksum)
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

    /// As they were written before lines had floors, holds and bounces.
    @Test func anOlderLineIsReadToo() throws {
        let body = [
            "1", "4711.12", "stratsys-ab", "unsubscribed", "newsletter", "-", "controller", "-",
            "00000000-0000-0001-0000-000000000002", "-", "-", "-", "2026-11-21T10:00:00.5Z", "2026-11-21T10:00:01Z",
        ].joined(separator: "\t")
        let checksum = Digest(of: JournalLine.firstChecksum + "\n" + body).description
        let line = try #require(JournalLine(parsing: "\(body)\t\(checksum)", after: JournalLine.firstChecksum))
        #expect(line.entry == (try entry(Act(.unsubscribed, purpose: slug("newsletter"), scope: .controller))))
        #expect(line.floor == nil && JournalEnd([line]).floor == 4_711)
    }

    @Test func aHeaderSaysWhatItFollows() throws {
        let header = JournalHeader(after: "2026-11-20.journal", String(repeating: "7", count: 64))
        #expect(JournalHeader(parsing: header.text) == header)
        #expect(JournalHeader(parsing: header.text.replacing("20.journal", with: "19.journal")) == nil)
        let first = JournalHeader(after: nil, JournalLine.firstChecksum)
        #expect(JournalHeader(parsing: first.text) == first)
    }
}

/// The journal as it follows a ledger.
@Suite struct JournalTests {
    private final class Shelf: Sendable {
        let lines = Mutex<[JournalLine]>([])
        let isBroken = Mutex(false)

        var shelf: JournalShelf {
            JournalShelf(
                append: { entries, floor, _ throws(JournalFault) in
                    if self.isBroken.withLock({ $0 }) { throw JournalFault("the disk is full") }
                    self.lines.withLock {
                        $0 += entries.map { JournalLine($0, floor: floor, after: JournalLine.firstChecksum) }
                    }
                },
                end: { count throws(JournalFault) in JournalEnd(self.lines.withLock { $0.suffix(count) }) })
        }

        var names: [String] { lines.withLock { $0.map(\.entry.act.name.rawValue) } }
    }

    @Test func itHasEveryRefusalOnceAndGoesOnWhereItWas() async throws {
        let scene = try await JournalScene()
        let desk = try JournalDesk(url: scene.database.url, random: { 0.5 })
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
        let desk = try JournalDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        let shelf = Shelf()
        let journal = Journal(desk, shelf.shelf)
        try await scene.unsubscribe("a@firma.example")
        try await tick(journal, until: { shelf.names.count == 1 })
        #expect(try await Journal(desk, shelf.shelf).tick())
        try await scene.database.run(
            "set session_replication_role = replica; delete from maysend.ledger; delete from maysend.standing")
        #expect(try await !journal.tick())
        let closed = try await scene.database.count("maysend.cluster where restore_wanted is not null")
        #expect(closed == 1)
        #expect(try await !Journal(desk, shelf.shelf).tick())
        await #expect(throws: StoreError.self) { try await scene.unsubscribe("b@firma.example") }
        await desk.shutdown()
        await scene.close()
    }

    /// A transaction that is left open, in whichever database of the cluster, holds nothing up; and what it then commits is not
    /// stepped over, though the journal is beyond it and another process has taken it over.
    @Test func whatIsCommittedIsThereHoweverLongAnotherTransactionIsOpen() async throws {
        let scene = try await JournalScene()
        let desk = try JournalDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        let shelf = Shelf()
        let journal = Journal(desk, shelf.shelf)
        try await scene.unsubscribe("a@firma.example")
        try await journal.tick()
        let controller = scene.access.controller.id
        let open = try await scene.database.openTransaction(
            """
            insert into maysend.ledger (holder_id, controller_id, address_key, act, at, actor)
            values (\(controller), \(controller), gen_random_uuid(), 'restricted', now(), 'test')
            """)
        try await scene.unsubscribe("b@firma.example")
        try await journal.tick()
        #expect(shelf.names == ["unsubscribed", "unsubscribed"])
        let next = Journal(desk, shelf.shelf)
        try await next.tick()
        try await scene.report(.erased, "c@firma.example")
        try await next.tick()
        #expect(shelf.names == ["unsubscribed", "unsubscribed", "erased"])
        let last = Journal(desk, shelf.shelf)
        try await last.tick()
        try await open.commit()
        try await last.tick()
        #expect(shelf.names == ["unsubscribed", "unsubscribed", "erased", "restricted"])
        try await Journal(desk, shelf.shelf).tick()
        #expect(shelf.names.count == 4)
        await desk.shutdown()
        await scene.close()
    }

    @Test func marksAndHoldsAreKeptToo() async throws {
        let scene = try await JournalScene()
        let desk = try JournalDesk(url: scene.database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        let shelf = Shelf()
        for event in [
            Event.holdPlaced(try slug("dispute"), until: nil), .holdReleased(try slug("dispute")), .bounced(.hard),
            .bounced(.soft), .leftOrganisation,
        ] { try await scene.report(event, "a@firma.example") }
        try await Journal(desk, shelf.shelf).tick()
        #expect(shelf.names == ["hold-placed", "hold-released", "bounced", "left-organisation"])
        await desk.shutdown()
        await scene.close()
    }

    /// A backup is restored under a server that goes on, by whose catalogue nothing tells the two apart, or something does.
    @Test(arguments: [0, 1, 3])
    func whoeverGoesOnAnswersNothingFromARestoredDatabase(_ keys: Int) async throws {
        let (database, key, backup) = try await Self.databaseWithBackup()
        let scene = try await JournalScene(database)
        let desk = try JournalDesk(url: database.url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        let (shelf, store) = (Shelf(), scene.store)
        store.requireConfirmation()
        let journal = Journal(desk, shelf.shelf) { store.confirm($0) }
        try await journal.tick()
        for _ in 0..<keys { _ = try await database.key(for: "stratsys-ab") }
        #expect(try await scene.isEligible("kari@firma.example"))
        let believed = try #require(store.believed(key, at: systemNow()))
        try await scene.unsubscribe("kari@firma.example")
        try await journal.tick()
        #expect(try await !scene.isEligible("kari@firma.example"))
        try await database.restore(backup)
        // Neither before the journal is compared nor behind that.
        try await store.ready(within: .seconds(30))
        for _ in 0..<8 { try await scene.expectNothingSaid(of: "kari@firma.example", believed) }
        try await desk.ready(within: .seconds(30))
        #expect(try await !journal.tick())
        for _ in 0..<8 { try await scene.expectNothingSaid(of: "kari@firma.example", believed) }
        // Nor is anything recorded that export, seals and journal would step over.
        await #expect(throws: StoreError.self) { try await scene.unsubscribe("ola@firma.example") }
        #expect(try await database.count("maysend.cluster where restore_wanted is not null") == 1)
        // Whatever the check of the restore does to the epoch, memory says nothing either.
        let restoring = try RestoreDesk(url: database.url, random: { 0.5 })
        try await restoring.ready(within: .seconds(30))
        _ = try await restoring.settle(behind: .start)
        try await scene.expectNothingSaid(of: "kari@firma.example", believed)
        await restoring.shutdown()
        await desk.shutdown()
        await scene.close()
    }

    /// Without a journal a database that has gone back in time shows by its catalogue, if that has moved since.
    @Test func aCatalogueThatWentBackIsRefusedUntilTheRestoreIsChecked() async throws {
        let (database, _, backup) = try await Self.databaseWithBackup()
        let scene = try await JournalScene(database)
        _ = try await database.key(for: "stratsys-ab")
        #expect(try await scene.isEligible("kari@firma.example"))
        try await database.restore(backup)
        try await scene.store.ready(within: .seconds(30))
        for _ in 0..<3 { try await scene.expectNothingSaid(of: "kari@firma.example", nil) }
        await #expect(throws: StoreError.self) { try await scene.unsubscribe("ola@firma.example") }
        let restoring = try RestoreDesk(url: database.url, random: { 0.5 })
        try await restoring.ready(within: .seconds(30))
        _ = try await restoring.settle(behind: .start)
        try await scene.expectNothingSaid(of: "kari@firma.example", nil)
        try await restoring.finish()
        #expect(try await scene.isEligible("kari@firma.example"))
        await restoring.shutdown()
        await scene.close()
    }

    /// With a lead, and a key.
    private static func databaseWithBackup() async throws -> (TestDatabase, APIKey, TestDatabase) {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: "stratsys")
        let access = Access(operator: "test", for: try #require(try await store.catalogue().controllers.first))
        _ = try await store.run(.collect([Lead(address: try Address(parsing: "kari@firma.example"))]), by: access)
        await store.shutdown(within: .seconds(5))
        let key = try #require(APIKey(parsing: try await database.key(for: "stratsys-ab")))
        return (database, key, try await database.backup())
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
        let database = try await TestDatabase.make()
        try await database.apply(policy: "stratsys")
        try await self.init(database)
    }

    init(_ database: TestDatabase) async throws {
        self.database = database
        store = try await database.store()
        access = Access(operator: "test", for: try #require(try await store.catalogue().controllers.first))
    }

    func report(_ event: Event, _ address: String) async throws {
        _ = try await store.run(.record(Report(event, of: .address(try Address(parsing: address)))), by: access)
    }

    func unsubscribe(_ address: String) async throws {
        try await report(.unsubscribed(scope: nil, purpose: nil, topic: nil), address)
    }

    func isEligible(_ address: String) async throws -> Bool {
        try await store.verdict(Self.check(address), by: access).get().verdict.isEligible
    }

    /// No way to ask says that it is eligible.
    func expectNothingSaid(of address: String, _ believed: BelievedKey?) async throws {
        let (check, terms) = (try Self.check(address), CheckTerms(purpose: try slug("newsletter")))
        await #expect(throws: StoreError.self) { _ = try await store.verdict(check, by: access) }
        await #expect(throws: StoreError.self) {
            _ = try await store.verdicts(of: [check.address], terms, by: access, .prompt)
        }
        guard let believed else { return }
        let read = await withCheckedContinuation { continuation in
            store.ask(check, as: believed) { continuation.resume(returning: $0) }
        }
        #expect(read?.answer(at: systemNow()) == nil)
    }

    private static func check(_ address: String) throws -> Check {
        Check(address: try Address(parsing: address), purpose: try slug("newsletter"))
    }

    func close() async { await store.shutdown(within: .seconds(5)) }
}
