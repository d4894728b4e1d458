import Foundation
import FoundationNetworking
import Harness
import Rules
import Spool
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

    /// Whoever stops it must hear of that: the disk may go with the machine, and the opt-outs with it.
    @Test func whoEndsWithOptOutsInTheSpoolSaysSo() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_PORT"] = "0"
        try await program.makeLinks()
        let folder = program.folder.appendingPathComponent("spool").path
        program.settings["MAYSEND_SPOOL"] = folder
        program.settings["MAYSEND_DATABASE_URL"] = "postgresql:///maysend?host=/nowhere"
        let spool = try Spool(folder: folder, freshIdentity: [UInt8](repeating: 7, count: 16))
        try await spool.append(SpoolRecord(receivedAt: 1, token: Array(try token(of: program).utf8)))
        await spool.close()
        let running = try program.start(["serve"])
        _ = try await running.port()
        kill(running.process.processIdentifier, SIGTERM)
        let ending = try await running.end()
        #expect(ending.status == 3, "\(ending.err)")
        #expect(ending.err.contains("opt-outs that were acknowledged are in the spool"))
        #expect(ending.err.contains(#""message":"stopped""#), "in order all the same")
        try program.clean()
    }

    /// One that the program's keys open.
    private func token(of program: Program) throws -> String {
        let file = try #require(program.settings["MAYSEND_LINK_KEYS"])
        let ring = try LinkKeyRing(parsing: String(contentsOfFile: file, encoding: .utf8), file: file)
        let key = AddressKey(high: 1, low: 1)
        let link = Link(
            .unsubscribe, controller: 2, person: KeyedPerson(pepper: 1, own: key, alias: key), mintedAt: .min)
        return try #require(ring.token(for: link, nonce: [UInt8](repeating: 1, count: LinkToken.nonceOctets)))
    }
}
