/// Turns the bytes of a file into UTF-8, in pieces of any size. What does not fit the encoding becomes a byte that UTF-8
/// never has, so that the row it stands in is refused and no other.
struct CSVDecoder: Sendable {
    private static let misfit: UInt8 = 0xFF

    private let encoding: CSVEncoding
    /// The first byte of a UTF-16 unit cut by the end of a piece.
    private var half: UInt8?
    /// A high surrogate whose low one has not come yet.
    private var high: UInt32?

    init(_ encoding: CSVEncoding) {
        self.encoding = encoding
    }

    mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
        switch encoding {
        case .utf8: output.append(contentsOf: bytes)
        case .windows1252:
            output.reserveCapacity(output.count + bytes.count)
            for byte in bytes { Self.append(Self.windows1252(byte), to: &output) }
        case .utf16LittleEndian, .utf16BigEndian:
            for byte in bytes {
                guard let first = half else {
                    half = byte
                    continue
                }
                half = nil
                let unit = encoding == .utf16LittleEndian ? (byte, first) : (first, byte)
                take(UInt32(unit.0) << 8 | UInt32(unit.1), into: &output)
            }
        }
    }

    /// Half a character at the end of the file fits no encoding.
    mutating func finish(into output: inout [UInt8]) {
        if high != nil { output.append(Self.misfit) }
        if half != nil { output.append(Self.misfit) }
        high = nil
        half = nil
    }

    private mutating func take(_ unit: UInt32, into output: inout [UInt8]) {
        if let first = high {
            high = nil
            if (0xDC00...0xDFFF).contains(unit) {
                Self.append(0x10000 + (first - 0xD800) << 10 + (unit - 0xDC00), to: &output)
                return
            }
            output.append(Self.misfit)
        }
        switch unit {
        case 0xD800...0xDBFF: high = unit
        case 0xDC00...0xDFFF: output.append(Self.misfit)
        default: Self.append(unit, to: &output)
        }
    }

    /// Appends the UTF-8 of a scalar value below 0x110000 that is no surrogate.
    private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F }
        switch scalar {
        case 0..<0x80: output.append(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            output.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            output.append(continuation(0))
        case 0x800..<0x10000:
            output.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            output.append(continuation(6))
            output.append(continuation(0))
        default:
            output.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
            output.append(continuation(12))
            output.append(continuation(6))
            output.append(continuation(0))
        }
    }

    private static func windows1252(_ byte: UInt8) -> UInt32 {
        (0x80...0x9F).contains(byte) ? upper[Int(byte - 0x80)] : UInt32(byte)
    }

    /// 0x80 to 0x9F of Windows-1252; 81, 8D, 8F, 90 and 9D are unassigned.
    private static let upper: [UInt32] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
        0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
    ]
}
