import ArgumentParser
import Logging

/// The command `bench echo`.
struct EchoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Serve the bare route: JSON in and out, no database, no log.",
        discussion: "What the HTTP stack allows at most, to compare the real service with.")

    @Option(help: "Where to listen on 127.0.0.1.")
    var port = 8081

    func run() async throws { try await EchoServer(port: port).run() }
}
