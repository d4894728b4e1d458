import Formats
import Foundation
import Harness
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Rules
import Store
import Synchronization
import Testing

@testable import Web

/// The short way of a check: the same answer as the long way, for what is right in every respect; all else untouched.
@Suite struct CheckLaneTests {
    private static let body = #"{"address":"kari@firma.example","purpose":"newsletter"}"#

    // MARK: Alone, on a channel without sockets

    @Test func aRightCheckIsAnsweredAndNotHandedOn() async throws {
        try await Lane.run { lane in
            try await lane.send(Self.body)
            let answer = try await lane.answer()
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix(#"{"eligible":true,"reason":"ground-holds""#))
            #expect(lane.handedOn == [])
        }
    }

    @Test(arguments: [
        #"{"address":"kari@firma.example"}"#, #"{"address":"kari@firma.example","purpose":"Nope!"}"#,
        #"{"address":"kari@firma.example","purpose":"no-such"}"#, #"{"address":"no address","purpose":"newsletter"}"#,
        #"{"address":"kari@firma.example","purpose":"newsletter","colour":"red"}"#, "{", "", "[]",
        #"{"address":"kari@firma.example","purpose":"newsletter","at":"2001-01-01T00:00:00Z"}"#,
        #"{"address":"kari@firma.example","purpose":"newsletter","controller":"another"}"#,
        #"{"address":"kari@firma.example","purpose":"newsletter","campaign":""# + String(repeating: "x", count: 5_000)
            + #""}"#,
    ])
    func aWrongQuestionIsHandedOnWhole(_ body: String) async throws {
        try await Lane.run { lane in
            try await lane.send(body)
            try await lane.waitUntilHandedOn()
            #expect(lane.handedOn == ["POST /v1/eligibility", body, "end"].filter { !$0.isEmpty })
        }
    }

    @Test(arguments: [
        ("content-type", "application/json; charset=utf-8"), ("content-type", "text/plain"),
        ("authorization", "Bearer msk_unknown"), ("authorization", ""), ("idempotency-key", "k1"),
        ("expect", "100-continue"), ("connection", "close"), ("transfer-encoding", "chunked"),
    ])
    func anUnusualRequestIsHandedOnWhole(_ name: String, _ value: String) async throws {
        try await Lane.run { lane in
            try await lane.send(Self.body, setting: (name, value))
            try await lane.waitUntilHandedOn()
            #expect(lane.handedOn == ["POST /v1/eligibility", Self.body, "end"])
        }
    }

    /// The long way has a time in which a body must have come.
    @Test func whatComesInDropsIsHandedOn() async throws {
        try await Lane.run { lane in
            try await lane.send(Self.body, pieces: 2)
            #expect(try await lane.answer().status == 200)
            #expect(lane.handedOn.isEmpty)
            try await lane.send(Self.body, pieces: 3)
            try await lane.waitUntilHandedOn()
            #expect(lane.handedOn.first == "POST /v1/eligibility" && lane.handedOn.last == "end")
            #expect(lane.handedOn.dropFirst().dropLast().joined() == Self.body)
        }
    }

    @Test func otherPathsPassByAndACheckDoesNotOvertakeThem() async throws {
        try await Lane.run { lane in
            try await lane.send("{}", uri: "/v1/events")
            try await lane.send(Self.body)
            try await lane.waitUntilHandedOn(requests: 2)
            #expect(lane.handedOn.filter { $0.hasPrefix("POST") } == ["POST /v1/events", "POST /v1/eligibility"])
            // Once both are answered the short way is open again.
            for _ in 0..<2 { try await lane.writeAnswerOfTheRouter() }
            try await lane.send(Self.body)
            #expect(try await lane.answer().body.hasPrefix(#"{"eligible":true"#))
            #expect(lane.handedOn.filter { $0 == "end" }.count == 2)
        }
    }

    @Test func checksSentInOneGoAreAnsweredInTheirOrder() async throws {
        try await Lane.run { lane in
            for number in 0..<40 {
                let address = number.isMultiple(of: 3) ? "kari@firma.example" : "p\(number)@firma.example"
                try await lane.send(#"{"address":"\#(address)","purpose":"newsletter"}"#)
            }
            for number in 0..<40 {
                let wanted = number.isMultiple(of: 3) ? "ground-holds" : "unknown-address"
                #expect(try await lane.answer().body.contains(wanted), "answer \(number)")
            }
            #expect(lane.handedOn == [])
        }
    }

    @Test func aChangedCatalogueSendsTheCheckTheLongWay() async throws {
        try await Lane.run { lane in
            try await lane.send(Self.body)
            #expect(try await lane.answer().status == 200)
            try await lane.database.run("update maysend.api_key set revoked_at = now()")
            try await lane.send(Self.body)
            try await lane.waitUntilHandedOn(completed: true)
            #expect(lane.handedOnWithEnds == ["POST /v1/eligibility", Self.body, "end", "complete"])
        }
    }

    @Test func anAwayDatabaseSendsTheCheckTheLongWay() async throws {
        try await Lane.run { lane in
            await lane.store.shutdown(within: .zero)
            try await lane.send(Self.body)
            try await lane.waitUntilHandedOn()
            #expect(lane.handedOn == ["POST /v1/eligibility", Self.body, "end"])
        }
    }

    @Test func whatHappensToTheConnectionMeanwhileComesAfterTheAnswer() async throws {
        try await Lane.run { lane in
            let gate = try await lane.database.openTransaction(
                "lock table maysend.catalogue_epoch in access exclusive mode")
            try await lane.send(Self.body)
            try await lane.database.waitForBlockedQuery()
            try await lane.fire(ChannelEvent.inputClosed)
            #expect(lane.handedOn == [])
            try await gate.commit()
            #expect(try await lane.answer().status == 200)
            try await lane.waitUntilHandedOn(events: 1)
            #expect(lane.handedOn == ["event"])
        }
    }

    // MARK: In the service

    @Test func bothWaysGiveTheSameAnswer() async throws {
        try await LiveService.run { service in
            let questions = [
                Self.body, #"{"address":"Kari+x@firma.example","purpose":"newsletter","topic":"events"}"#,
                #"{"address":"kari@firma.example","purpose":"service-notice","campaign":"c1"}"#,
                #"{"address":"kari@firma.example","purpose":"newsletter","at":"2099-01-01T00:00:00Z"}"#,
                #"{"address":"no address","purpose":"newsletter"}"#, #"{"address":"a@b.example","purpose":"x"}"#,
            ]
            _ = try await service.exchange(Self.request(Self.body, service.key, type: "application/json"))
            for question in questions {
                let short = try await service.exchange(
                    Self.request(question, service.key, type: "application/json"))
                let long = try await service.exchange(
                    Self.request(question, service.key, type: "application/json; charset=utf-8"))
                #expect(Self.comparable(short) == Self.comparable(long))
                #expect(short.hasPrefix("HTTP/1.1 "))
            }
        }
    }

    private static func request(_ body: String, _ key: String, type: String) -> [UInt8] {
        Array(
            "POST /v1/eligibility HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                .utf8)
    }

    /// The answer without what is of its moment.
    static func comparable(_ answer: String) -> [String] {
        answer.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init).map { line in
            // The instant in the body may end in zeros, which are left out.
            for field in ["X-Request-Id: ", "Date: ", "Content-Length: "] where line.hasPrefix(field) { return field }
            // A link is sealed anew each time.
            let line = line.replacing(/firma\.example\/[up]\/[A-Za-z0-9_-]+/, with: "link")
            guard let at = line.range(of: #""at":""#) else { return line }
            return String(line[..<at.upperBound]) + line[at.upperBound...].drop { $0 != "\"" }
        }
    }
}

/// A connection with the short way and, behind it, somebody who writes down what is handed on.
struct Lane {
    let database: TestDatabase
    let store: Store
    let key: String
    private let channel: NIOAsyncTestingChannel
    fileprivate let recorder: Recorder

    static func run(_ body: (Lane) async throws -> Void) async throws {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: "stratsys")
        let access = Access(operator: "test", for: try await store.catalogue().controller(slug("stratsys-ab")))
        let report = Report(.contacted, of: .address(try Address(parsing: "kari@firma.example")))
        _ = try await store.run(.record(report), by: access)
        let key = try await database.key(for: "stratsys-ab")
        _ = try await store.catalogue()
        let recorder = Recorder()
        let journal = Journal(traffic: Traffic(), logger: LogCapture().logger, random: { 7 })
        let desk = CheckLane.Desk(
            store: store, clock: { systemNow() }, journal: journal, links: TestLinks.standard)
        let channel = try await NIOAsyncTestingChannel { channel in
            try channel.pipeline.syncOperations.addHandlers(CheckLane(desk), Recording(recorder))
        }
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
        try await body(Lane(database: database, store: store, key: key, channel: channel, recorder: recorder))
        _ = try? await channel.finish(acceptAlreadyClosed: true)
        await store.shutdown(within: .seconds(5))
    }

    /// What was handed on, and where the reading of it was complete.
    var handedOnWithEnds: [String] { recorder.lines }
    var handedOn: [String] { recorder.lines.filter { $0 != "complete" } }

    func send(
        _ body: String, uri: String = "/v1/eligibility", setting field: (String, String)? = nil, pieces: Int = 1
    ) async throws {
        var headers: HTTPHeaders = ["content-type": "application/json", "authorization": "Bearer \(key)"]
        if let field { headers.replaceOrAdd(name: field.0, value: field.1) }
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: headers)
        try await channel.writeInbound(HTTPServerRequestPart.head(head))
        let length = max((body.utf8.count + pieces - 1) / pieces, 1)
        for start in stride(from: 0, to: body.utf8.count, by: length) {
            let piece = String(Substring(body.utf8.dropFirst(start).prefix(length)))
            try await channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: piece)))
        }
        try await channel.writeInbound(HTTPServerRequestPart.end(nil))
    }

    func fire(_ event: ChannelEvent) async throws {
        try await channel.testingEventLoop.executeInContext { channel.pipeline.fireUserInboundEventTriggered(event) }
    }

    /// The next answer that went out.
    func answer() async throws -> (status: Int, body: String) {
        var (status, body) = (0, "")
        while true {
            switch try await channel.waitForOutboundWrite(as: HTTPServerResponsePart.self) {
            case .head(let head): status = Int(head.status.code)
            case .body(.byteBuffer(let bytes)): body += String(buffer: bytes)
            case .body: break
            case .end: return (status, body)
            }
        }
    }

    /// As the router does: the answer to what was handed on.
    func writeAnswerOfTheRouter() async throws {
        let head = HTTPResponseHead(version: .http1_1, status: .ok)
        try await channel.testingEventLoop.executeInContext {
            channel.pipeline.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.pipeline.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
        _ = try await answer()
    }

    func waitUntilHandedOn(requests: Int = 1) async throws {
        while handedOn.count(where: { $0 == "end" }) < requests { try await Task.sleep(for: .milliseconds(2)) }
    }

    func waitUntilHandedOn(completed: Bool) async throws {
        while !handedOnWithEnds.contains("complete") { try await Task.sleep(for: .milliseconds(2)) }
    }

    func waitUntilHandedOn(events: Int) async throws {
        while handedOn.count(where: { $0 == "event" }) < events { try await Task.sleep(for: .milliseconds(2)) }
    }
}

private final class Recorder: Sendable {
    private let held = Mutex<[String]>([])

    var lines: [String] { held.withLock { $0 } }

    func add(_ line: String) { held.withLock { $0.append(line) } }
}

private final class Recording: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let recorder: Recorder
    private var isIncomplete = false

    init(_ recorder: Recorder) { self.recorder = recorder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): recorder.add("\(head.method.rawValue) \(head.uri)")
        case .body(let bytes): recorder.add(String(buffer: bytes))
        case .end:
            recorder.add("end")
            isIncomplete = true
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isIncomplete { recorder.add("complete") }
        isIncomplete = false
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { recorder.add("event") }
}
