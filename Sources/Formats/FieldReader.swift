/// Bytes of a string field, unless the caller says otherwise.
public let fieldStringBytesMax = 4_096

/// Takes the fields of one JSON object by name, each with its type and limits; `finish` then refuses what nobody asked
/// for. Every error is a `FieldError` with the field's path. In an optional field `null` is the same as absent.
/// ```swift
/// var fields = try FieldReader(document)
/// let purpose = try fields.string("purpose")
/// let address = try fields.parsed("address", as: "an email address") { Address(parsing: $0) }
/// try fields.finish()
/// ```
public struct FieldReader: Sendable {
    private let object: JSONObject
    private let place: JSONPointer
    private var known: [String] = []

    /// A reader over an object; any other value is `wrong-type`.
    public init(_ value: JSON, at pointer: JSONPointer = .root) throws(FieldError) {
        guard case .object(let object) = value else {
            throw FieldError(at: pointer, .wrongType, "\(value.kindName) stands where an object was expected")
        }
        self.object = object
        place = pointer
        known.reserveCapacity(8)
    }

    /// Where the field of this name is or would be.
    public func pointer(to key: String) -> JSONPointer { place.appending(key) }

    /// A fault of the field of this name, found by the caller.
    public func error(_ key: String, _ code: FieldError.Code, _ detail: String) -> FieldError {
        FieldError(at: pointer(to: key), code, detail)
    }

    /// Refuses the first field that was never asked for, and names those that were.
    public func finish() throws(FieldError) {
        for member in object.members {
            let name = UTF8Key(member.key)
            if known.contains(where: { UTF8Key($0) == name }) { continue }
            let shown = excerpt(member.key)
            throw error(
                shown, .unknownField,
                "the field “\(shown)” is not known; \(NearestWord.allowed(known, insteadOf: member.key))")
        }
    }

    /// The value as it stands, `null` included; nil if the field is absent.
    public mutating func value(_ key: String) -> JSON? {
        known.append(key)
        return object[key]
    }

    /// The value of an optional field: nil if absent or `null`.
    mutating func optionalValue(_ key: String) -> JSON? {
        guard let value = value(key), value != .null else { return nil }
        return value
    }

    /// The value of a required field; absent is `missing`.
    mutating func requiredValue(_ key: String) throws(FieldError) -> JSON {
        guard let value = value(key) else {
            throw error(key, .missing, "the field “\(key)” is required")
        }
        return value
    }

    func wrongType(_ key: String, _ value: JSON, wanted: String) -> FieldError {
        error(key, .wrongType, "“\(key)” is \(value.kindName); \(wanted) is expected")
    }
}
