import Foundation
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
            let (status, output) = try await Script.run(script, ["http://127.0.0.1:\(service.port)", service.key])
            #expect(status == 0, "\(output.suffix(20_000))")
            #expect(output.contains("No issues found"))
            for word in [#""level":"error""#, service.key, "@"] {
                #expect(!service.log.text.contains(word), "\(word) is in the log")
            }
        }
    }
}
