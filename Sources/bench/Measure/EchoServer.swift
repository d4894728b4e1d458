import Formats
import Hummingbird
import Logging
import NIOCore

/// The bare route: reads a question with the service's own JSON reader and writes as much as a verdict is, without asking
/// anybody. It has the router as it comes, no key, no log line and no database.
struct EchoServer {
    let port: Int

    /// Serves until the process is ended.
    func run() async throws {
        let router = Router()
        router.post("/v1/eligibility") { request, _ in try await Self.answer(request) }
        router.get("/readyz") { _, _ in Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "{}")))
        }
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: logger)
        try await application.run()
    }

    private static let bodyBytesMax = 65_536

    private static func answer(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: bodyBytesMax)
        let document = try body.withUnsafeReadableBytes { bytes throws(JSONError) in try JSON(parsing: bytes) }
        guard case .object(let fields) = document, case .string(let purpose) = fields["purpose"],
            case .string = fields["address"]
        else { throw HTTPError(.unprocessableContent) }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: verdict(purpose))))
    }

    /// The fields and the size of a real verdict.
    private static func verdict(_ purpose: String) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: 512)
        writer.beginObject()
        writer.member("eligible", true)
        writer.member("reason", "ground-holds")
        writer.member("ground", purpose)
        writer.key("basis")
        writer.beginObject()
        writer.member("article", "6(1)(f)")
        writer.member("kind", "legitimate-interest")
        writer.endObject()
        writer.member("until", "2027-02-21T00:00:00Z")
        writer.key("entry")
        writer.null()
        writer.member("policy", "stratsys@1")
        writer.member("at", "2026-11-21T11:03:20.338443Z")
        writer.key("tracking")
        writer.beginObject()
        writer.member("analytics", true)
        writer.member("profiling", true)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
