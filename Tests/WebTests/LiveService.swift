import Foundation
import Glibc
import Harness
import Logging
import Rules
import Store

@testable import Web

/// The service on a port of this machine.
struct LiveService: Sendable {
    let database: TestDatabase
    let key: String
    /// The first controller's number, which its links name.
    let controller: Int64
    let port: Int
    let log: LogCapture

    /// Serves while the body runs.
    static func run<Value: Sendable>(
        _ limits: StreamLimits = StreamLimits(), _ body: @escaping @Sendable (LiveService) async throws -> Value
    ) async throws -> Value {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: "stratsys")
        let key = try await database.key(for: "stratsys-ab")
        let controller = try await store.catalogue().controller(slug("stratsys-ab")).id
        let log = LogCapture()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = log.logger
        logger.logLevel = .info
        var configuration = WebServer.Configuration(host: "127.0.0.1", port: 0)
        configuration.streamLimits = limits
        configuration.pages = try PageScene.recipientPages()
        let server = WebServer(
            store: store, configuration: configuration, logger: logger,
            clock: { systemNow() }, random: { UInt64.random(in: 0 ... .max) }, links: TestLinks.standard,
            isListening: { port.yield($0) })
        let value = try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await server.run()
                return nil
            }
            group.addTask {
                for await port in ports {
                    return try await body(
                        LiveService(database: database, key: key, controller: controller, port: port, log: log))
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
        await store.shutdown(within: .seconds(5))
        return value
    }

    /// Writes bytes to a connection and reads until the service closes it or has said nothing more for ten seconds. On
    /// a thread of its own: the service needs the cooperative ones to answer.
    func exchange(_ request: [UInt8]) async throws -> String {
        try await withCheckedThrowingContinuation { answer in
            DispatchQueue.global().async { answer.resume(with: Result { try blockingExchange(request) }) }
        }
    }

    private func blockingExchange(_ request: [UInt8]) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw WireError.noConnection }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw WireError.noConnection }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var rest = request[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        shutdown(descriptor, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }

    enum WireError: Error { case noConnection }
}
