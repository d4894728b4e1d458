/// The rules for the part before the `@` (RFC 5321 4.1.2, RFC 6531 3.3).
///
/// Its *content* is what it says without quotes and escapes; two spellings of one content are one local part.
enum LocalPart {
    /// Why these octets may not stand before an `@` without quotes, or nil if they may.
    ///
    /// Octets from 0x80 on pass.
    static func fault(_ octets: Span<UInt8>, _ range: Range<Int>) -> AddressError? {
        var dotMayFollow = false
        for index in range {
            let octet = octets[index]
            if octet == UInt8(ascii: ".") {
                if !dotMayFollow { return .localPartDot }
                dotMayFollow = false
            } else if isAtomText(octet) {
                dotMayFollow = true
            } else {
                return fault(of: octet, before: index, octets, range)
            }
        }
        return dotMayFollow ? nil : .localPartDot
    }

    /// The local part in canonical form: content in NFC and lower case, quoted only where it must be.
    static func canonical(
        _ octets: Span<UInt8>, _ range: Range<Int>, isQuoted: Bool
    ) throws(AddressError) -> [UInt8] {
        var content = try isQuoted ? unquoted(octets, range) : range.map { octets[$0] }
        if content.isEmpty { throw .localPartEmpty }
        if content.allSatisfy({ $0 < 0x80 }) {
            for index in content.indices { content[index] = content[index].asciiLowered }
        } else {
            content = try UnicodeForm.localPart(content)
        }
        // NFC can make ASCII of what was none (U+037E is a semicolon), so what was unquoted is judged once more.
        if !isQuoted, let fault = fault(content.span, content.indices) { throw fault }
        return spelled(content)
    }

    /// A content as it is written: in quotes only where it must be, escaped only where it must be.
    static func spelled(_ content: [UInt8]) -> [UInt8] {
        if fault(content.span, content.indices) == nil { return content }
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for octet in content {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
            text.append(octet)
        }
        text.append(UInt8(ascii: "\""))
        return text
    }

    /// The content of a local part that is in canonical form already.
    static func content(ofCanonical text: Substring) -> [UInt8] {
        if text.utf8.first != UInt8(ascii: "\"") { return Array(text.utf8) }
        var content: [UInt8] = []
        var isEscaped = false
        for octet in text.utf8.dropFirst().dropLast() {
            if octet == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                content.append(octet)
                isEscaped = false
            }
        }
        return content
    }

    /// What stands between the quotes, without its escapes.
    private static func unquoted(_ octets: Span<UInt8>, _ range: Range<Int>) throws(AddressError) -> [UInt8] {
        if range.count < 2 || octets[range.upperBound - 1] != UInt8(ascii: "\"") { throw .quoting }
        var content: [UInt8] = []
        var isEscaped = false
        for index in range.lowerBound + 1..<range.upperBound - 1 {
            let octet = octets[index]
            if octet < 0x20 || octet == 0x7F { throw octet == 0x09 ? .whiteSpace : .controlCharacter }
            if isEscaped {
                if octet >= 0x80 { throw .quoting }
                content.append(octet)
                isEscaped = false
            } else if octet == UInt8(ascii: "\\") {
                isEscaped = true
            } else if octet == UInt8(ascii: "\"") {
                throw .quoting
            } else {
                content.append(octet)
            }
        }
        if isEscaped { throw .quoting }
        return content
    }

    /// RFC 5322 atext, and what RFC 6532 adds to it.
    private static func isAtomText(_ octet: UInt8) -> Bool {
        if octet >= 0x80 || octet.isASCIILetterOrDigit { return true }
        return switch octet {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    private static func fault(
        of octet: UInt8, before index: Int, _ octets: Span<UInt8>, _ range: Range<Int>
    ) -> AddressError {
        switch octet {
        case UInt8(ascii: "@"): .severalAtSigns
        case UInt8(ascii: "<"), UInt8(ascii: ">"): .angleBrackets
        case UInt8(ascii: "("), UInt8(ascii: ")"): .comment
        case UInt8(ascii: "\""): .quoting
        case 0x20, 0x09: .whiteSpace
        case 0..<0x20, 0x7F: .controlCharacter
        case UInt8(ascii: ":") where isMailto(octets, range.lowerBound..<index): .mailtoPrefix
        default: .localPartCharacter
        }
    }

    private static func isMailto(_ octets: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let scheme: StaticString = "mailto"
        return range.count == scheme.utf8CodeUnitCount
            && scheme.withUTF8Buffer { $0.elementsEqual(range.map { octets[$0].asciiLowered }) }
    }
}
