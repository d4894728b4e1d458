import Formats
import Foundation
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// The rights of the person, as the API serves them.
@Suite struct SubjectTests {
    private let kari = #""address": "kari@firma.example""#

    private func collect(_ service: Service) async throws {
        let reply = try await service.post(
            "/v1/contacts",
            #"""
            {\#(kari), "name": "Kari <b>Nordmann</b>", "position": "CFO", "source": "company-register", \#
            "organisation": {"name": "Firma AS"}}
            """#)
        #expect(reply.string("verdict") == "created")
    }

    @Test func theExportSaysWhatIsHeldAndWhy() async throws {
        try await Service.run { service async throws in
            try await collect(service)
            let file = try await service.post("/v1/subjects/export", "{\(kari)}")
            #expect(file.status == 200)
            #expect(file["contact"]?["position"]?.string == "CFO")
            #expect(file.string("source") == "company-register")
            #expect(file["controller"]?["authority"]?.string == "IMY")
            #expect(file["kept"]?["kept"] == .bool(true))
            let recipient = try #require(file.objects("recipients").first)
            #expect(recipient["country"]?.string == "US" && recipient["safeguard"]?.string == "scc-module-2")
            #expect(recipient["outside-eea"] == .bool(true))
            let articles = file.objects("rights").compactMap { $0["article"]?.string }
            #expect(["15", "16", "77"].allSatisfy { articles.contains($0) })
            #expect(file.objects("acts").map { $0["event"]?.string } == ["collected"])
            #expect(file.objects("acts").map { $0["actor"]?.string } == ["key"])
            // Legitimate interest is not what Article 20 covers.
            #expect(file["portability"]?["covered"] == .bool(false))
            let kept = file.objects("kept-after-erasure").compactMap { $0["exception"]?.string }
            #expect(kept == ["17(3)(b)", "17(3)(b)", "17(3)(e)"])
            #expect(!service.log.text.contains("@"))
        }
    }

    @Test func aConsentIsPortable() async throws {
        try await Service.run(policy: "hydac", controller: "hydac-verwaltung") { service async throws in
            let consent =
                #"{\#(kari), "purpose": "newsletter", "evidence": {"method": "double-opt-in", "from": "192.0.2.7"}}"#
            #expect(try await service.post("/v1/consents", consent).status == 201)
            let file = try await service.post("/v1/subjects/export", "{\(kari)}")
            #expect(file["portability"]?["covered"] == .bool(true))
            let act = try #require(file.objects("acts").first)
            #expect(act["evidence"]?["from"]?.string == "192.0.2.0/24")
        }
    }

    @Test func thePublishedSchemaFitsEveryExport() async throws {
        let python = try #require(
            ProcessInfo.processInfo.environment["MAYSEND_TEST_VENV"],
            "run the tests by 'make test', which makes a Python")
        try await Service.run { service async throws in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "subject-\(UInt64.random(in: 0 ... .max))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let schema = try await service.send(.get, "/schemas/subject-export.json", headers: [:])
            #expect(schema.status == 200)
            try Data(schema.bytes).write(to: folder.appendingPathComponent("schema.json"))
            try await collect(service)
            var documents = ["unknown": "x@firma.example", "contact": "kari@firma.example"]
            _ = try await service.post("/v1/requests", #"{\#(kari), "kind": "export"}"#)
            for event in ["demo-booked", "question-asked", "left-organisation", "complained", "restricted"] {
                _ = try await service.post("/v1/events", #"{\#(kari), "event": "\#(event)"}"#)
            }
            _ = try await service.post("/v1/events", #"{\#(kari), "event": "hold-placed", "id": "dispute"}"#)
            let optOut = #"{"address": "kari+news@firma.example", "reason": "unsubscribed"}"#
            #expect(try await service.post("/v1/register", optOut).status == 201)
            let domain = #"{"domain": "firma.example", "reason": "domain-suppressed"}"#
            #expect(try await service.post("/v1/register", domain).status == 201)
            _ = try await service.post("/v1/subjects/erase", #"{"address": "gone@firma.example"}"#)
            documents["erased"] = "gone@firma.example"
            for (name, address) in documents {
                let reply = try await service.post("/v1/subjects/export", #"{"address": "\#(address)"}"#)
                try Data(reply.bytes).write(to: folder.appendingPathComponent(name + ".json"))
            }
            try Data(#"{"at": "yesterday"}"#.utf8).write(to: folder.appendingPathComponent("wrong.json"))
            let script = Checkout.top.appendingPathComponent("Tests/WebTests/subject_schema.py").path
            let paths = documents.keys.map { folder.appendingPathComponent($0 + ".json").path }
            let arguments = [script, folder.appendingPathComponent("schema.json").path]
            #expect(try Self.run(python, arguments + paths) == 0)
            #expect(try Self.run(python, arguments + [folder.appendingPathComponent("wrong.json").path]) == 1)
            try FileManager.default.removeItem(at: folder)
        }
    }

    @Test func theExportHasEveryEntryThatRefuses() async throws {
        try await Service.run { service async throws in
            try await collect(service)
            let optOut =
                #"{"address": "kari+news@firma.example", "reason": "unsubscribed", "evidence": {"letter": "7"}}"#
            #expect(try await service.post("/v1/register", optOut).status == 201)
            let file = try await service.post("/v1/subjects/export", "{\(kari)}")
            let act = try #require(file.objects("acts").last)
            #expect(act["of"]?.string == "alias" && act["event"]?.string == "unsubscribed")
            // By what way the other address was opted out is no data of this one.
            #expect(act["evidence"] == .null && act["domain"] == .null)
            let used = file.objects("purposes").first { $0["purpose"]?.string == "newsletter" }
            #expect(used?["reason"]?.string == "unsubscribed")
        }
    }

    @Test func thePageHasTheKindsOfDataAndTheRequests() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            _ = try await service.post("/v1/requests", #"{\#(kari), "kind": "export"}"#)
            let page = try await service.post("/v1/subjects/export?as=html", #"{\#(kari), "language": "en"}"#)
            for words in [
                "Which kinds of data these are", "requests about your data", "What you have asked for",
                "Get a copy of my data: received, to be answered by",
            ] { #expect(page.text.contains(words), "\(words)") }
        }
    }

    private static func run(_ python: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python + "/bin/python")
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(arguments: [
        ("nb", "Rettighetene dine"), ("sv", "Dina rättigheter"), ("de", "Ihre Rechte"), ("en", "Your rights"),
        ("nn", "Rettighetene dine"), ("en-GB", "Your rights"),
    ])
    func thePageIsInThePersonsLanguage(_ language: String, _ heading: String) async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            try await collect(service)
            let page = try await service.post(
                "/v1/subjects/export?as=html", #"{\#(kari), "language": "\#(language)"}"#)
            #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.text.contains(heading))
            #expect(page.text.contains("Kari &lt;b&gt;Nordmann&lt;/b&gt;") && !page.text.contains("<script"))
            #expect(page.header("Cache-Control") == "no-store")
        }
    }

    @Test func withoutALanguageItIsTheRequestsOrTheCompanys() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            let page = try await service.post("/v1/subjects/export?as=html", "{\(kari)}")
            #expect(page.text.contains("<html lang=\"sv\">"))
            _ = try await service.post("/v1/requests", #"{\#(kari), "kind": "export", "language": "nb"}"#)
            let asked = try await service.post("/v1/subjects/export?as=html", "{\(kari)}")
            #expect(asked.text.contains("<html lang=\"nb\">"))
            #expect(
                try await service.post("/v1/subjects/export?as=pdf", "{\(kari)}").problem == "400 invalid-parameter")
        }
    }

    @Test func anErasureSaysWhatIsKeptAndWhy() async throws {
        try await Service.run { service async throws in
            try await collect(service)
            _ = try await service.post("/v1/events", #"{\#(kari), "event": "hold-placed", "id": "accounting"}"#)
            let pending = try await service.post("/v1/subjects/erase", "{\(kari)}")
            #expect(pending.string("state") == "pending" && pending.strings("erased") == ["relations"])
            let hold = pending.objects("kept").first { $0["hold"] != nil }
            #expect(hold?["exception"]?.string == "17(3)(b)" && hold?["until"] == .null)
            _ = try await service.post("/v1/events", #"{\#(kari), "event": "hold-released", "id": "accounting"}"#)
            let file = try await service.post("/v1/subjects/export", "{\(kari)}")
            #expect(file["contact"] == .null)
            #expect(try await service.post("/v1/subjects/erase", "{\(kari)}").string("state") == "erased")
        }
    }

    @Test func theSameRequestGetsTheSameAnswerOnce() async throws {
        try await Service.run { service async throws in
            try await collect(service)
            let body = #"{\#(kari), "to": {"address": "new@firma.example"}}"#
            let first = try await service.post("/v1/subjects/rectify", body, idempotencyKey: "r-1")
            let again = try await service.post("/v1/subjects/rectify", body, idempotencyKey: "r-1")
            let isSame = first.status == 200 && again.bytes == first.bytes
            #expect(isSame)
            #expect(again.header("Idempotent-Replayed") == "true")
            let other = try await service.post("/v1/requests", #"{\#(kari), "kind": "erase"}"#, idempotencyKey: "r-2")
            guard case .int(let id) = other["request"] else {
                Issue.record("no request")
                return
            }
            let path = "/v1/requests/\(id)/complete"
            #expect(try await service.post(path, "{}", idempotencyKey: "r-3").status == 200)
            #expect(try await service.post(path, "{}", idempotencyKey: "r-3").status == 200)
            // The key belongs to the whole path.
            let elsewhere = try await service.post("/v1/requests/\(id + 1)/complete", "{}", idempotencyKey: "r-3")
            #expect(elsewhere.problem == "422 idempotency-key-reused")
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        let cases: [(String, String, String)] = [
            ("erase", #"{"address": "x"}"#, "422 invalid-address /address"),
            ("rectify", "{\(kari)}", "422 missing-field /to"),
            ("rectify", #"{\#(kari), "to": {}}"#, "422 missing-field /to"),
            ("rectify", #"{\#(kari), "to": {"address": "x"}}"#, "422 invalid-address /to/address"),
            ("rectify", #"{\#(kari), "to": {"name": ""}}"#, "422 empty-field /to/name"),
            ("rectify", #"{\#(kari), "to": {"shoe": "x"}}"#, "422 unknown-field /to/shoe"),
            ("rectify", #"{\#(kari), "to": {"name": "x"}}"#, "404 nothing-stored"),
            ("restrict", #"{\#(kari), "ground": "mood"}"#, "422 not-allowed /ground"),
            ("object", #"{\#(kari), "purpose": "cats"}"#, "422 unknown-purpose /purpose"),
            ("export", #"{\#(kari), "evidence": {}}"#, "422 unknown-field /evidence"),
        ]
        try await Service.run { service async throws in
            for (verb, body, expected) in cases {
                #expect(try await service.post("/v1/subjects/\(verb)", body).problem == expected, "\(verb) \(body)")
            }
            let writer = try await service.database.key(for: "stratsys-ab", scopes: [.check, .write])
            for verb in ["export", "erase", "rectify", "restrict", "unrestrict", "object"] {
                #expect(
                    try await service.post("/v1/subjects/\(verb)", "{\(kari)}", key: writer).problem
                        == "403 missing-scope")
            }
        }
    }

    @Test func aRestrictionIsLiftedOnlyOnceThePersonWasTold() async throws {
        try await Service.run { service async throws in
            try await collect(service)
            #expect(try await service.post("/v1/subjects/restrict", "{\(kari)}").status == 200)
            #expect(try await service.post("/v1/subjects/unrestrict", "{\(kari)}").problem == "409 person-not-told")
            let lift = #"{\#(kari), "event": "restriction-lifted"}"#
            #expect(try await service.post("/v1/events", lift).problem == "409 person-not-told")
            let told = #"{\#(kari), "event": "restriction-lifting-told""#
            #expect(try await service.post("/v1/events", told + "}").problem == "422 missing-field /evidence")
            #expect(try await service.post("/v1/events", told + #", "evidence": {"letter": "7"}}"#).status == 201)
            #expect(try await service.post("/v1/subjects/unrestrict", "{\(kari)}").status == 200)
            #expect(try await service.reason("kari@firma.example") == "ground-holds")
        }
    }

    @Test func theSourceOfACollectionIsKept() async throws {
        try await Service.run { service async throws in
            let event = #"{\#(kari), "event": "collected", "source": "fair 2026"}"#
            #expect(try await service.post("/v1/events", event).status == 201)
            let file = try await service.post("/v1/subjects/export", "{\(kari)}")
            #expect(file.objects("acts").first?["evidence"]?["source"]?.string == "fair 2026")
            let address = #"{\#(kari), "event": "collected", "source": "ola@firma.example"}"#
            #expect(try await service.post("/v1/events", address).problem == "422 invalid-evidence /source")
        }
    }

    @Test func aCorrectionIsNoEventThatAnybodyReports() async throws {
        try await Service.run { service async throws in
            for event in ["rectified", "address-corrected"] {
                let reply = try await service.post("/v1/events", #"{\#(kari), "event": "\#(event)"}"#)
                #expect(reply.problem == "422 unknown-event /event")
            }
        }
    }

    @Test func requestsAreListedByWhatIsDueFirst() async throws {
        try await Service.run { service async throws in
            for (name, at) in [("a", "2020-11-10"), ("b", "2020-11-01"), ("c", "2020-11-20")] {
                let body =
                    #"{"address": "\#(name)@firma.example", "kind": "export", "received-at": "\#(at)T10:00:00Z"}"#
                #expect(try await service.post("/v1/requests", body).status == 201)
            }
            let page = try await service.get("/v1/requests?limit=2")
            #expect(
                page.objects("requests").map { $0["received-at"]?.string?.prefix(10) } == ["2020-11-01", "2020-11-10"])
            let next = try #require(page.string("next"))
            let rest = try await service.get("/v1/requests?after=\(next)")
            #expect(rest.objects("requests").count == 1 && rest["more"] == .bool(false))
            #expect(try await service.get("/v1/requests?after=x").problem == "400 invalid-parameter")
            #expect(try await service.get("/v1/requests?limit=0").problem == "400 invalid-parameter")
        }
    }

    @Test func aRequestHasItsHistory() async throws {
        try await Service.run { service async throws in
            let opened = try await service.post("/v1/requests", #"{\#(kari), "kind": "erase"}"#)
            guard case .int(let id) = opened["request"] else {
                Issue.record("no request")
                return
            }
            let path = "/v1/requests/\(id)"
            let extended = try await service.post(path + "/extend", #"{"months": 2, "reason": "a long file"}"#)
            #expect(extended["extended-months"] == .int(2))
            #expect(
                try await service.post(path + "/extend", #"{"months": 2, "reason": "more"}"#).problem
                    == "409 not-extendable")
            #expect(
                try await service.post(path + "/extend", #"{"months": 3, "reason": "more"}"#).problem
                    == "422 out-of-range /months")
            #expect(
                try await service.post(path + "/refuse", #"{"reason": "ask kari@firma.example"}"#).problem
                    == "422 not-allowed /reason")
            #expect(
                try await service.post(path + "/refuse", #"{"reason": "no identity"}"#).string("state") == "refused")
            #expect(try await service.post(path + "/complete", "{}").problem == "409 request-closed")
            let file = try await service.get(path)
            #expect(
                file.objects("history").map { $0["step"]?.string } == [
                    "received", "extended", "to-be-told", "refused", "to-be-told",
                ])
            let told = try await service.post(path + "/told", #"{"method": "phone"}"#)
            #expect(told.string("told") == "staff" && told["address"] == nil)
            for wrong in ["/v1/requests/999999", "/v1/requests/x", "/v1/requests/-1"] {
                #expect(try await service.get(wrong).problem == "404 unknown-request")
            }
        }
    }
}
