import AsyncHTTPClient
import Formats
import NIOCore
import NIOHTTP1
import Rules
import Store

/// What an endpoint said, as far as it matters.
struct OutboundAnswer: Hashable, Sendable {
    let status: Int
    /// How long it wants to be left alone, in seconds; nil where it does not say.
    let retryAfterSeconds: Int64?
    /// The first bytes of its body.
    let body: [UInt8]
    /// Whether there was more than that.
    let isCut: Bool
}

/// How long others may take.
struct OutboundLimits: Sendable {
    /// A request from its beginning to the end of its answer.
    var request: Duration = .seconds(15)
    /// An answer of which the status alone counts, from its head to its end.
    var drain: Duration = .seconds(1)
    /// Until a connection is there.
    var connect: Duration = .seconds(5)
}

/// One recipient's machine, found and judged once for a turn; every request goes to that very address.
struct OutboundConnection {
    private let client: HTTPClient
    private let base: String
    private let limits: OutboundLimits
    private let clock: @Sendable () -> Instant

    /// Bytes of an answer that are read.
    static let answerBytesMax = 16 * 1_024
    /// Requests to one recipient at a time.
    static let requestsAtOnce = 8

    /// What of an answer matters.
    enum Reading {
        /// The rest is read for a moment, so that the connection can be used again; if it does not end, it is cut.
        case status
        case body
    }

    /// Connects to nothing yet; `close` must follow.
    init(
        to url: OutboundURL, at address: OutboundAddress, _ limits: OutboundLimits,
        clock: @escaping @Sendable () -> Instant
    ) {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = TimeAmount(limits.connect)
        configuration.timeout.read = TimeAmount(limits.request)
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.requestsAtOnce
        if url.address == nil { configuration.dnsOverride = [url.host: address.description] }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        (base, self.limits, self.clock) = (url.text, limits, clock)
    }

    /// Ends its connections.
    func close() async {
        do { try await client.shutdown() } catch {
            // What could not be closed in order ends with the process.
        }
    }

    /// Sends a POST to the URL, with more of a path behind it, and waits for the answer; nil where nobody answers in time, or
    /// not with HTTP. The head and what is read behind it have one limit together.
    func post(
        _ path: String, _ headers: [(String, String)], _ body: [UInt8], reading: Reading
    ) async -> OutboundAnswer? {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers = HTTPHeaders(
            headers + [("Content-Type", "application/json"), ("User-Agent", "maysend")])
        request.body = .bytes(ByteBuffer(bytes: body))
        let end = ContinuousClock.now + limits.request
        let response: HTTPClientResponse
        // The client's own limit ends with the head of the answer.
        do { response = try await client.execute(request, timeout: TimeAmount(limits.request)) } catch { return nil }
        let read: [UInt8]?
        switch reading {
        case .status: read = await Self.read(response, until: min(end, ContinuousClock.now + limits.drain)) ?? []
        case .body: read = await Self.read(response, until: end)
        }
        guard let read else { return nil }
        return OutboundAnswer(
            status: Int(response.status.code),
            retryAfterSeconds: RetryAfter.seconds(response.headers.first(name: "Retry-After"), at: clock()),
            body: read, isCut: read.count == Self.answerBytesMax)
    }

    /// The first bytes of the body; nil where they do not come in time, or break off.
    private static func read(_ response: HTTPClientResponse, until end: ContinuousClock.Instant) async -> [UInt8]? {
        await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                var bytes: [UInt8] = []
                do {
                    for try await piece in response.body {
                        bytes += piece.readableBytesView.prefix(answerBytesMax - bytes.count)
                        if bytes.count == answerBytesMax { break }
                    }
                    return bytes
                } catch {
                    return nil
                }
            }
            group.addTask {
                do { try await Task.sleep(until: end, clock: .continuous) } catch {
                    // The body is there.
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}

extension TimeAmount {
    fileprivate init(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// The header Retry-After (RFC 9110, 10.2.3): a number of seconds or a date.
enum RetryAfter {
    /// The longest that is honoured, in seconds.
    static let secondsMax: Int64 = 86_400

    static func seconds(_ text: String?, at now: Instant) -> Int64? {
        guard let text = text?.split(separator: " ").joined(separator: " "), !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return min(Int64(text) ?? secondsMax, secondsMax)
        }
        guard let date = instant(text) else { return nil }
        return min(max((date.microseconds - now.microseconds) / 1_000_000, 0), secondsMax)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms count as none.
    private static func instant(_ text: String) -> Instant? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Instant(parsing: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}

/// What is done next about a notice that was tried.
enum NoticeResult: Hashable, Sendable {
    case delivered(answer: String)
    case failed(answer: String, retryAfterSeconds: Int64?, isUnreachable: Bool)
    /// It takes nothing now, whatever it is told (429, 503).
    case busy(answer: String, retryAfterSeconds: Int64?)
    /// There is nothing that it could be told, now or later.
    case untellable(answer: String)
    /// The endpoint wants nothing more.
    case gone
}

/// Sends notices to a webhook: Standard Webhooks, signed with every secret that is live.
struct WebhookSender {
    let endpoint: Endpoint
    let secrets: [WebhookSecret]
    let connection: OutboundConnection
    let clock: @Sendable () -> Instant

    func send(_ notice: ClaimedNotice) async -> NoticeResult {
        let body = NoticeBody(notice, controller: endpoint.controllerName).bytes
        let seconds = clock().microseconds / 1_000_000
        let signatures = secrets.flatMap { $0.signatures(id: notice.webhookID, seconds: seconds, body: body) }
        let headers = [
            ("webhook-id", notice.webhookID), ("webhook-timestamp", String(seconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
        guard let answer = await connection.post("", headers, body, reading: .status) else {
            return .noAnswer
        }
        return NoticeResult(answer)
    }
}

extension NoticeResult {
    /// 2xx is a success, 410 the end, all else, redirects included, a failure.
    init(_ answer: OutboundAnswer) {
        self =
            switch answer.status {
            case 200..<300: .delivered(answer: String(answer.status))
            case 410: .gone
            default: .failure(answer)
            }
    }

    static let noAnswer = NoticeResult.failed(answer: "no answer", retryAfterSeconds: nil, isUnreachable: true)

    /// Of an answer that is no success.
    static func failure(_ answer: OutboundAnswer) -> NoticeResult {
        let (word, seconds) = (String(answer.status), answer.retryAfterSeconds)
        return switch answer.status {
        case 429, 503: .busy(answer: word, retryAfterSeconds: seconds)
        default: .failed(answer: word, retryAfterSeconds: seconds, isUnreachable: false)
        }
    }
}
