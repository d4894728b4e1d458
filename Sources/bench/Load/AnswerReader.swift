import Glibc

/// Reads one HTTP/1.1 answer after another from bytes that may be cut anywhere (RFC 9112): its status, and a body of a
/// stated length or in chunks.
struct AnswerReader {
    /// How far the answer is.
    enum Progress {
        case unfinished
        case finished
        /// These are not the bytes of an answer to one request.
        case nonsense
    }

    private enum Phase: Equatable {
        case statusLine, field, chunkSize, chunkEnd, trailer
        case body(left: Int)
        case chunk(left: Int)
        case end
    }

    /// A line longer than this is nonsense.
    private static let lineBytesMax = 16_384

    /// The status code; 0 until its line has come.
    private(set) var status = 0
    /// Whether the server closes the connection after this answer.
    private(set) var isLast = false
    private var phase = Phase.statusLine
    private var length: Int?
    private var isChunked = false
    /// The begin of a line whose end has not come.
    private var begun: [UInt8] = []

    /// Makes ready for the next answer of the connection.
    mutating func begin() {
        (status, isLast, phase, length, isChunked) = (0, false, .statusLine, nil, false)
        begun.removeAll(keepingCapacity: true)
    }

    /// Takes the next bytes; hands pieces of the body on as they come.
    mutating func take(_ bytes: UnsafeRawBufferPointer, body: (UnsafeRawBufferPointer) -> Void) -> Progress {
        var rest = bytes
        while !rest.isEmpty {
            switch phase {
            case .end: return .nonsense
            case .body(let left):
                let piece = Self.cut(&rest, left)
                body(piece)
                phase = left == piece.count ? .end : .body(left: left - piece.count)
            case .chunk(let left):
                let piece = Self.cut(&rest, left)
                body(piece)
                phase = left == piece.count ? .chunkEnd : .chunk(left: left - piece.count)
            case .statusLine, .field, .chunkSize, .chunkEnd, .trailer:
                guard takeLine(&rest) else { return .nonsense }
            }
        }
        return phase == .end ? .finished : .unfinished
    }

    private static func cut(_ rest: inout UnsafeRawBufferPointer, _ count: Int) -> UnsafeRawBufferPointer {
        let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        return piece
    }

    /// Takes one line, or the part of it that is there; false for nonsense.
    private mutating func takeLine(_ rest: inout UnsafeRawBufferPointer) -> Bool {
        guard let start = rest.baseAddress, let end = memchr(start, Int32(UInt8(ascii: "\n")), rest.count) else {
            begun.append(contentsOf: rest)
            rest = UnsafeRawBufferPointer(start: nil, count: 0)
            return begun.count <= Self.lineBytesMax
        }
        let piece = Self.cut(&rest, UnsafeRawPointer(end) - start + 1)
        if begun.isEmpty { return read(line: Self.trimmed(piece)) }
        begun.append(contentsOf: piece)
        let whole = begun
        begun.removeAll(keepingCapacity: true)
        return whole.withUnsafeBytes { read(line: Self.trimmed($0)) }
    }

    /// Without its line end.
    private static func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var line = line.dropLast()
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return UnsafeRawBufferPointer(rebasing: line)
    }

    private mutating func read(line: UnsafeRawBufferPointer) -> Bool {
        switch phase {
        case .statusLine: return read(statusLine: line)
        case .field:
            if line.isEmpty { return endHead() }
            return read(field: line)
        case .chunkSize:
            guard let size = Self.number(line.prefix { $0 != UInt8(ascii: ";") }, radix: 16) else { return false }
            phase = size == 0 ? .trailer : .chunk(left: size)
        case .chunkEnd:
            guard line.isEmpty else { return false }
            phase = .chunkSize
        case .trailer:
            if line.isEmpty { phase = .end }
        case .body, .chunk, .end: return false
        }
        return true
    }

    private mutating func read(statusLine line: UnsafeRawBufferPointer) -> Bool {
        // `HTTP/1.1 200 OK`
        guard line.count >= 12, line.starts(with: "HTTP/1.".utf8),
            let status = Self.number(line.dropFirst(9).prefix(3), radix: 10)
        else { return false }
        self.status = status
        phase = .field
        return true
    }

    private mutating func read(field line: UnsafeRawBufferPointer) -> Bool {
        // Few fields matter, and their first letters tell most of the others apart.
        guard let first = line.first.map({ $0 | 0x20 }), first == UInt8(ascii: "c") || first == UInt8(ascii: "t") else {
            return true
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
        switch colon {
        case 14 where Self.equals(line[..<colon], "content-length"):
            length = Self.number(value, radix: 10)
            return length != nil
        case 17 where Self.equals(line[..<colon], "transfer-encoding"):
            isChunked = Self.equals(value, "chunked")
            return isChunked
        case 10 where Self.equals(line[..<colon], "connection"): isLast = Self.equals(value, "close")
        default: break
        }
        return true
    }

    /// Without a length and without chunks a body would end with the connection, which tells a whole one from a torn one
    /// no more.
    private mutating func endHead() -> Bool {
        if isChunked {
            phase = .chunkSize
            return true
        }
        guard let length else { return false }
        phase = length == 0 ? .end : .body(left: length)
        return true
    }

    private static func equals(_ bytes: Slice<UnsafeRawBufferPointer>, _ word: StaticString) -> Bool {
        bytes.count == word.utf8CodeUnitCount
            && zip(bytes, UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
                .allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>, radix: Int) -> Int? {
        guard (1...15).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            let worth: UInt8 =
                switch digit {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
                case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
                default: .max
                }
            guard Int(worth) < radix else { return nil }
            value = value * radix + Int(worth)
        }
        return value
    }
}
