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
        kept.reserveCapacity(fields.count)
        for (name, word) in fields {
            guard (1...Slug.charactersMax).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameOctet) else {
                throw EvidenceError(
                    field: nil,
                    problem: "a field's name is 1 to \(Slug.charactersMax) letters, digits, hyphens and underscores")
            }
            guard !kept.contains(where: { $0.name == name }) else {
                throw EvidenceError(field: name, problem: "stands twice")
            }
            let signs = Signs(of: word)
            guard word.utf8.count <= Self.wordBytesMax, !signs.hasNUL else {
                throw EvidenceError(field: name, problem: "must be at most \(Self.wordBytesMax) bytes, without NUL")
            }
            guard !signs.hasAt || name == "message-id" || name == "message_id" else {
                throw EvidenceError(
                    field: name,
                    problem: "must not hold an address: evidence outlives erasure (only 'message-id' may have an @)")
            }
            if name == "method" { method = word }
            var cut = word
            if Self.namesAnIP(name) {
                cut = IPNetwork.network(of: word) ?? "not an IP address"
            } else if signs.mayHoldIP {
                cut = IPNetwork.cut(word)
            }
            text += kept.isEmpty ? "\"" : ",\""
            text += name
            text += "\":"
            Self.append(cut, isPlain: signs.isPlain, to: &text)
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
        var (length, isIP) = (0, true)
        for octet in name.utf8 {
            if octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_") {
                if length == 2, isIP { return true }
                (length, isIP) = (0, true)
            } else {
                isIP = isIP && octet | 0x20 == (length == 0 ? UInt8(ascii: "i") : UInt8(ascii: "p"))
                length += 1
            }
        }
        return length == 2 && isIP
    }

    /// What is in a word, found in one pass.
    private struct Signs {
        private(set) var hasNUL = false
        private(set) var hasAt = false
        private(set) var mayHoldIP = false
        /// Whether it may stand in JSON as it is; so may the network of an address in it.
        private(set) var isPlain = true

        init(of word: String) {
            for octet in word.utf8 {
                switch octet {
                case 0: (hasNUL, isPlain) = (true, false)
                case UInt8(ascii: "@"): hasAt = true
                case UInt8(ascii: "."), UInt8(ascii: ":"): mayHoldIP = true
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): isPlain = false
                default: if octet < 0x20 { isPlain = false }
                }
            }
        }
    }

    private static func append(_ word: String, isPlain: Bool, to text: inout String) {
        text += "\""
        guard !isPlain else {
            text += word
            text += "\""
            return
        }
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
        text += "\""
    }
}

/// What is wrong with a piece of evidence.
public struct EvidenceError: Error, Hashable, Sendable {
    /// The field; nil where the whole is meant.
    public let field: String?
    /// One sentence.
    public let problem: String
}
