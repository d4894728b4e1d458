import Formats
import HTTPTypes
import Rules
import Testing

@testable import Web

@Suite(.serialized) struct OpenAPITests {
    private func routes() -> [Route] { RouteBook(traffic: Traffic()).routes }

    private func description() throws -> Description {
        let route = try #require(routes().first { $0.path == "/openapi.json" })
        return try Description(OpenAPIDocument.bytes(of: routes().filter { $0.path != route.path } + [route]))
    }

    @Test func describesExactlyTheRoutes() async throws {
        try await Service.run { service async throws in
            let served = RouteBook(traffic: Traffic()).routes.map { "\($0.method.rawValue) \($0.path)" }
            #expect(Set(service.description.operations) == Set(served))
            #expect(service.description.operations.count == served.count)
            #expect(
                Set(served) == [
                    "POST /v1/eligibility", "POST /v1/eligibility/batch", "POST /v1/scrub", "POST /v1/register",
                    "GET /v1/register",
                    "POST /v1/register/lookup", "POST /v1/consents", "POST /v1/contacts", "POST /v1/organisations",
                    "POST /v1/events", "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json", "GET /docs",
                    "GET /docs/style.css", "GET /u/{token}", "POST /u/{token}", "GET /p/{token}", "POST /p/{token}",
                    "GET /c/{token}", "POST /c/{token}", "POST /v1/consents/request", "GET /v1/recipients",
                    "GET /v1/recipients/{recipient}/notices", "POST /v1/recipients/{recipient}/replay",
                    "POST /v1/recipients/{recipient}/discard",
                    "POST /v1/subjects/export", "POST /v1/subjects/erase",
                    "POST /v1/subjects/rectify", "POST /v1/subjects/restrict", "POST /v1/subjects/unrestrict",
                    "POST /v1/subjects/object", "GET /schemas/subject-export.json", "GET /v1/requests",
                    "POST /v1/requests", "GET /v1/requests/{id}", "POST /v1/requests/{id}/extend",
                    "POST /v1/requests/{id}/refuse", "POST /v1/requests/{id}/complete",
                    "POST /v1/requests/{id}/told", "GET /r/{token}", "POST /r/{token}",
                    "GET /v1/retention/forecast", "GET /v1/retention/sweeps",
                    "POST /v1/imports", "GET /v1/imports", "GET /v1/imports/{id}", "GET /v1/imports/{id}/events",
                    "GET /v1/imports/{id}/rows", "POST /v1/imports/{id}/undo", "GET /v1/notices",
                ])
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let description = try description()
        var references: Set<String> = []
        func collect(_ value: JSON) {
            switch value {
            case .object(let object):
                if let reference = object["$ref"]?.string { references.insert(reference) }
                for member in object.members { collect(member.value) }
            case .array(let elements): elements.forEach(collect)
            default: break
            }
        }
        collect(description.document)
        #expect(references.count > 15)
        for reference in references {
            #expect(
                !description.faults(of: .null, under: .object(["$ref": .string(reference)]), at: "").contains {
                    $0.contains("is not there")
                }, "\(reference)")
        }
        let schemas = description.document["components"]?["schemas"]?.object?.members.map(\.key) ?? []
        for schema in schemas { #expect(references.contains("#/components/schemas/" + schema), "\(schema) is unused") }
    }

    @Test func everyExampleFitsItsSchema() throws {
        let description = try description()
        var count = 0
        func check(_ value: JSON, _ place: String) {
            if let schema = value["schema"], let examples = value["examples"]?.object {
                for example in examples.members {
                    count += 1
                    let faults = description.faults(of: example.value["value"] ?? .null, under: schema, at: "")
                    #expect(faults == [], "\(place)/\(example.key)")
                }
            }
            for member in value.object?.members ?? [] { check(member.value, place + "/" + member.key) }
        }
        check(description.document, "")
        #expect(count > 200)
    }

    @Test func everyRequestExampleIsTaken() async throws {
        try await Service.run(pages: PageScene.recipientPages()) { service async throws in
            for route in RouteBook(traffic: Traffic()).routes {
                // A page takes forms, and its token is nobody's to guess: UnsubscribeLinkTests.
                if route.body == .page { continue }
                if case .stream(let mediaTypes) = route.body {
                    for mediaType in mediaTypes { try await take(mediaType, route, service) }
                    continue
                }
                let examples = service.description.requestExamples(route.method.rawValue, route.path)
                #expect(examples.isEmpty == (route.body == .none), "\(route.path)")
                for (name, value) in examples {
                    // Each on a person of its own, so that no example stands in another's way.
                    let text = String(decoding: value.encoded, as: UTF8.self)
                        .replacing("@firma.example", with: "@\(route.documentation.id.lowercased())-\(name).example")
                    let path = try await prepared(route, text, service)
                    let reply = try await service.post(path, text)
                    #expect(reply.status == route.documentation.success.status, "\(route.path) \(name): \(reply.text)")
                }
            }
        }
    }

    /// What must be there before an example is taken: a contact to correct, a request to answer. The path to send it to.
    private func prepared(_ route: Route, _ body: String, _ service: Service) async throws -> String {
        if route.path == "/v1/subjects/rectify" {
            let address = try JSON(parsing: Array(body.utf8))["address"]?.string ?? ""
            _ = try await service.post("/v1/contacts", #"{"address": "\#(address)"}"#)
        }
        guard route.path.contains("{id}") else { return route.path }
        let opened = try await service.post(
            "/v1/requests", #"{"address": "\#(route.documentation.id)@firma.example", "kind": "erase"}"#)
        guard case .int(let id) = opened["request"] else { return route.path }
        return route.path.replacing("{id}", with: String(id))
    }

    /// Sends the list of every example.
    private func take(_ mediaType: String, _ route: Route, _ service: Service) async throws {
        let examples = service.description.requestExamples(route.method.rawValue, route.path, mediaType)
        #expect(!examples.isEmpty, "\(route.path) \(mediaType)")
        let query = route.path == "/v1/scrub" ? "purpose=newsletter" : "source=s&collected=2026-01-01&again=true"
        for (name, value) in examples {
            let reply = try await service.send(
                .post, route.path + "?" + query, bytes: Array((value.string ?? "").utf8),
                headers: ["Authorization": "Bearer \(service.key)", "Content-Type": mediaType])
            #expect(reply.status == route.documentation.success.status, "\(route.path) \(name): \(reply.text)")
        }
    }

    @Test func wordsAreThoseOfTheRules() throws {
        let schemas = try #require(try description().document["components"]?["schemas"])
        let reasons = try #require(schemas["Verdict"]?["properties"]?["reason"]?["enum"]?.strings)
        let known: [Verdict.Reason] =
            EntryReason.allCases.map { .entry($0) } + [
                .restricted, .leftOrganisation, .bounced, .groundHolds, .retentionExpired, .consentPending,
                .consentMissing,
                .noGround, .unknownAddress,
            ]
        #expect(Set(reasons) == Set(known.map(\.code)))
        #expect(Set(EventAPI.eventFields) == Set(Event.Name.allCases.flatMap(\.fields)))
        #expect(
            Set(RegisterAPI.Reason.allCases.map(\.rawValue) + ["erased"]) == Set(EntryReason.allCases.map(\.rawValue)))
    }
}
