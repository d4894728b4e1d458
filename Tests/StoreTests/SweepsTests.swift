import Harness
import Postgres
import Rules
import Store
import Testing

/// The sweep, on a real database, by its real clock.
@Suite struct SweepsTests {
    /// The Stratsys windows, with another one for cold leads.
    static func policy(version: Int, cold: String) throws -> String {
        try Checkout.text("deploy/policies/stratsys.yaml")
            .replacing("version: 1", with: "version: \(version)")
            .replacing("effective: 2023-03-21T00:00:00Z", with: "effective: 2023-03-2\(version)T00:00:00Z")
            .replacing("for: 3 months, from: collected", with: "for: \(cold), from: collected")
    }

    private func ago(_ days: Int64) -> Instant {
        systemNow().advanced(byMicroseconds: -days * 86_400_000_000)
    }

    private func cold(_ addresses: [String], days: Int64) throws -> [Lead] {
        try addresses.map { address in
            var lead = try lead(address, name: "Kari")
            lead.collectedAt = ago(days)
            return lead
        }
    }

    @Test func whatNothingKeepsIsErasedAndTheReportSaysWhy() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["a@firma.example", "b@firma.example", "c@firma.example"], days: 60))
        #expect(try await scene.sweep().erased == 0)
        #expect(try await scene.dueCount("due_at is null or due_at <= now()") == 0)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "a@firma.example")
        try await scene.report(.contacted, "c@firma.example")

        try await scene.database.apply(policyText: Self.policy(version: 2, cold: "1 months"))
        let listed = try await scene.due()
        #expect(listed == ["a@firma.example unsubscribed", "b@firma.example newsletter/cold-lead"])
        #expect(try await scene.contactCount() == 3)

        let run = try await scene.sweep()
        #expect(run.erased == 2 && run.policy == "stratsys@2")
        #expect(run.grounds == #"{"unsubscribed": 1, "newsletter/cold-lead": 1}"#)
        #expect(try await scene.contactCount() == 1)
        #expect(try await scene.reason("a@firma.example") == "unsubscribed")
        #expect(try await scene.reason("b@firma.example") == "unknown-address")
        #expect(try await scene.reason("c@firma.example") == "ground-holds")
        #expect(try await scene.sweep().erased == 0)

        let keys = try await scene.sweptKeys(run.id)
        #expect(keys.count == 2)
        let digest = keys.reduce(into: [UInt8](repeating: 0, count: 32)) { digest, key in
            digest = Digest(of: digest + key.octets).octets
        }
        #expect(run.digest == digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        // The report is an act as well; nothing else of the ledger may be about nobody.
        let reported = try await scene.database.texts(
            "select (evidence->>'erased') || (evidence->>'digest') as text from maysend.ledger where act = 'sweep-reported' order by id"
        )
        let nothing = String(repeating: "0", count: 65)
        #expect(reported == [nothing, "2" + run.digest, nothing])
        await #expect(throws: PostgresError.self) {
            try await scene.database.run(
                "insert into maysend.ledger (holder_id, controller_id, act, at, actor) values (1, 1, 'contacted', now(), 'x')"
            )
        }
        await scene.close()
    }

    @Test func restrictionsHoldsAndPendingConsentsKeep() async throws {
        let scene = try await Scene.make()
        let people = ["restricted", "held", "asked", "plain"].map { $0 + "@firma.example" }
        _ = try await scene.collect(cold(people, days: 60))
        try await scene.report(.restricted, people[0])
        try await scene.report(.holdPlaced(slug("dispute"), until: nil), people[1])
        try await scene.report(.consentAsked(slug("newsletter")), people[2])
        for address in people { try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), address) }
        try await scene.report(.consentAsked(slug("newsletter")), people[2])
        #expect(try await scene.sweep().erased == 1)
        #expect(try await scene.contactCount() == 3)
        for (address, keeper) in [(people[0], KeepReason.restriction), (people[1], .hold(try slug("dispute")))] {
            await #expect(throws: StoreError.mustBeKept(keeper)) { try await scene.report(.swept, address) }
        }
        try await scene.report(.restrictionLiftingTold, people[0])
        try await scene.report(.restrictionLifted, people[0])
        try await scene.report(.holdReleased(slug("dispute")), people[1])
        #expect(try await scene.sweep().erased == 2)
        #expect(try await scene.contactCount() == 1)
        await scene.close()
    }

    @Test func aDueDateFollowsEveryActInItsOwnTransaction() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["kari@firma.example"], days: 60))
        #expect(try await scene.ground() == "newsletter/cold-lead")
        try await scene.report(.contacted)
        #expect(try await scene.ground() == "newsletter/lead")
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        #expect(try await scene.ground() == "newsletter/subscriber")
        #expect(try await scene.dueCount("due_at is null") == 1)
        try await scene.report(.leftOrganisation)
        #expect(try await scene.ground() == "left-organisation")
        #expect(try await scene.sweep().erased == 1)
        #expect(try await scene.reason() == "left-organisation")
        await scene.close()
    }

    @Test func aFactInTheFutureIsWaitedFor() async throws {
        let scene = try await Scene.make()
        let firma = OrganisationName(number: "1", name: nil)
        _ = try await scene.collect([lead("kari@firma.example", organisation: firma)])
        try await scene.report(.customerStarted)
        #expect(try await scene.dueCount("due_at is null") == 1)
        let end = ago(-30)
        let report = Report(.customerEnded, of: .address(try Address(parsing: "kari@firma.example")), at: end)
        _ = try await scene.store.run(.record(report), by: scene.access)
        #expect(try await scene.dueCount("due_at = '\(end)'") == 1)
        // Twelve months follow: nothing falls due then, and the forecast does not say so.
        #expect(try await scene.ground() == Forecast.lookGround)
        let forecast = try await scene.store.forecast(months: 3, by: scene.access)
        #expect(forecast.months.flatMap(\.counts).map(\.ground) == [Forecast.lookGround])
        await scene.close()
    }

    /// An organisation's act takes no lock of each person, so an entry of the group may come between its reading and its
    /// writing.
    @Test func aGroupsMarkIsNotWrittenOver() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        let firma = try #require(OrganisationName(number: "1", name: nil))
        _ = try await other.collect([
            lead("kari@firma.example", contactedAt: "2026-06-01T00:00:00Z", organisation: firma)
        ])
        // Due already and not swept yet: also then the mark must be seen.
        for due in ["null", "now() - interval '1 day'"] {
            try await one.database.run("update maysend.contact set due_at = \(due)")
            let key = one.database.peppers.key(for: try Address(parsing: "kari@firma.example"))
            let entry = try await one.database.openTransaction(
                """
                insert into maysend.ledger (holder_id, controller_id, address_key, act, scope, at, actor)
                select group_id, id, '\(key)', 'unsubscribed', 'group', now(), 'test' from maysend.holder
                where id = \(one.access.controller.id)
                """)
            async let reported = other.store.run(
                .report(OrganisationReport(firma, events: [(.organisationContacted, nil)])), by: other.access)
            try await one.database.waitForBlockedQuery()
            try await entry.commit()
            _ = try await reported
            #expect(try await other.dueCount("due_at <= now() and due_at > now() - interval '1 hour'") == 1)
        }
        await one.close()
    }

    /// Nobody waits behind whoever cannot be read.
    @Test func aDamagedContactIsPassedBy() async throws {
        let scene = try await Scene.make()
        let people = ["address", "standing", "sound"].map { $0 + "@firma.example" }
        _ = try await scene.collect(cold(people, days: 60))
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), people[2])
        try await scene.reckon()
        let keys = try people.map { scene.database.peppers.key(for: try Address(parsing: $0)) }
        try await scene.database.run(
            """
            update maysend.contact set address = 'nobody' where address_key = '\(keys[0])';
            update maysend.standing set facts = 'x' where address_key = '\(keys[1])';
            update maysend.contact set due_at = now() - interval '1 day';
            update maysend.contact set due_at = now() - interval '1 hour' where address_key = '\(keys[2])'
            """)
        var damaged: [AddressKey] = []
        var hint = SweepHint.none
        let since = systemNow()
        while case .under(let run, let next) = try await scene.step(
            SweepInstance(random: (1, 1)), since: since, hint)
        {
            hint = next
            damaged += next.damaged.map(\.key)
            #expect(run.erased <= 1)
        }
        #expect(damaged.sorted() == keys.prefix(2).sorted())
        #expect(try await scene.sweep(since: since).erased == 1)
        #expect(try await scene.contactCount() == 2)
        #expect(try await scene.dueCount("due_at > now() + interval '23 hours'") == 2)
        await scene.close()
    }

    @Test func aDomainAndAGroupEntryReachTheContactsOfEveryCompany() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        for scene in [one, other] {
            _ = try await scene.collect(
                [
                    lead("kari@firma.example", contactedAt: "2026-06-01T00:00:00Z"),
                    lead("ola@annen.example", contactedAt: "2026-06-01T00:00:00Z"),
                    lead("per@tredje.example", contactedAt: "2026-06-01T00:00:00Z"),
                ])
            #expect(try await scene.sweep().erased == 0)
        }
        try await one.report(.unsubscribed(scope: .group, purpose: nil, topic: nil), "kari@firma.example")
        let domain = Report(
            .suppressed(.domainSuppressed, scope: .group), of: .domain(try Domain(parsing: "annen.example")))
        _ = try await one.store.run(.record(domain), by: one.access)
        let before = try await other.due()
        #expect(before.contains("kari@firma.example unsubscribed"))
        #expect(before.contains("ola@annen.example domain-suppressed"))
        #expect(before.count == 2)
        for scene in [one, other] {
            #expect(try await scene.sweep().erased == 2)
            #expect(try await scene.contactCount() == 1)
        }
        await one.close()
    }

    @Test func anEntryOnADigestReachesTheContactItMeans() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["a@firma.example", "b@firma.example"], days: 60))
        #expect(try await scene.sweep().erased == 0)
        let hashed = HashedAddress(of: try Address(parsing: "a@firma.example"), .sha256)
        for _ in 0..<2 { _ = try await scene.store.run(.suppress([HashedEntry(hashed)]), by: scene.access) }
        #expect(try await scene.due() == ["a@firma.example imported"])
        #expect(try await scene.sweep().erased == 1)
        #expect(try await scene.contactCount() == 1)
        await scene.close()
    }

    @Test func stepsAreBoundedAndGoOnAfterACrash() async throws {
        let scene = try await Scene.make()
        let people = (0..<450).map { "p\($0)@firma.example" }
        _ = try await scene.collect(cold(Array(people.prefix(225)), days: 60))
        _ = try await scene.collect(cold(Array(people.suffix(225)), days: 60))
        try await scene.database.apply(policyText: Self.policy(version: 2, cold: "1 months"))
        let since = systemNow()
        let dead = SweepInstance(random: (1, 1))
        guard case .under(let first, _) = try await scene.step(dead, since: since) else {
            Issue.record("the first step ended it")
            return
        }
        #expect(first.erased == Int64(contactsPerSweepStepMax))
        // The process is gone. Nobody takes its run while it may still be alive.
        let next = SweepInstance(random: (2, 2))
        #expect(try await scene.step(next, since: since) == .elsewhere)
        try await scene.database.run("update maysend.sweep_run set heard_at = now() - interval '61 s'")
        let run = try await scene.sweep(next, since: since)
        #expect(run.id == first.id && run.erased == 450)
        #expect(try await scene.contactCount() == 0)
        // Who comes later in the same slot finds it done.
        #expect(try await scene.step(dead, since: since) == .finished(run))
        await scene.close()
    }

    /// Whoever was found due may be kept, gone or somebody's next act away when their turn comes.
    @Test func aHintIsOnlyAHint() async throws {
        let scene = try await Scene.make()
        let people = (0..<450).map { "p\($0)@firma.example" }
        _ = try await scene.collect(cold(people, days: 60))
        try await scene.database.apply(policyText: Self.policy(version: 2, cold: "1 months"))
        try await scene.reckon()
        let instance = SweepInstance(random: (1, 1))
        let since = systemNow()
        guard case .under(let first, let hint) = try await scene.step(instance, since: since), hint != .none else {
            Issue.record("nobody was found who is due")
            return
        }
        #expect(first.erased == Int64(contactsPerSweepStepMax))
        for address in people { try await scene.report(.restricted, address) }
        var last = try await scene.step(instance, since: since, hint)
        while case .under(let run, let next) = last {
            #expect(run.erased == first.erased)
            last = try await scene.step(instance, since: since, next)
        }
        guard case .finished(let run) = last else {
            Issue.record("the sweep did not end")
            return
        }
        #expect(run.erased == first.erased)
        #expect(try await scene.contactCount() == Int64(people.count) - first.erased)
        await scene.close()
    }

    @Test func aStepStepsBackForAnother() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["kari@firma.example"], days: 60))
        let id = scene.access.controller.id
        let open = try await scene.database.openTransaction(
            "select pg_advisory_xact_lock(hashtextextended('maysend.sweep/\(id)', 0))")
        #expect(try await scene.step(SweepInstance(random: (1, 1)), since: systemNow()) == .busy)
        try await open.commit()
        #expect(try await scene.sweep().erased == 0)
        await scene.close()
    }

    @Test func reckoningErasesNothing() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["kari@firma.example"], days: 60))
        try await scene.database.apply(policyText: Self.policy(version: 2, cold: "1 months"))
        try await scene.reckon()
        #expect(try await scene.contactCount() == 1)
        #expect(try await scene.dueCount("due_at <= now()") == 1)
        #expect(try await scene.sweep().erased == 1)
        await scene.close()
    }

    @Test func aContactThatWasNeverReckonedIsLookedAtFirst() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["a@firma.example", "b@firma.example"], days: 60))
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "a@firma.example")
        try await scene.reckon()
        try await scene.database.run("update maysend.contact set due_at = null, due_ground = null")
        #expect(try await scene.store.forecast(months: 1, by: scene.access).isPending)
        #expect(try await scene.due() == ["a@firma.example unsubscribed"])
        #expect(try await scene.sweep().erased == 1)
        #expect(try await scene.ground() == "newsletter/cold-lead")
        await scene.close()
    }

    @Test func anOptOutWhileASweepIsUnderWayStands() async throws {
        let scene = try await Scene.make()
        let people = (0..<300).map { "p\($0)@firma.example" }
        _ = try await scene.collect(cold(people, days: 60))
        try await scene.database.apply(policyText: Self.policy(version: 2, cold: "1 months"))
        async let swept = scene.sweep()
        for address in people.prefix(40) {
            try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), address)
            #expect(try await scene.reason(address) == "unsubscribed")
        }
        #expect(try await swept.erased == 300)
        for address in people.prefix(40) { #expect(try await scene.reason(address) == "unsubscribed") }
        await scene.close()
    }

    @Test func theForecastCountsByMonthAndGround() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect(cold(["a@firma.example", "b@firma.example"], days: 1))
        _ = try await scene.collect([lead("c@firma.example"), lead("d@firma.example"), lead("e@firma.example")])
        try await scene.report(.contacted, "c@firma.example")
        try await scene.report(.restricted, "d@firma.example")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "e@firma.example")
        let forecast = try await scene.store.forecast(months: 12, by: scene.access)
        #expect(forecast.months.count == 12)
        #expect(forecast.overdue.map { "\($0.count) \($0.ground)" } == ["1 unsubscribed"])
        let counts = forecast.months.flatMap(\.counts)
        #expect(counts.filter { $0.ground == "newsletter/cold-lead" }.reduce(0) { $0 + $1.count } == 2)
        #expect(forecast.unlimited == 1)
        // Twelve months from today fall into the thirteenth month of a forecast that begins with this one's rest.
        #expect(forecast.later + counts.filter { $0.ground == "newsletter/lead" }.reduce(0) { $0 + $1.count } == 1)
        #expect(forecast.isPending)
        try await scene.reckon()
        #expect(try await !scene.store.forecast(months: 12, by: scene.access).isPending)
        await scene.close()
    }
}

extension Scene {
    /// Reckons until nothing is left to be looked at.
    func reckon() async throws {
        var hint = SweepHint.none
        while let next = try await store.run(.reckonDueDates(hint), by: access) { hint = next }
    }

    func step(_ instance: SweepInstance, since: Instant, _ hint: SweepHint = .none) async throws -> SweepStep {
        try await store.run(.sweep(instance, since: since, hint), by: access)
    }

    /// Sweeps to the end.
    @discardableResult
    func sweep(_ instance: SweepInstance = SweepInstance(random: (7, 7)), since: Instant? = nil) async throws
        -> SweepRun
    {
        let since = since ?? systemNow()
        var hint = SweepHint.none
        while true {
            switch try await step(instance, since: since, hint) {
            case .finished(let run): return run
            case .elsewhere: throw HarnessError.noName("another sweeps")
            case .busy: try await Task.sleep(for: .milliseconds(5))
            case .under(_, let next): hint = next
            }
        }
    }

    /// Address and reason of all that is due, in order.
    func due() async throws -> [String] {
        var lines: [String] = []
        var cursor = DueCursor.start as DueCursor?
        while let from = cursor {
            let page = try await store.duePage(after: from, by: access)
            lines += page.due.map { "\($0.address.canonical) \($0.lapse.reason)" }
            cursor = page.next
        }
        return lines.sorted()
    }

    func contactCount() async throws -> Int64 { try await dueCount("true") }

    func dueCount(_ condition: String) async throws -> Int64 {
        try await database.count("maysend.contact where controller_id = \(access.controller.id) and (\(condition))")
    }

    /// What keeps the only contact, as its row says.
    func ground() async throws -> String {
        try await database.texts("select due_ground as text from maysend.contact").first ?? ""
    }

    func sweptKeys(_ run: Int64) async throws -> [AddressKey] {
        try await database.texts(
            "select address_key::text as text from maysend.ledger where act = 'swept' and evidence->>'sweep' = '\(run)' order by id"
        ).compactMap { AddressKey(uuid: $0) }
    }
}
