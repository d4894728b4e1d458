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
        try await Self.waitForLines(3, in: journal)
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
        try await Self.waitForLines(3, in: journal)
        kill(serving.process.processIdentifier, SIGTERM)
        #expect(try await serving.end().status == 0)
        let file = try #require(try Self.files(in: journal).first)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!text.contains("firma"))
        // A line that a crash has torn is no damage; one that was changed is.
        try (text + "2\t12").write(toFile: file, atomically: true, encoding: .utf8)
        let torn = try await program.run("restore-check")
        #expect(torn.out.contains("2 acts in the journal") && torn.err.contains("was torn by a crash"), "\(torn)")
        try text.replacing("unsubscribed", with: "complained").write(toFile: file, atomically: true, encoding: .utf8)
        let check = try await program.run("restore-check")
        #expect(check.status == 2 && check.err.contains("line 2 is not as it was written"), "\(check.err)")
        try program.clean()
    }

    /// What is missing of a journal is an opt-out that nobody would miss.
    @Test func aJournalThatIsNotWholeIsRefused() async throws {
        let site = try await Site()
        var program = site.program
        let journal = try program.file("journal")
        program.settings["MAYSEND_JOURNAL"] = journal
        program.settings["MAYSEND_PORT"] = "0"
        // Three files, as of three days.
        for number in 1...3 {
            let serving = try program.start(["serve"])
            #expect(try await serving.line(with: #""message":"listening""#) != nil)
            for name in ["a", "b"] {
                let address = "\(name)\(number)@firma.example"
                #expect(try await program.run("suppress", address, "--reason", "unsubscribed").status == 0)
            }
            try await Self.waitForLines(3 * number, in: journal)
            kill(serving.process.processIdentifier, SIGTERM)
            #expect(try await serving.end().status == 0)
            guard number < 3 else { break }
            try FileManager.default.moveItem(
                atPath: try #require(try Self.files(in: journal).last), toPath: "\(journal)/2000-01-0\(number).journal")
        }
        #expect(try await program.run("restore-check").out.contains("6 acts in the journal, 0 of them"))

        let (first, second) = ("2000-01-01.journal", "2000-01-02.journal")
        let newest = try #require(try Self.files(in: journal).last?.split(separator: "/").last.map(String.init))
        let mishaps: [(expected: String, mishap: (String) throws -> Void)] = [
            ("there are no journal files", { try Self.remove([first, second, newest], in: $0) }),
            ("2000-01-01.journal is missing", { try Self.remove([first], in: $0) }),
            ("2000-01-02.journal is missing", { try Self.remove([second], in: $0) }),
            ("no journal has the newest refusal of the backup", { try Self.remove([newest], in: $0) }),
            ("2000-01-02.journal is not whole", { try Self.cutLine(of: second, in: $0, keeping: 0) }),
            ("2000-01-02.journal ends in the middle of a line", { try Self.cutLine(of: second, in: $0, keeping: 9) }),
            ("no journal has the newest refusal of the backup", { try Self.cutLine(of: newest, in: $0, keeping: 0) }),
        ]
        for (number, (expected, mishap)) in mishaps.enumerated() {
            let copy = try program.file("copy-\(number)")
            try FileManager.default.copyItem(atPath: journal, toPath: copy)
            try mishap(copy)
            program.settings["MAYSEND_JOURNAL"] = copy
            let refused = try await program.run("restore-check")
            #expect(refused.status == 2 && refused.err.contains(expected), "\(expected): \(refused.err)")
            #expect(refused.err.contains("nothing was changed"))
            let accepted = try await program.run("restore-check", "--without-journal")
            #expect(accepted.status == 0 && accepted.err.contains(expected), "\(expected): \(accepted.err)")
            // Another server's journal that is whole does not heal this one's gaps, but what the backup has it has too.
            if number == 3 {
                #expect(try await program.run("restore-check", "--journal", journal).status == 0)
            }
        }
        let typo = try program.file("jurnal")
        program.settings["MAYSEND_JOURNAL"] = typo
        for flags in [[], ["--without-journal"]] {
            let refused = try await program.start(["restore-check"] + flags).end()
            #expect(refused.status == 2 && refused.err.contains("jurnal is not there"), "\(refused.err)")
        }
        #expect(!FileManager.default.fileExists(atPath: typo))
        try program.clean()
    }

    /// Whatever stops it in the middle: nothing is answered before all of it was done.
    @Test func aRestoreCheckThatBreaksOffLeavesTheDoorsShut() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_JOURNAL"] = try program.file("journal")
        program.settings["MAYSEND_PORT"] = "0"
        let leads = try program.file("leads.csv", "email,name\nkari@firma.example,Kari\n")
        let day = String(systemNow().description.prefix(10))
        #expect(try await program.run("import", leads, "--source", "fair", "--collected-at", day).status == 0)
        try await site.database.run(
            "create schema backup; create table backup.ledger as table maysend.ledger; "
                + "create table backup.standing as table maysend.standing")
        let serving = try program.start(["serve"])
        #expect(try await serving.line(with: #""message":"listening""#) != nil)
        #expect(try await program.run("suppress", "kari@firma.example", "--reason", "unsubscribed").status == 0)
        try await Self.waitForLines(2, in: try program.file("journal"))
        kill(serving.process.processIdentifier, SIGTERM)
        #expect(try await serving.end().status == 0)
        // Into another cluster: that was the only reason not to answer.
        try await site.database.run(
            """
            set session_replication_role = replica;
            delete from maysend.ledger; delete from maysend.standing;
            insert into maysend.ledger overriding system value select * from backup.ledger;
            insert into maysend.standing select * from backup.standing;
            update maysend.cluster set system_identifier = '1';
            set session_replication_role = origin;
            create function backup.fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
            create trigger fail before insert on maysend.ledger for each row execute function backup.fail()
            """)
        let broken = try await program.run("restore-check")
        #expect(broken.status != 0, "\(broken.out)")
        let ask = ["check", "kari@firma.example", "--purpose", "newsletter"]
        var withoutJournal = program
        withoutJournal.settings["MAYSEND_JOURNAL"] = nil
        let refused = try await withoutJournal.start(ask).end()
        #expect(refused.status == 2 && refused.err.contains("restore-check has not finished"), "\(refused.err)")
        try await site.database.run("drop trigger fail on maysend.ledger")
        #expect(try await program.run("restore-check").out.contains("1 acts in the journal, 1 of them recorded again"))
        #expect(try await withoutJournal.start(ask).end().status == 1)
        try program.clean()
    }

    /// Nothing is changed for a journal with acts at a company that the backup does not know.
    @Test func aControllerThatTheBackupLacksIsNamedBeforeAnythingIsChanged() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_JOURNAL"] = try program.file("journal")
        program.settings["MAYSEND_PORT"] = "0"
        let serving = try program.start(["serve"])
        #expect(try await serving.line(with: #""message":"listening""#) != nil)
        #expect(try await program.run("suppress", "a@firma.example", "--reason", "unsubscribed").status == 0)
        try await Self.waitForLines(2, in: try program.file("journal"))
        kill(serving.process.processIdentifier, SIGTERM)
        #expect(try await serving.end().status == 0)
        let other = try await Site(policy: nil)
        program.settings["MAYSEND_DATABASE_URL"] = other.database.url
        let refused = try await program.run("restore-check")
        #expect(refused.status == 2 && refused.err.contains("has acts at stratsys-ab"), "\(refused.err)")
        #expect(try await other.database.count("maysend.cluster where restore_wanted is not null") == 0)
        try program.clean()
    }

    /// A backup is put in the place of the database while the server goes on.
    @Test(arguments: [0, 2])
    func aServerThatGoesOnAnswersNothingFromARestoredDatabase(_ keys: Int) async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_JOURNAL"] = try program.file("journal")
        program.settings["MAYSEND_PORT"] = "0"
        program.settings["MAYSEND_SWEEP"] = "off"
        let leads = try program.file("leads.csv", "email,name\nkari@firma.example,Kari\n")
        let day = String(systemNow().description.prefix(10))
        #expect(try await program.run("import", leads, "--source", "fair", "--collected-at", day).status == 0)
        let key = try await site.database.key(for: "stratsys-ab")
        let backup = try await site.database.backup()
        let serving = try program.start(["serve"])
        let port = try await serving.port()
        try await Self.waitForReady(port)
        for _ in 0..<keys { _ = try await site.database.key(for: "stratsys-ab") }
        let question = #"{"address":"kari@firma.example","purpose":"newsletter"}"#
        #expect(try await Self.post(question, "v1/eligibility", port, key) == 200)
        let optOut = #"{"address":"kari@firma.example","reason":"unsubscribed"}"#
        #expect(try await Self.post(optOut, "v1/register", port, key) == 201)
        try await Self.waitForLines(2, in: try program.file("journal"))
        try await site.database.restore(backup)
        while try await Running.text(of: "readyz", port).contains("run 'maysend restore-check'") == false {
            #expect(try await Self.post(question, "v1/eligibility", port, key) == 503)
        }
        for _ in 0..<20 { #expect(try await Self.post(question, "v1/eligibility", port, key) == 503) }
        kill(serving.process.processIdentifier, SIGTERM)
        #expect(try await serving.end().status == 0)
        #expect(try await program.run("restore-check").out.contains("1 acts in the journal, 1 of them recorded again"))
        #expect(try await program.start(["check", "kari@firma.example", "--purpose", "newsletter"]).end().status == 1)
        try program.clean()
    }

    private static func remove(_ files: [String], in folder: String) throws {
        for file in files { try FileManager.default.removeItem(atPath: "\(folder)/\(file)") }
    }

    /// Leaves so many characters of the last line.
    private static func cutLine(of file: String, in folder: String, keeping count: Int) throws {
        let path = "\(folder)/\(file)"
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let last = lines.removeLast()
        try (lines.map { $0 + "\n" }.joined() + last.prefix(count)).write(
            toFile: path, atomically: true, encoding: .utf8)
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
