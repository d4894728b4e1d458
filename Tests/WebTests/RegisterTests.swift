import Formats
import Harness
import Rules
import Store
import Testing

@testable import Web

@Suite(.serialized) struct RegisterTests {
    @Test func everyReasonIsTaken() async throws {
        let cases: [(String, String, String)] = [
            (
                #"""
                {"address": "a@b.example", "reason": "unsubscribed", "scope": "topic", "purpose": "newsletter", \#
                "topic": "events"}
                """#,
                "topic", ""
            ),
            (
                #"{"address": "a@b.example", "reason": "unsubscribed", "scope": "purpose", "purpose": "outreach"}"#,
                "purpose", "outreach"
            ),
            (
                #"{"address": "a@b.example", "reason": "consent-withdrawn", "purpose": "newsletter"}"#, "purpose",
                "newsletter"
            ),
            (#"{"address": "a@b.example", "reason": "objected", "purpose": "newsletter"}"#, "purpose", "newsletter"),
            (#"{"address": "a@b.example", "reason": "objected"}"#, "controller", "newsletter"),
            (#"{"address": "a@b.example", "reason": "complained"}"#, "controller", "newsletter"),
            (#"{"address": "a@b.example", "reason": "imported"}"#, "controller", "newsletter"),
            (#"{"address": "a@b.example", "reason": "imported", "scope": "group"}"#, "group", "newsletter"),
            (
                #"{"address": "a@b.example", "reason": "unsubscribed", "purpose": "service-notice"}"#, "purpose",
                "service-notice"
            ),
            (#"{"domain": "b.example", "reason": "domain-suppressed"}"#, "controller", "newsletter"),
            (#"{"address": "a@b.example", "reason": "domain-suppressed", "scope": "group"}"#, "group", "newsletter"),
        ]
        try await Service.run { service async throws in
            for (index, (body, scope, stops)) in cases.enumerated() {
                // Each at a domain of its own.
                let domain = "b\(index).example"
                let reply = try await service.post("/v1/register", body.replacing("b.example", with: domain))
                #expect(reply.status == 201)
                #expect(reply.string("scope") == scope)
                if !stops.isEmpty {
                    #expect(reply.strings("stops").contains(stops))
                    #expect(
                        try await service.reason("a@\(domain)", purpose: stops) == reply.string("reason"), "\(body)")
                }
            }
        }
    }

    @Test func aWrongOptOutIsNamedAndNothingIsRecorded() async throws {
        let cases: [(String, String)] = [
            (#"{"address": "a@b.example"}"#, "422 missing-field /reason"),
            (#"{"address": "a@b.example", "reason": "bored"}"#, "422 not-allowed /reason"),
            (#"{"address": "a@b.example", "reason": "erased"}"#, "422 not-allowed /reason"),
            (#"{"reason": "unsubscribed"}"#, "422 missing-field /address"),
            (#"{"reason": "domain-suppressed"}"#, "422 missing-field /address"),
            (#"{"domain": "b.example", "reason": "unsubscribed"}"#, "422 not-allowed /domain"),
            (
                #"{"domain": "b.example", "address": "a@b.example", "reason": "domain-suppressed"}"#,
                "422 not-allowed /domain"
            ),
            (#"{"domain": "b", "reason": "domain-suppressed"}"#, "422 invalid-address /domain"),
            (#"{"address": "a@b.example", "reason": "complained", "scope": "topic"}"#, "422 not-allowed /scope"),
            (#"{"address": "a@b.example", "reason": "imported", "scope": "topic"}"#, "422 not-allowed /scope"),
            (#"{"address": "a@b.example", "reason": "imported", "purpose": "newsletter"}"#, "422 not-allowed /purpose"),
            (#"{"address": "a@b.example", "reason": "objected", "topic": "events"}"#, "422 not-allowed /topic"),
            (#"{"address": "a@b.example", "reason": "consent-withdrawn"}"#, "422 missing-field /purpose"),
            (
                #"{"address": "a@b.example", "reason": "unsubscribed", "purpose": "cats"}"#,
                "422 unknown-purpose /purpose"
            ),
            (#"{"address": "a@b.example", "reason": "unsubscribed", "topic": "cats"}"#, "422 unknown-topic /topic"),
            (#"{"address": "a@b.example", "reason": "unsubscribed", "evidence": "link"}"#, "422 wrong-type /evidence"),
            (
                #"{"address": "a@b.example", "reason": "unsubscribed", "evidence": {"n": 1}}"#,
                "422 wrong-type /evidence/n"
            ),
            (
                #"{"address": "a@b.example", "reason": "unsubscribed", "evidence": {"from": "a@b.example"}}"#,
                "422 invalid-evidence /evidence/from"
            ),
            (
                #"{"address": "a@b.example", "reason": "unsubscribed", "controller": "other"}"#,
                "404 unknown-controller /controller"
            ),
        ]
        try await Service.run { service async throws in
            for (body, expected) in cases {
                #expect(try await service.post("/v1/register", body).problem == expected)
                let found = try await service.post("/v1/register/lookup", #"{"address": "a@b.example"}"#)
                #expect(found.objects("entries").isEmpty)
            }
        }
    }

    @Test func anOptOutThatArrivesLateStopsWhatItSaysAndAnOldListKeepsItsDate() async throws {
        try await Service.run { service async throws in
            let consent = try await service.post(
                "/v1/consents",
                #"{"address": "a@b.example", "purpose": "newsletter", "evidence": {"method": "double-opt-in"}}"#)
            #expect(consent.string("by") == "person")
            let list = try await service.post(
                "/v1/register",
                #"{"address": "a@b.example", "reason": "imported", "at": "2024-01-01T00:00:00Z"}"#)
            #expect(list.string("at") == "2024-01-01T00:00:00Z")
            #expect(!list.strings("stops").contains("newsletter"))
            #expect(try await service.reason("a@b.example") == "ground-holds")
            let late = try await service.post(
                "/v1/register",
                #"{"address": "a@b.example", "reason": "unsubscribed", "scope": "purpose", "at": "2024-01-01T00:00:00Z"}"#
            )
            #expect(late.string("at") != "2024-01-01T00:00:00Z")
            #expect(late["lifted"] == .bool(false))
            #expect(late.strings("stops") == ["newsletter"])
            #expect(try await service.reason("a@b.example") == "unsubscribed")
        }
    }

    @Test func lookupTellsWhatEachEntryStopsAndToWhomItIsShown() async throws {
        try await Service.run { service async throws in
            _ = try await service.post(
                "/v1/register",
                #"{"address": "kari+liste@b.example", "reason": "unsubscribed", "evidence": {"method": "link"}}"#)
            _ = try await service.post("/v1/register", #"{"domain": "b.example", "reason": "domain-suppressed"}"#)
            _ = try await service.post(
                "/v1/register", #"{"address": "kari@b.example", "reason": "objected", "purpose": "outreach"}"#)
            let all = try await service.post("/v1/register/lookup", #"{"address": "kari@b.example"}"#)
            #expect(all.objects("entries").map { $0["via"]?.string } == ["alias", "domain", "address"])
            #expect(all.objects("entries").last?["stops"] == .array([.string("outreach")]))
            #expect(all.objects("entries").first?["evidence"] == .object(["method": .string("link")]))
            let checker = try await service.database.key(for: "stratsys-ab", scopes: [.check])
            let some = try await service.post("/v1/register/lookup", #"{"address": "kari@b.example"}"#, key: checker)
            #expect(some.objects("entries").count == 3)
            #expect(some.objects("entries").allSatisfy { $0["evidence"] == nil && $0["actor"] == nil })
        }
    }

    @Test func theExportGoesOnWhereItEnded() async throws {
        try await Service.run { service async throws in
            let empty = try await service.get("/v1/register")
            #expect(empty.objects("entries").isEmpty)
            #expect(empty["more"] == .bool(false))
            var expected: [JSON] = []
            for number in 0..<5 {
                let reply = try await service.post(
                    "/v1/register", #"{"address": "n\#(number)@b.example", "reason": "unsubscribed"}"#)
                expected.append(try #require(reply["act"]))
            }
            var cursor = try #require(empty.string("next"))
            var got: [JSON] = []
            // A page ends before whatever transaction of the whole cluster is still open, so asking on may be needed.
            for _ in 0..<10_000 where got.count < expected.count {
                let page = try await service.get("/v1/register?after=\(cursor)&limit=2")
                let acts = page.objects("entries").compactMap { $0["act"] }
                #expect(acts.count <= 2)
                #expect(page["more"] == .bool(acts.count == 2))
                got += acts
                cursor = try #require(page.string("next"))
            }
            #expect(got == expected)
            let later = try await service.get("/v1/register?after=\(cursor)")
            #expect(later.objects("entries").isEmpty)
            #expect(later.string("next") == cursor)
            #expect(!later.text.contains("@"))
        }
    }

    @Test func aWrongParameterIsNamed() async throws {
        let cases: [String] = [
            "?after=x", "?limit=0", "?limit=1001", "?limit=+5", "?limit=2&limit=3", "?before=1.1", "?limit=",
        ]
        try await Service.run { service async throws in
            for query in cases {
                let reply = try await service.get("/v1/register" + query)
                #expect(reply.problem == "400 invalid-parameter")
                #expect(reply.string("parameter") != nil)
            }
        }
    }
}
