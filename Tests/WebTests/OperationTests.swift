import Formats
import HTTPTypes
import Harness
import Testing

@testable import Web

@Suite(.serialized) struct OperationTests {
    @Test func aLivingProcessWithAGoodDatabaseIsReady() async throws {
        try await Service.run { service in
            #expect(try await service.send(.get, "/healthz", headers: [:]).status == 200)
            let ready = try await service.send(.get, "/readyz", headers: [:])
            #expect(ready.status == 200, "\(ready.text)")
            #expect(ready["ready"] == .bool(true))
        }
    }

    @Test func anUnsafeDatabaseIsNotReadyAndSaysWhy() async throws {
        try await Service.run { service in
            try await service.database.run("grant delete on maysend.ledger to maysend_write")
            let reply = try await service.send(.get, "/readyz", headers: [:])
            #expect(reply.problem == "503 not-ready")
            #expect(reply.header("Retry-After") == "1")
            #expect(reply.objects("findings").map { $0["subject"]?.string } == ["grants"])
            #expect(try await service.send(.get, "/healthz", headers: [:]).status == 200)
        }
    }

    @Test func aDatabaseThatIsAwayIsSaidAndNeverGuessed() async throws {
        try await Service.run { service in
            let question = #"{"address": "a@b.example", "purpose": "newsletter"}"#
            _ = try await service.post("/v1/contacts", #"{"address": "a@b.example"}"#)
            #expect(try await service.reason("a@b.example") == "ground-holds")
            try await service.database.lockOut()
            let calls: [(String, String)] = [
                ("/v1/eligibility", question),
                ("/v1/eligibility/batch", #"{"purpose": "newsletter", "addresses": []}"#),
                ("/v1/register", #"{"address": "a@b.example", "reason": "unsubscribed"}"#),
                ("/v1/register/lookup", #"{"address": "a@b.example"}"#),
                ("/v1/consents", #"{"address": "a@b.example", "purpose": "newsletter", "by": "import"}"#),
                ("/v1/contacts", #"{"address": "a@b.example"}"#), ("/v1/organisations", #"{"name": "B"}"#),
                ("/v1/events", #"{"address": "a@b.example", "event": "contacted"}"#),
            ]
            for (path, body) in calls {
                let reply = try await service.post(path, body)
                #expect(reply.problem == "503 unavailable", "\(path)")
                #expect(reply.header("Retry-After") == "1")
            }
            #expect(try await service.get("/v1/register").problem == "503 unavailable")
            let ready = try await service.send(.get, "/readyz", headers: [:])
            #expect(ready.problem == "503 not-ready")
            #expect(try await service.send(.get, "/healthz", headers: [:]).status == 200)
            // A key that is none needs no database to be told so.
            #expect(try await service.post("/v1/eligibility", question, key: "msk_x").problem == "401 unauthorized")
            let log = service.log.text
            #expect(log.contains(#""level":"warning""#))
            #expect(log.contains(#""cause":"#))
        }
    }

    @Test func trafficIsCountedByRouteAndStatus() async throws {
        try await Service.run { service in
            for _ in 0..<3 { _ = try await service.post("/v1/eligibility", "{}") }
            _ = try await service.send(.get, "/kari@firma.example", headers: [:])
            let text = try await service.send(.get, "/metrics", headers: [:]).text
            #expect(
                text.contains(
                    #"maysend_request_seconds_count{method="POST",route="/v1/eligibility",status="422"} 3"# + "\n"))
            #expect(
                text.contains(
                    #"maysend_request_seconds_bucket{method="POST",route="/v1/eligibility",status="422",le="+Inf"} 3"#
                        + "\n"))
            #expect(text.contains(#"route="none",status="404"} 1"#))
            #expect(!text.contains("kari"))
        }
    }

    @Test func theDescriptionIsServedForPeopleToo() async throws {
        try await Service.run { service in
            let page = try await service.send(.get, "/docs", headers: [:])
            #expect(page.status == 200)
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'none'"))
            #expect(!policy.contains("unsafe"))
            for operation in service.description.operations {
                #expect(page.text.contains(String(operation.split(separator: " ")[1])), "\(operation)")
            }
            for code in Problem.Code.allCases {
                #expect(page.text.contains("id=\"\(code.rawValue)\""), "\(code.rawValue)")
            }
            // It loads nothing from elsewhere; its examples may name an address of the web.
            for word in ["<script", "href=\"http", "src=", "url(", "@import", "style=", "onclick", "{{"] {
                #expect(!page.text.contains(word), "\(word) is in the page")
            }
            #expect(try await service.send(.get, "/docs/style.css", headers: [:]).text.contains("prefers-color-scheme"))
        }
    }
}
