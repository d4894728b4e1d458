import CZlib

/// What zlib makes of the bytes: with a gzip envelope, or bare as in a zip archive.
func deflated(_ bytes: [UInt8], gzip: Bool = false) -> [UInt8] {
    var stream = z_stream()
    let windowBits: Int32 = gzip ? 31 : -15
    deflateInit2_(
        &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 1_024)
    let written = input.withUnsafeMutableBufferPointer { from in
        output.withUnsafeMutableBufferPointer { to in
            stream.next_in = from.baseAddress
            stream.avail_in = UInt32(from.count)
            stream.next_out = to.baseAddress
            stream.avail_out = UInt32(to.count)
            _ = deflate(&stream, Z_FINISH)
            return to.count - Int(stream.avail_out)
        }
    }
    return Array(output.prefix(written))
}

/// A zip archive, made file by file.
struct ZipMaker {
    /// How a file's lengths are told.
    enum Lengths: CaseIterable {
        case before, beforeIn64Bits, behind, behindUnsigned, behindIn64Bits
    }

    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var files = 0
    var flags: UInt64 = 0
    var checksumOffset: UInt64 = 0

    private static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    mutating func add(_ name: String, _ content: [UInt8], stored: Bool = false, _ lengths: Lengths = .before) {
        let packed = stored ? content : deflated(content)
        let checksum =
            UInt64(content.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) })
            ^ checksumOffset
        let isBehind = lengths != .before && lengths != .beforeIn64Bits
        let in64Bits = lengths == .beforeIn64Bits || lengths == .behindIn64Bits
        let method: UInt64 = stored ? 0 : 8
        let shown: (UInt64, UInt64) = (UInt64(packed.count), UInt64(content.count))
        let start = UInt64(bytes.count)
        let extra: [UInt8] =
            lengths == .beforeIn64Bits
            ? Self.number(1, 2) + Self.number(16, 2) + Self.number(shown.1, 8) + Self.number(shown.0, 8) : []
        bytes += [0x50, 0x4B, 3, 4] + Self.number(45, 2) + Self.number(flags | (isBehind ? 8 : 0), 2)
        bytes += Self.number(method, 2) + [0, 0, 0, 0] + Self.number(isBehind ? 0 : checksum, 4)
        let written: (UInt64, UInt64) = isBehind ? (0, 0) : in64Bits ? (0xFFFF_FFFF, 0xFFFF_FFFF) : shown
        bytes += Self.number(written.0, 4) + Self.number(written.1, 4)
        bytes += Self.number(UInt64(name.utf8.count), 2) + Self.number(UInt64(extra.count), 2)
        bytes += Array(name.utf8) + extra + packed
        if isBehind {
            if lengths != .behindUnsigned { bytes += [0x50, 0x4B, 7, 8] }
            let width = in64Bits ? 8 : 4
            bytes += Self.number(checksum, 4) + Self.number(shown.0, width) + Self.number(shown.1, width)
        }
        directory += [0x50, 0x4B, 1, 2] + Self.number(45, 2) + Self.number(45, 2) + Self.number(flags, 2)
        directory += Self.number(method, 2) + [0, 0, 0, 0] + Self.number(checksum, 4)
        directory += Self.number(shown.0, 4) + Self.number(shown.1, 4)
        directory += Self.number(UInt64(name.utf8.count), 2) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        directory += Self.number(start, 4) + Array(name.utf8)
        files += 1
    }

    /// The whole archive.
    func finished(listing: Int? = nil) -> [UInt8] {
        bytes + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + Self.number(UInt64(files), 2)
            + Self.number(UInt64(files), 2) + Self.number(UInt64(directory.count), 4)
            + Self.number(UInt64(bytes.count), 4) + [0, 0]
    }
}
