import Glibc

/// One request and its answer, waited for; for what is not measured.
enum Exchange {
    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    /// The longest wait.
    private static let secondsMax = 30.0

    static func ask(_ target: Target, _ request: RequestText) throws(BenchFault) -> Answer {
        let socket = try Socket(to: target)
        defer { socket.close() }
        var request = request
        var text: [UInt8] = []
        request.write(into: &text)
        var reader = AnswerReader()
        var body: [UInt8] = []
        var unsent = text[...]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let end = MonotonicClock.nanoseconds + UInt64(secondsMax * 1_000_000_000)
        while MonotonicClock.nanoseconds < end {
            socket.wait(isWriting: !unsent.isEmpty)
            if !unsent.isEmpty, case .bytes(let count) = unsent.withUnsafeBytes({ socket.write($0) }) {
                unsent = unsent.dropFirst(count)
            }
            switch buffer.withUnsafeMutableBytes({ socket.read(into: $0) }) {
            case .later: continue
            case .ended: throw BenchFault("the server at port \(target.port) closed without an answer")
            case .bytes(let count):
                let progress = buffer.withUnsafeBytes { bytes in
                    reader.take(UnsafeRawBufferPointer(rebasing: bytes.prefix(count))) { body += $0 }
                }
                switch progress {
                case .unfinished: continue
                case .finished: return Answer(status: reader.status, body: body)
                case .nonsense: throw BenchFault("the server at port \(target.port) does not speak HTTP/1.1")
                }
            }
        }
        throw BenchFault("the server at port \(target.port) did not answer in \(secondsMax) s")
    }
}

extension Socket {
    /// Waits for a moment until there is something to read, or to write where that is wished for.
    func wait(isWriting: Bool) {
        let millisecondsMax: Int32 = 100
        var one = pollfd(fd: descriptor, events: Int16(POLLIN | (isWriting ? POLLOUT : 0)), revents: 0)
        poll(&one, 1, millisecondsMax)
    }
}
