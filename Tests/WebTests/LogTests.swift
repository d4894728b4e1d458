import Formats
import HTTPTypes
import Harness
import Logging
import Rules
import Store
import Synchronization
import Testing

@testable import Web

@Suite(.serialized) struct LogTests {
    @Test func noLineHoldsAnAddressOrAName() async throws {
        try await Service.run { service in
            let person = #""address": "kari.nordmann@firma.example""#
            let bodies: [(String, String)] = [
                ("/v1/contacts", #"{\#(person), "name": "Kari Nordmann", "phone": "+47 22 22 22 22"}"#),
                ("/v1/eligibility", #"{\#(person), "purpose": "newsletter"}"#),
                ("/v1/eligibility", #"{\#(person), "purpose": "kari.nordmann@firma.example"}"#),
                ("/v1/eligibility", #"{\#(person), "kari.nordmann@firma.example": 1}"#),
                ("/v1/eligibility", #"{"address": "Kari Nordmann <kari.nordmann@firma.example>", "purpose": "x"}"#),
                ("/v1/eligibility", #"{\#(person) kari.nordmann@firma.example"#),
                ("/v1/eligibility/batch", #"{"purpose": "newsletter", "addresses": ["kari.nordmann@firma.example"]}"#),
                ("/v1/eligibility?kari.nordmann@firma.example=1", #"{\#(person), "purpose": "newsletter"}"#),
                ("/v1/register", #"{\#(person), "reason": "objected", "evidence": {"message-id": "1@firma.example"}}"#),
                ("/v1/register/lookup", #"{\#(person)}"#), ("/v1/kari.nordmann@firma.example", #"{\#(person)}"#),
                ("/v1/consents", #"{\#(person), "purpose": "newsletter", "by": "import"}"#),
                ("/v1/events", #"{\#(person), "event": "left-organisation"}"#),
                ("/v1/organisations", #"{"name": "Nordmann Firma"}"#),
            ]
            for (path, body) in bodies { _ = try await service.post(path, body) }
            let shouting = try #require(HTTPRequest.Method("KARI"))
            _ = try await service.send(
                shouting, "/kari.nordmann@firma.example", headers: ["User-Agent": "kari.nordmann@firma.example"])
            let text = service.log.text
            let lines = text.split(separator: "\n")
            #expect(lines.count >= bodies.count + 1)
            for word in ["@", "kari", "nordmann", "firma", "22 22"] {
                #expect(!text.lowercased().contains(word), "\(word) is in the log")
            }
        }
    }

    @Test func oneLineARequestSaysWhatHappened() async throws {
        try await Service.run { service in
            let before = service.log.text.split(separator: "\n").count
            let reply = try await service.post(
                "/v1/eligibility", #"{"address": "a@b.example", "purpose": "newsletter"}"#)
            let lines = service.log.text.split(separator: "\n").dropFirst(before)
            #expect(lines.count == 1)
            let line = try JSON(parsing: Array(try #require(lines.first).utf8))
            #expect(line["method"] == .string("POST"))
            #expect(line["route"] == .string("/v1/eligibility"))
            #expect(line["status"] == .int(200))
            // Of tens of thousands of checks a second only those that fail have a line, unless debug lines are asked for.
            #expect(line["level"] == .string("debug"))
            #expect(line["controller"] == .string("stratsys-ab"))
            #expect(line["key"] == .string(try #require(APIKey(parsing: service.key)).prefix))
            #expect(line["request-id"]?.string == reply.header("X-Request-Id"))
            guard case .int(let microseconds) = line["microseconds"] else {
                Issue.record("no duration")
                return
            }
            #expect(microseconds > 0)
            #expect(Instant(parsing: try #require(line["time"]?.string)) != nil)
            #expect(!service.log.text.contains(service.key))
        }
    }

    @Test func aStrayAddressIsCutOut() throws {
        let lines = Mutex<[[UInt8]]>([])
        let zero = Instant(microseconds: 0)
        var logger = Logger(label: "t") { label in
            JSONLogHandler(label: label, clock: { zero }) { line in lines.withLock { $0.append(line) } }
        }
        logger[metadataKey: "always"] = "1"
        logger.info(
            "for kari@firma.example: done", metadata: ["who": ["to": "<kari@firma.example>"], "policy": "stratsys@1"])
        logger.debug("not written")
        let all = lines.withLock { $0 }
        #expect(all.count == 1)
        #expect(
            String(decoding: try #require(all.first), as: UTF8.self)
                == #"""
                {"time":"1970-01-01T00:00:00Z","level":"info","label":"t","message":"for [address] \#
                done","always":"1",
                """#
                + #""policy":"stratsys@1","who":{"to":"[address]"}}"# + "\n")
    }
}
