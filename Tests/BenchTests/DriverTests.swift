import Testing

@testable import bench

@Suite struct DriverTests {
    private static let right = #"{"eligible":true}"#

    private func order(_ server: LocalServer, seconds: Double, connections: Int = 4) throws -> LoadOrder {
        let target = Target(host: "127.0.0.1", port: server.port, path: "/check")
        let people = AddressBook(count: 1_000, seed: 1)
        var order = LoadOrder(
            target, try RequestText(to: target, body: #"{"address":"{address}"}"#, people: people, seed: 1))
        (order.connections, order.seconds, order.warmupSeconds) = (connections, seconds, 0)
        order.expected = Sighting(of: #""eligible":"#)
        return order
    }

    private func load(_ order: LoadOrder) throws -> LoadResult {
        var driver = try Driver(order)
        return try driver.run()
    }

    @Test func everyAnswerIsCountedOnce() throws {
        let server = try LocalServer { _ in .body(Self.right) }
        defer { server.close() }
        let result = try load(order(server, seconds: 0.5))
        #expect(result.errors == 0)
        #expect(result.answered > 0)
        // What was sent within the time and answered after it has a latency, and is no answer of the time.
        #expect(result.latencies.count == server.count)
        #expect((0...4).contains(server.count - result.answered))
        #expect(server.firstBodies.allSatisfy { $0.contains("@") && $0.hasPrefix(#"{"address":"person"#) })
    }

    @Test func answersInChunksAreWhole() throws {
        let server = try LocalServer { _ in .chunks(#"{"eli"#, #"gible":true}"#) }
        defer { server.close() }
        let result = try load(order(server, seconds: 0.2))
        #expect(result.errors == 0)
        #expect(result.answered > 0)
    }

    @Test func aFastWrongAnswerIsNoAnswer() throws {
        let wrong = try LocalServer { _ in .body(#"{"error":true}"#) }
        let refusing = try LocalServer { _ in .status(503) }
        let torn = try LocalServer { number in number <= 50 ? .hangUp : .body(Self.right) }
        defer { for server in [wrong, refusing, torn] { server.close() } }

        let wrongResult = try load(order(wrong, seconds: 0.2))
        #expect(wrongResult.answered == 0)
        #expect(wrongResult.wrongBodies == wrong.count)
        #expect(wrongResult.latencies.count == 0)

        let refused = try load(order(refusing, seconds: 0.2))
        #expect(refused.answered == 0)
        #expect(refused.refusals == [503: refusing.count])
        #expect(refused.errorText == "\(refusing.count) × 503")

        let broken = try load(order(torn, seconds: 0.5))
        #expect(broken.broken == 50)
        #expect(broken.answered > 0)
    }

    @Test func aStallShowsInAnOpenLoopForAllThatWereDue() throws {
        // Of 400 requests in 2 s, those of the second in which nobody was served were due and late.
        let server = try LocalServer { number in
            number == 100 ? .stall(milliseconds: 1_000, Self.right) : .body(Self.right)
        }
        defer { server.close() }
        var order = try order(server, seconds: 2)
        order.pace = .open(perSecond: 200)
        let result = try load(order)
        #expect(result.errors == 0)
        #expect(result.latencies.count == 400)
        #expect(server.count == 400)
        #expect(result.latencies.milliseconds(at: 99) >= 900)
        #expect(result.latencies.milliseconds(at: 80) >= 500)
    }

    @Test func whatNobodyAnswersIsNotForgotten() throws {
        let server = try LocalServer { number in
            number == 20 ? .stall(milliseconds: 7_000, Self.right) : .body(Self.right)
        }
        defer { server.close() }
        var order = try order(server, seconds: 0.5)
        order.pace = .open(perSecond: 100)
        let result = try load(order)
        #expect(result.latencies.count == 50)
        #expect(result.unanswered == 31)
        #expect(result.latencies.milliseconds(at: 99) >= Double(Driver.graceSecondsMax) * 1_000)
    }

    @Test func theEdgesOfTheTimeAreSaidOnce() throws {
        let server = try LocalServer { _ in .body(Self.right) }
        defer { server.close() }
        var edges: [WindowEdge] = []
        var driver = try Driver(try order(server, seconds: 0.1))
        _ = try driver.run { edges.append($0) }
        #expect(edges == [.begin, .end])
    }

    @Test func nobodyAtThePortIsSaid() throws {
        let server = try LocalServer { _ in .hangUp }
        let order = try order(server, seconds: 0.1)
        server.close()
        #expect(throws: BenchFault.self) {
            var driver = try Driver(order)
            while true { _ = try driver.run() }
        }
    }

    @Test func aStreamCountsTheRowsThatComeBack() throws {
        let server = try LocalServer { _ in .body("address,eligible\n" + String(repeating: "x,true\n", count: 5_000)) }
        defer { server.close() }
        let stream = ScrubStream(
            target: Target(host: "127.0.0.1", port: server.port, path: "/v1/scrub"), headers: [],
            people: AddressBook(count: 1_000, seed: 1), rows: 5_000, seed: 1)
        let outcome = try stream.run()
        #expect(outcome.status == 200)
        #expect(outcome.rowsBack == 5_000)
    }
}
