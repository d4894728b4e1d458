import Formats
import HTTPTypes
import Harness
import Hummingbird
import HummingbirdTesting
import Logging
import Rules
import Store
import Synchronization
import Testing

@testable import Web

/// The service on a database of its own, as a client sees it.
///
/// Every answer is held against the OpenAPI description.
struct Service: Sendable {
    let database: TestDatabase
    let store: Store
    let log: LogCapture
    let description: Description
    private let client: any TestClientProtocol
    /// Sent where a call names no other; of the policy's first controller, with every scope.
    let key: String

    /// Serves the policy's first controller while the body runs.
    static func run(
        policy: String = "stratsys", controller: String = "stratsys-ab", links: LinkService? = TestLinks.standard,
        pages: WebServer.RecipientPages? = nil, _ body: @escaping @Sendable (Service) async throws -> Void
    ) async throws {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: policy)
        let key = try await database.key(for: controller)
        let log = LogCapture()
        var configuration = WebServer.Configuration()
        configuration.pages = pages
        let application = WebServer(
            store: store, configuration: configuration, logger: log.logger, clock: { systemNow() },
            random: { UInt64.random(in: 0 ... .max) },
            links: links
        ).application()
        try await application.test(.router) { client in
            let text = try await client.execute(uri: "/openapi.json", method: .get)
            let description = try Description(Array(text.body.readableBytesView))
            try await body(
                Service(database: database, store: store, log: log, description: description, client: client, key: key))
        }
        await store.shutdown(within: .seconds(5))
    }

    /// Sends a request as it is and returns the answer, which must be one that the description has.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, bytes: [UInt8]? = nil, headers: [String: String]
    ) async throws -> Reply {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let response = try await client.execute(
            uri: uri, method: method, headers: fields, body: bytes.map { ByteBuffer(bytes: $0) })
        let reply = Reply(
            status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
        let path = String(uri.prefix { $0 != "?" })
        for fault in description.faults(of: reply, to: method.rawValue, path) {
            Issue.record("\(method) \(uri) → \(reply.status): \(fault)\n\(reply.text)")
        }
        return reply
    }

    /// Sends JSON with a key.
    func post(
        _ uri: String, _ json: String, key: String? = nil, idempotencyKey: String? = nil
    ) async throws -> Reply {
        var headers = ["Authorization": "Bearer \(key ?? self.key)", "Content-Type": "application/json"]
        if let idempotencyKey { headers["Idempotency-Key"] = idempotencyKey }
        return try await send(.post, uri, bytes: Array(json.utf8), headers: headers)
    }

    func get(_ uri: String, key: String? = nil) async throws -> Reply {
        try await send(.get, uri, headers: ["Authorization": "Bearer \(key ?? self.key)"])
    }

    /// The reason of a check's verdict.
    func reason(_ address: String, purpose: String = "newsletter", key: String? = nil) async throws -> String {
        let reply = try await post(
            "/v1/eligibility", #"{"address": "\#(address)", "purpose": "\#(purpose)"}"#, key: key)
        #expect(reply.status == 200)
        return try #require(reply.string("reason"))
    }
}

/// What came back.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var json: JSON? { do { return try JSON(parsing: bytes) } catch { return nil } }

    subscript(_ key: String) -> JSON? {
        guard case .object(let object) = json else { return nil }
        return object[key]
    }

    func string(_ key: String) -> String? {
        if case .string(let text) = self[key] { text } else { nil }
    }

    func strings(_ key: String) -> [String] {
        guard case .array(let values) = self[key] else { return [] }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    func objects(_ key: String) -> [JSONObject] {
        guard case .array(let values) = self[key] else { return [] }
        return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// `STATUS code pointer`, of a problem.
    var problem: String {
        "\(status) \(string("code") ?? "?")" + (string("pointer").map { " " + ($0.isEmpty ? "(whole)" : $0) } ?? "")
    }
}

/// The lines that a run logs.
final class LogCapture: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined() } }

    var logger: Logger {
        Logger(label: "maysend.web") { label in
            JSONLogHandler(label: label, level: .trace, clock: { systemNow() }) { [lines = self] line in
                lines.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
    }
}
