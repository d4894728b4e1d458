/// Strings, numbers and words.
extension FieldReader {
    /// A string that is not empty and has at most so many bytes.
    public mutating func string(
        _ key: String, bytesMax: Int = fieldStringBytesMax
    ) throws(FieldError) -> String {
        try text(key, try requiredValue(key), bytesMax: bytesMax)
    }

    /// Like `string`; nil if absent or `null`.
    public mutating func optionalString(
        _ key: String, bytesMax: Int = fieldStringBytesMax
    ) throws(FieldError) -> String? {
        guard let value = optionalValue(key) else { return nil }
        return try text(key, value, bytesMax: bytesMax)
    }

    /// A whole number in the range, written without fraction or exponent.
    public mutating func int(_ key: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int64 {
        try whole(key, try requiredValue(key), in: range)
    }

    /// Like `int`; nil if absent or `null`.
    public mutating func optionalInt(_ key: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int64? {
        guard let value = optionalValue(key) else { return nil }
        return try whole(key, value, in: range)
    }

    /// `true` or `false`.
    public mutating func bool(_ key: String) throws(FieldError) -> Bool {
        try boolean(key, try requiredValue(key))
    }

    /// Like `bool`; nil if absent or `null`.
    public mutating func optionalBool(_ key: String) throws(FieldError) -> Bool? {
        guard let value = optionalValue(key) else { return nil }
        return try boolean(key, value)
    }

    /// One of the words of an enumeration; any other is `not-allowed`, with the words in the sentence.
    public mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, as type: Word.Type = Word.self
    ) throws(FieldError) -> Word where Word.RawValue == String {
        try word(key, try requiredValue(key))
    }

    /// Like `word`; nil if absent or `null`.
    public mutating func optionalWord<Word: RawRepresentable & CaseIterable>(
        _ key: String, as type: Word.Type = Word.self
    ) throws(FieldError) -> Word? where Word.RawValue == String {
        guard let value = optionalValue(key) else { return nil }
        return try word(key, value)
    }

    /// One of these words, for sets that only the policy knows.
    public mutating func word(_ key: String, among words: [String]) throws(FieldError) -> String {
        try word(key, try requiredValue(key), among: words)
    }

    /// Like `word(_:among:)`; nil if absent or `null`.
    public mutating func optionalWord(_ key: String, among words: [String]) throws(FieldError) -> String? {
        guard let value = optionalValue(key) else { return nil }
        return try word(key, value, among: words)
    }

    /// A string that `parse` understands; where it gives nil the field is `invalid`: “… is not `expected`”.
    public mutating func parsed<Value>(
        _ key: String, bytesMax: Int = fieldStringBytesMax, as expected: String, _ parse: (String) -> Value?
    ) throws(FieldError) -> Value {
        let text = try string(key, bytesMax: bytesMax)
        guard let value = parse(text) else { throw unparsed(key, expected) }
        return value
    }

    /// Like `parsed`; nil if absent or `null`.
    public mutating func optionalParsed<Value>(
        _ key: String, bytesMax: Int = fieldStringBytesMax, as expected: String, _ parse: (String) -> Value?
    ) throws(FieldError) -> Value? {
        guard let text = try optionalString(key, bytesMax: bytesMax) else { return nil }
        guard let value = parse(text) else { throw unparsed(key, expected) }
        return value
    }

    /// The value is not quoted: it is most often somebody's address.
    private func unparsed(_ key: String, _ expected: String) -> FieldError {
        error(key, .invalid, "“\(key)” is not \(expected)")
    }

    func text(_ key: String, _ value: JSON, bytesMax: Int) throws(FieldError) -> String {
        guard case .string(let text) = value else { throw wrongType(key, value, wanted: "a string") }
        guard !text.isEmpty else { throw error(key, .empty, "“\(key)” is empty") }
        guard text.utf8.count <= bytesMax else {
            throw error(key, .tooLong, "“\(key)” has \(text.utf8.count) bytes; at most \(bytesMax) are allowed")
        }
        return text
    }

    private func whole(
        _ key: String, _ value: JSON, in range: ClosedRange<Int64>
    ) throws(FieldError) -> Int64 {
        guard case .int(let number) = value else {
            throw wrongType(key, value, wanted: "a whole number without fraction or exponent")
        }
        guard range.contains(number) else {
            throw error(
                key, .outOfRange,
                "“\(key)” is \(number); \(range.lowerBound) to \(range.upperBound) is allowed")
        }
        return number
    }

    private func boolean(_ key: String, _ value: JSON) throws(FieldError) -> Bool {
        guard case .bool(let bool) = value else { throw wrongType(key, value, wanted: "true or false") }
        return bool
    }

    private func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, _ value: JSON
    ) throws(FieldError) -> Word where Word.RawValue == String {
        let text = try text(key, value, bytesMax: fieldStringBytesMax)
        guard let word = Word(rawValue: text) else { throw notAllowed(key, text, Word.allCases.map(\.rawValue)) }
        return word
    }

    private func word(_ key: String, _ value: JSON, among words: [String]) throws(FieldError) -> String {
        let text = try text(key, value, bytesMax: fieldStringBytesMax)
        guard words.contains(text) else { throw notAllowed(key, text, words) }
        return text
    }

    private func notAllowed(_ key: String, _ text: String, _ words: [String]) -> FieldError {
        error(
            key, .notAllowed,
            "“\(key)” is “\(excerpt(text))”, which is not known; \(NearestWord.allowed(words, insteadOf: text))")
    }
}
