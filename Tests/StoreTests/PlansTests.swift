import Harness
import Postgres
import Store
import Testing

/// A plan lives as long as its connection. One that is made while the tables are empty has to be right when they are full.
@Suite struct PlansTests {
    /// By which index condition each finds its rows, in the plan that any parameters share.
    private static let lookUps = [
        ("standing.read", "maysend_write", "address_key = k.address_key"),
        ("standing.hold", "maysend_write", "address_key = k.address_key"),
        ("check.standings", "maysend_check", "address_key = k.address_key"),
        ("check.standings", "maysend_check", "address_key = d.address_key"),
        ("check.list", "maysend_check", "address_key = ANY \\(\\$2\\)"),
        ("check.list", "maysend_check", "address_key = ANY \\(\\$4\\)"),
        ("check.list", "maysend_check", "address_key = ANY \\(\\$6\\)"),
        ("check.list", "maysend_check", "address_key = d.address_key"),
        ("ledger.of-persons", "maysend_write", "address_key = k.address_key"),
        ("opt-out.read", "maysend_write", "address_key = k.address_key"),
        ("alias-standing.acts", "maysend_write", "alias_key = k.alias_key"),
        ("import.slice-people", "maysend_write", "identity = r.organisation"),
        ("import.known", "maysend_write", "address_key = k.address_key"),
        ("import.known", "maysend_write", "address_key = k.alias_key"),
        ("import.matches", "maysend_write", "address_key = \\(COALESCE"),
        ("import.put-contacts", "maysend_write", "identity = r.organisation"),
        ("import.undo-marks", "maysend_write", "address_key = k.address_key"),
        ("import.undo-touched", "maysend_write", "address_key = k.address_key"),
        ("endpoint.due", "maysend_courier", "due_at <= statement_timestamp\\(\\)"),
        ("notice.claim", "maysend_courier", "due_at <= statement_timestamp\\(\\)"),
        ("notice.claim", "maysend_courier", "address_key = n.address_key"),
        ("letter.claim", "maysend_courier", "due_at <= statement_timestamp\\(\\)"),
        ("pending-erasure.find", "maysend_write", "address_key = p.address_key"),
        ("sweep.strays", "maysend_write", "address_key = k.other"),
    ]

    @Test(arguments: lookUps) func aPlanMadeForEmptyTablesLooksUpByKey(
        name: String, role: String, condition: String
    ) async throws {
        let database = try await TestDatabase.make()
        let statement = try #require(Store.statements.first { $0.name.description == name })
        let nulls = statement.parameters.map { _ in "null" }.joined(separator: ", ")
        let parameters = nulls.isEmpty ? "" : "(\(nulls))"
        try await database.run(
            """
            set search_path = maysend;
            set role \(role);
            set maysend.controller = '2';
            set maysend."group" = '1';
            set enable_seqscan = off;
            set plan_cache_mode = force_generic_plan;
            prepare look_up as \(statement.text);
            do $$ declare
                line text;
                plan text := '';
            begin
                for line in execute 'explain execute look_up\(parameters)' loop plan := plan || line || chr(10); end loop;
                if plan !~ 'Index Cond: [^\\n]*\(condition)' or plan ~ 'Hash Cond: [^\\n]*_key' then
                    raise exception '%', plan using errcode = 'check_violation';
                end if;
            end $$;
            """)
    }
}
