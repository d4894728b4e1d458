/// What is wrong with one field of a request, and what would be right.
public struct FieldError: Error, Sendable, Equatable {
    /// The reasons; the raw values are part of the API.
    public enum Code: String, Sendable, CaseIterable {
        case missing
        case wrongType = "wrong-type"
        case unknownField = "unknown-field"
        case notAllowed = "not-allowed"
        case outOfRange = "out-of-range"
        case tooLong = "too-long"
        case tooMany = "too-many"
        case empty
        case invalid
    }

    /// A JSON Pointer (RFC 6901); the empty string is the whole document. A path to an unknown field ends in a name from
    /// the input, cut after forty characters.
    public let path: String
    public let code: Code
    /// One sentence for the sender; may quote the input, so it is not for the log.
    public let detail: String

    /// A fault found by the caller at this place.
    public init(at pointer: JSONPointer, _ code: Code, _ detail: String) {
        path = pointer.description
        self.code = code
        self.detail = detail
    }
}

extension FieldError: CustomStringConvertible {
    /// Path and sentence.
    public var description: String { path.isEmpty ? detail : "\(path): \(detail)" }
}
