import HTTPTypes
import Harness
import Store
import Testing

/// What a client is told while opt-outs may be on somebody's disk.
@Suite struct PeerTests {
    private static let question = #"{"address": "kari@firma.example", "purpose": "newsletter"}"#
    private static let batch = #"{"addresses": ["kari@firma.example"], "purpose": "newsletter"}"#

    @Test func checksNameTheInstanceThatDoesNotAnswer() async throws {
        try await Service.run { service in
            try await service.database.run(
                """
                insert into maysend.instance (id, name, beat_at, absence_seconds)
                values (gen_random_uuid(), 'north', clock_timestamp() - interval '4 s', 900)
                """)
            for (path, body) in [("/v1/eligibility", Self.question), ("/v1/eligibility/batch", Self.batch)] {
                let reply = try await service.post(path, body)
                #expect(reply.problem == "503 peer-may-hold-opt-outs", "\(path)")
                #expect(reply.string("detail")?.contains("“north”") == true)
                #expect(reply.string("detail")?.contains("900 seconds") == true)
                #expect(reply.header("Retry-After") == "1")
            }
            // Whoever takes instances out of service that are not ready would take the opt-outs away too.
            let ready = try await service.send(.get, "/readyz", headers: [:])
            #expect(ready.status == 200)
            #expect(ready.text.contains("'north' does not answer"))
            #expect(service.log.text.contains("north"))
            // What is no check goes on.
            #expect(
                try await service.post(
                    "/v1/register", #"{"address": "kari@firma.example", "reason": "unsubscribed"}"#
                ).status == 201)
            try await service.database.run("update maysend.instance set beat_at = clock_timestamp()")
            #expect(try await service.reason("kari@firma.example") == "unsubscribed")
        }
    }

    @Test func checksWaitForThisInstancesOwnSpool() async throws {
        try await Service.run { (service: Service) async throws in
            service.store.gate.shut()
            #expect(try await service.post("/v1/eligibility", Self.question).problem == "503 draining-opt-outs")
            #expect(try await service.post("/v1/eligibility/batch", Self.batch).problem == "503 draining-opt-outs")
            service.store.gate.open()
            #expect(try await service.reason("kari@firma.example") == "unknown-address")
        }
    }
}
