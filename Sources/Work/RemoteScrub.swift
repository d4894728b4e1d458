import AsyncHTTPClient
public import Formats
import NIOCore
import NIOHTTP1
import Rules
public import Store

/// Why a remote service gave no whole answer: one sentence.
public enum RemoteScrubError: Error, Sendable {
    /// The text is no http or https URL.
    case noURL
    /// Nobody answers there, or not with HTTP.
    case unreachable
    /// It refuses, for a reason that it names.
    case refused(status: Int, detail: String)
    /// The answer broke off: what came is no whole list.
    case brokenOff
}

/// Has a remote service answer a list, as a stream: what is sent next is read only when it can be sent.
public struct RemoteScrub: Sendable {
    private let url: String
    private let key: String

    /// Seconds in which a connection must be there.
    static let connectSecondsMax: Int64 = 10
    /// Seconds in which the service must say something more; the service itself cuts a stream that stands still.
    static let silenceSecondsMax: Int64 = 90
    /// Bytes of a refusal that are read.
    static let problemBytesMax = 64 * 1_024

    /// The service at this URL, without a path of ours, and a key of scope `check`.
    public init(url: String, key: String) throws(RemoteScrubError) {
        let trimmed = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard trimmed.hasPrefix("https://") || trimmed.hasPrefix("http://"),
            !trimmed.contains(where: { $0 == "?" || $0 == "#" })
        else { throw .noURL }
        (self.url, self.key) = (trimmed, key)
    }

    /// Whether the key crosses a network unprotected.
    public var isInClear: Bool {
        guard url.hasPrefix("http://") else { return false }
        let host = url.dropFirst("http://".count).prefix { $0 != "/" }
        return !["localhost", "127.0.0.1", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    }

    /// Sends the pieces that `read` gives until it gives nil, and hands the answer on as it comes.
    public func run(
        _ terms: CheckTerms, of options: ScrubOptions,
        read: @escaping @Sendable () async throws -> [UInt8]?, write: ([UInt8]) async throws -> Void
    ) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(Self.connectSecondsMax)
        configuration.timeout.read = .seconds(Self.silenceSecondsMax)
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            try await exchange(request(terms, options, read), by: client, write: write)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private func request(
        _ terms: CheckTerms, _ options: ScrubOptions, _ read: @escaping @Sendable () async throws -> [UInt8]?
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + "/v1/scrub?" + Self.query(terms, options))
        request.method = .POST
        request.headers = [
            "Authorization": "Bearer " + key, "Content-Type": Self.mediaType(of: options),
            "Accept": options.output == .csv ? "text/csv" : "application/x-ndjson",
        ]
        request.body = .stream(Pieces(read: read), length: .unknown)
        return request
    }

    private func exchange(
        _ request: HTTPClientRequest, by client: HTTPClient, write: ([UInt8]) async throws -> Void
    ) async throws {
        let response: HTTPClientResponse
        do {
            // The whole may take as long as it takes: what stands still is ended by the timeouts.
            response = try await client.execute(request, deadline: .distantFuture)
        } catch let error as ReadFailure {
            throw error
        } catch {
            throw RemoteScrubError.unreachable
        }
        guard response.status == .ok else { throw try await Self.refusal(response) }
        var pieces = response.body.makeAsyncIterator()
        while let piece = try await Self.next(&pieces) { try await write(Array(piece.readableBytesView)) }
    }

    private static func next(_ pieces: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do { return try await pieces.next() } catch let error as ReadFailure {
            throw error
        } catch {
            throw RemoteScrubError.brokenOff
        }
    }

    private static func refusal(_ response: HTTPClientResponse) async throws -> RemoteScrubError {
        var detail = "it gives no reason"
        do {
            let body = try await response.body.collect(upTo: problemBytesMax)
            if case .object(let problem) = try JSON(parsing: Array(body.readableBytesView)),
                case .string(let text) = problem["detail"]
            {
                detail = text
            }
        } catch {
            // A refusal without a reason is one all the same.
        }
        return .refused(status: Int(response.status.code), detail: detail)
    }

    private static func query(_ terms: CheckTerms, _ options: ScrubOptions) -> String {
        var words = ["purpose=" + escaped(terms.purpose.text)]
        if let topic = terms.topic { words.append("topic=" + escaped(topic.text)) }
        if let at = terms.at { words.append("at=" + escaped(at.description)) }
        if let column = options.column { words.append("column=" + escaped(column)) }
        guard options.input == .csv else { return words.joined(separator: "&") }
        if let delimiter = options.delimiter { words.append("delimiter=" + delimiter.rawValue) }
        if options.header != .guess { words.append("header=" + (options.header == .none ? "absent" : "present")) }
        return words.joined(separator: "&")
    }

    private static func mediaType(of options: ScrubOptions) -> String {
        guard options.input == .csv else { return "application/x-ndjson" }
        return "text/csv" + (options.encoding.map { "; charset=" + $0.rawValue } ?? "")
    }

    /// Everything but letters, digits and `-._~` as RFC 3986 wants it in a query.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain = byte < 0x80 && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte))
            if isPlain || "-._~".unicodeScalars.contains(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return escaped
    }
}

/// The pieces of a list, read as they are wanted.
private struct Pieces: AsyncSequence, Sendable {
    let read: @Sendable () async throws -> [UInt8]?

    struct AsyncIterator: AsyncIteratorProtocol {
        let read: @Sendable () async throws -> [UInt8]?

        mutating func next() async throws -> ByteBuffer? { try await read().map { ByteBuffer(bytes: $0) } }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(read: read) }
}
