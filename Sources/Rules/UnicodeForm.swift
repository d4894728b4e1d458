import Foundation

/// What an address needs of the Unicode tables.
///
/// Nothing here runs for an ASCII address without `xn--`.
enum UnicodeForm {
    /// The content of a local part in NFC and lower case (RFC 6532 3.1), if it is one that a person can have meant.
    ///
    /// Refused is what nobody sees (format and control characters, white space, unassigned and private code points),
    /// what was lost (U+FFFD), and what is only another drawing of ordinary characters (NFKC differs: full-width
    /// letters, ligatures): such texts are slips or disguises of another address, and nobody can say which is meant.
    static func localPart(_ content: [UInt8]) throws(AddressError) -> [UInt8] {
        let text = folded(String(decoding: content, as: UTF8.self))
        var isFirst = true
        for scalar in text.unicodeScalars {
            if let fault = fault(of: scalar, isFirst: isFirst) { throw fault }
            isFirst = false
        }
        let octets = Array(text.utf8)
        guard octets.elementsEqual(text.precomposedStringWithCompatibilityMapping.utf8) else {
            throw .compatibilityCharacter
        }
        // Holds of every text known; a later Unicode table that breaks it shall refuse, not make a second form.
        guard octets.elementsEqual(folded(text).utf8) else { throw .localPartCharacter }
        return octets
    }

    /// The domain in A-labels (UTS 46, non-transitional); nil if it has none.
    static func aLabels(of domain: String) -> String? {
        var parts = URLComponents()
        parts.host = domain
        // What has no A-labels comes back percent-encoded, and no domain has a percent sign.
        guard let encoded = parts.encodedHost, !encoded.utf8.contains(UInt8(ascii: "%")) else { return nil }
        return encoded
    }

    /// Whether some domain as people write it gives exactly these A-labels.
    ///
    /// An A-label that none gives (`xn--firma-`, a capital encoded, a label past its own rules) reaches no mailbox that
    /// its other spelling reaches, or hides one. Nor is a dot above an i a spelling anybody means: it is what a
    /// capital İ becomes when ASCII was put into capitals the Turkish way.
    static func isProducible(aLabels domain: String) -> Bool {
        var parts = URLComponents()
        parts.encodedHost = domain
        guard let decoded = parts.host, let encoded = aLabels(of: decoded) else { return false }
        // The decoder refuses most of these itself; the comparison is what we promise.
        return encoded == domain && !decoded.unicodeScalars.hasDottedI
    }

    /// NFC, lower case, NFC; with the two letters whose lower case depends on place or language in one spelling each.
    ///
    /// A small final sigma becomes the other one, as its capital does, and an i loses a dot above, as a Turkish capital
    /// İ does in its own language (SpecialCasing.txt). Without this the capitals of an address would miss it.
    static func folded(_ text: String) -> String {
        let lower = text.precomposedStringWithCanonicalMapping.lowercased()
        var plain = String.UnicodeScalarView()
        for scalar in lower.unicodeScalars {
            if scalar == "\u{307}", plain.last == "i" { continue }
            plain.append(scalar == "ς" ? "σ" : scalar)
        }
        return String(plain).precomposedStringWithCanonicalMapping
    }

    private static func fault(of scalar: Unicode.Scalar, isFirst: Bool) -> AddressError? {
        let properties = scalar.properties
        if scalar.isASCII { return nil }
        if properties.isWhitespace { return .whiteSpace }
        if properties.isDefaultIgnorableCodePoint { return .invisibleCharacter }
        switch properties.generalCategory {
        case .control:
            return .controlCharacter
        case .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
            return .invisibleCharacter
        case .nonspacingMark, .spacingMark, .enclosingMark:
            return isFirst ? .localPartCharacter : nil
        default:
            break
        }
        return switch scalar {
        case "\u{2800}", "\u{FFFC}", "\u{FFFD}": .invisibleCharacter
        case "\u{3002}": .compatibilityCharacter
        default: nil
        }
    }
}

extension String.UnicodeScalarView {
    /// Whether an i with a dot above (U+0307) stands in this text.
    fileprivate var hasDottedI: Bool {
        zip(self, dropFirst()).contains { $0 == "i" && $1 == "\u{307}" }
    }
}
