import Foundation
import Harness
import Store
import Testing

/// A list at the command line, from the database and from a server.
@Suite(.serialized) struct ScrubTests {
    private static let list = "navn;e-post\r\nKari;kari@firma.example\r\nOla;ola@firma.example\r\nX;x\r\n\"Y\n\r\n"

    /// Kari is eligible, Ola is not.
    private func site() async throws -> Site {
        let site = try await Site()
        let leads = try site.program.file("leads.csv", "email\nkari@firma.example\nola@firma.example\n")
        let collected = String(Date.now.ISO8601Format().prefix(10))
        let imported = try await site.program.run("import", leads, "--source", "fair", "--collected-at", collected)
        #expect(imported.status == 0, "\(imported.err)")
        #expect(try await site.program.run("suppress", "ola@firma.example", "--reason", "unsubscribed").status == 0)
        return site
    }

    @Test func aFileBecomesAFile() async throws {
        let program = try await site().program
        let list = try program.file("list.csv", Self.list)
        let out = program.folder.appendingPathComponent("out.csv").path
        let ask = ["scrub", list, "--purpose", "newsletter", "--output", out]
        let ending = try await program.start(ask).end()
        #expect(ending.status == 0, "\(ending.err)")
        #expect(ending.out.isEmpty)
        let text = try String(contentsOfFile: out, encoding: .utf8)
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines[0] == "navn;e-post;eligible;reason;ground;until")
        #expect(lines[1].hasPrefix("Kari;kari@firma.example;true;ground-holds;cold-lead;20"))
        #expect(
            Array(lines[2...]) == [
                "Ola;ola@firma.example;false;unsubscribed;;", "X;x;false;invalid-address;;", ";;false;invalid-row;;",
                "",
            ])
        #expect(
            ending.err == "  1 eligible\n  1 invalid-address\n  1 invalid-row\n  1 unsubscribed\n= 4 rows of \(list)\n")
        let mode = try FileManager.default.attributesOfItem(atPath: out)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let again = try await program.start(ask).end()
        #expect(again.status == 2 && again.err.contains("is there already and stays as it is"), "\(again.err)")
        let forced = try await program.start(ask + ["--force", "--only", "eligible"]).end()
        #expect(forced.status == 0)
        #expect(try String(contentsOfFile: out, encoding: .utf8) == "navn;e-post\r\nKari;kari@firma.example\r\n")
        #expect(try parts(in: program).isEmpty)
        try program.clean()
    }

    @Test func standardInputBecomesStandardOutput() async throws {
        let program = try await site().program
        let ask = ["scrub", "-", "--purpose", "newsletter"]
        let refused = try await program.start(ask + ["--only", "refused"], input: Self.list).end()
        #expect(
            refused.out
                == "navn;e-post;eligible;reason;ground;until\r\nOla;ola@firma.example;false;unsubscribed;;\r\nX;x;false;invalid-address;;\r\n;;false;invalid-row;;\r\n"
        )
        let lines = #"{"email": "kari@firma.example"}"# + "\nx\n"
        let csv = try await program.start(ask + ["--format", "csv"], input: lines).end()
        #expect(csv.lines.first == "address,eligible,reason,ground,until")
        #expect(csv.lines.last == ",false,invalid-row,,")
        let json = try await program.start(ask + ["--only", "eligible"], input: lines).end()
        #expect(json.out == #"{"email": "kari@firma.example"}"# + "\n")
        let bare = try await program.start(
            ask + ["--no-header", "--only", "eligible"], input: "kari@firma.example,1\nola@firma.example,2\nb,3\n"
        ).end()
        #expect(bare.out == "kari@firma.example,1\n", "\(bare.err)")
        try program.clean()
    }

    private static let wrong: [([String], String, String)] = [
        (["--purpose", "newslettr"], "address\n", "unknown purpose 'newslettr'; known are newsletter, "),
        (["--purpose", "newsletter", "--topic", "x"], "address\n", "unknown topic 'x' of purpose 'newsletter'"),
        (["--purpose", "contact-form"], "address\n", "is of kind record"),
        (["--purpose", "newsletter", "--at", "2020-01-01T00:00:00Z"], "address\n", "is past"),
        (["--purpose", "newsletter"], "", "The list is empty"),
        (["--purpose", "newsletter"], "a@b.example\n", "--no-header says that there is none."),
        (["--purpose", "newsletter"], "a,b\n1,2\n", "--column names it"),
        (["--purpose", "newsletter", "--column", "c"], "a,b\n1,2\n", "there is no column “c”"),
        (["--purpose", "newsletter"], "address,until\n", "“until” already"),
        (["--purpose", "newsletter", "--only", "all"], "address\n", "allowed are eligible, refused"),
        (["--purpose", "newsletter", "--format", "xml"], "address\n", "allowed are csv, ndjson"),
        (["--purpose", "newsletter", "--delimiter", "x"], "address\n", "allowed are tab, semicolon, pipe, comma"),
        (["--purpose", "newsletter", "--url", "ftp://x"], "address\n", "MAYSEND_API_KEY is not set"),
        (
            ["--purpose", "newsletter", "--url", "http://127.0.0.1:1", "--controller", "x"], "address\n",
            "the key has its own"
        ),
    ]

    @Test func whatIsWrongLeavesNoFile() async throws {
        let program = try await Site().program
        for (arguments, list, expected) in Self.wrong {
            let out = program.folder.appendingPathComponent("out.csv").path
            let ending = try await program.start(["scrub", "-", "--output", out] + arguments, input: list).end()
            #expect(ending.status == 2 && ending.err.contains(expected), "\(arguments): \(ending.err)")
            #expect(!FileManager.default.fileExists(atPath: out))
            #expect(try parts(in: program).isEmpty, "\(arguments)")
        }
        try program.clean()
    }

    @Test func anotherServerAnswersTheSame() async throws {
        let site = try await site()
        var program = site.program
        let list = try program.file("list.csv", Self.list)
        let direct = try await program.run("scrub", list, "--purpose", "newsletter")
        program.settings["MAYSEND_PORT"] = "0"
        let server = try program.start(["serve"])
        let said = try #require(try await server.line(with: #""message":"listening""#))
        let port = try #require(said.firstMatch(of: /"port":"?(\d+)/)?.1)
        let url = "http://127.0.0.1:\(port)"

        var client = try Program(["MAYSEND_API_KEY": try await site.database.key(for: "stratsys-ab", scopes: [.check])])
        let ask = ["scrub", list, "--purpose", "newsletter", "--url", url]
        let remote = try await client.start(ask).end()
        #expect(remote.status == 0, "\(remote.err)")
        #expect(remote.out == direct.out && remote.err == direct.err)
        let eligible = try await client.start(ask + ["--only", "eligible"]).end()
        #expect(eligible.out == "navn;e-post\r\nKari;kari@firma.example\r\n")
        let rows = (0..<30_000).map { "p\($0)@b.example\n" }.joined()
        let long = try await client.start(["scrub", "-"] + ask.dropFirst(2), input: "address\n" + rows).end()
        #expect(long.status == 0 && long.lines.count == 30_001, "\(long.err)")
        let unknown = try await client.start(["scrub", list, "--purpose", "x", "--url", url]).end()
        #expect(unknown.status == 2 && unknown.err.contains("the server refuses (422): unknown purpose 'x'; known are"))

        let keyFile = try client.file("key", "msk_aaaaaaaa_\(String(repeating: "a", count: 52))\n")
        let stranger = try await client.start(ask + ["--key-file", keyFile]).end()
        #expect(stranger.status == 2, "\(stranger.err)")
        client.settings = [:]
        #expect(try await client.start(ask).end().err.contains("MAYSEND_API_KEY is not set"))
        server.process.terminate()
        _ = try await server.end()
        try client.clean()
        try program.clean()
    }

    @Test func aSignalLeavesNoPart() async throws {
        let program = try await Site().program
        let out = program.folder.appendingPathComponent("out.csv").path
        let fifo = program.folder.appendingPathComponent("list.fifo").path
        #expect(mkfifo(fifo, 0o600) == 0)
        let running = try program.start(["scrub", fifo, "--purpose", "newsletter", "--output", out])
        let feed = try await blockingOpen(fifo)
        try feed.write(contentsOf: Data(("address\n" + (0..<4_000).map { "p\($0)@b.example\n" }.joined()).utf8))
        while try parts(in: program).isEmpty, running.process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        running.process.interrupt()
        let ending = try await running.end()
        #expect(ending.status == 130, "\(ending.status) \(ending.err)")
        #expect(try parts(in: program).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: out))
        try feed.close()
        try program.clean()
    }

    private func blockingOpen(_ path: String) async throws -> FileHandle {
        try await withCheckedThrowingContinuation { opened in
            DispatchQueue.global().async {
                opened.resume(
                    with: Result { try FileHandle(forWritingTo: URL(fileURLWithPath: path)) })
            }
        }
    }

    /// Output files that are not whole.
    private func parts(in program: Program) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: program.folder.path).filter { $0.hasSuffix(".part") }
    }
}
