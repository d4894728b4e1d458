import Foundation
import FoundationNetworking
import Harness
import Synchronization
import Testing

/// A server in Python beside the test: something that is not ours, told in a few lines.
final class PythonServer: Sendable {
    private let heard = Atomic(0)
    private let process: pid_t
    private let output: URL

    private let isRunning = Atomic(true)

    private init(process: pid_t, output: URL) { (self.process, self.output) = (process, output) }

    var port: Int { heard.load(ordering: .relaxed) }

    /// Starts a script of the checkout and waits for its port; `stop` must follow.
    static func start(_ script: String, _ arguments: [String] = []) async throws -> PythonServer {
        let venv = try #require(
            ProcessInfo.processInfo.environment["MAYSEND_TEST_VENV"],
            "run the tests by 'make test', which makes a Python")
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("server-\(UUID().uuidString).txt")
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: venv + "/bin/python")
        process.arguments = ["-u", Checkout.top.appendingPathComponent(script).path] + arguments
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = FileHandle.nullDevice
        try process.run()
        let server = PythonServer(process: process.processIdentifier, output: output)
        server.heard.store(
            try #require(Int(try await server.line(at: 0).dropFirst("port ".count))), ordering: .relaxed)
        return server
    }

    /// So many lines after the first, once they are there.
    func lines(_ count: Int) async throws -> [String] {
        var lines: [String] = []
        for index in 1...count { lines.append(try await line(at: index)) }
        return lines
    }

    /// How many lines it has written after the first.
    func lineCount() throws -> Int { try written().count - 1 }

    private func line(at index: Int) async throws -> String {
        while true {
            let lines = try written()
            if index < lines.count { return lines[index] }
            try #require(kill(process, 0) == 0, "the server has ended")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func written() throws -> [String] {
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        // The last line may be half written.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// Ends it; a test that fails before that ends it too.
    func stop() {
        guard isRunning.exchange(false, ordering: .relaxed) else { return }
        kill(process, SIGKILL)
        do { try FileManager.default.removeItem(at: output) } catch {}
    }

    deinit { stop() }

    func get(_ path: String) async throws -> [String: Any] {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/\(path)"))
        let (data, _) = try await URLSession.shared.data(from: url)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
