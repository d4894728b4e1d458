import Foundation
import Harness
import Testing

@testable import Web

/// The stream while it runs, on real sockets.
@Suite(.serialized) struct ScrubStreamTests {
    private static let query = "purpose=newsletter&delimiter=comma"
    private static let end = "0\r\n\r\n"

    /// Waits until no stream is under way.
    private func untilNothingIsUnderWay(_ service: LiveService) async throws {
        let request = Array("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        for _ in 0..<1_000 {
            if try await service.exchange(request).contains("maysend_streams 0\n") { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("a stream is still under way")
    }

    private func rows(_ range: Range<Int>) -> String { range.map { "p\($0)@b.example\n" }.joined() }

    @Test func rowsAreAnsweredWhileTheListIsStillComing() async throws {
        try await LiveService.run { service in
            let client = try StreamClient(service, Self.query)
            try await client.send("address\n" + rows(0..<3))
            #expect(try await client.read(until: "p2@b.example,false,unknown-address,,").contains("HTTP/1.1 200 OK"))
            // Asked after the first were answered: what was recorded in between counts.
            _ = try await service.exchange(service.request("/v1/contacts", #"{"address": "p3@b.example"}"#))
            try await client.send(rows(3..<4))
            #expect(try await client.read(until: "p3@b.example,").contains("p3@b.example,true,ground-holds,cold-lead,"))
            try await client.send("p4@b.exa")
            try await client.send("mple\np5@b.example")
            #expect(try await client.read(until: "p4@b.example,false").contains("p4@b.example,false,unknown-address,,"))
            try await client.finish()
            #expect(try await client.read(until: Self.end).contains("p5@b.example,false,unknown-address,,"))
            try await untilNothingIsUnderWay(service)
        }
    }

    @Test func aClientThatDoesNotReadIsNotReadFrom() async throws {
        try await LiveService.run { service in
            let client = try StreamClient(service, Self.query)
            try await client.send("address\n")
            let piece = rows(0..<1_000)
            let sent = try await client.pour(piece, pauseMilliseconds: 2_000)
            // What fits the buffers of both sockets, of the connection and of the stream, and no more.
            #expect(sent < 48 * 1_024 * 1_024, "\(sent) bytes were taken")
            client.reset()
            try await untilNothingIsUnderWay(service)
        }
    }

    @Test func aClientThatGoesAwayLeavesNothingBehind() async throws {
        try await LiveService.run { service in
            for round in 0..<6 {
                let client = try StreamClient(service, Self.query)
                try await client.send("address\n" + rows(0..<(round.isMultiple(of: 2) ? 5 : 3_000)))
                if round > 1 { _ = try await client.read(until: "p1@b.example,") }
                if round > 3 { try await client.finish() }
                client.reset()
            }
            try await untilNothingIsUnderWay(service)
            let log = service.log.text
            #expect(!log.contains("b.example"))
            #expect(!log.contains(#""level":"error""#), "\(log)")
        }
    }

    @Test func aDatabaseThatIsLostCutsTheStreamAndMakesNothingUp() async throws {
        try await LiveService.run { service in
            let client = try StreamClient(service, Self.query)
            try await client.send("address\n" + rows(0..<10))
            _ = try await client.read(until: "p9@b.example,")
            try await service.database.lockOut()
            try await client.send(rows(10..<20))
            let rest = try await client.drain()
            #expect(!rest.tail.contains("b.example"), "\(rest.tail)")
            #expect(!rest.tail.hasSuffix(Self.end))
            try await untilNothingIsUnderWay(service)
            #expect(service.log.text.contains("the database is not available"))
        }
    }

    @Test func aRevokedKeyCutsTheStream() async throws {
        try await LiveService.run { service in
            let client = try StreamClient(service, Self.query)
            try await client.send("address\n" + rows(0..<10))
            _ = try await client.read(until: "p9@b.example,")
            try await service.database.run(
                "update maysend.api_key set revoked_at = now(); update maysend.catalogue_epoch set epoch = epoch + 1")
            try await client.send(rows(10..<20))
            let rest = try await client.drain()
            #expect(!rest.tail.contains("b.example") && !rest.tail.hasSuffix(Self.end), "\(rest.tail)")
            try await untilNothingIsUnderWay(service)
            #expect(service.log.text.contains("the key was revoked"))
        }
    }

    @Test func aClientThatStandsStillIsCut() async throws {
        try await LiveService.run(StreamLimits(streamsMax: 2, stallSecondsMax: 1)) { service in
            let client = try StreamClient(service, Self.query)
            try await client.send("address\n" + rows(0..<10))
            _ = try await client.read(until: "p9@b.example,")
            let rest = try await client.drain()
            #expect(!rest.tail.hasSuffix(Self.end))
            let deaf = try StreamClient(service, Self.query)
            try await deaf.send("address\n")
            _ = try await deaf.pour(rows(0..<1_000), pauseMilliseconds: 500)
            try await untilNothingIsUnderWay(service)
            #expect(service.log.text.contains("it stood still for too long"))
        }
    }

    @Test func noMoreStreamsThanTheLimitAreUnderWay() async throws {
        try await LiveService.run(StreamLimits(streamsMax: 1)) { service in
            let client = try StreamClient(service, Self.query)
            try await client.send("address\n" + rows(0..<10))
            _ = try await client.read(until: "p9@b.example,")
            let other = try StreamClient(service, Self.query)
            try await other.send("address\n")
            let refused = try await other.read(until: "too-many-streams")
            #expect(
                refused.contains("HTTP/1.1 503 ") && refused.contains("retry-after: ")
                    || refused.contains("Retry-After: "))
            try await client.finish()
            #expect(try await client.drain().tail.hasSuffix(Self.end))
            try await untilNothingIsUnderWay(service)
            let third = try StreamClient(service, Self.query)
            try await third.send("address\n" + rows(0..<1))
            try await third.finish()
            #expect(try await third.drain().tail.contains("p0@b.example,false"))
        }
    }

    /// Without chunks nobody could tell a part of the answer from the whole.
    @Test func aClientOfAnOldProtocolIsToldSo() async throws {
        try await LiveService.run { service in
            let list = "address\n" + rows(0..<5)
            let head =
                "POST /v1/scrub?\(Self.query) HTTP/1.0\r\nHost: a\r\nAuthorization: Bearer \(service.key)\r\n"
                + "Content-Type: text/csv; charset=utf-8\r\nContent-Length: \(list.utf8.count)\r\n\r\n\(list)"
            let answer = try await service.exchange(Array(head.utf8))
            #expect(answer.contains(" 505 ") && answer.contains("protocol-version"), "\(answer)")
            try await untilNothingIsUnderWay(service)
        }
    }

    @Test func aBodyThatBreaksOffIsNoWholeList() async throws {
        try await LiveService.run { service in
            let head =
                "POST /v1/scrub?\(Self.query) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(service.key)\r\n"
                + "Content-Type: text/csv; charset=utf-8\r\nContent-Length: 1000\r\n\r\naddress\n" + rows(0..<5)
            let answer = try await service.exchange(Array(head.utf8))
            #expect(!answer.hasSuffix(Self.end), "\(answer)")
            try await untilNothingIsUnderWay(service)
        }
    }
}

@Suite struct StreamPlacesTests {
    @Test func nobodyTakesTheLastPlacesButWhoHasNone() {
        let streams = Streams(StreamLimits(streamsMax: 8))
        var own = (0..<8).compactMap { _ in streams.place(for: 1) }
        #expect(own.count == 6)
        let other = streams.place(for: 2)
        #expect(other != nil && streams.place(for: 2) == nil)
        let third = streams.place(for: 3)
        #expect(third != nil && streams.place(for: 4) == nil)
        #expect(streams.underWay == 8)
        own.removeAll()
        #expect(streams.underWay == 2 && streams.place(for: 1) != nil)
    }
}

extension LiveService {
    /// A request with JSON, as bytes.
    fileprivate func request(_ path: String, _ json: String) -> [UInt8] {
        Array(
            ("POST \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\nContent-Type: application/json\r\n"
                + "Connection: close\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)").utf8)
    }
}
