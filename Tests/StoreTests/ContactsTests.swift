import Harness
import Postgres
import Rules
import Store
import Testing

@Suite struct ContactsTests {
    @Test func whatAContactNamesIsNeverTakenAway() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([lead("kari@firma.example", organisation: OrganisationName(number: "1", name: nil))]
        )
        for table in ["organisation", "holder"] {
            let error = await #expect(throws: PostgresError.self) {
                try await scene.database.run("delete from maysend.\(table)")
            }
            guard case .foreignKeyViolation? = error else {
                Issue.record("\(table): \(String(describing: error))")
                continue
            }
        }
        // Nobody names this one.
        try await scene.database.run(
            """
            insert into maysend.organisation (controller_id, identity, number)
                select controller_id, 'number:2', '2' from maysend.organisation;
            delete from maysend.organisation where number = '2'
            """)
        await scene.close()
    }

    @Test func createdUpdatedUnchanged() async throws {
        let scene = try await Scene.make()
        let first = try lead("kari@firma.example", name: "Kari", collectedAt: "2026-10-01T00:00:00Z")
        #expect(try await scene.collect([first]) == [.created])
        #expect(try await scene.collect([first]) == [.unchanged])
        let renamed = try lead("kari@firma.example", name: "Kari Nordmann", collectedAt: "2026-10-01T00:00:00Z")
        #expect(try await scene.collect([renamed]) == [.updated])
        #expect(try await scene.collect([lead("kari@firma.example")]) == [.unchanged])
        await scene.close()
    }

    @Test func whoNoGroundWouldKeepIsNotStored() async throws {
        let scene = try await Scene.make("consent-first", "operator")
        #expect(try await scene.collect([lead("kari@firma.example")]) == [.noGround(.consentMissing)])
        #expect(try await scene.reason() == "unknown-address")
        let expired = try await Scene.make()
        #expect(
            try await expired.collect([lead("kari@firma.example", collectedAt: "2024-01-01T00:00:00Z")])
                == [.noGround(.retentionExpired)])
        #expect(try await expired.reason() == "unknown-address")
        await scene.close()
        await expired.close()
    }

    @Test func anImportLiftsNothing() async throws {
        let scene = try await Scene.make()
        let entries: [Event] = [
            .unsubscribed(scope: nil, purpose: nil, topic: nil), .complained, .objected(purpose: nil), .erased,
            .suppressed(.imported, scope: .controller), .suppressed(.domainSuppressed, scope: .group),
            .consentWithdrawn(try slug("newsletter")), .leftOrganisation, .bounced(.hard),
        ]
        for (index, event) in entries.enumerated() {
            let address = "person\(index)@firma.example"
            try await scene.report(event, address)
            let before = try await scene.reason(address)
            _ = try await scene.collect([lead(address, contactedAt: "2026-11-01T00:00:00Z")])
            #expect(try await scene.reason(address) == before, "\(event)")
        }
        await scene.close()
    }

    @Test func anOrganisationsEndMovesTheWindowsOfAllItsPeople() async throws {
        let scene = try await Scene.make()
        let firma = try #require(OrganisationName(number: "999 888 777", name: "Firma AS"))
        let people = (0..<7).map { "p\($0)@firma.example" }
        let started = OrganisationReport(firma, events: [(.customerStarted, try instant("2024-01-01T00:00:00Z"))])
        #expect(try await scene.store.run(.report(started), by: scene.access).members == 0)
        _ = try await scene.collect(people.map { try lead($0, organisation: firma) })
        for person in people {
            #expect(try await scene.answer(person).verdict.ground?.id.text == "customer")
        }
        let ended = OrganisationReport(firma, events: [(.customerEnded, try instant("2026-06-01T00:00:00Z"))])
        #expect(try await scene.store.run(.report(ended), by: scene.access).members == people.count)
        for person in people {
            let verdict = try await scene.answer(person).verdict
            #expect(verdict.ground?.id.text == "former-customer")
            #expect(verdict.until == (try instant("2027-06-01T00:00:00Z")))
        }
        // An event that is the organisation's, reported by one address, is everybody's.
        try await scene.report(.customerStarted, people[3])
        #expect(try await scene.answer(people[0]).verdict.ground?.id.text == "customer")
        await scene.close()
    }

    @Test(arguments: [("Firma AS", "FIRMA as"), ("İstanbul Ltd", "i\u{307}stanbul LTD"), ("Café", "CAFE\u{301}")])
    func anOrganisationIsOneInWhateverSpelling(_ one: String, _ other: String) async throws {
        let scene = try await Scene.make()
        let name = try #require(OrganisationName(number: nil, name: one))
        _ = try await scene.collect([lead("kari@firma.example", organisation: name)])
        let started = OrganisationReport(
            try #require(OrganisationName(number: nil, name: other)),
            events: [(.customerStarted, try instant("2024-01-01T00:00:00Z"))])
        #expect(try await scene.store.run(.report(started), by: scene.access).members == 1)
        #expect(try await scene.answer().verdict.ground?.id.text == "customer")
        await scene.close()
    }

    @Test func leadsAndOrganisationsAtOnceDoNotWaitInACircle() async throws {
        let scene = try await Scene.make()
        let names = try (0..<3).map { try #require(OrganisationName(number: "\($0)", name: nil)) }
        let leads = try (0..<30).map { try lead("p\($0)@firma.example", organisation: names[$0 % 3]) }
        _ = try await scene.collect(leads)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<3 {
                group.addTask {
                    for turn in 0..<10 {
                        _ = try await scene.collect(Array(leads.shuffled().prefix(10 + worker + turn)))
                    }
                }
                group.addTask {
                    for _ in 0..<10 {
                        let report = OrganisationReport(names[worker], events: [(.organisationContacted, nil)])
                        _ = try await scene.store.run(.report(report), by: scene.access)
                    }
                }
                group.addTask {
                    for turn in 0..<10 {
                        try await scene.report(.customerStarted, "p\(turn * 3 + worker)@firma.example")
                    }
                }
            }
            try await group.waitForAll()
        }
        let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        #expect(try await verifier.verify().drifts == [])
        await verifier.shutdown()
        await scene.close()
    }

    @Test func moreThanOneTransactionMayCarryIsRefused() async throws {
        let scene = try await Scene.make()
        let leads = try (0...leadsPerTransactionMax).map { try lead("p\($0)@firma.example") }
        await #expect(throws: StoreError.tooMany(limit: leadsPerTransactionMax)) { try await scene.collect(leads) }
        #expect(try await scene.collect(Array(leads.dropLast())).allSatisfy { $0 == .created })
        await scene.close()
    }
}
