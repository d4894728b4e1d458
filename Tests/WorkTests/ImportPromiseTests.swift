import Formats
import Harness
import Rules
import Store
import Testing
import Work

/// What no list may do, and what no list may be harmed by.
@Suite struct ImportPromiseTests {
    /// Whatever stands in the register and whatever a list says: whom an entry refuses, an entry refuses afterwards.
    @Test func noListMakesAnybodyEligibleWhomAnEntryRefuses() async throws {
        let scene = try await Scene("stratsys")
        var random = SeededGenerator(seed: 7)
        let newsletter = try slug("newsletter")
        let people = (0..<40).map { "p\($0 % 20)\($0 < 20 ? "" : "+tag")@gmail.com" }
        let events: [Event] = [
            .unsubscribed(scope: nil, purpose: nil, topic: nil), .objected(purpose: nil), .complained, .erased,
            .consentWithdrawn(newsletter), .suppressed(.imported, scope: .controller), .demoBooked, .collected, .swept,
            .leftOrganisation, .unsubscribed(scope: .purpose, purpose: newsletter, topic: nil),
        ]
        for person in people {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                try await scene.report(events[Int.random(in: 0..<events.count, using: &random)], person)
            }
        }
        let purposes = ["newsletter", "outreach"]
        let reasons = Set(EntryReason.allCases.map(\.rawValue))
        var refused: [(String, String)] = []
        for person in people {
            for purpose in purposes {
                let reason = try await scene.reason(person, purpose)
                if reasons.contains(reason) { refused.append((person, purpose)) }
            }
        }
        #expect(refused.count > 20)
        let lastWeek = try await scene.lastWeek()
        var opening = ImportOpening(.leads)
        opening.consentPurpose = newsletter
        let order = ImportOrder(source: "s", collectedAt: lastWeek, readsConsent: true)
        for round in 0..<4 {
            var text = "email,name,consent,last contact,source,unsubscribed\n"
            for _ in 0..<80 {
                let person = people[Int.random(in: 0..<people.count, using: &random)]
                let consent = ["yes", "no", ""][Int.random(in: 0..<3, using: &random)]
                let contact = ["", lastWeek.description][Int.random(in: 0..<2, using: &random)]
                let source = ["", "person"][Int.random(in: 0..<2, using: &random)]
                let out = Int.random(in: 0..<20, using: &random) == 0 ? "yes" : "no"
                text += "\(person),N\(round),\(consent),\(contact),\(source),\(out)\n"
            }
            let brought = try await scene.bring(text, order, opening: opening, rowsMax: 7).record
            if round == 3 {
                try await scene.store.undoImport(brought, by: scene.access)
                _ = try await Importer(into: scene.store, by: scene.access, worker: "test").merge(brought.id)
            }
            for (person, purpose) in refused {
                let reason = try await scene.reason(person, purpose)
                #expect(reasons.contains(reason), "\(person) \(purpose) became \(reason)")
            }
            #expect(try await scene.isSound())
        }
        await scene.close()
    }

    /// A slice takes the locks that every other writer takes, so that neither overwrites what the other has recorded.
    @Test func aWriterOfAPersonWaitsForTheSliceThatHasThem() async throws {
        let scene = try await Scene("stratsys")
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        let id = try await scene.receive("email\na@firma.example\nb@firma.example\n", importer)
        try await scene.mergeInOneLane()
        let turn = try #require(try await scene.store.nextImport())
        // The slice has judged its people and cannot write down its verdicts yet.
        let held = try await scene.database.openTransaction(
            "lock table maysend.import_verdict in share row exclusive mode")
        let (ended, isEnded) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await scene.store.mergeImport(turn)
                isEnded.yield("merged")
            }
            try await scene.database.waitForBlockedQuery()
            group.addTask {
                try await scene.unsubscribe("a@firma.example")
                isEnded.yield("unsubscribed")
            }
            // Nobody else is held up.
            try await scene.unsubscribe("c@firma.example")
            while try await scene.database.texts(
                """
                select count(*)::text as text from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'
                """) != ["1"]
            { try await Task.sleep(for: .milliseconds(5)) }
            try await held.commit()
            try await group.waitForAll()
        }
        isEnded.finish()
        var order: [String] = []
        for await event in ended { order.append(event) }
        #expect(Set(order) == ["merged", "unsubscribed"])
        #expect(try await scene.reason("a@firma.example") == "unsubscribed")
        #expect(try await scene.reason("b@firma.example") == "ground-holds")
        #expect(try await importer.merge(id).counts[.created] == 2)
        #expect(try await scene.isSound())
        await scene.close()
    }

    /// Two that merge, opt-outs and consents by many, and companies that are reported on, all at once: what was acknowledged
    /// is refused at once and for good, and every standing is what the ledger says.
    @Test func optOutsWhileAListIsMergedAreNotLost() async throws {
        let scene = try await Scene("stratsys")
        let people = (0..<1_500).map { "lead.\($0)\($0 % 5 == 0 ? "+fair" : "")@firma-\($0 % 40).example" }
        let firm = try #require(OrganisationName(number: "7", name: "Firma"))
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        let text =
            "email,orgnr,company\n"
            + people.enumerated().map { place, person in
                "\(person),\(place % 3 == 0 ? "7" : "\(100 + place % 40)"),Firma\n"
            }
            .joined()
        let id = try await scene.receive(text, importer)
        let outs = stride(from: 0, to: people.count, by: 7).map { people[$0] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { _ = try await importer.merge(id, rowsMax: 60) } }
            for half in 0..<2 {
                group.addTask {
                    for (place, address) in outs.enumerated() where place % 2 == half {
                        try await scene.unsubscribe(address)
                        #expect(try await scene.reason(address) == "unsubscribed")
                    }
                }
            }
            group.addTask {
                // New companies of the list's people, made while it is merged.
                for number in 0..<20 {
                    let name = try #require(OrganisationName(number: "\(100 + number)", name: "Firma"))
                    _ = try await scene.store.run(
                        .report(OrganisationReport(name, events: [(event: .customerStarted, at: nil)])),
                        by: scene.access)
                }
                for _ in 0..<5 {
                    let report = OrganisationReport(firm, events: [(event: .organisationContacted, at: nil)])
                    _ = try await scene.store.run(.report(report), by: scene.access)
                }
            }
            try await group.waitForAll()
        }
        for address in outs { #expect(try await scene.reason(address) == "unsubscribed") }
        let record = try #require(try await scene.store.importRecord(id, by: scene.access))
        #expect(record.state == .finished && record.counts.total == people.count)
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func controllersTakeTurns() async throws {
        let scene = try await Scene("infobric")
        var ids: [ImportID] = []
        for controller in try await scene.store.catalogue().controllers.prefix(2) {
            let access = Access(operator: "test", for: controller)
            let importer = Importer(into: scene.store, by: access, worker: "test")
            var text = "email\n"
            for number in 0..<30 { text += "p\(number)@\(controller.slug).example\n" }
            ids.append(try await scene.receive(text, importer))
        }
        #expect(ids.count == 2)
        try await scene.mergeInOneLane()
        var turns: [ImportTurn] = []
        while let turn = try await scene.store.nextImport() {
            turns.append(turn)
            _ = try await scene.store.mergeImport(turn, rowsMax: 5)
        }
        // Six slices each and the end, in turn.
        #expect(turns.count == 14)
        for (one, next) in zip(turns, turns.dropFirst()) { #expect(one != next) }
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func anUndoTakesBackWhatNobodyActedOn() async throws {
        let scene = try await Scene("stratsys")
        _ = try await scene.bring("email,name\nold@firma.example,Before\nold2@firma.example,Before\n")
        let wrong = try await scene.bring(
            "email,name,unsubscribed\nnew@firma.example,N,\nacted@firma.example,A,\nold@firma.example,Wrong,\n"
                + "out@firma.example,O,yes\n"
        ).record
        try await scene.report(.demoBooked, "acted@firma.example")
        try await scene.store.undoImport(wrong, by: scene.access)
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        let undone = try await importer.merge(wrong.id, rowsMax: 2)
        #expect(undone.state == .undone)
        #expect(undone.takenBack == 2 && undone.leftBehind == 1)
        #expect(try await scene.reason("new@firma.example") == "unknown-address")
        #expect(try await scene.reason("acted@firma.example") == "ground-holds")
        #expect(try await scene.reason("out@firma.example") == "imported")
        try await scene.database.require(
            "(select string_agg(name, ',' order by address) from maysend.contact where address like 'old%') = 'Before,Before'"
        )
        #expect(try await scene.isSound())
        await #expect(throws: StoreError.self) { try await scene.store.undoImport(undone, by: scene.access) }
        await scene.close()
    }

    @Test func aClaimedConsentCountsOnlyWhereNoEntryStands() async throws {
        let scene = try await Scene("consent-first")
        try await scene.unsubscribe("b@firma.example")
        let lastWeek = try await scene.lastWeek()
        var opening = ImportOpening(.leads)
        opening.consentPurpose = try slug("newsletter")
        let order = ImportOrder(source: "s", collectedAt: lastWeek, readsConsent: true)
        let text =
            "email,consent\na@firma.example,yes\nb@firma.example,yes\nc@firma.example,no\nd@firma.example,perhaps\n"
        let outcome = try await scene.bring(text, order, opening: opening)
        #expect(
            outcome.lines.prefix(3) == ["2 created", "3 suppressed unsubscribed", "4 no-ground consent-missing"])
        #expect(outcome.lines.last?.hasPrefix("5 invalid consent: neither a yes nor a no") == true)
        #expect(try await scene.reason("a@firma.example") == "ground-holds")
        #expect(try await scene.reason("b@firma.example") == "unsubscribed")
        #expect(try await scene.isSound())
        await scene.close()
    }
}
