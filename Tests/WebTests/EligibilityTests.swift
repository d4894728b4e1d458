import Formats
import Rules
import Testing

@testable import Web

@Suite(.serialized) struct EligibilityTests {
    @Test func anOptOutIsSeenByTheNextCheck() async throws {
        try await Service.run { service async throws in
            let kari = "Kari.Nordmann@Firma.example"
            #expect(try await service.reason(kari) == "unknown-address")
            let stored = try await service.post("/v1/contacts", #"{"address": "\#(kari)", "name": "Kari Nordmann"}"#)
            #expect(stored.string("verdict") == "created")
            let yes = try await service.post("/v1/eligibility", #"{"address": "\#(kari)", "purpose": "newsletter"}"#)
            #expect(yes["eligible"] == .bool(true))
            #expect(yes.string("ground") == "cold-lead")
            #expect(yes["basis"]?["article"] == .string("6(1)(f)"))
            #expect(yes.string("until") != nil)
            #expect(yes.string("policy") == "stratsys@1")
            #expect(yes["tracking"]?["profiling"] == .bool(true))

            let receipt = try await service.post(
                "/v1/register", #"{"address": "kari.nordmann@firma.example", "reason": "unsubscribed"}"#)
            #expect(receipt.status == 201)
            #expect(receipt["recorded"] == .bool(true))
            #expect(receipt["lifted"] == .bool(false))
            #expect(receipt.strings("stops").contains("newsletter"))

            let no = try await service.post("/v1/eligibility", #"{"address": "\#(kari)", "purpose": "newsletter"}"#)
            #expect(no["eligible"] == .bool(false))
            #expect(no.string("reason") == "unsubscribed")
            #expect(no["ground"] == .null)
            #expect(no["entry"]?["scope"] == .string("controller"))
            #expect(no["entry"]?["since"] == receipt["at"])
            #expect(no["tracking"]?["profiling"] == .bool(false))
        }
    }

    @Test func anOptOutCountsForAnAddressThatWasNeverStored() async throws {
        try await Service.run { service async throws in
            let reply = try await service.post(
                "/v1/register", #"{"address": "ny@firma.example", "reason": "complained"}"#)
            #expect(reply.status == 201)
            #expect(try await service.reason("ny@firma.example") == "complained")
        }
    }

    @Test func aWrongQuestionIsNamed() async throws {
        let cases: [(String, String)] = [
            (#"{"purpose": "newsletter"}"#, "422 missing-field /address"),
            (#"{"address": null, "purpose": "newsletter"}"#, "422 missing-field /address"),
            (#"{"address": "", "purpose": "newsletter"}"#, "422 invalid-address /address"),
            (#"{"address": "kari", "purpose": "newsletter"}"#, "422 invalid-address /address"),
            (#"{"address": 7, "purpose": "newsletter"}"#, "422 wrong-type /address"),
            (#"{"address": "kari@firma.example"}"#, "422 missing-field /purpose"),
            (#"{"address": "kari@firma.example", "purpose": "nyhetsbrev"}"#, "422 unknown-purpose /purpose"),
            (#"{"address": "kari@firma.example", "purpose": "News letter"}"#, "422 unknown-purpose /purpose"),
            (#"{"address": "kari@firma.example", "purpose": ["newsletter"]}"#, "422 wrong-type /purpose"),
            (#"{"address": "kari@firma.example", "purpose": "contact-form"}"#, "422 purpose-not-sendable /purpose"),
            (
                #"{"address": "kari@firma.example", "purpose": "newsletter", "topic": "cats"}"#,
                "422 unknown-topic /topic"
            ),
            (
                #"{"address": "kari@firma.example", "purpose": "newsletter", "topic": "C A"}"#,
                "422 unknown-topic /topic"
            ),
            (
                #"{"address": "kari@firma.example", "purpose": "newsletter", "at": "2020-01-01T00:00:00Z"}"#,
                "422 at-in-the-past /at"
            ),
            (#"{"address": "kari@firma.example", "purpose": "newsletter", "at": "tomorrow"}"#, "422 invalid-field /at"),
            (
                #"{"address": "kari@firma.example", "purpose": "newsletter", "adress": "x"}"#,
                "422 unknown-field /adress"
            ),
            (
                #"{"address": "kari@firma.example", "purpose": "newsletter", "controller": "hydac-verwaltung"}"#,
                "404 unknown-controller /controller"
            ),
            (#"[]"#, "422 wrong-type (whole)"),
            (#"{"address": "kari@firma.example", "purpose": "newsletter""#, "400 malformed-json"),
            (#"{"address": "kari@firma.example", "purpose": "new\u0000sletter"}"#, "400 nul"),
            ("", "400 malformed-json"),
        ]
        try await Service.run { service async throws in
            for (body, expected) in cases {
                #expect(try await service.post("/v1/eligibility", body).problem == expected)
            }
        }
    }

    @Test func anUnknownPurposeNamesTheKnownOnes() async throws {
        try await Service.run { service async throws in
            for path in ["/v1/eligibility", "/v1/eligibility/batch"] {
                let whom = path.hasSuffix("batch") ? #""addresses": []"# : #""address": "kari@firma.example""#
                for purpose in ["nyhetsbrev", "Ny hetsbrev"] {
                    let reply = try await service.post(path, #"{\#(whom), "purpose": "\#(purpose)"}"#)
                    #expect(reply.problem == "422 unknown-purpose /purpose")
                    #expect(reply.strings("known").contains("newsletter"))
                    #expect(reply.string("detail")?.contains("newsletter, outreach") == true)
                }
            }
        }
    }

    @Test func itsOwnControllerMayBeSaid() async throws {
        try await Service.run { service async throws in
            let reply = try await service.post(
                "/v1/eligibility",
                #"""
                {"address": "kari@firma.example", "purpose": "newsletter", "controller": "stratsys-ab", "topic": \#
                null}
                """#
            )
            #expect(reply.status == 200)
        }
    }

    @Test func aLaterInstantMayBeAsked() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/contacts", #"{"address": "kari@firma.example"}"#)
            let body = #"{"address": "kari@firma.example", "purpose": "newsletter", "at": "2999-01-01T00:00:00Z"}"#
            let reply = try await service.post("/v1/eligibility", body)
            #expect(reply.string("reason") == "retention-expired")
            #expect(reply.string("at") == "2999-01-01T00:00:00Z")
        }
    }

    @Test func aBatchAnswersInOrderAndInPlace() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/contacts", #"{"address": "a@firma.example"}"#)
            _ = try await service.post("/v1/register", #"{"address": "b@firma.example", "reason": "objected"}"#)
            let reply = try await service.post(
                "/v1/eligibility/batch",
                #"""
                {"purpose": "newsletter", "addresses": ["b@firma.example", "", "a@firma.example", "nobody", \#
                "b@firma.example", "c@firma.example"]}
                """#
            )
            let reasons = reply.objects("verdicts").map { $0["reason"]?.string }
            #expect(
                reasons == [
                    "objected", "invalid-address", "ground-holds", "invalid-address", "objected", "unknown-address",
                ])
            #expect(reply.objects("verdicts")[1]["eligible"] == .bool(false))
        }
    }

    @Test func aBatchOfTenThousandIsAnsweredAndOneMoreIsNot() async throws {
        try await Service.run { service async throws in
            _ = try await service.post("/v1/register", #"{"domain": "firma.example", "reason": "domain-suppressed"}"#)
            let addresses = (0..<batchAddressesMax).map { "\"n\($0)@\($0 % 2 == 0 ? "firma" : "annen").example\"" }
            let list = addresses.joined(separator: ", ")
            let reply = try await service.post(
                "/v1/eligibility/batch", #"{"purpose": "newsletter", "addresses": [\#(list)]}"#)
            let verdicts = reply.objects("verdicts")
            #expect(verdicts.count == batchAddressesMax)
            for (index, verdict) in verdicts.enumerated() {
                guard verdict["reason"]?.string == (index % 2 == 0 ? "domain-suppressed" : "unknown-address") else {
                    Issue.record("row \(index) is \(verdict)")
                    break
                }
            }
            let more = try await service.post(
                "/v1/eligibility/batch", #"{"purpose": "newsletter", "addresses": [\#(list), "x@firma.example"]}"#)
            #expect(more.problem == "422 too-many /addresses")
        }
    }

    @Test func aWrongBatchIsAnErrorOfTheWhole() async throws {
        let cases: [(String, String)] = [
            (#"{"purpose": "nyhetsbrev", "addresses": ["kari@firma.example"]}"#, "422 unknown-purpose /purpose"),
            (#"{"purpose": "contact-form", "addresses": []}"#, "422 purpose-not-sendable /purpose"),
            (#"{"purpose": "newsletter", "topic": "cats", "addresses": []}"#, "422 unknown-topic /topic"),
            (#"{"purpose": "newsletter", "addresses": ["a@b.example", 7]}"#, "422 wrong-type /addresses/1"),
            (#"{"purpose": "newsletter", "addresses": "a@b.example"}"#, "422 wrong-type /addresses"),
            (#"{"purpose": "newsletter"}"#, "422 missing-field /addresses"),
            (
                #"{"purpose": "newsletter", "at": "2020-01-01T00:00:00Z", "addresses": ["a@b.example"]}"#,
                "422 at-in-the-past /at"
            ),
        ]
        try await Service.run { service async throws in
            for (body, expected) in cases {
                #expect(try await service.post("/v1/eligibility/batch", body).problem == expected)
            }
        }
    }
}
