/// What the OpenAPI description says of one operation, beside what follows from its route.
///
/// JSON is kept as text, as it is served; a test reads it and holds it against what the operations do.
struct Documentation: Sendable {
    let id: String
    let tag: String
    let summary: String
    let text: String
    /// The parameters' JSON objects.
    var parameters: [String] = []
    /// The request's schema and examples.
    var request: Content?
    /// The request in other media types.
    var otherRequests: [Content] = []
    let success: Success
    /// What can go wrong here, beside what can with every operation of the kind.
    var problems: [Problem.Code] = []
    /// Other statuses that are answered with a page for people.
    var pages: [(status: Int, text: String)] = []

    /// A schema and examples of it.
    struct Content: Sendable {
        let mediaType: String
        /// The name in `#/components/schemas`; nil for what is no JSON.
        let schema: String?
        /// Each a JSON value.
        let examples: [(name: String, json: String)]

        init(_ schema: String?, mediaType: String = "application/json", _ examples: [(name: String, json: String)] = [])
        {
            (self.schema, self.mediaType, self.examples) = (schema, mediaType, examples)
        }
    }

    /// The answer when nothing is wrong.
    struct Success: Sendable {
        let status: Int
        let text: String
        let content: Content
        /// The answer in other media types.
        var otherContents: [Content] = []
        var isReplayable = false
    }
}

extension Route {
    /// Every code with which the operation can answer, in the order of their statuses.
    var problems: [Problem.Code] {
        var codes = documentation.problems
        switch access {
        case .everybody: break
        case .key, .keyProvenByHandler:
            codes += [.invalidParameter, .unauthorized, .keyRevoked, .keyExpired, .missingScope, .noPolicy]
            codes += [.headersTooLarge, .internalError, .unavailable]
        }
        if case .json = body {
            codes += [
                .malformedRequest, .malformedJSON, .invalidUTF8, .nul, .requestTimeout, .bodyTooLarge,
                .unsupportedMediaType, .unknownController, .missingField, .wrongType, .unknownField, .tooLong,
                .emptyField,
                .invalidField,
            ]
        }
        return Problem.Code.allCases.filter(codes.contains)
    }

    /// Whether the request may carry an Idempotency-Key.
    var isRepeatable: Bool { documentation.success.isReplayable }
}
