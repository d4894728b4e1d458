import Foundation
import FoundationNetworking
import Harness
import Rules
import Testing

/// A restore of a backup that is older than an opt-out and an erasure, by the program as it is run.
@Suite struct RestoreTests {
    @Test func whatTheJournalHasCountsAgainAfterAnOlderBackup() async throws {
        let site = try await Site()
        var program = site.program
        let journal = try program.file("journal")
        program.settings["MAYSEND_JOURNAL"] = journal
        program.settings["MAYSEND_PORT"] = "0"
        program.settings["MAYSEND_SWEEP"] = "off"
        let leads = try program.file("leads.csv", "email,name\nkari@firma.example,Kari\nola@firma.example,Ola\n")
        let day = String(systemNow().description.prefix(10))
        #expect(try await program.run("import", leads, "--source", "fair", "--collected-at", day).status == 0)
        let ask = ["check", "kari@firma.example", "--purpose", "newsletter"]
        #expect(try await program.start(ask).end().status == 0)

        // The backup, and then what it does not have.
        try await site.database.run("create schema backup")
        let tables = ["ledger", "standing", "contact", "seal"]
        for table in tables { try await site.database.run("create table backup.\(table) as table maysend.\(table)") }
        let serving = try program.start(["serve"])
        #expect(try await serving.line(with: #""message":"listening""#) != nil)
        #expect(try await program.run("suppress", "kari@firma.example", "--reason", "unsubscribed").status == 0)
        let key = try await site.database.key(for: "stratsys-ab")
        let port = try await serving.port()
        #expect(
            try await Self.post(#"{"address":"ola@firma.example","event":"erased"}"#, "v1/events", port, key) == 201)
        try await Self.waitForLines(2, in: journal)
        kill(serving.process.processIdentifier, SIGTERM)
        #expect(try await serving.end().status == 0)

        try await site.database.run(
            "set session_replication_role = replica;"
                + tables.map {
                    "delete from maysend.\($0); insert into maysend.\($0) overriding system value select * from backup.\($0);"
                }
                .joined())

        // The server starts and answers nothing.
        let refusing = try program.start(["serve"])
        let closed = try await refusing.port()
        #expect(try await refusing.line(with: "run 'maysend restore-check'") != nil)
        #expect(try await Running.status(of: "readyz", closed) == 503)
        #expect(try await Running.text(of: "readyz", closed).contains("run 'maysend restore-check'"))
        #expect(
            try await Self.post(
                #"{"address":"kari@firma.example","purpose":"newsletter"}"#, "v1/eligibility", closed, key) == 503)
        kill(refusing.process.processIdentifier, SIGTERM)
        #expect(try await refusing.end().status == 0)
        let refused = try await program.start(ask).end()
        #expect(refused.status == 2 && refused.err.contains("maysend restore-check"), "\(refused.err)")

        let check = try await program.run("restore-check")
        #expect(check.status == 0, "\(check.err)")
        #expect(check.out.contains("2 acts in the journal, 2 of them recorded again"), "\(check.out)")
        let answer = try await program.start(ask).end()
        #expect(answer.status == 1 && answer.out.contains("unsubscribed"))
        #expect(try await site.database.count("maysend.contact") == 1)
        let again = try await program.run("restore-check")
        #expect(again.out.contains("2 acts in the journal, 0 of them recorded again"), "\(again.out)")
        #expect(try await program.run("verify").status == 0)

        let open = try program.start(["serve"])
        let opened = try await open.port()
        try await Self.waitForReady(opened)
        #expect(
            try await Self.post(
                #"{"address":"kari@firma.example","purpose":"newsletter"}"#, "v1/eligibility", opened, key) == 200)
        kill(open.process.processIdentifier, SIGTERM)
        #expect(try await open.end().status == 0)
        try program.clean()
    }

    @Test func anOrderlyStopLeavesNothingOutOfTheJournal() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_JOURNAL"] = try program.file("journal")
        program.settings["MAYSEND_PORT"] = "0"
        let key = try await site.database.key(for: "stratsys-ab")
        for number in 1...3 {
            let serving = try program.start(["serve"])
            let port = try await serving.port()
            try await Self.waitForReady(port)
            let body = #"{"address":"p\#(number)@firma.example","reason":"unsubscribed"}"#
            #expect(try await Self.post(body, "v1/register", port, key) == 201)
            kill(serving.process.processIdentifier, SIGTERM)
            #expect(try await serving.end().status == 0)
            let check = try await program.run("restore-check")
            #expect(check.out.contains("\(number) acts in the journal, 0 of them recorded again"), "\(check.out)")
        }
        try program.clean()
    }

    @Test func inAnotherClusterNothingIsAnsweredAndNoActIsSteppedOver() async throws {
        let site = try await Site()
        let program = site.program
        #expect(try await program.run("suppress", "a@firma.example", "--reason", "unsubscribed").status == 0)
        // As after a dump into a cluster that has numbered fewer transactions.
        try await site.database.run(
            """
            set session_replication_role = replica;
            update maysend.ledger set tx = (tx::text::bigint + 1000000000)::text::xid8;
            update maysend.cluster set system_identifier = '1'
            """)
        let ask = ["check", "a@firma.example", "--purpose", "newsletter"]
        let refused = try await program.start(ask).end()
        #expect(refused.status == 2 && refused.err.contains("restored into another cluster"), "\(refused.err)")
        #expect(try await program.run("restore-check").status == 2)
        let check = try await program.run("restore-check", "--without-journal")
        #expect(check.status == 0 && check.out.contains("is added to their numbers"), "\(check.out)\(check.err)")
        #expect(try await program.start(ask).end().status == 1)
        #expect(try await program.run("suppress", "b@firma.example", "--reason", "unsubscribed").status == 0)
        let inOrder = try await site.database.texts(
            "select (array_agg(id order by tx, id) = array_agg(id order by id))::text from maysend.ledger")
        #expect(inOrder == ["true"])
        try await Self.sealed(2, program, site)
        #expect(try await program.run("audit", "verify").status == 0)
        try program.clean()
    }

    @Test func aJournalThatWasChangedIsNotBelieved() async throws {
        let site = try await Site()
        var program = site.program
        let journal = try program.file("journal")
        program.settings["MAYSEND_JOURNAL"] = journal
        program.settings["MAYSEND_PORT"] = "0"
        let serving = try program.start(["serve"])
        #expect(try await serving.line(with: #""message":"listening""#) != nil)
        for name in ["a", "b"] {
            #expect(try await program.run("suppress", "\(name)@firma.example", "--reason", "unsubscribed").status == 0)
        }
        try await Self.waitForLines(2, in: journal)
        kill(serving.process.processIdentifier, SIGTERM)
        #expect(try await serving.end().status == 0)
        let file = try #require(try Self.files(in: journal).first)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!text.contains("firma"))
        // A line that a crash has torn is no damage; one that was changed is.
        try (text + "1\t12").write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await program.run("restore-check").out.contains("2 acts in the journal"))
        try text.replacing("unsubscribed", with: "complained").write(toFile: file, atomically: true, encoding: .utf8)
        let check = try await program.run("restore-check")
        #expect(check.status == 2 && check.err.contains("line 1 is not as it was written"), "\(check.err)")
        try program.clean()
    }

    static func sealed(_ count: Int64, _ program: Program, _ site: Site) async throws {
        repeat {
            #expect(try await program.run("audit", "seal").status == 0)
        } while try await site.database.count("maysend.seal") < count
    }

    private static func files(in folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".journal") }.sorted()
            .map { folder + "/" + $0 }
    }

    private static func waitForLines(_ count: Int, in folder: String) async throws {
        while true {
            let lines = try files(in: folder).map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
            if lines.split(separator: "\n").count >= count { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func waitForReady(_ port: Int) async throws {
        while try await Running.status(of: "readyz", port) != 200 { try await Task.sleep(for: .milliseconds(50)) }
    }

    private static func post(_ body: String, _ path: String, _ port: Int, _ key: String) async throws -> Int? {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/\(path)")))
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
        return (try await URLSession.shared.data(for: request).1 as? HTTPURLResponse)?.statusCode
    }
}
