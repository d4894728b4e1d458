import Formats
import Harness
import Rules
import Store
import Testing
import Work

/// Imports into a real database.
@Suite struct ImporterTests {
    @Test func everyRowIsAnsweredInOrderAndTheSummaryAddsUp() async throws {
        let scene = try await Scene("stratsys")
        try await scene.unsubscribe("ingrid@firma.example")
        let text = """
            E-post;Navn
            kari@firma.example;Kari
            ola@firma.example;Ola

            ingrid@firma.example;Ingrid
            Kari@Firma.example ;Kari igjen
            ola(at)firma.example;Ola
            ;
            ole@firma.example;Ole;for mye
            """
        let outcome = try await scene.bring(text)
        #expect(
            outcome.lines == [
                "2 created", "3 created", "5 suppressed unsubscribed", "6 duplicate of line 2",
                "7 invalid email: \(AddressError.atSignMissing)", "8 empty",
                "9 invalid 1 fields more than the header has; a field with a delimiter in it must stand in quotes",
            ])
        #expect(outcome.counts == [2, 0, 0, 1, 0, 1, 2, 2])
        #expect(outcome.record.lines == text.split(separator: "\n", omittingEmptySubsequences: false).count - 1)
        #expect(outcome.record.state == .finished)
        await scene.close()
    }

    @Test func aListFindsTheContactsThatAreOlderThanThePepper() async throws {
        let old = try await Scene("stratsys")
        _ = try await old.bring("email,name,company\na@firma.example,Anna,Firma\nb@firma.example,Bo,Firma\n")
        let scene = try await Scene(rotating: old)
        #expect(
            try await scene.bring("email,name\na@firma.example,Anne\nb@firma.example,Bo\nc@firma.example,Cia\n").lines
                == [
                    "2 updated", "3 unchanged", "4 created",
                ])
        let names = try await scene.database.texts("select name from maysend.contact order by address")
        #expect(names == ["Anne", "Bo", "Cia"])
        await scene.close()
        await old.close()
    }

    @Test func againIsUnchangedAndANewNameIsUpdated() async throws {
        let scene = try await Scene("stratsys")
        let text = "email,name,company\na@firma.example,Anna,Firma\nb@firma.example,Bo,Firma\n"
        #expect(try await scene.bring(text).lines == ["2 created", "3 created"])
        #expect(try await scene.bring(text).lines == ["2 unchanged", "3 unchanged"])
        let renamed = text.replacing("Bo", with: "Bo Berg")
        #expect(try await scene.bring(renamed).lines == ["2 unchanged", "3 updated"])
        await scene.close()
    }

    @Test func anImportLiftsNoOptOut() async throws {
        let scene = try await Scene("stratsys")
        try await scene.unsubscribe("kari@firma.example")
        let text = "email,consent,consent date,unsubscribed\nkari@firma.example,yes,2026-05-05,no\n"
        for _ in 0..<2 {
            #expect(try await scene.bring(text).lines == ["2 suppressed unsubscribed"])
            #expect(try await scene.reason("kari@firma.example") == "unsubscribed")
        }
        await scene.close()
    }

    @Test func aListWithoutConsentIsNotStoredWhereConsentIsNeeded() async throws {
        let scene = try await Scene("consent-first")
        let text = "email,consent\na@firma.example,yes\nb@firma.example,yes\n"
        let outcome = try await scene.bring(text)
        #expect(outcome.lines == ["2 no-ground consent-missing", "3 no-ground consent-missing"])
        #expect(outcome.record.counts[.noGround] == 2)
        #expect(try await scene.reason("a@firma.example") == "unknown-address")
        await scene.close()
    }

    @Test func aListThatIsTooOldIsNotStored() async throws {
        let scene = try await Scene("stratsys")
        let old = ImportOrder(source: "s", collectedAt: try instant("2020-01-01T00:00:00Z"))
        #expect(try await scene.bring("email\na@firma.example\n", old).lines == ["2 no-ground retention-expired"])
        #expect(try await scene.reason("a@firma.example") == "unknown-address")
        await scene.close()
    }

    @Test func whoTheListSaysHasDeclinedGoesIntoTheRegisterOnce() async throws {
        let scene = try await Scene("stratsys")
        let text =
            "email,unsubscribed\na@firma.example,\na@firma.example,yes\nb@firma.example,yes\nb@firma.example,no\n"
        let lines = [
            "2 suppressed imported", "3 suppressed imported", "4 suppressed imported", "5 duplicate of line 4",
        ]
        for _ in 0..<2 { #expect(try await scene.bring(text).lines == lines) }
        for address in ["a@firma.example", "b@firma.example"] {
            #expect(try await scene.reason(address) == "imported")
            let entries = try await scene.store.entries(on: Address(parsing: address), by: scene.access)
            #expect(entries.map(\.entry.reason) == [.imported])
        }
        await scene.close()
    }

    @Test func twentyThousandRowsInOddPieces() async throws {
        let scene = try await Scene("stratsys")
        let count = 20_000
        var text = "E-post;Navn;Organisasjon\n"
        for number in 0..<count {
            text += "lead.\(number)@firma-\(number % 500).example;Lead \(number);Firma \(number % 500)\n"
        }
        // One date for both, also where midnight falls between them.
        let order = ImportOrder(source: "fair-2026", collectedAt: try await scene.lastWeek())
        let outcome = try await scene.bring(text, order, pieceBytes: 4_093, rowsMax: 700)
        #expect(outcome.record.counts[.created] == count)
        #expect(outcome.lines.first == "2 created" && outcome.lines.last == "\(count + 1) created")
        #expect(outcome.lines.count == count)
        let again = try await scene.bring("E-post\nlead.19999@firma-499.example\n", order)
        #expect(again.lines == ["2 unchanged"])
        await scene.close()
    }

    @Test func whoeverComesMergesTheLaneThatNobodyHolds() async throws {
        let scene = try await Scene("stratsys")
        var text = "email,company\n"
        for number in 0..<100 { text += "lead.\(number)@firma.example,Firma \(number % 7)\n" }
        let importer = Importer(into: scene.store, by: scene.access, worker: "one")
        let id = try await scene.receive(text, importer)
        let turn = try #require(try await scene.store.nextImport())
        let held = try await scene.database.openTransaction(
            "select from maysend.import_lane where lane = 0 for update")
        // The other goes to its end, and the import is not over.
        var merged = 0
        while case .merged(let rows) = try await scene.store.mergeImport(turn, rowsMax: 9) { merged += rows }
        #expect(merged > 0 && merged < 100)
        try await scene.database.require(
            "(select bool_and(is_done = (lane = 1)) and count(*) = 2 from maysend.import_lane)")
        let half = try #require(try await scene.store.importRecord(id, by: scene.access))
        #expect(half.state == .merging && half.counts[.created] == merged)
        try await held.commit()
        let done = try await importer.merge(id, rowsMax: 9)
        #expect(done.state == .finished && done.counts[.created] == 100)
        _ = try await scene.outcome(of: done)
        #expect(try await scene.isSound())
        await scene.close()
    }

    /// Two slices that add people to the same organisation do not wait for each other, but for whoever writes of it they do.
    @Test func anOrganisationIsHeldTogetherWithWhoeverElseAddsPeopleToIt() async throws {
        let scene = try await Scene("stratsys")
        _ = try await scene.bring("email,company\nfirst@firma.example,Firma\n")
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        let id = try await scene.receive("email,company\nsecond@firma.example,Firma\n", importer)
        try await scene.mergeInOneLane()
        let turn = try #require(try await scene.store.nextImport())
        let others = try await scene.database.openTransaction(
            "select pg_advisory_xact_lock_shared(id * 2) from maysend.organisation")
        #expect(try await scene.store.mergeImport(turn) == .merged(rows: 1))
        try await others.commit()
        let other = try await scene.database.openTransaction(
            "select pg_advisory_xact_lock(id * 2) from maysend.organisation")
        _ = try await importer.merge(id)
        let third = try await scene.receive("email,company\nthird@firma.example,Firma\n", importer)
        async let blocked = importer.merge(third)
        try await scene.database.waitForBlockedQuery()
        try await other.commit()
        #expect(try await blocked.counts[.created] == 1)
        await scene.close()
    }

    /// The other lane makes the same organisation at the same time: the second takes the first one's as it is.
    @Test func anOrganisationThatSomebodyElseHasJustMadeIsTakenAsItIs() async throws {
        let scene = try await Scene("stratsys")
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        _ = try await scene.receive("email,company\na@firma.example,Firma\n", importer)
        try await scene.mergeInOneLane()
        let turn = try #require(try await scene.store.nextImport())
        let identity = OrganisationName(number: nil, name: "Firma")?.identity ?? ""
        let other = try await scene.database.openTransaction(
            """
            insert into maysend.organisation (controller_id, identity, name)
            select id, '\(identity)', 'Firma' from maysend.holder where kind = 'controller'
            """)
        async let step = scene.store.mergeImport(turn)
        try await scene.database.waitForBlockedQuery()
        try await other.commit()
        #expect(try await step == .merged(rows: 1))
        try await scene.database.require(
            "(select count(*) = 1 from maysend.contact c join maysend.organisation o on o.id = c.organisation_id)")
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func aDatabaseThatFailsHalfwayStopsAndNothingIsLost() async throws {
        let scene = try await Scene("stratsys")
        var text = "email,name\n"
        for number in 0..<1_200 { text += "lead.\(number)@firma.example,Lead\n" }
        let importer = Importer(into: scene.store, by: scene.access, worker: "one")
        let id = try await scene.receive(text, importer)
        let record = try #require(try await scene.store.importRecord(id, by: scene.access))
        let turn = record.turn(at: scene.access)
        #expect(try await scene.store.mergeImport(turn, rowsMax: 500) == .merged(rows: 500))
        // Nobody takes it while others are at all of it.
        let held = try await scene.database.openTransaction("select from maysend.import_lane for update")
        #expect(try await scene.store.mergeImport(turn, rowsMax: 500) == .notOurs)
        try await held.commit()
        try await scene.database.run("alter table maysend.contact rename to contact_away")
        await #expect(throws: StoreError.self) {
            _ = try await scene.store.mergeImport(turn, rowsMax: 500)
        }
        try await scene.database.run("alter table maysend.contact_away rename to contact")
        #expect(try await scene.store.nextImport() == turn)
        let done = try await Importer(into: scene.store, by: scene.access, worker: "two").merge(id, rowsMax: 500)
        #expect(done.state == .finished && done.counts[.created] == 1_200)
        _ = try await scene.outcome(of: done)
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func theSameFileTwiceIsRecognised() async throws {
        let scene = try await Scene("stratsys")
        let text = "email\na@firma.example\n"
        let first = try await scene.bring(text).record
        let second = try await scene.bring(text, repeated: .refused).record
        #expect(second.id == first.id)
        let all = try await scene.store.imports(by: scene.access)
        #expect(all.map(\.state) == [.failed, .finished])
        #expect(all.first?.sameAs == first.id)
        // What of it was staged is gone.
        try await scene.database.require("not exists (select from pg_class where relname like 'import_row_%')")
        await scene.close()
    }

    @Test func anUploadThatBreaksOffStoresNothing() async throws {
        let scene = try await Scene("stratsys")
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        var isFirst = true
        await #expect(throws: ReadFailure.self) {
            _ = try await importer.receive(
                ImportOpening(.leads), ImportOrder(source: "s", collectedAt: Instant(microseconds: 0)),
                repeated: .refused, now: Instant(microseconds: .max),
                read: {
                    guard isFirst else { throw ReadFailure("gone") }
                    isFirst = false
                    return Array("email\na@firma.example\n".utf8)
                })
        }
        #expect(try await scene.store.imports(by: scene.access).map(\.state) == [.failed])
        // One whose receiver has died is given up when its lease has run out.
        _ = try await scene.store.openImport(ImportOpening(.leads), worker: "dead", by: scene.access)
        #expect(try await scene.store.dropBrokenImports() == 0)
        try await scene.database.run("update maysend.import set lease_until = clock_timestamp() - interval '1 second'")
        #expect(try await scene.store.dropBrokenImports() == 1)
        #expect(try await scene.store.imports(by: scene.access).map(\.state) == [.failed, .failed])
        try await scene.database.require("not exists (select from pg_class where relname like 'import_row_%')")
        await scene.close()
    }

    @Test func linesOfNDJSONAreRead() async throws {
        let scene = try await Scene("stratsys")
        let text = """
            {"email": "a@firma.example", "name": "A", "company": "Firma"}

            {"email": "b@firma.example", "age": 7}
            ["c@firma.example"]
            {"name": "D"}
            """
        let outcome = try await scene.bring(text)
        #expect(outcome.lines.prefix(2) == ["1 created", "3 created"])
        #expect(outcome.record.counts[.created] == 2 && outcome.record.counts[.invalid] == 2)
        await scene.close()
    }

    @Test func duplicatesAreFoundAcrossSlices() async throws {
        let scene = try await Scene("stratsys")
        var text = "email,name\n"
        for number in 0..<60 { text += "lead.\(number % 7)@firma.example,\(number)\n" }
        let outcome = try await scene.bring(text, rowsMax: 4)
        #expect(outcome.lines.count == 60)
        for (place, line) in outcome.lines.enumerated() {
            #expect(line == (place < 7 ? "\(place + 2) created" : "\(place + 2) duplicate of line \(place % 7 + 2)"))
        }
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func aListThatIsRefusedStoresNothing() async throws {
        let scene = try await Scene("stratsys")
        await #expect(throws: ListError.self) { _ = try await scene.bring("email;status\na@firma.example;ok\n") }
        await #expect(throws: ListError.self) { _ = try await scene.bring("") }
        #expect(try await scene.reason("a@firma.example") == "unknown-address")
        await scene.close()
    }
}
