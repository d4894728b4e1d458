import Formats
import Rules

/// The fields of a request's body, read into the words of the rules.
///
/// Every fault is a `Problem` that names the field.
struct RequestFields {
    private var reader: FieldReader
    /// The fields that were there and not null.
    private(set) var given: Set<String> = []

    init(_ document: JSON) throws(Problem) {
        reader = try problem { () throws(FieldError) in try FieldReader(document) }
    }

    /// Refuses what nobody asked for.
    func finish() throws(Problem) {
        try problem { () throws(FieldError) in try reader.finish() }
    }

    mutating func ownController(_ slug: Slug) throws(Problem) {
        guard let named = try text("controller"), named != slug.text else { return }
        throw Problem(unknownController: excerpt(named), known: [slug.text])
    }

    mutating func address() throws(Problem) -> Address {
        guard let address = try optionalAddress() else {
            throw Problem(.missingField, "the field “address” is required", at: "/address")
        }
        return address
    }

    mutating func optionalAddress(at pointer: String = "/address") throws(Problem) -> Address? {
        guard let text = try addressText("address") else { return nil }
        do throws(AddressError) { return try Address(parsing: text) } catch { throw Problem(error, at: pointer) }
    }

    /// True or false; nil where it is absent or null.
    mutating func truth(_ key: String) throws(Problem) -> Bool? {
        let truth = try problem { () throws(FieldError) in try reader.optionalBool(key) }
        if truth != nil { given.insert(key) }
        return truth
    }

    mutating func wholeNumber(_ key: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
        given.insert(key)
        return Int(
            try problem { () throws(FieldError) in
                try reader.int(key, in: Int64(range.lowerBound)...Int64(range.upperBound))
            })
    }

    mutating func optionalDomain() throws(Problem) -> Domain? {
        guard let text = try addressText("domain") else { return nil }
        do throws(AddressError) { return try Domain(parsing: text) } catch { throw Problem(error, at: "/domain") }
    }

    /// A text of at most so many bytes; nil where it is absent or null.
    mutating func text(_ key: String, bytesMax: Int = wordBytesMax) throws(Problem) -> String? {
        let text = try problem { () throws(FieldError) in try reader.optionalString(key, bytesMax: bytesMax) }
        if text != nil { given.insert(key) }
        return text
    }

    mutating func requiredText(_ key: String, bytesMax: Int = wordBytesMax) throws(Problem) -> String {
        guard let text = try text(key, bytesMax: bytesMax) else {
            throw Problem(.missingField, "the field “\(key)” is required", at: "/" + key)
        }
        return text
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, as type: Word.Type = Word.self
    ) throws(Problem) -> Word where Word.RawValue == String {
        given.insert(key)
        return try problem { () throws(FieldError) in try reader.word(key, as: type) }
    }

    mutating func time(_ key: String) throws(Problem) -> Instant? {
        let time = try problem { () throws(FieldError) in
            try reader.optionalParsed(
                key, bytesMax: timeBytesMax, as: "a time in RFC 3339 with an offset, such as 2026-01-31T10:00:00Z"
            ) { Instant(parsing: $0) }
        }
        if time != nil { given.insert(key) }
        return time
    }

    /// A nested object; nil where it is absent or null.
    mutating func object(_ key: String) throws(Problem) -> RequestFields? {
        let nested = try problem { () throws(FieldError) in try reader.optionalObject(key) }
        if nested != nil { given.insert(key) }
        return nested.map { RequestFields(reader: $0) }
    }

    private init(reader: FieldReader) { self.reader = reader }

    mutating func array(_ key: String, countMax: Int) throws(Problem) -> [JSON] {
        try problem { () throws(FieldError) in try reader.array(key, countMax: countMax) }
    }

    /// The evidence: an object of words.
    mutating func evidence() throws(Problem) -> Evidence? {
        let value = reader.value("evidence")
        guard let value, value != .null else { return nil }
        guard case .object(let object) = value else {
            throw Problem(.wrongType, "“evidence” must be an object of strings", at: "/evidence")
        }
        var words: [(name: String, word: String)] = []
        for member in object.members {
            guard case .string(let word) = member.value else {
                throw Problem(
                    .wrongType, "evidence is an object of strings",
                    at: JSONPointer.root.appending("evidence").appending(excerpt(member.key)).description)
            }
            words.append((member.key, word))
        }
        do throws(EvidenceError) { return try Evidence(words) } catch { throw Problem(error) }
    }

    private mutating func addressText(_ key: String) throws(Problem) -> String? {
        let value = reader.value(key)
        switch value {
        case nil, .some(.null): return nil
        case .some(.string(let text)):
            given.insert(key)
            return text
        default: throw Problem(.wrongType, "“\(key)” must be a string", at: "/" + key)
        }
    }
}

/// The beginning of a text from outside, short enough to be quoted to its sender.
func excerpt(_ text: String) -> String {
    text.count <= Slug.charactersMax ? text : text.prefix(Slug.charactersMax) + "…"
}

/// What the closure throws, as the client is told.
private func problem<Value>(_ body: () throws(FieldError) -> Value) throws(Problem) -> Value {
    do throws(FieldError) { return try body() } catch { throw Problem(error) }
}
