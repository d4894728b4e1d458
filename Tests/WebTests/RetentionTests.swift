import Formats
import Harness
import Rules
import Store
import Testing

@testable import Web

/// What falls due and what was swept, over HTTP.
@Suite(.serialized) struct RetentionTests {
    @Test func theForecastCountsAndNamesTheGrounds() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/contacts", #"{"address": "a@b.example"}"#)
            _ = try await service.post("/v1/contacts", #"{"address": "c@b.example"}"#)
            _ = try await service.post("/v1/register", #"{"address": "a@b.example", "reason": "unsubscribed"}"#)
            let reply = try await service.get("/v1/retention/forecast?months=6")
            #expect(reply.status == 200)
            #expect(reply.text.contains(#""overdue":[{"ground":"unsubscribed","count":1}]"#), "\(reply.text)")
            #expect(reply.text.contains(#"[{"ground":"newsletter/cold-lead","count":1}]"#), "\(reply.text)")
            #expect(reply.text.contains(#""later":0,"without-clock":0"#), "\(reply.text)")
            for wrong in ["0", "61", "x", "-1", "1.5", ""] {
                let refused = try await service.get("/v1/retention/forecast?months=\(wrong)")
                #expect(refused.problem == "400 invalid-parameter")
            }
        }
    }

    @Test func theReportsOfSweepsAreListed() async throws {
        try await Service.run { service async throws in
            #expect(try await service.get("/v1/retention/sweeps").text == #"{"sweeps":[]}"#)
            #expect(try await service.get("/v1/retention/sweeps?limit=101").problem == "400 invalid-parameter")
        }
    }

    @Test func whatARestrictionOrAHoldKeepsIsNotForgotten() async throws {
        try await Service.run { service async throws in
            func event(_ name: String, _ more: String = "") async throws -> Reply {
                try await service.post("/v1/events", #"{"address": "a@b.example", "event": "\#(name)"\#(more)}"#)
            }
            #expect(try await event("demo-booked").status == 201)
            #expect(try await event("restricted").status == 201)
            #expect(try await event("swept").problem == "409 must-be-kept /event")
            #expect(try await service.reason("a@b.example") == "restricted")
            #expect(
                try await event("restriction-lifting-told", #", "evidence": {"letter": "2026-7"}"#).status == 201)
            #expect(try await event("restriction-lifted").status == 201)
            #expect(try await event("hold-placed", #", "id": "dispute""#).status == 201)
            #expect(try await event("swept").problem == "409 must-be-kept /event")
            #expect(try await event("hold-released", #", "id": "dispute""#).status == 201)
            #expect(try await event("swept").status == 201)
            #expect(try await service.reason("a@b.example") == "unknown-address")
        }
    }
}
