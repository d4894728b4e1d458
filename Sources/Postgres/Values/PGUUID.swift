/// Sixteen bytes (`uuid`), ordered as the server orders them.
public struct PGUUID: Hashable, Comparable, Sendable, CustomStringConvertible, PostgresElement {
    /// The first eight bytes, read as a number in network byte order.
    public var high: UInt64
    /// The last eight.
    public var low: UInt64

    /// Of two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Of exactly sixteen bytes, else nil.
    public init?(bytes: some Sequence<UInt8>) {
        var halves: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in bytes {
            guard count < 16 else { return nil }
            halves.0 = halves.0 << 8 | halves.1 >> 56
            halves.1 = halves.1 << 8 | UInt64(byte)
            count += 1
        }
        guard count == 16 else { return nil }
        self.init(high: halves.0, low: halves.1)
    }

    /// Of RFC 9562's text: 32 hexadecimal digits, hyphens after the 8th, 12th, 16th and 20th; else nil.
    public init?(_ text: some StringProtocol) {
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for character in text.utf8 {
            let isHyphenDue = position == 8 || position == 13 || position == 18 || position == 23
            position += 1
            guard !isHyphenDue else {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard digits < 32, let digit = Self.digit(character) else { return nil }
            halves.0 = halves.0 << 4 | halves.1 >> 60
            halves.1 = halves.1 << 4 | digit
            digits += 1
        }
        guard digits == 32 else { return nil }
        self.init(high: halves.0, low: halves.1)
    }

    private static func digit(_ character: UInt8) -> UInt64? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(character - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(character - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The sixteen bytes.
    public var bytes: [UInt8] {
        (0..<16).map { (index: Int) -> UInt8 in
            let half = index < 8 ? high : low
            return UInt8(truncatingIfNeeded: half >> UInt64(8 * (7 - index % 8)))
        }
    }

    /// RFC 9562's text in lower case.
    public var description: String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Byte by byte.
    public static func < (left: PGUUID, right: PGUUID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    /// `uuid`
    public static var postgresType: OID { 2950 }
    /// `uuid[]`
    public static var postgresArrayType: OID { 2951 }

    /// Sixteen bytes.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        buffer.append(high)
        buffer.append(low)
    }

    /// Sixteen bytes, no other width.
    public static func decode(_ cell: Cell) throws(ValueReason) -> PGUUID {
        let bytes = try cell.present()
        guard bytes.count == 16 else { throw .length }
        return PGUUID(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
