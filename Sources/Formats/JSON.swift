/// A JSON document as a tree (RFC 8259, read with the habits of I-JSON, RFC 7493): whole numbers stay whole, members
/// keep their order, and a key occurs once.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// Reads exactly one document, in time linear in its length; throws at the first byte that is not right.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSON(parsing: buffer, limits: limits)
        }
    }

    /// Reads exactly one document from memory that the caller keeps alive for the call.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard) throws(JSONError) {
        self = try bytes.withMemoryRebound(to: UInt8.self) { buffer throws(JSONError) in
            try JSON(parsing: buffer, limits: limits)
        }
    }

    /// Reads exactly one document from memory that the caller keeps alive for the call.
    public init(parsing bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .standard) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, limits: limits)
        self = try parser.document()
    }

    /// The document as UTF-8 without white space; reading it again gives an equal value (a number that is not finite
    /// becomes `null`, for JSON has no word for it).
    public var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// What the value is, as an error sentence names it: `a string`, `null`.
    var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "a whole number"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The members of a JSON object in the order of the document. Keys are compared byte by byte (RFC 7493, 2.3), never by
/// Unicode equivalence.
public struct JSONObject: Sendable, Equatable {
    /// One name and its value.
    public struct Member: Sendable, Equatable {
        public var key: String
        public var value: JSON

        /// A member as it will stand in the object.
        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }

        /// Equal when the names have the same bytes and the values are equal.
        public static func == (left: Member, right: Member) -> Bool {
            UTF8Key(left.key) == UTF8Key(right.key) && left.value == right.value
        }
    }

    /// The members in order; a reader's are unique, a writer answers for its own.
    public var members: [Member]

    /// An object of these members.
    public init(_ members: [Member] = []) {
        self.members = members
    }

    /// The value under this name, or nil; looks through the members one by one, so it is meant for small objects.
    public subscript(key: String) -> JSON? {
        let wanted = UTF8Key(key)
        return members.first { UTF8Key($0.key) == wanted }?.value
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members as written, in that order.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        members = elements.map { Member(key: $0.0, value: $0.1) }
    }
}

/// A string compared and hashed by its UTF-8 bytes. Swift's own comparison normalises, which both calls two different
/// JSON names equal and costs more than linear time on text made for it.
struct UTF8Key: Hashable {
    let string: String

    init(_ string: String) {
        self.string = string
    }

    static func == (left: UTF8Key, right: UTF8Key) -> Bool {
        guard left.string.utf8.count == right.string.utf8.count else { return false }
        let inPlace = left.string.utf8.withContiguousStorageIfAvailable { one in
            right.string.utf8.withContiguousStorageIfAvailable { one.elementsEqual($0) }
        }
        return (inPlace ?? nil) ?? left.string.utf8.elementsEqual(right.string.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
