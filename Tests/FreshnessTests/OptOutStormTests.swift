import Foundation
import Harness
import Testing

/// Acknowledged opt-outs, while instances are killed and the database is stopped: deploy/dev/optouts.py in small.
/// `make optouts` runs it in full.
@Suite struct OptOutStormTests {
    @Test func noAcknowledgedOptOutIsLostAndNoCheckIsStale() async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = URL(fileURLWithPath: environment["MAYSEND_TEST_DIR"] ?? NSTemporaryDirectory())
            .appendingPathComponent("storm-\(UInt64.random(in: 0 ... .max))")
        let top = Checkout.top.path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let output = folder.appendingPathComponent("said").path
        try Data().write(to: URL(fileURLWithPath: output))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "\(top)/deploy/dev/optouts.py", Program.binary.path, top, folder.path, "--people", "400", "--kills", "2",
            "--stops", "1", "--connections", "16",
        ]
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: output)
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            end.yield(process.terminationStatus)
            end.finish()
        }
        try process.run()
        var status: Int32 = -1
        for await one in ended { status = one }
        let said = try String(contentsOfFile: output, encoding: .utf8)
        FileHandle.standardOutput.write(Data(said.utf8))
        #expect(status == 0, "\(said)")
        try FileManager.default.removeItem(at: folder)
    }
}
