import ArgumentParser
import Foundation
import Logging
import Rules
import Store
import Web

/// The command `bench serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the real service from this process, with knobs that the product does not have.",
        discussion: """
            The same store and the same routes as 'maysend serve', logging as it does. The knobs stand at one query per \
            check, each on a connection of a pool.

              MAYSEND_DATABASE_URL=… MAYSEND_PEPPER_FILE=… bench serve --port 8082
            """)

    @Option(help: "Where to listen on 127.0.0.1.")
    var port = 8082
    @Option(help: "Connections that answer checks.")
    var checkConnections = Knobs().checkConnections

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["MAYSEND_DATABASE_URL"], let file = environment["MAYSEND_PEPPER_FILE"] else {
            throw BenchFault("MAYSEND_DATABASE_URL and MAYSEND_PEPPER_FILE must be set")
        }
        let peppers = try Peppers(parsing: String(contentsOfFile: file, encoding: .utf8), file: file)
        var configuration = Store.Configuration(url: url, peppers: peppers)
        Knobs(checkConnections: checkConnections).turn(&configuration)
        let store = try Store(configuration, random: { Double.random(in: 0..<1) })
        try await store.ready(within: .seconds(30))
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: .info, clock: WallClock.now) }
        let server = WebServer(
            store: store, configuration: WebServer.Configuration(port: port), logger: Logger(label: "maysend"),
            clock: WallClock.now, random: { UInt64.random(in: 0 ... .max) })
        try await server.run()
    }
}

/// What is set otherwise than in the product: each check is a query of its own, on a pool.
struct Knobs {
    var checkConnections = 6

    /// The one place that knows how the store is told.
    func turn(_ configuration: inout Store.Configuration) {
        configuration.checkConnections = checkConnections
        configuration.checksPerQueryMax = 1
        configuration.checkQueriesMax = checkConnections
    }
}
