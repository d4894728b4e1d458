import Harness
import Postgres
import Rules
import Testing

@testable import Store

@Suite struct LettersTests {
    @Test func aPostedLetterIsClaimedOnceAndWipedWhenDelivered() async throws {
        let scene = try await Scene.make()
        try await scene.post(letter())
        let outbox = try scene.outbox()
        let claimed = try await outbox.claimLetters(max: 10, lease: .seconds(60))
        #expect(claimed.unreadable == 0)
        let one = try #require(claimed.letters.first)
        #expect(one.letter == (try letter()))
        #expect(one.controllerName == "Stratsys AB")
        #expect(one.attempt == 1)
        // Leased: nobody else gets it.
        #expect(try await outbox.claimLetters(max: 10, lease: .seconds(60)).letters.isEmpty)
        #expect(try await outbox.settle(one, .delivered))
        #expect(try await !outbox.settle(one, .delivered))
        try await scene.expect("select count(*) from letter where content is null and state = 'delivered'", is: 1)
        await outbox.shutdown(within: .seconds(5))
        await scene.close()
    }

    /// It may have been delivered since the backup, or its person have objected.
    @Test func nothingIsClaimedWhileARestoreIsToBeChecked() async throws {
        let scene = try await Scene.make()
        try await scene.post(letter())
        let outbox = try scene.outbox()
        for away in ["restore_wanted = 'it was restored'", "restore_wanted = null, system_identifier = '1'"] {
            try await scene.database.run("update maysend.cluster set \(away)")
            #expect(try await outbox.claimLetters(max: 10, lease: .seconds(60)).letters.isEmpty)
        }
        try await scene.database.run(
            """
            update maysend.cluster c set system_identifier = s.system_identifier::text from pg_control_system() s
            """)
        #expect(try await outbox.claimLetters(max: 10, lease: .seconds(60)).letters.count == 1)
        await outbox.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func aLetterOfARolledBackVerbIsNeverSent() async throws {
        let scene = try await Scene.make()
        let letter = try letter()
        await #expect(throws: StoreError.unknownOrganisation) {
            try await scene.store.run(
                Verb<Bool>(.normal) { scene, tx throws(StoreError) in
                    try scene.post(letter, in: tx)
                    throw .unknownOrganisation
                }, by: scene.access)
        }
        let outbox = try scene.outbox()
        #expect(try await outbox.claimLetters(max: 10, lease: .seconds(60)).letters.isEmpty)
        await outbox.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func whatIsPutOffKeepsItsMessageIDAndComesAgain() async throws {
        let scene = try await Scene.make()
        try await scene.post(letter())
        let outbox = try scene.outbox()
        let first = try #require(try await outbox.claimLetters(max: 1, lease: .seconds(60)).letters.first)
        try await outbox.settle(first, .later(after: .zero, answer: "450"))
        let second = try #require(try await outbox.claimLetters(max: 1, lease: .zero).letters.first)
        #expect(second.messageID == first.messageID)
        #expect(second.attempt == 2)
        // A lease that has ended: another takes it, and the first one's word counts no more.
        let third = try #require(try await outbox.claimLetters(max: 1, lease: .seconds(60)).letters.first)
        #expect(try await !outbox.settle(second, .delivered))
        #expect(try await outbox.settle(third, .givenUp(answer: "550 5.7.1")))
        try await scene.expect("select count(*) from letter where content is null and state = 'given-up'", is: 1)
        await outbox.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func anOldMonthIsDroppedWholeOnceNothingInItWaits() async throws {
        let scene = try await Scene.make()
        try await scene.database.run(
            """
            set search_path = maysend;
            create table notice_2020_01 partition of notice for values from ('2020-01-01') to ('2020-02-01');
            create table notice_2020_02 partition of notice for values from ('2020-02-01') to ('2020-03-01');
            insert into notice (month, controller_id, group_id, recipient, act_id, act, at, recorded_at, address_key, state)
            select v.month::date, h.id, h.group_id, 'hubspot', 1, 'erased', now(), now(), gen_random_uuid(), v.state
            from holder h, (values ('2020-01-01', 'delivered'), ('2020-02-01', 'quarantined')) as v(month, state)
            where h.kind = 'controller'
            """)
        let outbox = try scene.outbox()
        try await outbox.rollPartitions()
        try await scene.expect("select count(*) from pg_class where relname = 'notice_2020_01'", is: 0)
        try await scene.expect("select count(*) from pg_class where relname = 'notice_2020_02'", is: 1)
        await outbox.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func noAddressLiesInTheOutbox() async throws {
        let scene = try await Scene.make()
        try await scene.post(letter())
        try await scene.expect(
            "select count(*) from letter l where l::text like '%kari%' or position('kari' in encode(l.content, 'escape')) > 0",
            is: 0)
        await scene.close()
    }

    @Test(arguments: [
        "a\nb", "a\r\nBcc: x@y.example", "", "a\u{2028}b", "a\u{85}b", String(repeating: "x", count: 501),
    ])
    func aSubjectIsOneLine(_ subject: String) throws {
        #expect(throws: LetterError.self) {
            try Letter(
                to: Address(parsing: "kari@firma.example"), purpose: slug("confirmation"), language: "nb",
                subject: subject, text: "t", html: "h")
        }
    }

    @Test func sealedOctetsOpenOnlyAtTheirPlace() throws {
        let peppers = try testPeppers()
        let sealed = try peppers.seal([1, 2, 3], for: "here")
        #expect(try peppers.open(sealed, for: "here") == [1, 2, 3])
        #expect(throws: SealFault.damaged) { try peppers.open(sealed, for: "there") }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealFault.self) { try peppers.open(changed, for: "here") }
            #expect(throws: SealFault.self) { try peppers.open(Array(sealed[..<index]), for: "here") }
        }
    }

    private func letter() throws -> Letter {
        try Letter(
            to: Address(parsing: "kari@firma.example"), purpose: slug("confirmation"), language: "nb",
            subject: "Bekreft påmeldingen", text: "Hei\n", html: "<p>Hei</p>\n")
    }
}

extension Scene {
    func post(_ letter: Letter) async throws {
        _ = try await store.run(
            Verb<Bool>(.normal) { scene, tx throws(StoreError) in
                try scene.post(letter, in: tx)
                return true
            }, by: access)
    }

    func outbox() throws -> Outbox {
        try Outbox(url: database.url, peppers: database.peppers, random: { 0.5 })
    }

    /// What a count of the superuser's must be.
    func expect(_ count: String, is wanted: Int) async throws {
        try await database.run(
            """
            set search_path = maysend; do $check$ begin
                if (\(count)) <> \(wanted) then raise exception 'it is %', (\(count)); end if;
            end $check$
            """)
    }
}
