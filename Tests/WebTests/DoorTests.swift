import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// What is the same for every operation.
@Suite(.serialized) struct DoorTests {
    private static let check = #"{"address": "kari@firma.example", "purpose": "newsletter"}"#

    /// What needs no key.
    private static let open: Set<String> = [
        "/u/{token}", "/p/{token}", "/c/{token}", "/r/{token}", "/healthz", "/readyz", "/metrics", "/openapi.json",
        "/docs",
        "/docs/style.css", "/schemas/subject-export.json",
    ]

    @Test func aKeyIsNeeded() async throws {
        try await Service.run { service async throws in
            let routes = RouteBook(traffic: Traffic()).routes
            #expect(Set(routes.filter { $0.access == .everybody }.map(\.path)) == Self.open)
            let paths = routes.filter { $0.access != .everybody }
            #expect(!paths.isEmpty)
            for route in paths {
                var wrong = service.key
                wrong.removeLast()
                wrong += service.key.hasSuffix("a") ? "b" : "a"
                let unknown = APIKey(random: (0..<APIKey.randomOctets).map { UInt8($0) }).secret
                for authorization in ["", "Bearer", "Basic YTpi", "Bearer \(wrong)", "Bearer \(unknown)", service.key] {
                    let headers = ["Authorization": authorization, "Content-Type": "application/json"]
                    let method: HTTPRequest.Method = route.method == .get ? .get : .post
                    let reply = try await service.send(method, route.path, bytes: [0x7B], headers: headers)
                    #expect(reply.problem == "401 unauthorized", "\(route.path) \(authorization)")
                    #expect(reply.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
                }
            }
        }
    }

    @Test func aKeyThatIsNotInMemoryYetOpens() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/eligibility", Self.check)
            let fresh = try await service.database.key(for: "stratsys-ab", scopes: [.check])
            #expect(try await service.post("/v1/eligibility", Self.check, key: fresh).status == 200)
        }
    }

    @Test func aRevokedKeyOpensNothingFromThenOn() async throws {
        try await Service.run { service async throws in
            let key = try await service.database.key(for: "stratsys-ab")
            #expect(try await service.post("/v1/eligibility", Self.check, key: key).status == 200)
            let administration = try Administration(url: service.database.url, random: { 0.5 })
            let prefix = try #require(APIKey(parsing: key)).prefix
            #expect(try await administration.revoke(prefix: prefix))
            await administration.shutdown()
            // Whatever is wrong with the request besides.
            for body in ["{", Self.check, #"{"address": "x"}"#, #"{"address": "a@b.example", "purpose": "cats"}"#] {
                #expect(try await service.post("/v1/eligibility", body, key: key).problem == "401 key-revoked")
            }
            #expect(try await service.post("/v1/register", "{}", key: key).problem == "401 key-revoked")
        }
    }

    @Test func anExpiredKeyOpensNothing() async throws {
        try await Service.run { service async throws in
            let key = try await service.database.key(for: "stratsys-ab", expiresAt: instant("2026-01-01T00:00:00Z"))
            for path in ["/v1/eligibility", "/v1/register", "/v1/contacts"] {
                #expect(try await service.post(path, Self.check, key: key).problem == "401 key-expired")
            }
        }
    }

    @Test func everyScopeOpensItsOwnAndNothingElse() async throws {
        try await Service.run { service async throws in
            for scope in AccessScope.allCases {
                let key = try await service.database.key(for: "stratsys-ab", scopes: [scope])
                for route in RouteBook(traffic: Traffic()).routes where route.access != .everybody {
                    let reply =
                        route.method == .get
                        ? try await service.get(route.path, key: key)
                        : try await service.post(route.path, "{}", key: key)
                    let opens = route.access.scopes.contains(scope)
                    #expect((reply.status == 403) == !opens, "\(scope) \(route.path) \(reply.problem)")
                    if !opens { #expect(reply.strings("known") == route.access.scopes.map(\.rawValue)) }
                }
            }
        }
    }

    @Test func onePersonAtTwoControllersIsTwo() async throws {
        try await Service.run { service async throws in
            try await service.database.apply(policy: "consent-first")
            let policy = try Policy(
                parsing: Checkout.text("deploy/policies/consent-first.yaml"), file: "consent-first.yaml")
            let other = policy.controllers[0].id.text
            let key = try await service.database.key(for: other)
            _ = try await service.post("/v1/register", #"{"address": "a@b.example", "reason": "objected"}"#)
            #expect(try await service.reason("a@b.example") == "objected")
            #expect(try await service.reason("a@b.example", key: key) == "unknown-address")
            let lookup = try await service.post("/v1/register/lookup", #"{"address": "a@b.example"}"#, key: key)
            #expect(lookup.objects("entries").isEmpty)
            #expect(try await service.get("/v1/register", key: key).objects("entries").isEmpty)
            // One that exists and one that does not look the same.
            var answers: Set<String> = []
            for name in ["stratsys-ab", "nobody"] {
                let reply = try await service.post(
                    "/v1/register/lookup", #"{"address": "a@b.example", "controller": "\#(name)"}"#, key: key)
                #expect(reply.problem == "404 unknown-controller /controller")
                answers.insert(reply.text.replacing(name, with: "…"))
            }
            #expect(answers.count == 1)
        }
    }

    @Test func unknownPathsAndMethods() async throws {
        try await Service.run { service async throws in
            for path in ["/", "/v1", "/v1/eligibilty", "/v2/register", "/v1/register/1", "/favicon.ico"] {
                let reply = try await service.send(.get, path, headers: [:])
                #expect(reply.problem == "404 not-found", "\(path)")
            }
            for method in [HTTPRequest.Method.put, .delete, .patch, .options, .trace, .get] {
                let reply = try await service.send(method, "/v1/eligibility", headers: [:])
                #expect(reply.problem == "405 method-not-allowed")
                #expect(reply.header("Allow") == "POST")
            }
            let reply = try await service.send(.delete, "/v1/register", headers: [:])
            #expect(reply.header("Allow") == "POST, GET, HEAD")
            let head = try await service.send(.head, "/healthz", headers: [:])
            #expect(head.status == 200)
        }
    }

    @Test func anotherMediaTypeIsRefused() async throws {
        let cases: [String] = [
            "", "text/plain", "application/xml", "application/jsonp", "application/json; charset=iso-8859-1",
            "multipart/form-data",
        ]
        try await Service.run { service async throws in
            for mediaType in cases {
                var headers = ["Authorization": "Bearer \(service.key)"]
                if !mediaType.isEmpty { headers["Content-Type"] = mediaType }
                let reply = try await service.send(
                    .post, "/v1/eligibility", bytes: Array(Self.check.utf8), headers: headers)
                #expect(reply.problem == "415 unsupported-media-type")
            }
        }
    }

    @Test func jsonInUTF8IsTaken() async throws {
        let cases: [String] = [
            "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", "application/json ; v=1",
        ]
        try await Service.run { service async throws in
            for mediaType in cases {
                let headers = ["Authorization": "Bearer \(service.key)", "Content-Type": mediaType]
                let reply = try await service.send(
                    .post, "/v1/eligibility", bytes: Array(Self.check.utf8), headers: headers)
                #expect(reply.status == 200)
            }
        }
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        try await Service.run { service async throws in
            let fill = String(repeating: " ", count: requestBodyBytesMax - Self.check.utf8.count)
            #expect(try await service.post("/v1/eligibility", Self.check + fill).status == 200)
            let over = try await service.post("/v1/eligibility", Self.check + fill + " ")
            #expect(over.problem == "413 body-too-large")
            let batch = #"{"purpose": "newsletter", "addresses": []}"#
            let more = String(repeating: " ", count: batchBodyBytesMax - batch.utf8.count)
            #expect(try await service.post("/v1/eligibility/batch", batch + more).status == 200)
            #expect(try await service.post("/v1/eligibility/batch", batch + more + " ").problem == "413 body-too-large")
        }
    }

    @Test func bytesThatAreNoJSONAreNamed() async throws {
        try await Service.run { service async throws in
            let headers = ["Authorization": "Bearer \(service.key)", "Content-Type": "application/json"]
            let deep = [UInt8](repeating: 0x5B, count: 100_000)
            for (bytes, expected) in [
                (deep, "400 malformed-json"), ([0x22, 0xFF, 0x22], "400 invalid-utf8"),
                ([0x22, 0x00, 0x22], "400 nul"),
                (Array(#"{"a": 1, "a": 2}"#.utf8), "400 malformed-json"), (Array("{} {}".utf8), "400 malformed-json"),
                ([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "400 malformed-json"),
                (Array("{\"address\":\n  nul}".utf8), "400 malformed-json"),
            ] as [([UInt8], String)] {
                for path in ["/v1/eligibility", "/v1/eligibility/batch", "/v1/register", "/v1/events"] {
                    let reply = try await service.send(.post, path, bytes: bytes, headers: headers)
                    #expect(reply.problem == expected)
                }
            }
            let reply = try await service.post("/v1/eligibility", "{\"address\":\n  nul}")
            #expect(reply.string("detail")?.contains("line 2, column 3") == true)
        }
    }

    @Test func everyAnswerSaysHowItMayBeKept() async throws {
        try await Service.run { service async throws in
            let replies = [
                try await service.post("/v1/eligibility", Self.check), try await service.post("/v1/eligibility", "{"),
                try await service.send(.get, "/nowhere", headers: [:]),
                try await service.send(.get, "/healthz", headers: [:]),
            ]
            for reply in replies {
                #expect(reply.header("Cache-Control") == "no-store")
                #expect(reply.header("X-Content-Type-Options") == "nosniff")
                #expect(reply.header("X-Request-Id")?.count == 16)
            }
            #expect(Set(replies.map { $0.header("X-Request-Id") }).count == replies.count)
        }
    }

    @Test func aQueryWhereNoneBelongsIsRefused() async throws {
        try await Service.run { service async throws in
            let reply = try await service.post("/v1/eligibility?address=kari@firma.example", Self.check)
            #expect(reply.problem == "400 invalid-parameter")
        }
    }
}
