/// Where the parts of an address lie in the octets in which somebody wrote it.
///
/// The octets are UTF-8; those from 0x80 on pass as text here and are judged by ``UnicodeForm``. Ranges are of the span
/// that was read, and every function is to be given that same span.
struct WrittenAddress {
    let localPart: Range<Int>
    let isQuoted: Bool
    let domain: Range<Int>

    init(_ octets: Span<UInt8>) throws(AddressError) {
        var whole = Self.trimmed(octets, 0..<octets.count)
        if whole.isEmpty { throw .empty }
        let opens = octets[whole.lowerBound] == UInt8(ascii: "<")
        let closes = octets[whole.upperBound - 1] == UInt8(ascii: ">")
        if opens != closes { throw .angleBrackets }
        if opens {
            whole = Self.trimmed(octets, whole.lowerBound + 1..<whole.upperBound - 1)
            if whole.isEmpty { throw .empty }
        }
        if whole.count > Address.inputOctetsMax { throw .addressTooLong }

        var at = whole.upperBound - 1
        while at >= whole.lowerBound, octets[at] != UInt8(ascii: "@") { at -= 1 }
        if at < whole.lowerBound { throw .atSignMissing }
        localPart = whole.lowerBound..<at
        domain = at + 1..<whole.upperBound
        if localPart.isEmpty { throw .localPartEmpty }
        if domain.isEmpty { throw .domainEmpty }
        isQuoted = octets[whole.lowerBound] == UInt8(ascii: "\"")
    }

    /// The canonical form of the address and the octets of its local part.
    ///
    /// Plain ASCII, which nearly every address is, is lowered straight into the result without any Unicode table.
    func canonical(of octets: Span<UInt8>) throws(AddressError) -> (text: String, localPartOctets: UInt8) {
        let domainWriting = try Domain.survey(octets, domain)
        if let name = try plainDomain(in: octets, domainWriting) {
            return (Self.lowered(octets, localPart, name), UInt8(localPart.count))
        }
        let local = try LocalPart.canonical(octets, localPart, isQuoted: isQuoted)
        if local.count > Address.localPartOctetsMax { throw .localPartTooLong }
        let name = try Domain.canonical(octets, domain, written: domainWriting)
        if local.count + 1 + name.utf8.count > Address.octetsMax { throw .addressTooLong }
        return (String(decoding: local, as: UTF8.self) + "@" + name, UInt8(local.count))
    }

    /// The domain where the whole address is plain ASCII, so that its canonical form is both parts in lower case; nil where
    /// it takes more.
    func plainDomain(in octets: Span<UInt8>) throws(AddressError) -> Range<Int>? {
        try plainDomain(in: octets, Domain.survey(octets, domain))
    }

    private func plainDomain(
        in octets: Span<UInt8>, _ writing: Domain.Writing
    ) throws(AddressError) -> Range<Int>? {
        guard !isQuoted else { return nil }
        if let fault = LocalPart.fault(octets, localPart) { throw fault }
        for index in localPart where octets[index] >= 0x80 { return nil }
        guard case .ascii(let name) = writing else { return nil }
        if localPart.count > Address.localPartOctetsMax { throw .localPartTooLong }
        if localPart.count + 1 + name.count > Address.octetsMax { throw .addressTooLong }
        return name
    }

    private static func lowered(_ octets: Span<UInt8>, _ localPart: Range<Int>, _ domain: Range<Int>) -> String {
        String(unsafeUninitializedCapacity: localPart.count + 1 + domain.count) { text in
            var end = 0
            for index in localPart {
                text[end] = octets[index].asciiLowered
                end += 1
            }
            text[end] = UInt8(ascii: "@")
            end += 1
            for index in domain {
                text[end] = octets[index].asciiLowered
                end += 1
            }
            return end
        }
    }

    /// The range without the white space (Unicode White_Space) at its ends.
    static func trimmed(_ octets: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let octet = octets[low]
            if octet.isASCIIWhiteSpace {
                low += 1
            } else if octet >= 0x80, high - low >= 2, isWhiteSpace(octet, octets[low + 1]) {
                low += 2
            } else if octet >= 0x80, high - low >= 3, isWhiteSpace(octet, octets[low + 1], octets[low + 2]) {
                low += 3
            } else {
                break
            }
        }
        while low < high {
            let octet = octets[high - 1]
            if octet.isASCIIWhiteSpace {
                high -= 1
            } else if octet >= 0x80, high - low >= 2, isWhiteSpace(octets[high - 2], octet) {
                high -= 2
            } else if octet >= 0x80, high - low >= 3, isWhiteSpace(octets[high - 3], octets[high - 2], octet) {
                high -= 3
            } else {
                break
            }
        }
        return low..<high
    }

    /// U+0085 and U+00A0.
    private static func isWhiteSpace(_ first: UInt8, _ second: UInt8) -> Bool {
        first == 0xC2 && (second == 0x85 || second == 0xA0)
    }

    /// U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000.
    private static func isWhiteSpace(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
        switch (first, second, third) {
        case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9),
            (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
            true
        default:
            false
        }
    }
}

extension UInt8 {
    /// Itself, or the small letter of an ASCII capital.
    var asciiLowered: UInt8 { isASCIICapital ? self | 0x20 : self }

    /// Whether this is one of A to Z.
    var isASCIICapital: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }

    /// Whether this is one of 0 to 9.
    var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Whether this is an ASCII letter or digit.
    var isASCIILetterOrDigit: Bool {
        let small = self | 0x20
        return (small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z")) || isASCIIDigit
    }

    /// Whether this is a space, tab, line feed, vertical tab, form feed or carriage return.
    var isASCIIWhiteSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
}
