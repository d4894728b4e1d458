import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What is found out on the way about who asks, for the log line at the end.
///
/// Holds no address and no name.
final class Trail: Sendable {
    private let noted = Mutex<(key: String?, controller: String?, cause: String?)>((nil, nil, nil))

    var key: String? { noted.withLock { $0.key } }
    var controller: String? { noted.withLock { $0.controller } }

    /// Why the answer is not what was asked for, where the answer itself does not say.
    var cause: String? { noted.withLock { $0.cause } }

    func note(key: String) { noted.withLock { $0.key = key } }
    func note(controller: String) { noted.withLock { $0.controller = controller } }
    func note(cause: String) { noted.withLock { $0.cause = cause } }
}

/// A request on its way through this room.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let trail = Trail()
    /// Cuts the connection, whatever it is doing.
    let cut: @Sendable () -> Void
    /// The IP address at the other end; nil where there is none.
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        let channel = source.channel
        cut = { channel.close(promise: nil) }
        peer = channel.remoteAddress?.ipAddress
    }
}

/// Around every request: an id, an answer whatever happens, an entry in the journal.
struct AccessLog: RouterMiddleware {
    typealias Context = CallContext

    let routes: RouteBook
    let journal: Journal

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let id = journal.newID()
        var cause: String?
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = self.problem(error, for: request)
            cause = problem.cause
            response = Response(problem.answer)
        }
        for (name, value) in Self.headers { response.headers[name] = value }
        if let name = HTTPField.Name.requestID { response.headers[name] = id }
        if request.method == .head { response = response.createHeadResponse() }
        let status = response.status.code
        if response.body.contentLength == nil {
            response.body = Self.recorded(response.body) { cut in
                record(request.method, context, status: status, from: start, id: id, cause: cut)
            }
        } else {
            record(request.method, context, status: status, from: start, id: id, cause: cause)
        }
        return response
    }

    /// A body whose end is heard of, and why it came too early.
    private static func recorded(
        _ body: ResponseBody, _ record: @escaping @Sendable (_ cut: String?) -> Void
    ) -> ResponseBody {
        ResponseBody { writer in
            do {
                try await body.write(writer)
            } catch {
                // The type alone: what an unknown error says may hold what the client sent.
                record((error as? StreamCut)?.cause ?? "an error of type \(type(of: error))")
                throw error
            }
            record(nil)
        }
    }

    private func record(
        _ method: HTTPRequest.Method, _ context: CallContext, status: Int, from start: ContinuousClock.Instant,
        id: String,
        cause: String?
    ) {
        let route = context.endpointPath == "NotFound" ? "none" : context.endpointPath ?? "none"
        journal.record(
            Journal.Entry(
                id: id, method: Self.methods.contains(method.rawValue) ? method.rawValue : "other", route: route,
                status: status, microseconds: Journal.microseconds(ContinuousClock.now - start), key: context.trail.key,
                controller: context.trail.controller, cause: cause ?? context.trail.cause))
    }

    private static let headers: [(HTTPField.Name, String)] = [
        (.cacheControl, "no-store"), (.xContentTypeOptions, "nosniff"),
    ]

    /// Whatever was thrown, as the client is told; what is not known is a fault of ours.
    private func problem(_ error: any Error, for request: Request) -> Problem {
        if let problem = error as? Problem { return problem }
        if let error = error as? HTTPError, error.status == .notFound { return routes.problem(for: request) }
        // The type alone: what an unknown error says may hold what the client sent.
        return .ours("an error of type \(type(of: error))")
    }

    /// The methods that are logged by name; any other word is a stranger's.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
}

extension Response {
    /// Made from what this room answers.
    init(_ answer: Answer) {
        var fields = HTTPFields()
        fields[.contentType] = answer.mediaType
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let body =
            if let stream = answer.stream {
                ResponseBody { writer in
                    try await stream(&writer)
                    try await writer.finish(nil)
                }
            } else {
                ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
            }
        self.init(status: HTTPResponse.Status(code: answer.status), headers: fields, body: body)
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")
    static let requestID = HTTPField.Name("X-Request-Id")
}
