import Harness
import Postgres
import Rules
import Testing

@testable import Store

@Suite struct AdministrationTests {
    @Test func aPolicyIsAppliedOnceAndChangedOnlyByANewVersion() async throws {
        let database = try await TestDatabase.make()
        let administration = try Administration(url: database.url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        let text = try Checkout.text("deploy/policies/stratsys.yaml")
        func apply(_ text: String) async throws -> PolicyApplication {
            try await administration.apply(Policy(parsing: text, file: "x.yaml"), source: text, by: "test")
        }
        #expect(try await apply(text) == .applied)
        #expect(try await apply(text) == .unchanged)
        await #expect(throws: StoreError.self) { try await apply(text + "\n# another text\n") }
        let second = text.replacing("version: 1", with: "version: 2")
        await #expect(throws: StoreError.self) { try await apply(second) }
        let later = second.replacing("effective: 2023-03-21", with: "effective: 2027-01-01")
        #expect(try await apply(later) == .applied)
        await #expect(throws: StoreError.self) {
            try await apply(text.replacing("policy: stratsys", with: "policy: stratsys-copy"))
        }
        let renamed = later.replacing("version: 2", with: "version: 3").replacing("2027-01-01", with: "2028-01-01")
        await #expect(throws: StoreError.self) { try await apply(renamed.replacing("  survey:", with: "  poll:")) }
        await #expect(throws: StoreError.self) {
            try await apply(renamed.replacing("[product-news, events]", with: "[product-news]"))
        }
        #expect(try await administration.policies(named: nil).map(\.version) == [1, 2])
        await administration.shutdown()
    }

    /// Whatever changes in the catalogue, and there may be hundreds of versions.
    @Test func aPolicyIsCompiledOncePerVersion() async throws {
        let scene = try await Scene.make()
        let now = systemNow()
        let first = try await scene.store.catalogue()
        _ = try await scene.database.key(for: "stratsys-ab", scopes: [.check])
        let second = try await scene.store.catalogue()
        #expect(first.edition.epoch < second.edition.epoch)
        let controller = scene.access.controller
        #expect(try first.version(of: controller, at: now) === second.version(of: controller, at: now))
        // Another text under the same number is another policy.
        try await scene.database.run(
            "update maysend.policy set source = source || chr(10) || '# changed'; update maysend.catalogue_epoch set epoch = epoch + 1"
        )
        let third = try await scene.store.catalogue()
        #expect(try second.version(of: controller, at: now) !== third.version(of: controller, at: now))
        await scene.close()
    }

    @Test func aRevokedKeyOpensNothingFromTheCommitOn() async throws {
        let scene = try await Scene.make()
        let secret = try await scene.database.key(for: "stratsys-ab", scopes: [.check])
        let key = try #require(APIKey(parsing: secret))
        let now = try instant("2026-11-21T00:00:00Z")
        let access = try await scene.store.catalogue().access(of: key, at: now)
        #expect(access.scopes == [.check])
        #expect(access.actor == "key:" + key.prefix)
        let administration = try Administration(url: scene.database.url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        #expect(try await administration.revoke(prefix: key.prefix))
        #expect(try await !administration.revoke(prefix: key.prefix))
        let catalogue = try await scene.store.catalogue()
        #expect(throws: AccessRefusal.revokedKey) { try catalogue.access(of: key, at: now) }
        // A request that had proved its key before is refused too.
        let late = Report(.contacted, of: .address(try Address(parsing: "kari@firma.example")))
        await #expect(throws: StoreError.revokedKey) { try await scene.store.run(.record(late), by: access) }
        let expired = try #require(
            APIKey(
                parsing: try await scene.database.key(for: "stratsys-ab", expiresAt: instant("2026-01-01T00:00:00Z"))))
        let newer = try await scene.store.catalogue()
        #expect(throws: AccessRefusal.expiredKey) { try newer.access(of: expired, at: now) }
        let foreign = APIKey(random: (0..<APIKey.randomOctets).map { UInt8($0) })
        #expect(throws: AccessRefusal.unknownKey) { try newer.access(of: foreign, at: now) }
        await administration.shutdown()
        await scene.close()
    }

    @Test func aWrongOrMissingPepperIsNoticed() async throws {
        let database = try await TestDatabase.make()
        let administration = try Administration(url: database.url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        let other = try Pepper(version: 1, secret: (1...32).map { UInt8($0) &* 3 })
        await #expect(throws: StoreError.self) {
            try await administration.register(Peppers(current: other), note: nil)
        }
        let second = try Pepper(version: 2, secret: (1...32).map { UInt8($0) &* 5 &+ 1 })
        await #expect(throws: StoreError.self) {
            try await administration.register(Peppers(current: second), note: nil)
        }
        try await administration.register(Peppers(current: second, older: [database.peppers.current]), note: nil)
        // From now on the first version alone is not enough.
        let store = try await database.store()
        let findings = try await store.findings(clock: instant("2026-11-21T00:00:00Z"))
        #expect(findings.contains { $0.subject == "pepper" && $0.level == .bad })
        await store.shutdown(within: .seconds(5))
        await administration.shutdown()
    }
}

@Suite struct MigrationsTests {
    @Test func migratingTwiceDoesNothingTheSecondTime() async throws {
        let database = try await TestDatabase.makeEmpty()
        let migrator = try Migrator(url: database.url, random: { 0.5 })
        try await migrator.ready(within: .seconds(30))
        let roles = try Checkout.text("sql/roles.sql")
        let migrations = try Checkout.migrations()
        #expect(try await migrator.migrate(migrations, roles: roles).map(\.version) == Array(1...schemaVersion))
        #expect(try await migrator.migrate(migrations, roles: roles).isEmpty)
        await migrator.shutdown()
    }

    @Test func severalAtOnceWaitForEachOther() async throws {
        let database = try await TestDatabase.makeEmpty()
        let roles = try Checkout.text("sql/roles.sql")
        let migrations = try Checkout.migrations()
        let ran = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let migrator = try Migrator(url: database.url, random: { 0.5 })
                    try await migrator.ready(within: .seconds(30))
                    let ran = try await migrator.migrate(migrations, roles: roles).count
                    await migrator.shutdown()
                    return ran
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(ran == schemaVersion)
    }

    @Test func aNewerDatabaseAndAChangedMigrationAreRefused() async throws {
        let database = try await TestDatabase.make()
        let migrator = try Migrator(url: database.url, random: { 0.5 })
        try await migrator.ready(within: .seconds(30))
        let roles = try Checkout.text("sql/roles.sql")
        var migrations = try Checkout.migrations()
        let last = try #require(migrations.last)
        migrations.removeLast()
        let number = String("000\(last.version)".suffix(4))
        let changed = try #require(Migration(file: "\(number)_\(last.name).sql", text: last.text + "\n"))
        await #expect {
            try await migrator.migrate(migrations + [changed], roles: roles)
        } throws: { "\($0)".contains("was changed after it ran") }
        try await database.run("insert into maysend.migration (version, name, digest) values (99, 'later', '')")
        await #expect {
            try await migrator.migrate(Checkout.migrations(), roles: roles)
        } throws: { "\($0)".contains("newer than this program") }
        let store = try await database.store()
        let findings = try await store.findings(clock: instant("2026-11-21T00:00:00Z"))
        #expect(findings.contains { $0.subject == "schema" && $0.level == .bad && $0.text.contains("newer") })
        await store.shutdown(within: .seconds(5))
        await migrator.shutdown()
    }
}

@Suite struct ReadinessTests {
    @Test func unsafeSettingsAreBadAndGoodOnesAreGood() async throws {
        let scene = try await Scene.make()
        let clock = try instant("2026-11-21T00:00:00Z")
        let good = try await scene.store.findings(clock: clock)
        #expect(good.filter { $0.level == .bad } == [])
        #expect(good.contains { $0.subject == "policy" && $0.text == "stratsys-ab: stratsys@1" })
        try await scene.database.run("alter database \(await currentName(scene)) set synchronous_commit = off")
        let store = try await scene.database.store()
        let bad = try await store.findings(clock: clock)
        #expect(bad.filter { $0.level == .bad }.map(\.subject) == ["synchronous_commit"])
        await store.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func evidenceThatCanBeChangedIsBad() async throws {
        let scene = try await Scene.make()
        try await scene.database.run("grant delete on maysend.ledger to maysend_write")
        let bad = try await scene.store.findings(clock: instant("2026-11-21T00:00:00Z"))
        #expect(bad.filter { $0.level == .bad }.map(\.subject) == ["grants"])
        await scene.close()
    }

    private func currentName(_ scene: Scene) async -> String {
        scene.database.url.split(separator: "dbname=").last.map(String.init) ?? ""
    }
}

@Suite struct IdempotencyTests {
    @Test func theSameRequestTwiceIsDoneOnce() async throws {
        let scene = try await Scene.make()
        let report = Report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil),
            of: .address(try Address(parsing: "kari@firma.example")))
        let once = Once(key: "a-key", request: [1])
        let answers = try await withThrowingTaskGroup(of: StoredAnswer.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await scene.store.run(.record(report), by: scene.access, once: once) { receipt in
                        StoredAnswer(status: 201, body: Array("\(receipt.id)".utf8))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(try await scene.store.entries(on: Address(parsing: "kari@firma.example"), by: scene.access).count == 1)
        let other = Once(key: "a-key", request: [2])
        await #expect(throws: StoreError.idempotencyKeyReused) {
            try await scene.store.run(.record(report), by: scene.access, once: other) { _ in
                StoredAnswer(status: 201, body: [])
            }
        }
        await scene.close()
    }

    /// A digest that anybody can make would tell whoever guesses an address whether the request was about it.
    @Test func whatWasAskedIsKnownAgainUnderEveryLivePepperAndByNothingElse() async throws {
        let scene = try await Scene.make()
        let request = Array("POST /v1/register\n{\"address\":\"kari@firma.example\"}".utf8)
        let report = Report(.contacted, of: .address(try Address(parsing: "kari@firma.example")))
        @Sendable func ask(_ store: Store, _ octets: [UInt8]) async throws -> StoredAnswer {
            try await store.run(.record(report), by: scene.access, once: Once(key: "k", request: octets)) { receipt in
                StoredAnswer(status: 201, body: Array("\(receipt.id)".utf8))
            }
        }
        let first = try await ask(scene.store, request)
        try await scene.database.run(
            """
            do $$ begin
                if exists (select from maysend.idempotency where request_digest = '\\x\(Digest(of: request))'::bytea) then
                    raise exception 'the digest can be guessed';
                end if;
            end $$;
            """)
        let old = scene.database.peppers.current
        let newer = try Pepper(version: old.version + 1, secret: (0..<32).map { UInt8($0) &* 91 &+ 7 })
        let rotated = try await scene.database.store(peppers: Peppers(current: newer, older: [old]))
        let again = try await ask(rotated, request)
        #expect(again.isReplayed && again.body == first.body)
        await #expect(throws: StoreError.idempotencyKeyReused) { try await ask(rotated, request + [0]) }
        await rotated.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func anOptOutIsNotAcknowledgedAgainAfterThePersonCameBack() async throws {
        let scene = try await Scene.make()
        let report = Report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil),
            of: .address(try Address(parsing: "kari@firma.example")))
        let once = Once(key: "unsub-kari", request: [1])
        func optOut() async throws -> StoredAnswer {
            try await scene.store.run(.record(report), by: scene.access, once: once) { receipt in
                StoredAnswer(status: 201, body: Array("\(receipt.id)".utf8))
            }
        }
        let first = try await optOut()
        #expect(try await optOut().isReplayed)
        try await scene.report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), evidence: Evidence(confirmed))
        let second = try await optOut()
        #expect(!second.isReplayed)
        #expect(second.body != first.body)
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func aMonthWithoutAPartitionRefusesNothing() async throws {
        let scene = try await Scene.make()
        try await scene.database.run(
            """
            set search_path = maysend;
            do $$ declare old record; begin
                for old in select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
                    where i.inhparent = 'idempotency'::regclass and c.relname <> 'idempotency_default'
                loop execute format('drop table %I', old.name); end loop;
            end $$;
            """)
        let report = Report(.complained, of: .address(try Address(parsing: "kari@firma.example")))
        for round in 0..<2 {
            let once = Once(key: "round-\(round)", request: [1])
            _ = try await scene.store.run(.record(report), by: scene.access, once: once) { _ in
                StoredAnswer(status: 201, body: [])
            }
            try await scene.store.rollPartitions()
        }
        #expect(try await scene.reason() == "complained")
        await scene.close()
    }

    @Test func twoControllersMayUseTheSameKey() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        let once = Once(key: "same", request: [1])
        for scene in [one, other] {
            let report = Report(.contacted, of: .address(try Address(parsing: "kari@firma.example")))
            let answer = try await scene.store.run(.record(report), by: scene.access, once: once) { _ in
                StoredAnswer(status: 201, body: Array(scene.access.controller.slug.text.utf8))
            }
            #expect(answer.body == Array(scene.access.controller.slug.text.utf8))
        }
        await one.close()
    }
}
