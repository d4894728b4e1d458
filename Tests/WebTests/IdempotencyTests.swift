import Formats
import Harness
import Testing

@testable import Web

@Suite(.serialized) struct IdempotencyTests {
    private static let writes = [
        ("/v1/register", #"{"address": "a@b.example", "reason": "unsubscribed"}"#),
        ("/v1/consents", #"{"address": "c@b.example", "purpose": "newsletter", "by": "import"}"#),
        ("/v1/contacts", #"{"address": "d@b.example", "name": "Kari"}"#),
        ("/v1/organisations", #"{"name": "B", "contacted": "2026-01-01T00:00:00Z"}"#),
        ("/v1/events", #"{"address": "e@b.example", "event": "demo-booked"}"#),
    ]

    @Test func theSameRequestGetsTheSameAnswer() async throws {
        try await Service.run { service async throws in
            for (path, body) in Self.writes {
                let first = try await service.post(path, body, idempotencyKey: "key-1" + path)
                #expect(first.status < 300)
                #expect(first.header("Idempotent-Replayed") == nil)
                let again = try await service.post(path, body, idempotencyKey: "key-1" + path)
                #expect(again.status == first.status)
                #expect(again.bytes == first.bytes)
                #expect(again.header("Idempotent-Replayed") == "true")
            }
            let found = try await service.post("/v1/register/lookup", #"{"address": "a@b.example"}"#)
            #expect(found.objects("entries").count == 1)
        }
    }

    @Test func anotherRequestWithTheKeyIsRefused() async throws {
        try await Service.run { service async throws in
            _ = try await service.post(Self.writes[0].0, Self.writes[0].1, idempotencyKey: "k")
            let body = try await service.post(
                "/v1/register", #"{"address": "z@b.example", "reason": "unsubscribed"}"#, idempotencyKey: "k")
            #expect(body.problem == "422 idempotency-key-reused")
            let path = try await service.post("/v1/events", Self.writes[4].1, idempotencyKey: "k")
            #expect(path.problem == "422 idempotency-key-reused")
            #expect(try await service.reason("z@b.example") == "unknown-address")
        }
    }

    @Test func twoAtTheSameTimeAreOne() async throws {
        try await Service.run { service async throws in
            let (path, body) = Self.writes[0]
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<4 { group.addTask { try await service.post(path, body, idempotencyKey: "k") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.allSatisfy { $0.status == 201 })
            #expect(Set(replies.map(\.bytes)).count == 1)
            #expect(replies.count { $0.header("Idempotent-Replayed") == nil } == 1)
            let found = try await service.post("/v1/register/lookup", #"{"address": "a@b.example"}"#)
            #expect(found.objects("entries").count == 1)
        }
    }

    @Test func aRefusedRequestMayBeMended() async throws {
        try await Service.run { service async throws in
            let wrong = try await service.post(
                "/v1/register", #"{"address": "a@b.example", "reason": "bored"}"#, idempotencyKey: "k")
            #expect(wrong.status == 422)
            #expect(try await service.post("/v1/register", Self.writes[0].1, idempotencyKey: "k").status == 201)
        }
    }

    @Test func oneKeyAtTwoControllersIsTwo() async throws {
        try await Service.run { service async throws in
            try await service.database.apply(policy: "hydac")
            let other = try await service.database.key(for: "hydac-verwaltung")
            let mine = try await service.post("/v1/register", Self.writes[0].1, idempotencyKey: "k")
            let theirs = try await service.post("/v1/register", Self.writes[0].1, key: other, idempotencyKey: "k")
            #expect(theirs.status == 201)
            #expect(theirs["act"] != mine["act"])
        }
    }

    @Test func aKeyThatIsNoneIsRefused() async throws {
        let cases: [String] = ["a b", "ø", String(repeating: "k", count: 256), "erase-kari@firma.example"]
        try await Service.run { service async throws in
            for key in cases {
                let reply = try await service.post("/v1/register", Self.writes[0].1, idempotencyKey: key)
                #expect(reply.problem == "400 invalid-parameter")
                #expect(reply.string("parameter") == "Idempotency-Key")
                #expect(try await service.reason("a@b.example") == "unknown-address")
            }
        }
    }
}
