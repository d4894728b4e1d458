import Foundation
import Harness
import Testing

/// `make story`: three persons of three policies, from collection to erasure, through the API of a running server.
@Suite struct StoryTests {
    @Test(arguments: ["stratsys", "hydac", "infobric", "restore"])
    func itGoesAsItIsTold(_ story: String) async throws {
        var program = try Program()
        program.settings = [
            "STORY": story, "STORY_PORT": String(Int.random(in: 20_000...29_999)),
            "STORY_BINARY": ProcessInfo.processInfo.environment["MAYSEND_TEST_BINARY"] ?? "",
            "HOME": FileManager.default.temporaryDirectory.path,
        ]
        let process = Process()
        process.executableURL = Checkout.top.appendingPathComponent("deploy/dev/story.sh")
        process.environment = program.settings.merging(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]) { own, _ in own }
        let output = try program.file("out", "")
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: try program.file("err", ""))
        let ended = AsyncStream<Int32> { continuation in
            process.terminationHandler = {
                continuation.yield($0.terminationStatus)
                continuation.finish()
            }
        }
        try process.run()
        var status: Int32 = -1
        for await one in ended { status = one }
        let told = try String(contentsOfFile: output, encoding: .utf8)
        let complaint = try String(contentsOfFile: try program.file("err"), encoding: .utf8)
        #expect(status == 0, "\(told.suffix(2_000))\(complaint.suffix(2_000))")
        #expect(told.contains("\"state\":\"erased\"") || told.contains("\"contact\":null"))
        #expect(told.hasSuffix(" compared, 0 differing\n"))
        try program.clean()
    }
}
