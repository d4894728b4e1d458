/// One connection of the driver and the request that is on it.
final class Line {
    let index: Int
    var socket: Socket
    var isBusy = false
    /// When the request was due, in monotonic nanoseconds.
    private(set) var due: UInt64 = 0
    /// What of the request has not been sent.
    var unsent: ArraySlice<UInt8> = []
    private(set) var reader = AnswerReader()
    private(set) var expected: Sighting

    init(_ socket: Socket, _ index: Int, _ expected: Sighting) {
        (self.socket, self.index, self.expected) = (socket, index, expected)
    }

    /// Whether the answer is what was hoped for.
    var isRight: Bool { reader.status == 200 && expected.isEnough }

    func begin(due: UInt64) {
        (self.due, isBusy) = (due, true)
        reader.begin()
        expected.begin()
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> AnswerReader.Progress {
        var expected = expected
        defer { self.expected = expected }
        return reader.take(bytes) { expected.look(at: $0) }
    }

    /// Connections in the order in which they became free.
    struct Queue {
        private var lines: [Line] = []
        private var first = 0

        var count: Int { lines.count - first }

        mutating func append(_ line: Line) { lines.append(line) }

        mutating func removeFirst() -> Line? {
            guard first < lines.count else { return nil }
            let line = lines[first]
            first += 1
            if first >= 1_024 {
                lines.removeFirst(first)
                first = 0
            }
            return line
        }
    }
}
