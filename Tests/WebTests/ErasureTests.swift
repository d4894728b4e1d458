import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// What is left in the database of somebody who was erased.
@Suite struct ErasureTests {
    private static let address = "kari.plaintext@firma.example"

    /// The words of the person, in whatever table and column.
    private func expectNothingLeft(_ service: Service) async throws {
        try await service.database.run(
            """
            do $$ declare t record; n bigint; begin
                for t in select format('%I.%I', c.table_schema, c.table_name) as name, quote_ident(c.column_name) as col,
                        c.data_type as type
                    from information_schema.columns c join information_schema.tables using (table_schema, table_name)
                    where c.table_schema = 'maysend' and table_type = 'BASE TABLE'
                loop
                    execute format(
                        'select count(*) from %s x where lower(%s) ~ ''plaintext|55512345''', t.name,
                        case t.type when 'bytea' then format('encode(x.%s, ''escape'')', t.col)
                            else format('x.%s::text', t.col) end) into n;
                    if n > 0 then raise exception 'plaintext in % of %', t.col, t.name; end if;
                end loop;
            end $$;
            """)
    }

    private func importAndUndo(_ service: Service) async throws {
        let today = String(systemNow().description.prefix(10))
        let list = "email,name,phone\n\(Self.address),Kari Plaintext,55512345\n"
        let key = ["Authorization": "Bearer \(service.key)", "Content-Type": "text/csv"]
        let taken = try await service.send(
            .post, "/v1/imports?source=fair&collected=\(today)", bytes: Array(list.utf8), headers: key)
        let id = try #require(taken.string("id"))
        try await merge(service)
        #expect(try await service.get("/v1/imports/\(id)").string("state") == "finished")
        _ = try await service.send(
            .post, "/v1/imports/\(id)/undo", headers: ["Authorization": "Bearer \(service.key)"])
        try await merge(service)
        let again = try await service.send(
            .post, "/v1/imports?source=fair&collected=\(today)&again=true", bytes: Array(list.utf8), headers: key)
        #expect(again.status == 202)
        try await merge(service)
    }

    private func merge(_ service: Service) async throws {
        while let turn = try await service.store.nextImport() {
            _ = try await service.store.mergeImport(turn, rowsMax: 2)
        }
    }

    /// Every call that may be sent again, so that its answer is kept; each is sent again, and the answer is the same.
    private func everyCall(_ service: Service) async throws {
        let who = #""address": "\#(Self.address)""#
        let calls = [
            ("/v1/contacts", #"{\#(who), "name": "Kari Plaintext", "phone": "55512345", "source": "fair"}"#),
            ("/v1/events", #"{\#(who), "event": "demo-booked"}"#),
            ("/v1/consents", #"{\#(who), "purpose": "newsletter", "by": "operator"}"#),
            ("/v1/register", #"{\#(who), "reason": "unsubscribed", "scope": "purpose", "purpose": "newsletter"}"#),
            ("/v1/subjects/rectify", #"{\#(who), "to": {"name": "Kari B. Plaintext"}}"#),
            ("/v1/subjects/object", #"{\#(who), "purpose": "profiling"}"#),
            ("/v1/subjects/restrict", "{\(who)}"),
        ]
        for (number, call) in calls.enumerated() { try await twice(service, call.0, call.1, "call-\(number)") }
        for (kind, verb, body) in [
            ("export", "extend", #"{"months": 1, "reason": "many"}"#), ("export", "complete", "{}"),
            ("rectify", "refuse", #"{"reason": "no identity"}"#),
        ] {
            let opened = try await twice(
                service, "/v1/requests", #"{\#(who), "kind": "\#(kind)"}"#, "open-\(kind)-\(verb)")
            guard case .int(let id) = opened["request"] else {
                Issue.record("no request")
                return
            }
            try await twice(service, "/v1/requests/\(id)/\(verb)", body, "\(kind)-\(verb)")
        }
        try await twice(service, "/v1/subjects/erase", "{\(who)}", "erase")
    }

    @discardableResult
    private func twice(_ service: Service, _ path: String, _ body: String, _ key: String) async throws -> Reply {
        let first = try await service.post(path, body, idempotencyKey: key)
        let again = try await service.post(path, body, idempotencyKey: key)
        #expect(first.status < 300 && again.bytes == first.bytes, "\(path): \(first.text)")
        #expect(again.header("Idempotent-Replayed") == "true", "\(path)")
        return first
    }

    @Test func nothingOfAWholeLifeIsLeftButKeys() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await importAndUndo(service)
            try await everyCall(service)
            // What had the address sealed is delivered.
            _ = try await service.letters()
            try await expectNothingLeft(service)
        }
    }

    /// The scan itself finds what there is, as text and as octets.
    @Test func whatIsStoredIsFoundByTheSameScan() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/contacts", #"{"address": "\#(Self.address)"}"#)
            await #expect(throws: (any Error).self) { try await expectNothingLeft(service) }
            _ = try await service.post("/v1/subjects/erase", #"{"address": "\#(Self.address)"}"#)
            try await expectNothingLeft(service)
            try await service.database.run(
                """
                insert into maysend.idempotency (controller_id, key, month, request_digest, status, body)
                select min(id), 'k', '2020-01-01', decode(repeat('00', 32), 'hex'), 200, 'kari.plaintext@firma.example'::bytea
                from maysend.holder
                """)
            await #expect(throws: (any Error).self) { try await expectNothingLeft(service) }
        }
    }
}
