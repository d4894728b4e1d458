import Foundation
import Testing

@testable import Web

@Suite struct MailTests {
    /// A signed mail with the verdict's fields is one-click by RFC 8058, and its link, pressed as a mailbox provider does,
    /// is obeyed by the next check.
    @Test func aRealMailIsOneClick() async throws {
        _ = try #require(
            ProcessInfo.processInfo.environment["MAYSEND_TEST_VENV"],
            "run the tests by 'make test', which makes a Python")
        try await LiveService.run { service in
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Mail/mail.sh")
            let (status, output) = try await Script.run(
                script, ["http://127.0.0.1:\(service.port)", service.key, TestLinks.origin])
            #expect(status == 0, "\(output.suffix(20_000))")
            #expect(output.components(separatedBy: "conformant; pressed twice").count == 3)
        }
    }
}
