import Foundation
import Harness
import Postgres
import Rules
import Store
import Testing

/// The sealed ledger: sealed in order, signed, and no tampering goes unnoticed.
@Suite struct SealsTests {
    static let key = SealKey(secret: (0..<32).map { UInt8($0) })

    @Test func everyCommittedActIsSealedInOrderAndOnce() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        try await Self.populate(scene)
        // An act of a transaction that is still open may slip in before none that is sealed.
        let controller = scene.access.controller.id
        let open = try await scene.database.openTransaction(
            """
            insert into maysend.ledger (holder_id, controller_id, address_key, act, at, actor)
            values (\(controller), \(controller), gen_random_uuid(), 'contacted', now(), 'test')
            """)
        try await scene.report(.contacted, "later@firma.example")
        let acts = try await scene.database.count("maysend.ledger")
        try await scene.database.seal(desk, upTo: acts - 1)
        #expect(try await desk.seal() == 0)
        try await open.commit()
        try await scene.database.seal(desk, upTo: acts + 1)
        #expect(try await desk.seal() == 0)
        let order = try await scene.database.texts(
            """
            select (array_agg(s.ledger_id order by s.position) = array_agg(l.id order by l.tx, l.id))::text
            from maysend.seal s join maysend.ledger l on l.id = s.ledger_id
            """)
        #expect(order == ["true"])
        let report = try await scene.audit(against: nil)
        #expect(report.tamperings == [] && report.links == acts + 1 && report.waiting == 0)
        await desk.shutdown()
        await scene.close()
    }

    @Test func aHeadIsSignedOnceForWhatIsNewAndReadBack() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        let key = try #require(Self.key)
        #expect(try await desk.sign(with: key) == nil)
        try await Self.populate(scene)
        try await scene.database.seal(desk)
        let head = try #require(try await desk.sign(with: key))
        #expect(head.isGenuine && head.number == 1)
        #expect(try await desk.sign(with: key) == head)
        #expect(SealHead(parsing: head.description) == head)
        try await scene.report(.contacted)
        try await scene.database.seal(desk)
        #expect(try await desk.sign(with: key)?.number == 2)
        let report = try await scene.audit(against: head)
        #expect(report.tamperings == [] && report.heads == 2)
        let other = try #require(
            SealKey(secret: [UInt8](repeating: 9, count: 32))?.head(number: 1, of: head.chain, at: head.signedAt))
        #expect(try await scene.audit(against: other).tamperings.contains { $0.problem == .key })
        await desk.shutdown()
        await scene.close()
    }

    /// Each key signs what it signed, and a clock that is behind, or another server's, is no tampering.
    @Test func anotherKeyThatIsNamedAndAClockThatIsBehindAreNoTampering() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        let (first, second) = (
            try #require(Self.key), try #require(SealKey(secret: [UInt8](repeating: 9, count: SealKey.secretOctets)))
        )
        try await Self.populate(scene)
        try await scene.database.seal(desk)
        let former = try #require(try await desk.sign(with: first))
        // As a clock that was an hour ahead had signed it.
        let ahead = try #require(
            first.head(
                number: former.number, of: former.chain,
                at: former.signedAt.advanced(byMicroseconds: 3_600_000_000)))
        try await scene.database.run(
            """
            set session_replication_role = replica;
            update maysend.seal_head set signed_at = '\(ahead.signedAt)', signature = '\\x\(hexadecimal(ahead.signature))'
            """)
        try await scene.report(.contacted)
        try await scene.database.seal(desk)
        let head = try #require(try await desk.sign(with: second))
        #expect(head.signedAt == ahead.signedAt && head.isGenuine)
        #expect(try await scene.audit(against: ahead).tamperings.map(\.problem) == [.key])
        #expect(try await scene.audit(against: ahead, keys: [second.publicKey]).tamperings == [])
        #expect(try await scene.audit(against: nil, keys: [first.publicKey]).tamperings.map(\.problem) == [.key])
        #expect(try await scene.audit(against: nil, keys: [first.publicKey, second.publicKey]).tamperings == [])
        // A file with both is enough.
        let both = try #require(SealHead.all(parsing: "\(ahead)\n\(head)"))
        let auditor = try Auditor(url: scene.database.url, random: { 0.5 })
        try await auditor.ready(within: .seconds(30))
        #expect(both == [ahead, head])
        #expect(try await auditor.verify(against: both).tamperings == [])
        await auditor.shutdown()
        await desk.shutdown()
        await scene.close()
    }

    /// From a restored database nothing is sealed before that is checked: its acts may get other numbers.
    @Test func nothingIsSealedWhileARestoreIsToBeChecked() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        try await Self.populate(scene)
        try await scene.database.seal(desk)
        try await scene.report(.contacted)
        for (away, back) in [
            ("restore_wanted = 'it was restored'", "restore_wanted = null"),
            ("system_identifier = '1'", "system_identifier = s.id"),
        ] {
            try await scene.database.run("update maysend.cluster set \(away)")
            #expect(try await desk.seal() == 0)
            #expect(try await desk.sign(with: try #require(Self.key)) == nil)
            try await scene.database.run(
                "update maysend.cluster set \(back) from (select system_identifier::text as id from pg_control_system()) s"
            )
        }
        try await scene.database.seal(desk)
        #expect(try await scene.audit(against: nil).waiting == 0)
        await desk.shutdown()
        await scene.close()
    }

    @Test(arguments: [
        "set role maysend_seal; delete from maysend.seal",
        "set role maysend_seal; update maysend.seal set position = 9",
        "set role maysend_seal; delete from maysend.seal_head", "set role maysend_seal; truncate maysend.seal",
        "set role maysend_seal; insert into maysend.ledger (holder_id, controller_id, act, at, actor) values (1, 1, 'x', now(), 'x')",
        "set role maysend_write; insert into maysend.seal values (1, 1, '')",
        "set role maysend_write; delete from maysend.seal_head",
        "truncate maysend.seal", "truncate maysend.seal_head",
        "set role maysend_seal; select * from maysend.contact",
        "set role maysend_write; select maysend.want_restore_check('x')",
        "set role maysend_write; delete from maysend.sweep_run",
    ])
    func theDatabaseItselfRefuses(_ text: String) async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        await #expect {
            try await scene.database.run(text)
        } throws: { error in
            if case .permissionDenied = error as? PostgresError { true } else { false }
        }
        await scene.close()
    }

    /// By default some hundreds; `MAYSEND_TEST_TAMPERINGS` says how many.
    @Test func everyTamperingIsFoundAgainstAKeptHead() async throws {
        let wanted = ProcessInfo.processInfo.environment["MAYSEND_TEST_TAMPERINGS"].flatMap { Int($0) } ?? 300
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        let key = try #require(Self.key)
        var kept: SealHead?
        for _ in 0..<3 {
            try await Self.populate(scene)
            try await scene.database.seal(desk)
            kept = try await desk.sign(with: key)
        }
        let bench = try await TamperingBench(scene.database)
        #expect(try await bench.audit(against: kept).tamperings == [])
        var chance = SeededGenerator(seed: 4_711)
        for number in 0..<wanted {
            let text = bench.tampering(&chance)
            try await bench.tamper(text)
            let report = try await bench.audit(against: kept)
            #expect(report.tamperingCount > 0, "tampering \(number) was not found: \(text)")
            try await bench.undo()
        }
        #expect(try await bench.audit(against: kept).tamperings == [])
        await bench.close()
        await desk.shutdown()
        await scene.close()
    }

    @Test func itSaysWhere() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        try await Self.populate(scene)
        try await scene.database.seal(desk)
        let kept = try await desk.sign(with: try #require(Self.key))
        let bench = try await TamperingBench(scene.database)
        for (text, expected) in [
            (
                "update ledger set actor = 'nobody' where id = (select ledger_id from seal where position = 5)",
                [Tampering.Problem.changed]
            ), ("delete from ledger where id = (select ledger_id from seal where position = 5)", [.missing]),
            ("delete from seal where position = 5", [.gap, .changed, .unsealed]),
        ] {
            try await bench.tamper(text)
            let report = try await bench.audit(against: kept)
            #expect(report.tamperings.map(\.problem) == expected, "\(text)")
            if case .seal(let position, _) = report.tamperings.first?.place { #expect(position == 5) }
            try await bench.undo()
        }
        // What is cut off whole, links, heads and all, only a head kept outside shows.
        try await bench.tamper(
            """
            delete from ledger where id in (select ledger_id from seal order by position desc limit 3);
            delete from seal where position > (select max(position) - 3 from seal); delete from seal_head
            """)
        #expect(try await bench.audit(against: nil).tamperings == [])
        #expect(try await bench.audit(against: kept).tamperings.map(\.problem) == [.truncated, .headMissing])
        await bench.close()
        await desk.shutdown()
        await scene.close()
    }

    /// What the chain itself does not show, a head that was kept outside does.
    @Test func whoRelinksTheChainOrDropsTheNewestHeadIsFoundAgainstAKeptHead() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        var kept: SealHead?
        for _ in 0..<2 {
            try await Self.populate(scene)
            try await scene.database.seal(desk)
            kept = try await desk.sign(with: try #require(Self.key))
        }
        let bench = try await TamperingBench(scene.database)
        try await bench.relink()
        #expect(try await bench.audit(against: kept).tamperings == [])
        let change = "update ledger set actor = 'nobody' where id = (select ledger_id from seal where position = 5)"
        try await bench.tamper(change)
        try await bench.relink()
        #expect(try await bench.audit(against: nil).tamperings.map(\.problem) == [.digest, .digest])
        #expect(try await bench.audit(against: kept).tamperings.map(\.problem) == [.digest, .digest, .digest])
        try await bench.tamper("delete from seal_head")
        #expect(try await bench.audit(against: nil).tamperings == [])
        #expect(try await bench.audit(against: kept).tamperings.map(\.problem) == [.digest, .headMissing])
        try await bench.undo()
        try await bench.tamper("delete from seal_head where number = (select max(number) from seal_head)")
        #expect(try await bench.audit(against: nil).tamperings == [])
        #expect(try await bench.audit(against: kept).tamperings.map(\.problem) == [.headMissing])
        await bench.close()
        await desk.shutdown()
        await scene.close()
    }

    /// A column that is added to the ledger must be sealed too, in a form of the record of its own.
    @Test func noColumnOfTheLedgerIsLeftOut() async throws {
        let scene = try await Scene.make()
        let columns = try await scene.database.texts(
            """
            select attname::text from pg_attribute
            where attrelid = 'maysend.ledger'::regclass and attnum > 0 and not attisdropped order by attname
            """)
        #expect(
            columns == [
                "act", "actor", "address_key", "alias_key", "at", "bounce", "confirms_objection", "consent_by",
                "controller_id", "domain", "evidence", "hashed", "hold", "holder_id", "id", "organisation_id",
                "purpose",
                "recorded_at", "scope", "suppression", "topic", "tx", "until",
            ])
        await scene.close()
    }

    @Test func erasureNeverBreaksTheChain() async throws {
        let scene = try await Scene.make()
        let desk = try await scene.database.sealDesk()
        try await Self.populate(scene)
        try await scene.database.seal(desk)
        let kept = try await desk.sign(with: try #require(Self.key))
        try await scene.report(.erased)
        #expect(try await scene.audit(against: kept).tamperings == [])
        await desk.shutdown()
        await scene.close()
    }

    /// Acts of every kind that a ledger's columns tell apart.
    static func populate(_ scene: Scene) async throws {
        let number = UInt32.random(in: 0 ... .max)
        let address = "p\(number)@firma.example"
        _ = try await scene.collect([lead(address, organisation: OrganisationName(number: "1", name: nil))])
        for event in [
            Event.contacted, .customerStarted, .bounced(.hard), .bounced(.soft),
            .holdPlaced(try slug("dispute"), until: try instant("2030-01-01T00:00:00Z")),
            .consentAsked(try slug("newsletter")),
            .unsubscribed(scope: .topic, purpose: try slug("newsletter"), topic: try slug("events")),
            .restricted, .customerEnded, .complained,
        ] { try await scene.report(event, address, evidence: Evidence(confirmed)) }
        try await scene.report(.contacted, "p\(number)+tag@firma.example")
        let domain = Report(
            .suppressed(.domainSuppressed, scope: .controller), of: .domain(try Domain(parsing: "d\(number).example")))
        _ = try await scene.store.run(.record(domain), by: scene.access)
    }
}

extension TestDatabase {
    /// Seals until so many acts are sealed, or all: a transaction of another test on the cluster may hold it up for a moment.
    func seal(_ desk: SealDesk, upTo count: Int64? = nil) async throws {
        let wanted: Int64
        if let count { wanted = count } else { wanted = try await self.count("maysend.ledger") }
        while try await self.count("maysend.seal") < wanted {
            if try await desk.seal() == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    func sealDesk() async throws -> SealDesk {
        let desk = try SealDesk(url: url, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        return desk
    }
}

extension Scene {
    func audit(against kept: SealHead?, keys: Set<[UInt8]> = []) async throws -> AuditReport {
        let auditor = try Auditor(url: database.url, random: { 0.5 })
        try await auditor.ready(within: .seconds(30))
        let report = try await auditor.verify(against: kept.map { [$0] } ?? [], keys: keys)
        await auditor.shutdown()
        return report
    }
}
