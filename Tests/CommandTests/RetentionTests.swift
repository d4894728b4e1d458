import Foundation
import Harness
import Rules
import Testing

/// The commands of retention and of the audit, as they are typed.
@Suite struct RetentionCommandTests {
    private func shortened(_ cold: String) throws -> String {
        try Checkout.shipped("stratsys").replacing("version: 1", with: "version: 2")
            .replacing("effective: 2023-03-21T00:00:00Z", with: "effective: 2023-03-22T00:00:00Z")
            .replacing("for: 3 months, from: collected", with: "for: \(cold), from: collected")
    }

    @Test func aPolicyIsTriedAppliedAndSwept() async throws {
        let site = try await Site()
        let program = site.program
        let leads = try program.file(
            "leads.csv", "email,name\nkari@firma.example,Kari\nola@firma.example,Ola\nper@firma.example,Per\n")
        let day = String(systemNow().advanced(byMicroseconds: -60 * 86_400_000_000).description.prefix(10))
        #expect(try await program.run("import", leads, "--source", "fair", "--collected-at", day).status == 0)
        #expect(try await program.run("suppress", "kari@firma.example", "--reason", "unsubscribed").status == 0)

        let file = try program.file("stratsys-2.yaml", shortened("1 months"))
        let diff = try await program.run("policy", "diff", file, "--reasons")
        #expect(diff.status == 0, "\(diff.err)")
        #expect(diff.out.contains("stratsys@1 -> stratsys@2, 3 people at stratsys-ab"), "\(diff.out)")
        #expect(diff.lines.contains { $0.split(separator: " ") == ["newsletter", "2", "0", "0", "1"] }, "\(diff.out)")
        #expect(diff.out.contains("newsletter: ground-holds (cold-lead) -> retention-expired: 2"))
        #expect(diff.out.contains("contacts erased by the change  2\n  newsletter/cold-lead: 2"))
        #expect(diff.out.contains("contacts due under either      1"))
        let same = try await program.run("policy", "diff", "stratsys")
        #expect(same.lines.contains { $0.split(separator: " ") == ["newsletter", "0", "0", "0", "3"] }, "\(same.out)")

        let svg = try program.file("forecast.svg")
        let forecast = try await program.run("retention", "forecast", "--svg", svg)
        #expect(forecast.status == 0, "\(forecast.err)")
        #expect(
            forecast.lines.contains { $0.split(separator: " ") == ["overdue", "unsubscribed", "1"] }, "\(forecast.out)")
        #expect(forecast.lines.contains { $0.hasSuffix("newsletter/cold-lead  2") }, "\(forecast.out)")
        let picture = try String(contentsOfFile: svg, encoding: .utf8)
        #expect(
            picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n") && picture.contains("newsletter/cold-lead: 2"))

        #expect(try await program.run("policy", "apply", file).status == 0)
        let dry = try await program.run("sweep", "--dry-run")
        #expect(dry.status == 0 && dry.err.contains("= 3 would be erased; nothing was changed"), "\(dry.err)")
        #expect(!dry.out.contains("@") && dry.lines.count == 3)
        #expect(
            try await program.run("sweep", "--dry-run", "--addresses").out.contains(
                "ola@firma.example  newsletter/cold-lead since "))
        #expect(try await site.database.count("maysend.contact") == 3)
        let sweep = try await program.run("sweep")
        #expect(sweep.status == 0 && sweep.out.contains("erased 3 of 3 contacts"), "\(sweep.out)\(sweep.err)")
        #expect(try await site.database.count("maysend.contact") == 0)
        #expect(try await program.run("sweep").out.contains("erased 0 of 0"))
        #expect(try await program.run("verify").status == 0)

        let show = try await program.run("audit", "show", "kari@firma.example")
        #expect(show.status == 0)
        for words in [
            "their data were collected", "they unsubscribed: all marketing of the company stops",
            "they were forgotten: nothing kept their data any more", "newsletter: may not be sent: unsubscribed since",
            "No data of theirs are stored",
        ] { #expect(show.out.contains(words), "\(show.out)") }
        #expect(!show.out.contains("kari"))
        try program.clean()
    }

    @Test func aListOfLeaversEndsEveryGround() async throws {
        let site = try await Site()
        let program = site.program
        let leads = try program.file("leads.csv", "email,name\nkari@firma.example,Kari\nola@firma.example,Ola\n")
        let collection = [
            "import", leads, "--source", "fair", "--collected-at", String(systemNow().description.prefix(10)),
        ]
        #expect(try await program.start(collection).end().status == 0)
        let left = try program.file("left.csv", "Navn;E-post\nKari;Kari@firma.example\nX;x\nNy;ny@firma.example\n")
        let marked = try await program.run("left", left)
        #expect(marked.status == 0, "\(marked.err)")
        #expect(
            marked.lines == ["2 left, 1 of them with data stored", "0 had left before", "1 rows without an address"])
        #expect(marked.err == "line 3: no address\n")
        #expect(
            try await program.run("left", left).lines.prefix(2) == [
                "0 left, 0 of them with data stored", "2 had left before",
            ])
        let check = try await program.run("check", "kari@firma.example", "--purpose", "newsletter")
        #expect(check.status == 1 && check.out.contains("left-organisation"))
        #expect(
            try await program.run("sweep", "--dry-run", "--addresses").out.contains(
                "kari@firma.example  left-organisation"))
        #expect(try await program.run("sweep").out.contains("erased 1 of 2 contacts"))
        // The same stale list does not bring them back.
        let again = try await program.start(collection + ["--again"]).end()
        #expect((again.out + again.err).contains("1 no ground"), "\(again.out)\(again.err)")
        try program.clean()
    }

    @Test func aKeptHeadIsVerifiedAgainst() async throws {
        let site = try await Site()
        var program = site.program
        let key = try program.file("seal.key")
        #expect(try await program.run("audit", "head").status == 2)
        #expect(try await program.run("audit", "key", "create", key).status == 0)
        #expect(try await program.run("audit", "key", "create", key).status == 2)
        program.settings["MAYSEND_SEAL_KEY"] = key
        for name in ["a", "b", "c"] {
            #expect(try await program.run("suppress", "\(name)@firma.example", "--reason", "unsubscribed").status == 0)
        }
        try await RestoreTests.sealed(3, program, site)
        let head = try await program.run("audit", "head")
        #expect(head.status == 0 && head.out.hasPrefix("maysend seal 1\n"))
        let kept = try program.file("head", head.out)
        let good = try await program.run("audit", "verify", "--head", kept)
        #expect(good.status == 0 && good.out.hasPrefix("3 sealed acts and "), "\(good.out)\(good.err)")
        try await site.database.run(
            "set session_replication_role = replica; update maysend.ledger set at = at + interval '1 day' where id = (select min(id) + 1 from maysend.ledger)"
        )
        let bad = try await program.run("audit", "verify", "--head", kept)
        #expect(bad.status == 1 && bad.out.contains("position 2, act "), "\(bad.out)")
        let none = try program.file("none", "nothing")
        #expect(try await program.run("audit", "verify", "--head", none).err.contains("is no head"))
        try program.clean()
    }

    @Test(arguments: [
        ("MAYSEND_SWEEP", "sometimes", "Allowed are off"), ("MAYSEND_SEAL_KEY", "/nowhere", "the seal key"),
        ("MAYSEND_JOURNAL", "/proc/none/x", "MAYSEND_JOURNAL"),
    ])
    func aWrongSettingIsNamed(_ variable: String, _ value: String, _ words: String) async throws {
        let site = try await Site()
        var program = site.program
        program.settings[variable] = value
        let ending = try await program.run("serve")
        #expect(ending.status == 2 && ending.err.contains(words), "\(ending.err)")
        try program.clean()
    }
}
