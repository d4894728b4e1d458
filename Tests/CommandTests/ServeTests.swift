import Foundation
import FoundationNetworking
import Harness
import Testing

/// The server as a process: how it starts, and how it ends.
@Suite struct ServeTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func itServesUntilASignal(_ signal: Int32) async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_PORT"] = "0"
        let running = try program.start(["serve"])
        let port = try await running.port()
        #expect(try await Running.status(of: "readyz", port) == 200)
        kill(running.process.processIdentifier, signal)
        let ending = try await running.end()
        #expect(ending.status == 0, "\(ending.err)")
        #expect(ending.err.contains(#""message":"stopped""#))
        for line in ending.err.split(separator: "\n") { #expect(line.hasPrefix(#"{"time":""#)) }
        try program.clean()
    }

    @Test func withoutItsDatabaseItStartsAndIsNotReady() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_PORT"] = "0"
        program.settings["MAYSEND_DATABASE_URL"] = "postgresql:///maysend?host=/nowhere"
        let running = try program.start(["serve"])
        let port = try await running.port()
        #expect(try await Running.status(of: "healthz", port) == 200)
        #expect(try await Running.status(of: "readyz", port) == 503)
        kill(running.process.processIdentifier, SIGTERM)
        #expect(try await running.end().status == 0)
        try program.clean()
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_PORT"] = "0"
        let first = try program.start(["serve"])
        let port = try await first.port()
        program.settings["MAYSEND_PORT"] = "\(port)"
        let second = try await program.run("serve")
        #expect(second.status == 2)
        #expect(
            second.err.contains("cannot listen at 127.0.0.1, port \(port): Address already in use"), "\(second.err)")
        kill(first.process.processIdentifier, SIGTERM)
        #expect(try await first.end().status == 0)
        try program.clean()
    }

    /// What was no record any more may have been an acknowledged opt-out: it is told until somebody has looked.
    @Test func damageOfASpoolIsToldByTheServerAndTheDoctor() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_PORT"] = "0"
        try await program.makeLinks()
        let spool = program.folder.appendingPathComponent("spool")
        program.settings["MAYSEND_SPOOL"] = spool.path
        try FileManager.default.createDirectory(
            at: spool, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let damaged = spool.appendingPathComponent("damaged")
        try Data("rubbish".utf8).write(to: damaged)
        let told = "spool: 7 bytes of it were no record any more"
        #expect(try await program.run("doctor").lines.contains { $0.hasPrefix("notice  " + told) })
        let running = try program.start(["serve"])
        let port = try await running.port()
        #expect(try await Running.text(of: "readyz", port).contains(told))
        #expect(try await Running.status(of: "readyz", port) == 200)
        kill(running.process.processIdentifier, SIGTERM)
        #expect(try await running.end().status == 0)
        try FileManager.default.removeItem(at: damaged)
        #expect(try await !program.run("doctor").out.contains("no record any more"))
        try program.clean()
    }
}
