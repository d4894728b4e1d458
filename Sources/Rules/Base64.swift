/// Base64 as RFC 4648 defines it, read strictly: one text for the same octets and no other.
public enum Base64 {
    /// The two alphabets.
    enum Alphabet {
        /// Section 4, with padding.
        case standard
        /// Section 5, without padding: fit for a URL.
        case url
    }

    /// The octets of a text; nil where a character, the padding or a bit left over is wrong.
    static func decoded(_ text: ArraySlice<UInt8>, _ alphabet: Alphabet) -> [UInt8]? {
        var digits = text
        if alphabet == .standard {
            guard text.count.isMultiple(of: 4) else { return nil }
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count / 4 * 3 + 2)
        var (bits, bitCount): (UInt32, UInt32) = (0, 0)
        for digit in digits {
            guard let value = value(of: digit, alphabet) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                octets.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        return bits == 0 ? octets : nil
    }

    /// The text of the octets, for a URL and without padding.
    static func url(_ octets: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(octets.underestimatedCount / 3 * 4 + 4)
        var (bits, bitCount): (UInt32, UInt32) = (0, 0)
        for octet in octets {
            bits = bits << 8 | UInt32(octet)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(digit(bits >> bitCount & 0x3F))
            }
            bits &= (1 << bitCount) - 1
        }
        if bitCount > 0 { text.append(digit(bits << (6 - bitCount) & 0x3F)) }
        return text
    }

    private static func value(of digit: UInt8, _ alphabet: Alphabet) -> UInt32? {
        switch (digit, alphabet) {
        case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(digit - UInt8(ascii: "A"))
        case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(digit - UInt8(ascii: "a")) + 26
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(digit - UInt8(ascii: "0")) + 52
        case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .url): 62
        case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .url): 63
        default: nil
        }
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }
}

extension Base64 {
    /// The text of these octets in the standard alphabet, with padding.
    public static func encoded(_ octets: [UInt8]) -> String {
        let text = url(octets).map { unit in
            switch unit {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: unit
            }
        }
        let padding = (4 - text.count % 4) % 4
        return String(decoding: text, as: UTF8.self) + String(repeating: "=", count: padding)
    }

    /// The octets of a text in the standard alphabet; nil where a character, the padding or a bit left over is wrong.
    public static func decoded(_ text: some StringProtocol) -> [UInt8]? {
        decoded(Array(text.utf8)[...], .standard)
    }
}
