import Testing

@testable import bench

@Suite struct LoadPartTests {
    @Test(arguments: [1, 2, 3, 7, 1_000]) func anAnswerMayBeCutAnywhere(piece: Int) throws {
        let text = """
            HTTP/1.1 200 OK\r\nContent-type: text/csv\r\nTRANSFER-encoding: Chunked\r\nConnection: close\r\n\r\n\
            5;note=1\r\nhello\r\nA\r\n, everyone\r\n0\r\nTrailer: x\r\n\r\n
            """
        var reader = AnswerReader()
        var body: [UInt8] = []
        var progress = AnswerReader.Progress.unfinished
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            #expect(progress == .unfinished)
            bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { cut in
                progress = reader.take(cut) { body += $0 }
            }
        }
        #expect(progress == .finished)
        #expect(reader.status == 200)
        #expect(reader.isLast)
        #expect(String(decoding: body, as: UTF8.self) == "hello, everyone")
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
    ]) func whatIsNoAnswerIsNonsense(text: String) {
        var reader = AnswerReader()
        let progress = Array(text.utf8).withUnsafeBytes { reader.take($0) { _ in } }
        #expect(progress == .nonsense)
    }

    @Test(arguments: 1...40) func aWordIsFoundWhereverTheBodyIsCut(piece: Int) {
        let body = Array(#"[{"eligible":true},{"eli"eligible":false},{"eligible":true},"eligible"]"#.utf8)
        var sighting = Sighting(of: #""eligible":"#, times: 10)
        for start in stride(from: 0, to: body.count, by: piece) {
            body[start..<min(start + piece, body.count)].withUnsafeBytes { sighting.look(at: $0) }
        }
        #expect(sighting.count == 3)
        #expect(!sighting.isEnough)
        sighting.begin()
        #expect(sighting.count == 0)
    }

    @Test func aScheduleIsEven() {
        let schedule = Schedule(start: 1_000, perSecond: 4)
        #expect(schedule.due(0) == 1_000)
        #expect(schedule.due(6) == 1_500_001_000)
    }

    @Test func aRequestHasItsLengthAndItsPeople() throws {
        let target = try Target(parsing: "http://127.0.0.1:8080/v1/eligibility")
        var request = try RequestText(
            to: target, headers: ["X-One: 1"], body: #"{"n":{n},"all":[{addresses:3}]}"#,
            people: AddressBook(count: 50, seed: 3), seed: 9)
        var bytes: [UInt8] = []
        request.write(into: &bytes)
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n\r\n")
        #expect(parts[0].hasPrefix("POST /v1/eligibility HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"))
        #expect(parts[0].contains("\r\nX-One: 1\r\n"))
        #expect(parts[0].hasSuffix("Content-Length: \(parts[1].utf8.count)"))
        #expect(parts[1].count(where: { $0 == "@" }) == 3)
        let first = bytes
        request.write(into: &bytes)
        #expect(bytes != first)
    }

    @Test func wrongTargetsAndBodiesAreSaid() {
        for url in ["https://a/", "http://", "http://a:b/", "http://a:70000/", "a"] {
            #expect(throws: BenchFault.self) { try Target(parsing: url) }
        }
        #expect(throws: BenchFault.self) {
            try RequestText(
                to: Target(host: "a", port: 1, path: "/"), body: "{addresses:0}",
                people: AddressBook(count: 1, seed: 1),
                seed: 1)
        }
    }

    @Test func percentilesAreThoseOfWhatWasRecorded() {
        var latencies = Latencies()
        for millisecond in 1...1_000 { latencies.record(nanoseconds: UInt64(millisecond) * 1_000_000) }
        #expect(latencies.count == 1_000)
        let summary = latencies.summary
        // Three digits are kept.
        #expect(abs(summary.p50 - 500) <= 1)
        #expect(abs(summary.p99 - 990) <= 1)
        #expect(abs(summary.max - 1_000) <= 1)
    }

    @Test func timesOfAProcessAreReadFromItsLine() throws {
        let line: Substring = " S 17 1 1 0 -1 4194560 1 2 3 4 100 50 7 3 20 0 1 0 5 6 7"
        let times = try #require(ProcessFiles.times(parsing: line))
        #expect(times.parent == 17)
        #expect(times.own == 1_500_000_000)
        #expect(times.ended == 100_000_000)
        #expect(ProcessFiles.times(parsing: " S 17") == nil)
    }
}
