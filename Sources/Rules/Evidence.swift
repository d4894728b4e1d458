/// What shows that an act happened, kept in the ledger for good; so it may hold no address.
public struct Evidence: Hashable, Sendable {
    /// How the person acted, where that is said.
    public let method: String?
    /// A JSON object of words.
    public let json: String
    /// As they are kept.
    private let fields: [(name: String, word: String)]

    /// The most fields.
    public static let fieldsMax = 32
    /// The longest word, in bytes; a wording is kept by its version or hash, not whole.
    public static let wordBytesMax = 1_024

    /// The ways in which a person's own act lifts an entry: a confirmed double opt-in, and the preference page.
    public static let liftingMethods = ["double-opt-in", "preference-page"]

    /// Takes the fields of an evidence object and cuts IP addresses to their network (/24, /48), whatever the field is called.
    ///
    /// Throws where a field is named or filled in a way that is not allowed.
    public init(_ fields: [(name: String, word: String)]) throws(EvidenceError) {
        guard fields.count <= Self.fieldsMax else {
            throw EvidenceError(field: nil, problem: "has more than \(Self.fieldsMax) fields")
        }
        var text = "{"
        var method: String?
        var kept: [(name: String, word: String)] = []
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
            let cut = Self.namesAnIP(name) ? IPNetwork.network(of: word) ?? "not an IP address" : IPNetwork.cut(word)
            text += (names.count > 1 ? "," : "") + Self.quoted(name) + ":" + Self.quoted(cut)
            kept.append((name, cut))
        }
        (self.method, self.fields) = (method, kept)
        json = text + "}"
    }

    /// The same with one more field; a field of that name that is there already stays.
    public func adding(_ name: String, _ word: String) throws(EvidenceError) -> Evidence {
        guard !fields.contains(where: { $0.name == name }) else { return self }
        return try Evidence(fields + [(name: name, word: word)])
    }

    /// Equal when the JSON is.
    public static func == (left: Evidence, right: Evidence) -> Bool { left.json == right.json }

    public func hash(into hasher: inout Hasher) { hasher.combine(json) }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        (0x61...0x7A).contains(octet | 0x20) || (0x30...0x39).contains(octet) || octet == 0x2D || octet == 0x5F
    }

    /// Whether the field is an IP address by its name: `ip`, `client-ip`, `IP_address`.
    private static func namesAnIP(_ name: String) -> Bool {
        name.utf8.split(whereSeparator: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }).contains {
            $0.elementsEqual("ip".utf8) { $0 | 0x20 == $1 }
        }
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard !isPlain else { return "\"" + word + "\"" }
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
