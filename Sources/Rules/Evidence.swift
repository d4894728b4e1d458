/// What shows that an act happened, kept in the ledger for good; so it may hold no address.
public struct Evidence: Hashable, Sendable {
    /// How the person acted, where that is said.
    public let method: String?
    /// A JSON object of words.
    public let json: String

    /// The most fields.
    public static let fieldsMax = 32
    /// The longest word, in bytes; a wording is kept by its version or hash, not whole.
    public static let wordBytesMax = 1_024

    /// The ways in which a person's own act lifts an entry: a confirmed double opt-in, and the preference page.
    public static let liftingMethods = ["double-opt-in", "preference-page"]

    /// Takes the fields of an evidence object and cuts IP addresses to their network (/24, /48).
    ///
    /// Throws where a field is named or filled in a way that is not allowed.
    public init(_ fields: [(name: String, word: String)]) throws(EvidenceError) {
        guard fields.count <= Self.fieldsMax else {
            throw EvidenceError(field: nil, problem: "has more than \(Self.fieldsMax) fields")
        }
        var text = "{"
        var method: String?
        var names: Set<String> = []
        for (name, word) in fields {
            guard (1...Slug.charactersMax).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameOctet) else {
                throw EvidenceError(
                    field: nil,
                    problem: "a field's name is 1 to \(Slug.charactersMax) letters, digits, hyphens and underscores")
            }
            guard names.insert(name).inserted else { throw EvidenceError(field: name, problem: "stands twice") }
            guard word.utf8.count <= Self.wordBytesMax, !word.utf8.contains(0) else {
                throw EvidenceError(field: name, problem: "must be at most \(Self.wordBytesMax) bytes, without NUL")
            }
            guard !word.utf8.contains(UInt8(ascii: "@")) || name == "message-id" || name == "message_id" else {
                throw EvidenceError(
                    field: name,
                    problem: "must not hold an address: evidence outlives erasure (only 'message-id' may have an @)")
            }
            if name == "method" { method = word }
            let kept = Self.namesAnIP(name) ? Self.network(of: word) : word
            text += (names.count > 1 ? "," : "") + Self.quoted(name) + ":" + Self.quoted(kept)
        }
        self.method = method
        json = text + "}"
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        (0x61...0x7A).contains(octet | 0x20) || (0x30...0x39).contains(octet) || octet == 0x2D || octet == 0x5F
    }

    /// Whether the field is an IP address by its name: `ip`, `client-ip`, `IP_address`.
    private static func namesAnIP(_ name: String) -> Bool {
        name.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).contains("ip")
    }

    /// The network of an IP address: enough to show where an act came from, not enough to name a household.
    private static func network(of address: String) -> String {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) {
            return parts.prefix(3).joined(separator: ".") + ".0/24"
        }
        guard address.contains(":") else { return "not an IP address" }
        let groups = address.split(separator: ":", omittingEmptySubsequences: false).prefix(3)
        let head = groups.prefix { !$0.isEmpty && UInt16($0, radix: 16) != nil }
        return head.joined(separator: ":") + "::/48"
    }

    private static func quoted(_ word: String) -> String {
        var text = "\""
        for scalar in word.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        return text + "\""
    }
}

/// What is wrong with a piece of evidence.
public struct EvidenceError: Error, Hashable, Sendable {
    /// The field; nil where the whole is meant.
    public let field: String?
    /// One sentence.
    public let problem: String
}
