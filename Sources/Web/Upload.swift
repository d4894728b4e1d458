import Hummingbird
import NIOCore

/// The body of a request as it comes, piece by piece; what is not asked for is not taken from the client.
actor Upload {
    private var pieces: RequestBody.AsyncIterator

    init(_ body: RequestBody) { pieces = body.makeAsyncIterator() }

    /// The next piece; nil at the end. Throws where the body breaks off.
    func next() async throws -> [UInt8]? {
        var pieces = pieces
        let piece = try await pieces.next(isolation: self)
        self.pieces = pieces
        return piece.map { Array($0.readableBytesView) }
    }
}
