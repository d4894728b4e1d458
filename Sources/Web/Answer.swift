import Formats
import Hummingbird
import Store

/// What goes back to the client.
struct Answer: Sendable {
    let status: Int
    let mediaType: String
    let body: [UInt8]
    var headers: [(String, String)]
    /// Writes the body instead of `body`, while it is made. Should it throw, the connection is cut, so that nobody takes a
    /// part for the whole.
    var stream: (@Sendable (inout any ResponseBodyWriter) async throws -> Void)?

    init(_ status: Int, _ mediaType: String, _ body: [UInt8], headers: [(String, String)] = []) {
        (self.status, self.mediaType, self.body, self.headers) = (status, mediaType, body, headers)
    }

    /// An object, written by the closure between its braces; `bytes` are as many as it is likely to write.
    static func json(
        _ status: Int, reservingBytes bytes: Int = objectBytesUsual, _ write: (inout JSONWriter) -> Void
    ) -> Answer {
        Answer(status, "application/json", object(reservingBytes: bytes, write))
    }

    /// An answer as it was kept with the act.
    init(_ stored: StoredAnswer) {
        self.init(stored.status, "application/json", stored.body)
        if stored.isReplayed { headers.append(("Idempotent-Replayed", "true")) }
    }
}

extension StoredAnswer {
    /// An object, written by the closure between its braces.
    static func json(_ status: Int, _ write: (inout JSONWriter) -> Void) -> StoredAnswer {
        StoredAnswer(status: status, body: object(reservingBytes: objectBytesUsual, write))
    }
}

/// Bytes that most answers need no more than.
private let objectBytesUsual = 384

private func object(reservingBytes bytes: Int, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(reservingBytes: bytes)
    writer.beginObject()
    write(&writer)
    writer.endObject()
    return writer.bytes
}
