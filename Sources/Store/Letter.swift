public import Rules

/// Why a letter is none: one sentence.
public struct LetterError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// A mail to one person, whole and checked: nothing in it can begin a header of its own.
public struct Letter: Hashable, Sendable {
    /// To whom. Kept sealed, until it is delivered or given up; then gone.
    public let to: Address
    /// What it is for, as `confirmation`: shown to those who run the service.
    public let purpose: Slug
    /// BCP 47, for the header Content-Language.
    public let language: String
    public let subject: String
    /// The plain text, with lines ending in LF.
    public let text: String
    public let html: String

    /// The longest subject, in bytes.
    public static let subjectBytesMax = 500
    /// The longest text or HTML, in bytes.
    public static let textBytesMax = 200_000

    /// Throws for a subject of several lines, an empty text, a language that is no tag, and what is too long.
    public init(
        to: Address, purpose: Slug, language: String, subject: String, text: String, html: String
    ) throws(LetterError) {
        guard (1...Self.subjectBytesMax).contains(subject.utf8.count), Self.isOneLine(subject) else {
            throw LetterError(
                description: "a subject is 1 to \(Self.subjectBytesMax) bytes on one line, without control characters")
        }
        guard (1...35).contains(language.utf8.count), language.utf8.allSatisfy({ Self.isTagOctet($0) }) else {
            throw LetterError(description: "a language is a tag of BCP 47, as nb or en-GB")
        }
        for (name, body) in [("text", text), ("html", html)] {
            guard (1...Self.textBytesMax).contains(body.utf8.count), !body.utf8.contains(0) else {
                throw LetterError(description: "the \(name) is 1 to \(Self.textBytesMax) bytes, without NUL")
            }
        }
        (self.to, self.purpose, self.language) = (to, purpose, language)
        (self.subject, self.text, self.html) = (subject, text, html)
    }

    private static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0.value != 0x2028 && $0.value != 0x2029
        }
    }

    private static func isTagOctet(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) || octet == UInt8(ascii: "-")
    }
}

extension Letter {
    /// What is sealed: address, subject, text and HTML, each behind its length in four octets.
    var sealedParts: [UInt8] {
        [to.canonical, subject, text, html].reduce(into: []) { octets, part in
            let count = UInt32(clamping: part.utf8.count)
            octets += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
            octets += Array(part.utf8)
        }
    }

    /// Reads `sealedParts`; nil for anything else.
    init?(sealedParts octets: [UInt8], purpose: Slug, language: String) {
        var parts: [String] = []
        var rest = octets[...]
        while rest.count >= 4 {
            let count = Int(rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            rest = rest.dropFirst(4)
            guard rest.count >= count, let part = String(validating: rest.prefix(count), as: UTF8.self) else {
                return nil
            }
            parts.append(part)
            rest = rest.dropFirst(count)
        }
        guard rest.isEmpty, parts.count == 4 else { return nil }
        do {
            try self.init(
                to: Address(parsing: parts[0]), purpose: purpose, language: language, subject: parts[1],
                text: parts[2], html: parts[3])
        } catch {
            return nil
        }
    }
}
