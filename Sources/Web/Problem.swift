import Formats

/// Why a request has no other answer: RFC 9457, `application/problem+json`.
///
/// The one error of this room. What it shows is for the client; what the log may say beside it is in `cause`, which
/// holds no personal data.
struct Problem: Error, Sendable {
    let code: Code
    /// One or two sentences for the client; may quote the request, so it is never logged.
    let detail: String
    /// The field of the body (RFC 6901); the empty pointer is the whole body.
    var pointer: String?
    /// The query parameter or header field.
    var parameter: String?
    /// The words that would have been allowed.
    var known: [String]?
    /// What is not ready.
    var findings: [(subject: String, text: String)] = []
    /// The methods that the path has.
    var methods: [String] = []
    /// For the log alone.
    var cause: String?

    init(
        _ code: Code, _ detail: String, at pointer: String? = nil, parameter: String? = nil, known: [String]? = nil,
        cause: String? = nil
    ) {
        (self.code, self.detail, self.pointer, self.parameter) = (code, detail, pointer, parameter)
        (self.known, self.cause) = (known, cause)
    }

    /// A fault of ours: says nothing to the client.
    static func ours(_ cause: String) -> Problem {
        Problem(.internalError, "Something went wrong here; it is in our log under the request's id.", cause: cause)
    }

    /// The codes, stable.
    enum Code: String, Sendable, CaseIterable {
        case malformedRequest = "malformed-request"
        case malformedJSON = "malformed-json"
        case invalidUTF8 = "invalid-utf8"
        case nul
        case invalidParameter = "invalid-parameter"
        case unauthorized
        case keyRevoked = "key-revoked"
        case keyExpired = "key-expired"
        case missingScope = "missing-scope"
        case notFound = "not-found"
        case unknownController = "unknown-controller"
        case unknownRequest = "unknown-request"
        case nothingStored = "nothing-stored"
        case methodNotAllowed = "method-not-allowed"
        case notAcceptable = "not-acceptable"
        case requestTimeout = "request-timeout"
        case standingEntry = "standing-entry"
        case personNotTold = "person-not-told"
        case requestClosed = "request-closed"
        case notExtendable = "not-extendable"
        case mustBeKept = "must-be-kept"
        case bodyTooLarge = "body-too-large"
        case unsupportedMediaType = "unsupported-media-type"
        case missingField = "missing-field"
        case wrongType = "wrong-type"
        case unknownField = "unknown-field"
        case notAllowed = "not-allowed"
        case outOfRange = "out-of-range"
        case tooLong = "too-long"
        case tooMany = "too-many"
        case emptyField = "empty-field"
        case invalidField = "invalid-field"
        case invalidAddress = "invalid-address"
        case sameAddress = "same-address"
        case invalidEvidence = "invalid-evidence"
        case unknownPurpose = "unknown-purpose"
        case unknownTopic = "unknown-topic"
        case unknownEvent = "unknown-event"
        case purposeNotSendable = "purpose-not-sendable"
        case atInThePast = "at-in-the-past"
        case inTheFuture = "in-the-future"
        case noPolicy = "no-policy"
        case invalidList = "invalid-list"
        case idempotencyKeyReused = "idempotency-key-reused"
        case headersTooLarge = "headers-too-large"
        case internalError = "internal-error"
        case unavailable
        case peerMayHoldOptOuts = "peer-may-hold-opt-outs"
        case drainingOptOuts = "draining-opt-outs"
        case notReady = "not-ready"
        case tooManyStreams = "too-many-streams"
        case protocolVersion = "protocol-version"
        case importState = "import-state"
        case unknownImport = "unknown-import"
    }
}

extension Problem.Code {
    /// The status of the answer.
    var status: Int {
        switch self {
        case .malformedRequest, .malformedJSON, .invalidUTF8, .nul, .invalidParameter: 400
        case .unauthorized, .keyRevoked, .keyExpired: 401
        case .missingScope: 403
        case .notFound, .unknownController, .unknownRequest, .nothingStored, .unknownImport: 404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .requestTimeout: 408
        case .standingEntry, .personNotTold, .requestClosed, .notExtendable, .mustBeKept, .importState: 409
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .missingField, .wrongType, .unknownField, .notAllowed, .outOfRange, .tooLong, .tooMany, .emptyField,
            .invalidField, .invalidAddress, .sameAddress, .invalidEvidence, .unknownPurpose, .unknownTopic,
            .unknownEvent,
            .purposeNotSendable, .atInThePast, .inTheFuture, .noPolicy, .invalidList, .idempotencyKeyReused:
            422
        case .headersTooLarge: 431
        case .internalError: 500
        case .unavailable, .peerMayHoldOptOuts, .drainingOptOuts, .notReady, .tooManyStreams: 503
        case .protocolVersion: 505
        }
    }

    /// What it is, in a few words that are the same every time.
    var title: String {
        switch self {
        case .malformedRequest: "The request is not HTTP as it should be"
        case .malformedJSON: "The body is not JSON"
        case .invalidUTF8: "The body is not UTF-8"
        case .nul: "The body has a NUL"
        case .invalidParameter: "A parameter or header field is wrong"
        case .unauthorized: "The API key is missing, malformed or unknown"
        case .keyRevoked: "The API key was revoked"
        case .keyExpired: "The API key has expired"
        case .missingScope: "The API key does not have the scope"
        case .notFound: "There is nothing at this path"
        case .unknownController: "The key knows no such controller"
        case .unknownRequest: "There is no such request"
        case .nothingStored: "Nothing is stored of the person"
        case .methodNotAllowed: "The path does not have this method"
        case .notAcceptable: "There is no answer of a media type that is accepted"
        case .requestTimeout: "The body did not come in time"
        case .standingEntry: "An entry of the register stands against it"
        case .personNotTold: "The person was not told first"
        case .requestClosed: "The request has been answered"
        case .notExtendable: "The request cannot be extended so"
        case .mustBeKept: "A restriction or a hold keeps the data"
        case .bodyTooLarge: "The body is over the limit"
        case .unsupportedMediaType: "The body is not of a media type that is taken here"
        case .missingField: "A field is missing"
        case .wrongType: "A field has another type"
        case .unknownField: "A field is not known"
        case .notAllowed: "A word or field is not allowed here"
        case .outOfRange: "A number is out of range"
        case .tooLong: "A text is too long"
        case .tooMany: "There are too many elements"
        case .emptyField: "A field is empty"
        case .invalidField: "A field cannot be read"
        case .invalidAddress: "This is no email address or domain"
        case .sameAddress: "The corrected address is the same"
        case .invalidEvidence: "The evidence cannot be kept as it is"
        case .unknownPurpose: "The policy has no such purpose"
        case .unknownTopic: "The purpose has no such topic"
        case .unknownEvent: "There is no such event"
        case .purposeNotSendable: "The purpose is a record and never sent"
        case .atInThePast: "The instant asked lies in the past"
        case .inTheFuture: "It may not lie in the future"
        case .noPolicy: "No policy is in effect"
        case .invalidList: "The list cannot be taken"
        case .idempotencyKeyReused: "The Idempotency-Key was used for another request"
        case .headersTooLarge: "The header fields are over the limit"
        case .internalError: "A fault of ours"
        case .unavailable: "The database is away; nothing is known"
        case .peerMayHoldOptOuts: "Another instance may hold opt-outs; nothing is known"
        case .drainingOptOuts: "Opt-outs are on their way into the register; nothing is known"
        case .notReady: "The service is not ready"
        case .tooManyStreams: "There are too many streams under way"
        case .protocolVersion: "The answer needs HTTP/1.1"
        case .importState: "The import is not in the state for it"
        case .unknownImport: "The key knows no such import"
        }
    }
}

extension Problem {
    static let mediaType = "application/problem+json"

    /// The answer, with the header fields that belong to its status.
    var answer: Answer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "/docs#" + code.rawValue)
        writer.member("title", code.title)
        writer.member("status", code.status)
        writer.member("code", code.rawValue)
        writer.member("detail", detail)
        if let pointer { writer.member("pointer", pointer) }
        if let parameter { writer.member("parameter", parameter) }
        if let known {
            writer.key("known")
            writer.beginArray()
            for word in known { writer.value(word) }
            writer.endArray()
        }
        if !findings.isEmpty {
            writer.key("findings")
            writer.beginArray()
            for (subject, text) in findings {
                writer.beginObject()
                writer.member("subject", subject)
                writer.member("text", text)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        return Answer(code.status, Self.mediaType, writer.bytes, headers: headers)
    }

    private var headers: [(String, String)] {
        switch code.status {
        case 401:
            [
                (
                    "WWW-Authenticate",
                    "Bearer realm=\"maysend\"" + (code == .unauthorized ? "" : ", error=\"invalid_token\"")
                )
            ]
        case 403: [("WWW-Authenticate", "Bearer realm=\"maysend\", error=\"insufficient_scope\"")]
        case 405: [("Allow", methods.joined(separator: ", "))]
        case 503: [("Retry-After", String(retryAfterSeconds))]
        default: []
        }
    }
}
