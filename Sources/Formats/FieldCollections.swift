/// Objects and arrays inside an object.
extension FieldReader {
    /// The fields of a nested object.
    public mutating func object(_ key: String) throws(FieldError) -> FieldReader {
        try FieldReader(try requiredValue(key), at: pointer(to: key))
    }

    /// Like `object`; nil if absent or `null`.
    public mutating func optionalObject(_ key: String) throws(FieldError) -> FieldReader? {
        guard let value = optionalValue(key) else { return nil }
        return try FieldReader(value, at: pointer(to: key))
    }

    /// An array of at most so many elements.
    public mutating func array(_ key: String, countMax: Int) throws(FieldError) -> [JSON] {
        try elements(key, try requiredValue(key), countMax: countMax)
    }

    /// Like `array`; nil if absent or `null`.
    public mutating func optionalArray(_ key: String, countMax: Int) throws(FieldError) -> [JSON]? {
        guard let value = optionalValue(key) else { return nil }
        return try elements(key, value, countMax: countMax)
    }

    /// The readers of an array of objects.
    public mutating func objects(_ key: String, countMax: Int) throws(FieldError) -> [FieldReader] {
        try readers(key, try array(key, countMax: countMax))
    }

    /// Like `objects`; nil if absent or `null`.
    public mutating func optionalObjects(_ key: String, countMax: Int) throws(FieldError) -> [FieldReader]? {
        guard let elements = try optionalArray(key, countMax: countMax) else { return nil }
        return try readers(key, elements)
    }

    /// An array of strings, each of at most so many bytes and none empty.
    public mutating func strings(
        _ key: String, countMax: Int, bytesMax: Int = fieldStringBytesMax
    ) throws(FieldError) -> [String] {
        try texts(key, try array(key, countMax: countMax), bytesMax: bytesMax)
    }

    /// Like `strings`; nil if absent or `null`.
    public mutating func optionalStrings(
        _ key: String, countMax: Int, bytesMax: Int = fieldStringBytesMax
    ) throws(FieldError) -> [String]? {
        guard let elements = try optionalArray(key, countMax: countMax) else { return nil }
        return try texts(key, elements, bytesMax: bytesMax)
    }

    private func elements(_ key: String, _ value: JSON, countMax: Int) throws(FieldError) -> [JSON] {
        guard case .array(let elements) = value else { throw wrongType(key, value, wanted: "an array") }
        guard elements.count <= countMax else {
            throw error(
                key, .tooMany, "“\(key)” has \(elements.count) elements; at most \(countMax) are allowed")
        }
        return elements
    }

    private func readers(_ key: String, _ elements: [JSON]) throws(FieldError) -> [FieldReader] {
        var readers: [FieldReader] = []
        readers.reserveCapacity(elements.count)
        for (element, place) in zip(elements, pointer(to: key).elements(elements.count)) {
            readers.append(try FieldReader(element, at: place))
        }
        return readers
    }

    private func texts(_ key: String, _ elements: [JSON], bytesMax: Int) throws(FieldError) -> [String] {
        let place = pointer(to: key)
        var texts: [String] = []
        texts.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw FieldError(
                    at: place.appending(index), .wrongType,
                    "\(element.kindName) stands where a string was expected")
            }
            guard !text.isEmpty else { throw FieldError(at: place.appending(index), .empty, "the string is empty") }
            guard text.utf8.count <= bytesMax else {
                throw FieldError(
                    at: place.appending(index), .tooLong,
                    "the string has \(text.utf8.count) bytes; at most \(bytesMax) are allowed")
            }
            texts.append(text)
        }
        return texts
    }
}
