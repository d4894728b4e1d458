import Formats
import Foundation
import HTTPTypes
import Harness
import Store
import Testing

@testable import Web

/// The stream as a whole request: what is asked, what is answered, what is refused before the first byte.
@Suite(.serialized) struct ScrubTests {
    private func send(
        _ service: Service, _ query: String, _ list: String, type: String = "text/csv", accept: String? = nil,
        key: String? = nil
    ) async throws -> Reply {
        var headers = ["Authorization": "Bearer \(key ?? service.key)", "Content-Type": type]
        if let accept { headers["Accept"] = accept }
        return try await service.send(.post, "/v1/scrub?" + query, bytes: Array(list.utf8), headers: headers)
    }

    @Test func aListComesBackWithItsVerdicts() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/contacts", #"{"address": "kari@firma.example"}"#)
            _ = try await service.post("/v1/register", #"{"address": "ola@firma.example", "reason": "unsubscribed"}"#)
            let list =
                "navn;e-post\r\n\"K; N\";Kari@Firma.example\r\nO;ola@firma.example\r\nX;x\r\nU;u@firma.example\r\nkort\r\n"
            let reply = try await send(service, "purpose=newsletter", list)
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "text/csv; charset=utf-8")
            let lines = reply.text.components(separatedBy: "\r\n")
            #expect(lines[0] == "navn;e-post;eligible;reason;ground;until")
            #expect(lines[1].hasPrefix("\"K; N\";Kari@Firma.example;true;ground-holds;cold-lead;20"))
            #expect(
                Array(lines[2...]) == [
                    "O;ola@firma.example;false;unsubscribed;;", "X;x;false;invalid-address;;",
                    "U;u@firma.example;false;unknown-address;;", "kort;;false;invalid-row;;", "",
                ])
            // The same verdict as of a single check, to the letter.
            let single = try await service.post(
                "/v1/eligibility", #"{"address": "kari@firma.example", "purpose": "newsletter"}"#)
            #expect(lines[1].hasSuffix(";" + (single.string("until") ?? "?")))
            let topic = try await send(service, "purpose=newsletter&topic=events&column=%232&delimiter=semicolon", list)
            #expect(topic.text.contains("true;ground-holds"))
        }
    }

    @Test(arguments: ["text/csv", "application/x-ndjson"]) func aPackedListIsRefusedAsWhatItIs(type: String)
        async throws
    {
        try await Service.run { service async throws in
            let marks: [(mark: [UInt8], name: String)] = [
                ([0x1F, 0x8B, 0x08, 0x00, 0x00], "gzip"), ([0x50, 0x4B, 0x03, 0x04, 0x14], "zip"),
            ]
            for (mark, name) in marks {
                let reply = try await service.send(
                    .post, "/v1/scrub?purpose=newsletter", bytes: mark + [UInt8](repeating: 0, count: 40),
                    headers: ["Authorization": "Bearer \(service.key)", "Content-Type": type])
                #expect(reply.status == 422 && reply.text.contains("invalid-list"))
                #expect(reply.text.contains("packed (\(name)") && reply.text.contains("unpacked"))
            }
        }
    }

    @Test func theAnswerIsOfTheMediaTypeThatIsAccepted() async throws {
        try await Service.run { service async throws in
            let csv = "address\na@b.example\n"
            let lines = #"{"email": "a@b.example"}"# + "\n"
            let csvAnswer = "text/csv; charset=utf-8"
            let cases: [(String, String, String?, String)] = [
                ("text/csv", csv, nil, csvAnswer), ("text/csv; charset=utf-8", csv, "*/*", csvAnswer),
                ("text/csv", csv, "application/x-ndjson", "application/x-ndjson"),
                ("text/csv", csv, "text/html, application/*;q=0.5, text/csv;q=0.1", "application/x-ndjson"),
                ("application/jsonl", lines, nil, "application/x-ndjson"),
                ("application/ndjson", lines, "text/csv", csvAnswer),
                ("application/x-ndjson", lines, "text/*;q=0.9, application/json", csvAnswer),
            ]
            for (type, list, accept, expected) in cases {
                let reply = try await send(service, "purpose=newsletter", list, type: type, accept: accept)
                #expect(reply.status == 200 && reply.header("Content-Type") == expected, "\(type) \(accept ?? "")")
                #expect(reply.text.contains("unknown-address"), "\(reply.text)")
            }
        }
    }

    @Test func whatIsWrongIsSaidBeforeTheFirstByte() async throws {
        try await Service.run { service async throws in
            let cases: [(String, String, String, String?, String)] = [
                ("", "text/csv", "address\n", nil, "400 invalid-parameter purpose"),
                ("purpose=nyhetsbrev", "text/csv", "address\n", nil, "422 unknown-purpose purpose"),
                ("purpose=a%20b", "text/csv", "address\n", nil, "422 unknown-purpose purpose"),
                ("purpose=contact-form", "text/csv", "address\n", nil, "422 purpose-not-sendable purpose"),
                ("purpose=newsletter&topic=cats", "text/csv", "address\n", nil, "422 unknown-topic topic"),
                ("purpose=newsletter&at=now", "text/csv", "address\n", nil, "400 invalid-parameter at"),
                ("purpose=newsletter&at=2020-01-01T00:00:00Z", "text/csv", "address\n", nil, "422 at-in-the-past at"),
                ("purpose=newsletter&delimiter=x", "text/csv", "address\n", nil, "400 invalid-parameter delimiter"),
                ("purpose=newsletter&header=no", "text/csv", "address\n", nil, "400 invalid-parameter header"),
                ("purpose=newsletter&address=x", "text/csv", "address\n", nil, "400 invalid-parameter address"),
                ("purpose=newsletter&header=absent", "application/jsonl", "{}", nil, "400 invalid-parameter header"),
                ("purpose=newsletter", "text/plain", "address\n", nil, "415 unsupported-media-type "),
                ("purpose=newsletter", "text/csv; charset=koi8-r", "address\n", nil, "415 unsupported-media-type "),
                ("purpose=newsletter", "text/csv", "address\n", "text/html", "406 not-acceptable Accept"),
                ("purpose=newsletter", "text/csv", "address\n", "text/csv;q=0", "406 not-acceptable Accept"),
                ("purpose=newsletter", "text/csv", "", nil, "422 invalid-list "),
                ("purpose=newsletter", "text/csv", "a@b.example\nc@d.example\n", nil, "422 invalid-list "),
                ("purpose=newsletter", "text/csv", "navn;by\nA;B\n", nil, "422 invalid-list "),
                ("purpose=newsletter&column=e-post", "text/csv", "navn;by\nA;B\n", nil, "422 invalid-list "),
                ("purpose=newsletter", "text/csv", "address,eligible\n", nil, "422 invalid-list "),
            ]
            for (query, type, list, accept, expected) in cases {
                let reply = try await send(service, query, list, type: type, accept: accept)
                #expect(
                    "\(reply.status) \(reply.string("code") ?? "?") \(reply.string("parameter") ?? "")" == expected,
                    "\(query) \(type): \(reply.text)")
            }
            let unknown = try await send(service, "purpose=newslettr", "address\n")
            #expect(unknown.strings("known").contains("newsletter"))
            let types = try await send(service, "purpose=newsletter", "{}", type: "application/json")
            #expect(
                types.strings("known") == [
                    "text/csv", "application/x-ndjson", "application/ndjson", "application/jsonl",
                ])
            let writer = try await service.database.key(for: "stratsys-ab", scopes: [.write])
            #expect(
                try await send(service, "purpose=newsletter", "address\n", key: writer).problem == "403 missing-scope")
            #expect(
                try await send(service, "purpose=newsletter", "address\n", key: "msk_x").problem == "401 unauthorized")
            // Nothing of it is left under way, and nothing of a list is in the log.
            #expect(try await service.send(.get, "/metrics", headers: [:]).text.contains("maysend_streams 0\n"))
            #expect(!service.log.text.contains("b.example"))
        }
    }

    @Test func manyRowsKeepTheirOrder() async throws {
        try await Service.run { service async throws in
            let rows = 12_345
            var list = "n,address\n"
            for row in 0..<rows { list += "\(row),\(row % 7 == 0 ? "none" : "p\(row)@b.example")\n" }
            let reply = try await send(service, "purpose=newsletter", list)
            let lines = reply.text.split(separator: "\n")
            #expect(lines.count == rows + 1)
            for (row, line) in lines.dropFirst().enumerated() {
                let expected =
                    row % 7 == 0
                    ? "\(row),none,false,invalid-address,," : "\(row),p\(row)@b.example,false,unknown-address,,"
                #expect(line == expected)
            }
        }
    }
}
