import Formats
import Harness
import Rules
import Store
import Testing

@testable import Web

/// Consents, contacts, organisations and events.
@Suite(.serialized) struct RelationTests {
    @Test func aConsentByThePersonLiftsOnlyWithTheirOwnAct() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/register", #"{"address": "a@b.example", "reason": "unsubscribed"}"#)
            for evidence in [#"{"method": "form"}"#, #"{"method": "spreadsheet", "row": "7"}"#] {
                let reply = try await service.post(
                    "/v1/consents", #"{"address": "a@b.example", "purpose": "newsletter", "evidence": \#(evidence)}"#)
                #expect(reply.problem == "409 standing-entry")
            }
            let imported = try await service.post(
                "/v1/consents", #"{"address": "a@b.example", "purpose": "newsletter", "by": "import"}"#)
            #expect(imported.problem == "409 standing-entry")
            #expect(try await service.reason("a@b.example") == "unsubscribed")
            let own = try await service.post(
                "/v1/consents",
                #"{"address": "a@b.example", "purpose": "newsletter", "evidence": {"method": "preference-page"}}"#)
            #expect(own.status == 201)
            #expect(try await service.reason("a@b.example") == "ground-holds")
            #expect(try await service.reason("a@b.example", purpose: "outreach") == "unsubscribed")
        }
    }

    @Test func aConsentWithoutThePersonsOwnActIsAClaim() async throws {
        try await Service.run { service async throws in
            let reply = try await service.post(
                "/v1/consents", #"{"address": "a@b.example", "purpose": "newsletter", "evidence": {"method": "form"}}"#)
            #expect(reply.status == 201)
            #expect(reply.string("by") == "operator")
        }
    }

    @Test func aWrongConsentIsNamed() async throws {
        let cases: [(String, String)] = [
            (#"{"address": "a@b.example", "purpose": "newsletter"}"#, "422 missing-field /evidence"),
            (
                #"{"address": "a@b.example", "purpose": "newsletter", "evidence": {"ip": "192.0.2.1"}}"#,
                "422 missing-field /evidence/method"
            ),
            (#"{"address": "a@b.example", "evidence": {"method": "form"}}"#, "422 missing-field /purpose"),
            (#"{"address": "a@b.example", "purpose": "cats", "by": "import"}"#, "422 unknown-purpose /purpose"),
            (#"{"address": "a@b.example", "purpose": "newsletter", "by": "friend"}"#, "422 not-allowed /by"),
            (
                #"{"address": "a@b.example", "purpose": "newsletter", "by": "import", "at": "2999-01-01T00:00:00Z"}"#,
                "422 in-the-future /at"
            ),
        ]
        try await Service.run { service async throws in
            for (body, expected) in cases {
                #expect(try await service.post("/v1/consents", body).problem == expected)
                #expect(try await service.reason("a@b.example") == "unknown-address")
            }
        }
    }

    @Test func aContactIsStoredOnlyWhereSomethingKeepsIt() async throws {
        try await Service.run { service async throws in
            let lead = #"{"address": "a@b.example", "name": "Kari", "organisation": {"number": "123", "name": "B"}}"#
            #expect(try await service.post("/v1/contacts", lead).string("verdict") == "created")
            #expect(try await service.post("/v1/contacts", lead).string("verdict") == "unchanged")
            let moved = try await service.post("/v1/contacts", #"{"address": "a@b.example", "position": "CFO"}"#)
            #expect(moved.string("verdict") == "updated")
            let old = try await service.post(
                "/v1/contacts", #"{"address": "old@b.example", "collected-at": "2020-01-01T00:00:00Z"}"#)
            #expect(old.string("verdict") == "no-ground")
            #expect(old["stored"] == .bool(false))
            #expect(old.string("reason") == "retention-expired")
            _ = try await service.post("/v1/register", #"{"address": "no@b.example", "reason": "objected"}"#)
            let suppressed = try await service.post("/v1/contacts", #"{"address": "no@b.example"}"#)
            #expect(suppressed.string("verdict") == "suppressed")
            #expect(suppressed.string("reason") == "objected")
        }
    }

    @Test func aWrongContactIsNamed() async throws {
        let cases: [(String, String)] = [
            (#"{"address": "a@b.example", "organisation": {}}"#, "422 missing-field /organisation"),
            (#"{"address": "a@b.example", "organisation": "B"}"#, "422 wrong-type /organisation"),
            (
                #"{"address": "a@b.example", "organisation": {"name": "B", "vat": "1"}}"#,
                "422 unknown-field /organisation/vat"
            ),
            (#"{"address": "a@b.example", "name": ""}"#, "422 empty-field /name"),
            (#"{"address": "a@b.example", "name": true}"#, "422 wrong-type /name"),
        ]
        try await Service.run { service async throws in
            for (body, expected) in cases {
                #expect(try await service.post("/v1/contacts", body).problem == expected)
            }
        }
    }

    @Test func aTextOverItsLimitIsRefused() async throws {
        try await Service.run { service async throws in
            let fits = String(repeating: "å", count: 250)
            let reply = try await service.post("/v1/contacts", #"{"address": "a@b.example", "name": "\#(fits)"}"#)
            #expect(reply.status == 200)
            let over = try await service.post("/v1/contacts", #"{"address": "a@b.example", "name": "\#(fits)x"}"#)
            #expect(over.problem == "422 too-long /name")
        }
    }

    @Test func anOrganisationMovesItsPeople() async throws {
        try await Service.run { service async throws in
            _ = try await service.post(
                "/v1/contacts", #"{"address": "a@b.example", "organisation": {"number": "123", "name": "B"}}"#)
            #expect(try await service.reason("a@b.example", purpose: "service-notice") == "no-ground")
            let reply = try await service.post(
                "/v1/organisations", #"{"number": "123", "customer-started": "2026-01-01T00:00:00Z"}"#)
            #expect(reply.status == 200)
            #expect(reply["members"] == .int(1))
            #expect(try await service.reason("a@b.example", purpose: "service-notice") == "ground-holds")
            #expect(try await service.post("/v1/organisations", "{}").problem == "422 missing-field (whole)")
        }
    }

    @Test func eventsAreTheScenariosOwn() async throws {
        try await Service.run { service async throws in
            for event in ["demo-booked", "contacted", "question-asked", "address-confirmed", "complained"] {
                let reply = try await service.post("/v1/events", #"{"address": "a@b.example", "event": "\#(event)"}"#)
                #expect(reply.status == 201)
                #expect(reply.string("event") == event)
            }
            #expect(try await service.reason("a@b.example") == "complained")
        }
    }

    @Test func aWrongEventIsNamed() async throws {
        let cases: [(String, String)] = [
            (#"{"address": "a@b.example"}"#, "422 missing-field /event"),
            (#"{"address": "a@b.example", "event": "wedding"}"#, "422 unknown-event /event"),
            (#"{"address": "a@b.example", "event": "bounced"}"#, "422 missing-field /kind"),
            (#"{"address": "a@b.example", "event": "bounced", "kind": "firm"}"#, "422 not-allowed /kind"),
            (#"{"address": "a@b.example", "event": "contacted", "purpose": "newsletter"}"#, "422 not-allowed /purpose"),
            (
                #"{"address": "a@b.example", "event": "consent-given", "purpose": "newsletter"}"#,
                "422 missing-field /evidence"
            ),
            (#"{"address": "a@b.example", "event": "hold-placed", "id": "Not A Name"}"#, "422 not-allowed /id"),
            (
                #"{"address": "a@b.example", "event": "hold-placed", "id": "x", "until": "soon"}"#,
                "422 not-allowed /until"
            ),
            (
                #"{"address": "a@b.example", "event": "restriction-lifted", "at": "2999-01-01T00:00:00Z"}"#,
                "422 in-the-future /at"
            ),
            (#"{"address": "a@b.example", "event": "topic-resumed"}"#, "422 missing-field /topic"),
            (#"{"address": "a@b.example", "event": "topic-resumed", "topic": "cats"}"#, "422 unknown-topic /topic"),
        ]
        try await Service.run { service async throws in
            for (body, expected) in cases {
                #expect(try await service.post("/v1/events", body).problem == expected)
            }
        }
    }

    @Test func aPersonsRightsNeedTheirOwnScope() async throws {
        let cases: [(String, String)] = [
            ("erased", ""), ("swept", ""), ("restricted", ""),
            ("restriction-lifting-told", #", "evidence": {"letter": "2026-7"}"#), ("restriction-lifted", ""),
            ("hold-placed", #", "id": "dispute""#),
            ("hold-released", #", "id": "dispute""#),
        ]
        try await Service.run { service async throws in
            for (event, more) in cases {
                let body = #"{"address": "a@b.example", "event": "\#(event)"\#(more)}"#
                let writer = try await service.database.key(for: "stratsys-ab", scopes: [.write])
                #expect(try await service.post("/v1/events", body, key: writer).problem == "403 missing-scope")
                let subject = try await service.database.key(for: "stratsys-ab", scopes: [.subject])
                #expect(try await service.post("/v1/events", body, key: subject).status == 201)
                let other = #"{"address": "a@b.example", "event": "contacted"}"#
                #expect(try await service.post("/v1/events", other, key: subject).problem == "403 missing-scope")
            }
        }
    }
}
