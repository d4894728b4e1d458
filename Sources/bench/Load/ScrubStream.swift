/// Sends one long list to a route that answers while it is still coming in, and counts what comes back.
struct ScrubStream {
    let target: Target
    /// Header lines beside those of the list itself.
    let headers: [String]
    let people: AddressBook
    let rows: Int
    let seed: UInt64

    /// What came of it.
    struct Outcome {
        var status = 0
        /// Lines of the answer, without the one of headings.
        var rowsBack = 0
        var seconds = 0.0
        /// Seconds after which the first piece of the answer was there.
        var firstSeconds = 0.0
        var driverNanoseconds: UInt64 = 0
    }

    /// Seconds without a byte in either direction after which it is given up.
    private static let silenceSecondsMax: UInt64 = 30
    /// Bytes of one chunk of the request.
    private static let chunkBytes = 65_536

    func run() throws(BenchFault) -> Outcome {
        let socket = try Socket(to: target)
        defer { socket.close() }
        var upload = Upload(self)
        var reader = AnswerReader()
        var outcome = Outcome()
        var newlines = 0
        var buffer = [UInt8](repeating: 0, count: 262_144)
        let begin = MonotonicClock.nanoseconds
        let driverBegin = MonotonicClock.processNanoseconds
        var last = begin
        while true {
            let now = MonotonicClock.nanoseconds
            guard now - last < Self.silenceSecondsMax * 1_000_000_000 else {
                throw BenchFault("the stream stood still for \(Self.silenceSecondsMax) s")
            }
            socket.wait(isWriting: upload.hasMore)
            if upload.hasMore, upload.push(to: socket) { last = now }
            switch buffer.withUnsafeMutableBytes({ socket.read(into: $0) }) {
            case .later: continue
            case .ended: throw BenchFault("the server ended the stream after \(newlines) rows")
            case .bytes(let count):
                last = now
                if outcome.firstSeconds == 0 { outcome.firstSeconds = Double(now - begin) / 1_000_000_000 }
                let progress = buffer.withUnsafeBytes { bytes in
                    reader.take(UnsafeRawBufferPointer(rebasing: bytes.prefix(count))) { piece in
                        for byte in piece where byte == UInt8(ascii: "\n") { newlines += 1 }
                    }
                }
                if progress == .nonsense { throw BenchFault("the server does not speak HTTP/1.1") }
                guard progress == .finished else { continue }
                outcome.status = reader.status
                outcome.rowsBack = max(0, newlines - 1)
                outcome.seconds = Double(MonotonicClock.nanoseconds - begin) / 1_000_000_000
                outcome.driverNanoseconds = MonotonicClock.processNanoseconds - driverBegin
                return outcome
            }
        }
    }

    /// The request, made piece by piece (RFC 9112 7.1).
    private struct Upload {
        private let stream: ScrubStream
        private var random: RandomNumbers
        private var sentRows = 0
        private var unsent: ArraySlice<UInt8>
        private var isEnded = false

        init(_ stream: ScrubStream) {
            self.stream = stream
            random = RandomNumbers(seed: stream.seed)
            let lines =
                [
                    "POST \(stream.target.path) HTTP/1.1", "Host: \(stream.target.host):\(stream.target.port)",
                    "Content-Type: text/csv", "Transfer-Encoding: chunked",
                ] + stream.headers
            unsent = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)[...]
            unsent += Self.chunk(Array("address\n".utf8))
        }

        var hasMore: Bool { !unsent.isEmpty || !isEnded }

        /// Sends what the connection takes; false where it took nothing.
        mutating func push(to socket: Socket) -> Bool {
            if unsent.isEmpty { unsent = next()[...] }
            guard case .bytes(let count) = unsent.withUnsafeBytes({ socket.write($0) }) else { return false }
            unsent = unsent.dropFirst(count)
            return true
        }

        private mutating func next() -> [UInt8] {
            var rows: [UInt8] = []
            rows.reserveCapacity(ScrubStream.chunkBytes + 128)
            while sentRows < stream.rows, rows.count < ScrubStream.chunkBytes {
                stream.people.append(addressOf: Int.random(in: 1...stream.people.count, using: &random), to: &rows)
                rows.append(UInt8(ascii: "\n"))
                sentRows += 1
            }
            // A chunk of no bytes ends the body.
            isEnded = rows.isEmpty
            return Self.chunk(rows)
        }

        private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
            Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
        }
    }
}
