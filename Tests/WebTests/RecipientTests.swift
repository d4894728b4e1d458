import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

@Suite struct RecipientTests {
    @Test func whatWaitsForARecipientIsShownWithoutAnyAddress() async throws {
        try await Service.run { service async throws in
            for (address, reason) in [("a@b.example", "unsubscribed"), ("a@b.example", "objected")] {
                let body = #"{"address": "\#(address)", "reason": "\#(reason)"}"#
                #expect(try await service.post("/v1/register", body).status == 201)
            }
            let list = try await service.get("/v1/recipients")
            let recipient = try #require(list.objects("recipients").first)
            #expect(recipient["recipient"] == .string("hubspot"))
            #expect(recipient["state"] == .string("unset"))
            #expect(recipient["waiting"] == .int(2))
            #expect(recipient["undeliverable"] == .int(0))
            #expect(recipient["failure"] == .null)
            let first = try await service.get("/v1/recipients/hubspot/notices?state=waiting&limit=1")
            #expect(first.objects("notices").first?["event"] == .string("unsubscribed"))
            #expect(first["more"] == .bool(true))
            guard case .int(let next) = first["next"] else { throw HarnessError.noName("next") }
            let second = try await service.get("/v1/recipients/hubspot/notices?after=\(next)")
            #expect(second.objects("notices").map { $0["event"] } == [.string("objected")])
            #expect(!(list.text + first.text + second.text).contains("b.example"))
            #expect(
                try await service.get("/v1/recipients/hubspot/notices?state=quarantined").objects("notices").isEmpty)
            let replay = try await service.send(
                .post, "/v1/recipients/hubspot/replay", headers: ["Authorization": "Bearer \(service.key)"])
            #expect(replay["replayed"] == .int(0))
            for path in ["discard", "discard?notice=17"] {
                let discard = try await service.send(
                    .post, "/v1/recipients/hubspot/\(path)", headers: ["Authorization": "Bearer \(service.key)"])
                #expect(discard["discarded"] == .int(0))
            }
            let wrong = try await service.send(
                .post, "/v1/recipients/hubspot/discard?notice=x", headers: ["Authorization": "Bearer \(service.key)"])
            #expect(wrong.problem == "400 invalid-parameter")
        }
    }

    @Test func anotherRecipientAnotherScopeAndAnotherWordAreRefused() async throws {
        try await Service.run { service async throws in
            #expect(try await service.get("/v1/recipients/nobody/notices").problem == "404 not-found")
            #expect(try await service.get("/v1/recipients/No%20Name/notices").problem == "404 not-found")
            for query in ["state=lost", "after=-1", "after=x", "limit=0", "limit=1001", "page=2"] {
                let reply = try await service.get("/v1/recipients/hubspot/notices?\(query)")
                #expect(reply.problem == "400 invalid-parameter", "\(query)")
            }
            let weak = try await service.database.key(for: "stratsys-ab", scopes: [.check, .write, .import, .subject])
            #expect(try await service.get("/v1/recipients", key: weak).status == 403)
        }
    }
}
