import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// Lists in bulk over HTTP.
@Suite(.serialized) struct ImportTests {
    private func send(
        _ service: Service, _ query: String, _ list: String, type: String = "text/csv", key: String? = nil
    ) async throws -> Reply {
        try await service.send(
            .post, "/v1/imports" + (query.isEmpty ? "" : "?" + query), bytes: Array(list.utf8),
            headers: ["Authorization": "Bearer \(key ?? service.key)", "Content-Type": type])
    }

    /// Merges all there is to merge, as a server does beside answering.
    private func merge(_ service: Service) async throws {
        while let turn = try await service.store.nextImport() {
            _ = try await service.store.mergeImport(turn, rowsMax: 2)
        }
    }

    private func path(_ reply: Reply, _ rest: String = "") throws -> String {
        "/v1/imports/" + (try #require(reply.string("id"))) + rest
    }

    private let today = String(systemNow().description.prefix(10))

    @Test func aListIsTakenInAndEveryLineAccountedFor() async throws {
        try await Service.run { [today] service async throws in
            _ = try await service.post("/v1/register", #"{"address": "ola@firma.example", "reason": "unsubscribed"}"#)
            let list = "E-post;Navn\nkari@firma.example;Kari\nola@firma.example;Ola\nKari@firma.example;K\nx;X\n\n"
            let taken = try await send(service, "source=fair&collected=\(today)&name=fair.csv", list)
            #expect(taken.status == 202 && taken.string("state") == "merging", "\(taken.text)")
            #expect(taken["lines"] == .int(5) && taken["done"] == .int(2) && taken["repeated"] == .bool(false))
            #expect(taken["understood"]?.object?["columns"]?.object?["email"] == .string("E-post"))
            try await merge(service)
            let done = try await service.get(path(taken))
            #expect(done.status == 200 && done.string("state") == "finished")
            #expect(done["counts"]?.object?["created"] == .int(1) && done["counts"]?.object?["suppressed"] == .int(1))
            let rows = try await service.get(path(taken, "/rows"))
            #expect(
                rows.text == """
                    line,verdict,reason,duplicate-of
                    2,created,,
                    3,suppressed,unsubscribed,
                    4,duplicate,,2
                    5,invalid,"email: \(AddressError.atSignMissing)",

                    """)
            let invalid = try await service.get(path(taken, "/rows?verdict=invalid&as=ndjson"))
            #expect(invalid.text.hasPrefix(#"{"file":1,"line":5,"verdict":"invalid","reason":"email: "#))
            #expect(try await service.reason("kari@firma.example") == "ground-holds")
            #expect(try await service.reason("ola@firma.example") == "unsubscribed")
            let again = try await send(service, "source=fair&collected=\(today)", list)
            #expect(again["repeated"] == .bool(true) && again.string("id") == taken.string("id"))
            #expect(try await service.get("/v1/imports").objects("imports").count == 2)
            #expect(!service.log.text.contains("firma.example"))
        }
    }

    @Test func progressComesAsEvents() async throws {
        try await Service.run { [today] service async throws in
            let taken = try await send(service, "source=s&collected=\(today)", "email\na@firma.example\n")
            try await merge(service)
            let events = try await service.get(path(taken, "/events"))
            #expect(events.header("Content-Type") == "text/event-stream")
            #expect(events.text.hasPrefix("event: over\ndata: {\"id\":\"") && events.text.hasSuffix("}\n\n"))
        }
    }

    @Test func anUndoIsAskedForAndDone() async throws {
        try await Service.run { [today] service async throws in
            let taken = try await send(
                service, "source=s&collected=\(today)", "email\na@firma.example\nb@firma.example\n")
            let early = try await service.send(
                .post, try path(taken, "/undo"), headers: ["Authorization": "Bearer \(service.key)"])
            #expect(early.problem == "409 import-state")
            try await merge(service)
            _ = try await service.post("/v1/events", #"{"address": "b@firma.example", "event": "demo-booked"}"#)
            let undo = try await service.send(
                .post, try path(taken, "/undo"), headers: ["Authorization": "Bearer \(service.key)"])
            #expect(undo.status == 202 && undo.string("state") == "undoing")
            try await merge(service)
            let undone = try await service.get(path(taken))
            #expect(undone.string("state") == "undone" && undone["taken-back"] == .int(1) && undone["left"] == .int(1))
            #expect(try await service.reason("a@firma.example") == "unknown-address")
            #expect(try await service.reason("b@firma.example") == "ground-holds")
        }
    }

    @Test func whatIsWrongIsSaid() async throws {
        try await Service.run { [today] service async throws in
            let fine = "source=s&collected=\(today)"
            let cases: [(String, String, String, String)] = [
                ("", "text/csv", "email\na@b.example\n", "422 invalid-list "),
                ("source=s", "text/csv", "email\na@b.example\n", "422 invalid-list "),
                (fine, "text/csv", "navn\nA\n", "422 invalid-list "), (fine, "text/csv", "", "422 invalid-list "),
                (fine, "application/jsonl", "{}", "422 invalid-list "),
                (fine, "application/json", "{}", "422 invalid-list "),
                (fine, "image/png", "x", "415 unsupported-media-type "),
                (fine, "application/zip", "PK\u{3}\u{4}", "422 invalid-list "),
                ("dialect=ses", "text/csv", "email\n", "400 invalid-parameter dialect"),
                ("kind=suppressions&map=name%3D%232", "text/csv", "email\n", "400 invalid-parameter map"),
                ("kind=people", "text/csv", "email\n", "400 invalid-parameter kind"),
                ("collected=01/02/2026", "text/csv", "email\n", "400 invalid-parameter collected"),
                ("collected=2999-01-01", "text/csv", "email\n", "400 invalid-parameter collected"),
                ("map=mail%3Dx", "text/csv", "email\n", "400 invalid-parameter map"),
                ("consent=cats", "text/csv", "email\n", "422 unknown-purpose consent"),
                ("scope=group", "text/csv", "email\n", "400 invalid-parameter scope"),
                ("kind=suppressions&source=s", "text/csv", "email\n", "400 invalid-parameter source"),
                ("again=yes", "text/csv", "email\n", "400 invalid-parameter again"),
            ]
            for (query, type, list, expected) in cases {
                let reply = try await send(service, query, list, type: type)
                #expect(
                    "\(reply.status) \(reply.string("code") ?? "?") \(reply.string("parameter") ?? "")" == expected,
                    "\(query): \(reply.text)")
            }
            for record in try await service.get("/v1/imports").objects("imports") {
                #expect(record["state"] == .string("failed"))
            }
            let stranger = try await service.database.key(for: "stratsys-ab", scopes: [.write])
            #expect(try await send(service, fine, "email\n", key: stranger).problem == "403 missing-scope")
            for path in ["/v1/imports/7a3f5d9e-3b5c-4a0e-9a56-0f6a3b8c1d2e", "/v1/imports/x", "/v1/imports/x/rows"] {
                #expect(try await service.get(path).problem == "404 unknown-import")
            }
        }
    }

    @Test func aNoticeIsDueUntilItIsReported() async throws {
        try await Service.run { service async throws in
            let collected = String(systemNow().advanced(byMicroseconds: -45 * 86_400_000_000).description.prefix(10))
            let list = "email,source\na@firma.example,\nb@firma.example,person\n"
            _ = try await send(service, "source=fair&collected=\(collected)", list)
            try await merge(service)
            func due(_ address: String) async throws -> JSON? {
                try await service.post(
                    "/v1/eligibility", #"{"address": "\#(address)", "purpose": "newsletter"}"#)["notice-due"]
            }
            guard case .string = try await due("a@firma.example") else {
                Issue.record("no notice is due")
                return
            }
            #expect(try await due("b@firma.example") == .null)
            let overdue = try await service.get("/v1/notices?overdue=true")
            #expect(overdue.objects("notices").map { $0["address"] } == [.string("a@firma.example")])
            let told = try await service.post("/v1/events", #"{"address": "a@firma.example", "event": "notified"}"#)
            #expect(told.status == 201)
            #expect(try await due("a@firma.example") == .null)
            #expect(try await service.get("/v1/notices").objects("notices").isEmpty)
            #expect(try await service.get("/v1/notices?overdue=perhaps").problem == "400 invalid-parameter")
        }
    }
}
