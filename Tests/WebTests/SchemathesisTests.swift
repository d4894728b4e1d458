import Foundation
import Synchronization
import Testing

@testable import Web

@Suite struct SchemathesisTests {
    /// Random requests, right and wrong, against the description: no 500, no answer that it does not have.
    @Test func everyCheckOfSchemathesisPasses() async throws {
        _ = try #require(
            ProcessInfo.processInfo.environment["MAYSEND_TEST_VENV"],
            "run the tests by 'make test', which makes a Python")
        try await LiveService.run { service in
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("schemathesis.sh")
            let (status, output) = try await Self.run(script, ["http://127.0.0.1:\(service.port)", service.key])
            #expect(status == 0, "\(output.suffix(20_000))")
            #expect(output.contains("No issues found"))
            for word in [#""level":"error""#, service.key, "@"] {
                #expect(!service.log.text.contains(word), "\(word) is in the log")
            }
        }
    }

    private static func run(_ script: URL, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = script
        process.arguments = arguments
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "schemathesis-\(UUID().uuidString).txt")
        try Data().write(to: file)
        defer { do { try FileManager.default.removeItem(at: file) } catch {} }
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        process.standardError = handle
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}
