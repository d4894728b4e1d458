/// An opt-out as it came: its token, unread, and when.
public struct SpoolRecord: Hashable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, by the clock of the machine that took it.
    public let receivedAt: Int64
    public let token: [UInt8]

    public init(receivedAt: Int64, token: [UInt8]) {
        (self.receivedAt, self.token) = (receivedAt, token)
    }
}

/// How records lie in the file: a mark, the token's length, the time, the token's checksum, the checksum of all these,
/// then the token. Numbers are little-endian.
///
/// The head has a checksum of its own, so that a write that was cut short can be told from one that was damaged later.
enum SpoolCode {
    static let fileHead = Array("maysend spool 1\n".utf8)
    static let headBytes = 24
    private static let mark: [UInt8] = [0xF5, 0x6D, 0x73, 0x01]
    private static let checkedHeadBytes = 20

    static func encode(_ record: SpoolRecord) -> [UInt8] {
        var bytes = mark
        bytes.reserveCapacity(headBytes + record.token.count)
        append(UInt32(truncatingIfNeeded: record.token.count), to: &bytes)
        append(UInt64(bitPattern: record.receivedAt), to: &bytes)
        append(checksum(record.token), to: &bytes)
        append(checksum(bytes), to: &bytes)
        return bytes + record.token
    }

    /// What lies at a place of the bytes.
    enum Found: Equatable {
        case record(SpoolRecord, next: Int)
        /// A record that goes on beyond the bytes.
        case cutShort
        /// No record; the next thing that may be one is there.
        case damaged(next: Int)
        case end
    }

    static func find(at place: Int, in bytes: [UInt8]) -> Found {
        guard place < bytes.count else { return .end }
        guard let head = Head(at: place, in: bytes) else {
            if bytes.count - place < headBytes, startsWithMark(place, bytes) { return .cutShort }
            return .damaged(next: nextMark(after: place, in: bytes))
        }
        let start = place + headBytes
        guard bytes.count - start >= head.length else { return .cutShort }
        let token = Array(bytes[start..<start + head.length])
        guard checksum(token) == head.tokenChecksum else { return .damaged(next: start + head.length) }
        return .record(SpoolRecord(receivedAt: head.receivedAt, token: token), next: start + head.length)
    }

    /// As far as there are bytes for one.
    private static func startsWithMark(_ place: Int, _ bytes: [UInt8]) -> Bool {
        zip(bytes[place...], mark).allSatisfy { $0 == $1 }
    }

    private static func nextMark(after place: Int, in bytes: [UInt8]) -> Int {
        var next = place + 1
        while next < bytes.count, Head(at: next, in: bytes) == nil {
            // The rest may be the beginning of a head.
            if bytes.count - next < headBytes, startsWithMark(next, bytes) { return next }
            next += 1
        }
        return next
    }

    /// A head whose checksum is right.
    private struct Head {
        let length: Int
        let receivedAt: Int64
        let tokenChecksum: UInt32

        init?(at place: Int, in bytes: [UInt8]) {
            guard bytes.count - place >= headBytes, startsWithMark(place, bytes) else { return nil }
            let checked = bytes[place..<place + checkedHeadBytes]
            let sum = number(UInt32.self, at: place + checkedHeadBytes, in: bytes)
            let length = Int(number(UInt32.self, at: place + 4, in: bytes))
            guard checksum(checked) == sum, (1...spoolTokenBytesMax).contains(length) else { return nil }
            self.length = length
            receivedAt = Int64(bitPattern: number(UInt64.self, at: place + 8, in: bytes))
            tokenChecksum = number(UInt32.self, at: place + 16, in: bytes)
        }
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }

    private static func number<Number: FixedWidthInteger>(
        _ type: Number.Type, at place: Int, in bytes: [UInt8]
    ) -> Number {
        var number: Number = 0
        for (index, byte) in bytes[place..<place + Number.bitWidth / 8].enumerated() {
            number |= Number(byte) << Number(8 * index)
        }
        return number
    }
}
