/// A domain in the one form under which we know it: A-labels in lower case, without a trailing dot.
///
/// A domain may name a person (`nordmann.example`), so it is as silent as an ``Address`` when it is printed.
public struct Domain: Hashable, Sendable {
    /// The octets of a canonical domain, at most (RFC 1035 2.3.4, as text).
    public static let octetsMax = 253
    /// The octets between two dots of a domain, at most (RFC 1035 2.3.4).
    public static let labelOctetsMax = 63

    /// The domain in canonical form.
    public let canonical: String

    /// Reads one domain, with white space around it or one `@` in front at most.
    public init(parsing text: String) throws(AddressError) {
        let octets = text.utf8Span.span
        var range = WrittenAddress.trimmed(octets, 0..<octets.count)
        if !range.isEmpty, octets[range.lowerBound] == UInt8(ascii: "@") {
            range = range.lowerBound + 1..<range.upperBound
        }
        if range.count > Address.inputOctetsMax { throw .domainTooLong }
        canonical = try Self.canonical(octets, range, written: Self.survey(octets, range))
    }

    /// The domain of an address.
    public init(of address: Address) {
        canonical = String(address.domain)
    }
}

extension Domain: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows that there is a domain, never which.
    public var description: String { "Domain(redacted)" }
    /// Shows that there is a domain, never which.
    public var debugDescription: String { description }
    /// Has no children, so that a dump shows none of the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Domain {
    /// How a domain is written, which says what it takes to make it canonical.
    enum Writing {
        /// Letters, digits and hyphens that stand for themselves, checked; the range is without the trailing dot.
        case ascii(Range<Int>)
        /// The same with at least one label `xn--…`, which is yet to be decoded to be believed.
        case aLabels(Range<Int>)
        /// Some characters are not ASCII; the ones that are, are checked.
        case unicode(Range<Int>)
    }

    /// Checks all that can be checked of a domain without Unicode tables.
    static func survey(_ octets: Span<UInt8>, _ range: Range<Int>) throws(AddressError) -> Writing {
        if range.isEmpty { throw .domainEmpty }
        var isASCII = true
        for index in range {
            let octet = octets[index]
            if octet >= 0x80 {
                isASCII = false
            } else if !octet.isASCIILetterOrDigit, octet != UInt8(ascii: "-"), octet != UInt8(ascii: ".") {
                throw fault(of: octet)
            }
        }
        if !isASCII { return .unicode(range) }
        return try surveyLabels(octets, range)
    }

    /// The canonical text of a domain that was surveyed.
    static func canonical(
        _ octets: Span<UInt8>, _ range: Range<Int>, written: Writing
    ) throws(AddressError) -> String {
        switch written {
        case .ascii(let name):
            return lowered(octets, name)
        case .aLabels(let name):
            return try decodable(lowered(octets, name))
        case .unicode(let name):
            guard let encoded = UnicodeForm.aLabels(of: String(decoding: name.map { octets[$0] }, as: UTF8.self)) else {
                throw .domainNotIDNA
            }
            let span = encoded.utf8Span.span
            // A full-width or ideographic dot has become a dot by now, so labels are counted only here.
            switch try survey(span, 0..<span.count) {
            case .ascii(let name): return lowered(span, name)
            case .aLabels(let name): return try decodable(lowered(span, name))
            case .unicode: throw .domainNotIDNA
            }
        }
    }

    private static func surveyLabels(_ octets: Span<UInt8>, _ range: Range<Int>) throws(AddressError) -> Writing {
        let isRooted = octets[range.upperBound - 1] == UInt8(ascii: ".")
        let name = isRooted ? range.lowerBound..<range.upperBound - 1 : range
        if name.isEmpty { throw .domainEmpty }
        var hasALabel = false
        var hasDot = false
        var start = name.lowerBound
        for index in name where octets[index] == UInt8(ascii: ".") {
            hasALabel = try surveyLabel(octets, start..<index) || hasALabel
            hasDot = true
            start = index + 1
        }
        hasALabel = try surveyLabel(octets, start..<name.upperBound) || hasALabel
        if !hasDot { throw .domainWithoutDot }
        // No top-level domain is a number (RFC 3696 2), so this is an IPv4 address or a slip.
        if (start..<name.upperBound).allSatisfy({ octets[$0].isASCIIDigit }) { throw .ipAddress }
        if name.count > octetsMax { throw .domainTooLong }
        return hasALabel ? .aLabels(name) : .ascii(name)
    }

    /// Checks one label (RFC 1123 2.1) and says whether it claims to be an A-label.
    private static func surveyLabel(_ octets: Span<UInt8>, _ label: Range<Int>) throws(AddressError) -> Bool {
        if label.isEmpty { throw .domainLabelEmpty }
        if label.count > labelOctetsMax { throw .domainLabelTooLong }
        let (first, last) = (octets[label.lowerBound], octets[label.upperBound - 1])
        if first == UInt8(ascii: "-") || last == UInt8(ascii: "-") {
            throw .domainLabelHyphen
        }
        return isALabel(octets, label)
    }

    private static func isALabel(_ octets: Span<UInt8>, _ label: Range<Int>) -> Bool {
        label.count >= 4
            && octets[label.lowerBound].asciiLowered == UInt8(ascii: "x")
            && octets[label.lowerBound + 1].asciiLowered == UInt8(ascii: "n")
            && octets[label.lowerBound + 2] == UInt8(ascii: "-")
            && octets[label.lowerBound + 3] == UInt8(ascii: "-")
    }

    private static func decodable(_ name: String) throws(AddressError) -> String {
        guard UnicodeForm.isProducible(aLabels: name) else { throw .domainNotIDNA }
        return name
    }

    private static func lowered(_ octets: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { octets[$0].asciiLowered }, as: UTF8.self)
    }

    private static func fault(of octet: UInt8) -> AddressError {
        switch octet {
        case UInt8(ascii: "<"), UInt8(ascii: ">"): .angleBrackets
        case UInt8(ascii: "("), UInt8(ascii: ")"): .comment
        case UInt8(ascii: "@"): .severalAtSigns
        case UInt8(ascii: "["), UInt8(ascii: "]"): .ipAddress
        case 0x20, 0x09: .whiteSpace
        case 0..<0x20, 0x7F: .controlCharacter
        default: .domainCharacter
        }
    }
}
