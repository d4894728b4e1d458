import Testing

/// The rights of a person at the command line.
@Suite struct SubjectCommandTests {
    @Test func aRestrictionIsLiftedOnlyOnceThePersonWasTold() async throws {
        let program = try await Site().program
        _ = try await program.run("consent", "kari@firma.example", "--purpose", "newsletter", "--method", "form")
        #expect(try await program.run("subject", "restrict", "kari@firma.example").status == 0)
        let refused = try await program.run("subject", "unrestrict", "kari@firma.example")
        #expect(refused.status == 1 && refused.err.contains("was not told"), "\(refused.err)")
        #expect(try await program.run("subject", "told", "kari@firma.example", "--method", "letter").status == 0)
        #expect(try await program.run("subject", "unrestrict", "kari@firma.example").status == 0)
        let check = try await program.run("check", "kari@firma.example", "--purpose", "newsletter")
        #expect(check.status == 0, "\(check.out)")
        try program.clean()
    }

    @Test func aCorrectedAddressKeepsItsOptOut() async throws {
        let program = try await Site().program
        _ = try await program.run("suppress", "kari@firma.example", "--reason", "objected")
        let done = try await program.run(
            "subject", "rectify", "kari@firma.example", "--new-address", "kari.hansen@firma.example")
        #expect(done.status == 0, "\(done.err)")
        #expect(done.lines.first?.hasPrefix("corrected: address") == true)
        #expect(done.lines.last == "refused for newsletter now: objected", "\(done.out)")
        let none = try await program.run("subject", "rectify", "x@firma.example", "--name", "X")
        #expect(none.status == 1 && none.err.contains("nothing is stored"))
        #expect(try await program.run("subject", "rectify", "x@firma.example").status == 2)
        let verified = try await program.run("verify")
        #expect(verified.status == 0, "\(verified.out)")
        try program.clean()
    }

    @Test func aWithdrawnConsentIsStoppedUnderItsOwnName() async throws {
        let program = try await Site().program
        _ = try await program.run("consent", "kari@firma.example", "--purpose", "newsletter", "--method", "form")
        let done = try await program.run("subject", "withdraw", "kari@firma.example", "--purpose", "newsletter")
        #expect(done.status == 0 && done.out.contains("stops: newsletter"), "\(done.out) \(done.err)")
        let check = try await program.run("check", "kari@firma.example", "--purpose", "newsletter")
        #expect(check.status == 1 && check.out.contains("consent-withdrawn"), "\(check.out)")
        #expect(try await program.run("subject", "withdraw", "kari@firma.example").status == 2)
        let unknown = try await program.run("subject", "withdraw", "kari@firma.example", "--purpose", "newsleter")
        #expect(unknown.status == 2 && unknown.err.contains("--purpose"), "\(unknown.err)")
        try program.clean()
    }

    @Test func theExportIsJSONOrAPage() async throws {
        let program = try await Site().program
        let json = try await program.run("subject", "export", "kari@firma.example")
        #expect(json.status == 0 && json.out.hasPrefix("{\"$schema\":\"/schemas/subject-export.json\""))
        let page = try await program.run("subject", "export", "kari@firma.example", "--html", "--language", "de")
        #expect(page.out.contains("<html lang=\"de\">"))
        let erased = try await program.run("subject", "erase", "-", input: "kari@firma.example\n")
        #expect(erased.status == 0 && erased.out.contains("kept: register, Article 17(3)(b)"), "\(erased.out)")
        try program.clean()
    }

    @Test func whoAsksIsAskedWhoTheyAreAndToldOfARefusal() async throws {
        var program = try await Site().program
        let ask = ["request", "open", "kari@firma.example", "--kind", "erase", "--ask-identity"]
        let without = try await program.start(ask).end()
        #expect(without.status == 2 && without.err.contains("links are not set up"), "\(without.err)")
        program.settings["MAYSEND_LINK_KEYS"] = try program.file("links")
        program.settings["MAYSEND_PUBLIC_URL"] = "https://opt.firma.example/"
        _ = try await program.run("key", "rotate-links", "--first")
        let asked = try await program.start(ask + ["--received-at", "2026-01-01T10:00:00Z"]).end()
        #expect(asked.out == "request 1, due 2026-02-01T10:00:00Z, identity-asked\n", "\(asked.out)\(asked.err)")
        let refused = try await program.run("request", "refuse", "1", "--reason", "nothing shows who asks")
        #expect(refused.status == 0 && refused.err.contains("maysend request told 1"), "\(refused.err)")
        #expect(try await program.run("request", "told", "1", "--method", "kari@firma.example").status == 2)
        #expect(try await program.run("request", "told", "1", "--method", "phone").lines.last == "told      by you")
        let shown = try await program.run("request", "show", "1")
        #expect(shown.out.contains("to-be-told") && shown.out.hasSuffix("  phone\n"), "\(shown.out)")
        try program.clean()
    }

    @Test func requestsHaveTheirClock() async throws {
        let program = try await Site().program
        let opened = try await program.run(
            "request", "open", "kari@firma.example", "--kind", "export", "--received-at", "2020-11-20T10:00:00Z")
        #expect(opened.out == "request 1, due 2020-12-20T10:00:00Z\n", "\(opened.err)")
        let again = try await program.run("request", "open", "kari@firma.example", "--kind", "export")
        #expect(again.out == "request 1, due 2020-12-20T10:00:00Z, open since 2020-11-20T10:00:00Z\n")
        let list = try await program.run("request", "list")
        #expect(list.lines.count == 2 && list.lines.last?.hasPrefix("1        export") == true, "\(list.out)")
        #expect(try await program.run("request", "refuse", "1", "--reason", "a@b.example").status == 2)
        #expect(try await program.run("request", "refuse", "1", "--reason", "no identity").status == 0)
        #expect(try await program.run("request", "complete", "1").status == 1)
        #expect(try await program.run("request", "show", "9").status == 2)
        #expect(try await program.run("request", "list").out == "no open request\n")
        try program.clean()
    }
}
