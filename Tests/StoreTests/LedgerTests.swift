import Harness
import Postgres
import Rules
import Store
import Testing

@Suite struct LedgerTests {
    @Test(arguments: [
        "delete from maysend.ledger", "update maysend.ledger set at = now()", "truncate maysend.ledger",
        "set role maysend_write; delete from maysend.ledger", "set role maysend_write; truncate maysend.ledger",
        "set role maysend_write; update maysend.ledger set at = now()",
        "set role maysend_write; delete from maysend.standing", "set role maysend_check; delete from maysend.standing",
        "set role maysend_check; insert into maysend.standing values (1, gen_random_uuid(), '', '', now())",
        "set role maysend_check; select * from maysend.contact", "set role maysend_check; select * from maysend.ledger",
        "set role maysend_write; delete from maysend.policy",
        "set role maysend_write; update maysend.api_key set revoked_at = null",
        "set role maysend_write; update maysend.catalogue_epoch set epoch = 0",
        "set role maysend_admin; delete from maysend.ledger", "set role maysend_audit; delete from maysend.contact",
    ])
    func theDatabaseItselfRefuses(_ text: String) async throws {
        let scene = try await Scene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        await #expect {
            try await scene.database.run(text)
        } throws: { error in
            guard case .permissionDenied(let fault) = error as? PostgresError else { return false }
            return fault.state == "42501"
        }
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func aWriterSeesAndMovesTheRowsOfItsOwnControllerAlone() async throws {
        let one = try await Scene.make("infobric", "infobric-as")
        let other = try await one.of("infobric-ab")
        _ = try await one.collect([lead("kari@firma.example", contactedAt: "2026-06-01T00:00:00Z")])
        let mine = one.access.controller
        let theirs = other.access.controller
        let asOther = """
            set role maysend_write; set search_path = maysend;
            select set_config('maysend.controller', '\(theirs.id)', false), set_config('maysend.group', '\(theirs.group)', false);
            """
        try await one.database.run(
            """
            \(asOther)
            do $$ begin
                if exists (select from contact) or exists (select from ledger) or exists (select from standing) then
                    raise exception 'a row of another controller is seen';
                end if;
            end $$;
            """)
        for forbidden in [
            "insert into standing (holder_id, address_key, facts, derived_at) values (\(mine.id), gen_random_uuid(), '', now())",
            "insert into contact (controller_id, address_key, address) values (\(mine.id), gen_random_uuid(), 'x@y.example')",
            """
            insert into ledger (holder_id, controller_id, address_key, act, at, actor)
            values (\(mine.id), \(mine.id), gen_random_uuid(), 'contacted', now(), 'x')
            """,
        ] {
            await #expect(throws: PostgresError.self) { try await one.database.run("\(asOther) \(forbidden)") }
        }
        // Without a controller named, nothing is seen at all.
        try await one.database.run(
            """
            set role maysend_write; set search_path = maysend;
            do $$ begin
                if exists (select from contact) then raise exception 'a row is seen'; end if;
            end $$;
            """)
        await one.close()
    }

    @Test func noPlaintextIsKeptBesideTheContact() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([lead("kari.plaintext@firma.example", name: "Kari Plaintext")])
        try await scene.report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil), "kari.plaintext@firma.example",
            evidence: Evidence(confirmed))
        try await scene.database.run(
            """
            do $$ declare t record; n bigint; begin
                for t in select format('%I.%I', schemaname, tablename) as name from pg_tables
                    where schemaname = 'maysend' and tablename <> 'contact'
                loop
                    execute format('select count(*) from %s x where lower(x::text) like ''%%plaintext%%''', t.name) into n;
                    if n > 0 then raise exception 'plaintext in %', t.name; end if;
                end loop;
            end $$;
            """)
        await scene.close()
    }
}
