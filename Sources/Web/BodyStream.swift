import HTTPTypes
import Hummingbird
import Rules

/// A request's body that the handler takes while it comes, and answers while it takes it.
struct BodyStream: Sendable {
    let upload: Upload
    let mediaType: String
    /// The charset that the client names, in lower case.
    let charset: String?
    /// The media types that the client accepts, as it says it.
    let accept: String?
    /// Whether the client speaks an HTTP that has no chunks, so that it could not tell a part of an answer from the whole.
    let isOfOldProtocol: Bool
    /// The clock, for what goes on longer than one reading of it is good for.
    let clock: @Sendable () -> Instant
    /// Cuts the connection, whatever it is doing.
    let cut: @Sendable () -> Void

    init(
        _ request: Request, of mediaTypes: [String], clock: @escaping @Sendable () -> Instant,
        cut: @escaping @Sendable () -> Void
    ) throws(Problem) {
        var parts = (request.headers[.contentType] ?? "").lowercased().split(separator: ";").map(trimmed)[...]
        let mediaType = String(parts.popFirst() ?? "")
        guard mediaTypes.contains(mediaType) else {
            throw Problem(
                .unsupportedMediaType, "Send a list with “Content-Type: \(mediaTypes.joined(separator: "” or “"))”.",
                known: mediaTypes)
        }
        let coding = request.headers[.contentEncoding]?.lowercased() ?? "identity"
        guard coding == "identity" else {
            throw Problem(.unsupportedMediaType, "Send the list as it is, without a Content-Encoding.")
        }
        let charset = parts.first { $0.hasPrefix("charset=") }?.dropFirst("charset=".count)
        self.charset = charset.map { String($0.filter { $0 != "\"" }) }
        self.mediaType = mediaType
        (accept, self.clock, self.cut) = (request.headers[.accept], clock, cut)
        isOfOldProtocol = request.headers[.oldProtocol] != nil
        upload = Upload(request.body)
    }
}

/// Without spaces and tabs at its ends.
func trimmed(_ text: Substring) -> Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let head = text.drop(while: isBlank)
    return head.prefix(head.reversed().drop(while: isBlank).count)
}

extension HTTPField.Name {
    /// Noted on a request of a version before HTTP/1.1, which nothing else says of it behind the connection.
    static let oldProtocol = Self(oldProtocolHeader) ?? .upgrade
}

let oldProtocolHeader = "X-Maysend-Old-Protocol"
