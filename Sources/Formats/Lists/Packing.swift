/// How a file is packed.
public enum Packing: String, Sendable, CaseIterable {
    case plain
    case gzip
    case zip

    /// Bytes that tell whether something is packed.
    static let markBytes = 4

    /// How something that begins with these bytes is packed; nil: it is not.
    init?(mark bytes: some Sequence<UInt8>) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            self = .zip
        } else {
            return nil
        }
    }
}

/// Bytes that come and are taken from the front.
struct ByteQueue: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var start = 0

    var count: Int { bytes.count - start }

    mutating func append(_ more: [UInt8]) {
        if start == bytes.count {
            bytes = more
            start = 0
            return
        }
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += more
    }

    mutating func drop(_ count: Int) { start = min(bytes.count, start + count) }

    /// Takes up to so many.
    mutating func take(_ count: Int) -> [UInt8] {
        let taken = min(count, self.count)
        defer { drop(taken) }
        return taken == bytes.count ? bytes : Array(bytes[start..<(start + taken)])
    }

    /// The byte at this place from the front; 0 behind the end.
    func byte(_ offset: Int) -> UInt8 { offset >= 0 && offset < count ? bytes[start + offset] : 0 }

    /// A number written from its lowest byte up.
    func number(_ offset: Int, bytes width: Int) -> UInt64 {
        (0..<width).reduce(0) { $0 | UInt64(byte(offset + $1)) << (8 * UInt64($1)) }
    }

    func starts(with wanted: [UInt8]) -> Bool {
        count >= wanted.count && wanted.indices.allSatisfy { byte($0) == wanted[$0] }
    }

    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { all throws(Failure) in
            try body(UnsafeBufferPointer(rebasing: all[start...]))
        }
    }
}

/// What has gone in and come out, held against the limits.
struct UnpackTally: Sendable {
    private(set) var packed = 0
    private(set) var unpacked = 0

    mutating func count(packed more: Int) { packed += more }

    mutating func count(unpacked more: Int) throws(UnpackError) {
        unpacked += more
        if unpacked > unpackedBytesMax { throw .bytesMax }
        if unpacked > unpackedRatioFreeBytes, unpacked / unpackedRatioMax > packed { throw .ratioMax }
    }
}

/// What comes out of a packed file.
enum UnpackedPiece: Sendable {
    /// A file inside begins.
    case file(name: String)
    case bytes([UInt8])
    /// The file ends.
    case end
}

/// Bytes of content that come out at a time.
let unpackedPieceBytes = 64 * 1_024
