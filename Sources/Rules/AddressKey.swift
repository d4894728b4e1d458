/// The keyed digest of an address, an alias form or a domain: 16 octets, stored as `uuid`.
///
/// It is the only identifier in the decision path. The order is that of the octets, which is PostgreSQL's order of
/// `uuid`. The value is a digest, not a UUID of any version of RFC 9562.
public struct AddressKey: Hashable, Sendable {
    /// The octets of a key.
    public static let octetCount = 16

    /// The first eight octets, the first of them in the highest place.
    public let high: UInt64
    /// The last eight octets, the first of them in the highest place.
    public let low: UInt64

    /// Makes a key of its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a key of exactly 16 octets; nil for any other number.
    public init?(octets: Span<UInt8>) {
        guard octets.count == Self.octetCount else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            high = high << 8 | UInt64(octets[index])
            low = low << 8 | UInt64(octets[index + 8])
        }
        self.init(high: high, low: low)
    }

    /// Reads the text form of a `uuid`, 8-4-4-4-12 hexadecimal digits in either case; nil for any other text.
    public init?(uuid text: some StringProtocol) {
        var (high, low): (UInt64, UInt64) = (0, 0)
        var position = 0
        for octet in text.utf8 {
            if Self.isHyphenPosition(position) {
                guard octet == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = Self.hexDigit(octet) else { return nil }
                high = high << 4 | low >> 60
                low = low << 4 | digit
            }
            position += 1
            if position > Self.uuidTextOctets { return nil }
        }
        guard position == Self.uuidTextOctets else { return nil }
        self.init(high: high, low: low)
    }

    /// The 16 octets, first to last.
    public var octets: [UInt8] {
        [high, low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }

    private static let uuidTextOctets = 36

    private static func isHyphenPosition(_ position: Int) -> Bool {
        position == 8 || position == 13 || position == 18 || position == 23
    }

    private static func hexDigit(_ octet: UInt8) -> UInt64? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(octet - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(octet - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(octet - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension AddressKey: Comparable {
    /// Whether the octets of one key come before those of the other, as PostgreSQL orders `uuid`.
    public static func < (left: AddressKey, right: AddressKey) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension AddressKey: CustomStringConvertible {
    /// The text form of a `uuid`, in lower case.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(Self.uuidTextOctets)
        for half in [high, low] {
            for shift in stride(from: UInt64(60), through: 0, by: -4) {
                if Self.isHyphenPosition(text.count) { text.append(UInt8(ascii: "-")) }
                let digit = UInt8(half >> shift & 0xF)
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
