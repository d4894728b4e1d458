import Foundation
import Harness
import Store
import Testing

/// What an operator does, against a real database.
@Suite struct OperatorTests {
    @Test func aFirstDay() async throws {
        let database = try await TestDatabase.makeEmpty()
        var program = try Program([
            "MAYSEND_DATABASE_URL": database.url, "MAYSEND_SQL": Checkout.top.appendingPathComponent("sql").path,
            "MAYSEND_POLICIES": Checkout.top.appendingPathComponent("deploy/policies").path,
        ])
        let pepper = try program.file("pepper")
        program.settings["MAYSEND_PEPPER_FILE"] = pepper
        #expect(try await program.run("pepper", "create", pepper).status == 0)

        let migrated = try await program.run("migrate")
        #expect(migrated.status == 0)
        #expect(migrated.lines.first == "ran migration 1 foundation")
        #expect(migrated.lines.last == "pepper v1 is registered")
        let again = try await program.run("migrate")
        #expect(
            again.status == 0 && again.lines.first == "the database is at migration \(schemaVersion); nothing to run")

        let without = try await program.run("check", "a@firma.example", "--purpose", "newsletter")
        #expect(without.status == 2 && without.err.contains("there is no controller yet"), "\(without.err)")

        #expect(
            try await program.run("policy", "apply", "stratsys").out
                == "applied stratsys@1, in effect from 2023-03-21T00:00:00Z\n")
        #expect(
            try await program.run("policy", "apply", "stratsys").out
                == "stratsys@1 was applied before and is the same\n")
        let shown = try await program.run("policy", "show")
        #expect(shown.status == 0 && shown.out.contains("in effect"))
        let text = try await program.run("policy", "show", "stratsys", "--text")
        #expect(text.out == (try Checkout.shipped("stratsys")))

        let doctor = try await program.run("doctor")
        #expect(doctor.status == 0, "\(doctor.out)")
        #expect(doctor.lines.contains { $0.hasPrefix("good    pepper: v1 is the one") })
        let verified = try await program.run("verify")
        #expect(verified.status == 0 && verified.out == "0 compared, 0 differing\n")
        try program.clean()
    }

    @Test func verdictsAndOptOuts() async throws {
        let site = try await Site()
        let program = site.program
        let ask = ["check", "kari@firma.example", "--purpose", "newsletter"]
        let unknown = try await program.start(ask).end()
        #expect(unknown.status == 1)
        #expect(
            unknown.lines.first == "not eligible: unknown-address for newsletter now", "\(unknown.out)\(unknown.err)")
        #expect(unknown.lines.last == "  9  nothing is known of the address      yes: unknown-address")

        let consent = try await program.run(
            "consent", "kari@firma.example", "--purpose", "newsletter", "--method", "form")
        #expect(consent.status == 0, "\(consent.err)")
        let eligible = try await program.start(ask).end()
        #expect(eligible.status == 0)
        #expect(eligible.lines.first == "eligible for newsletter now")
        #expect(eligible.out.contains("ground     subscriber, consent, Article 6(1)(a)"))

        let optOut = try await program.run("suppress", "-", "--reason", "unsubscribed", input: "Kari@Firma.example\n")
        #expect(
            optOut.status == 0
                && optOut.lines.last == "stops: newsletter, outreach, event-evaluation, survey, analytics, profiling")
        let json = try await program.start(ask + ["--json"]).end()
        #expect(json.status == 1)
        #expect(json.out.hasPrefix(#"{"eligible":false,"reason":"unsubscribed","ground":null,"basis":null,"#))

        let claim = try await program.run("consent", "kari@firma.example", "--purpose", "newsletter")
        #expect(claim.status == 1 && claim.err.contains("refused: an entry stands against it: unsubscribed"))
        #expect(try await program.start(ask).end().status == 1)

        let domain = try await program.run("suppress", "--domain", "Acme.Example")
        #expect(domain.status == 0, "\(domain.err)")
        let other = try await program.run("check", "ola@acme.example", "--purpose", "newsletter")
        #expect(other.status == 1 && other.out.contains("on its domain: domain-suppressed"))
        #expect(try await program.run("verify").status == 0)
        try program.clean()
    }

    private static let unknownWords: [([String], String)] = [
        (
            ["check", "a@firma.example", "--purpose", "newslettr"],
            "unknown purpose 'newslettr'; known are newsletter, "
        ),
        (
            ["check", "a@firma.example", "--purpose", "newsletter", "--topic", "x"],
            "unknown topic 'x' of purpose 'newsletter'"
        ),
        (["check", "a@firma.example", "--purpose", "contact-form"], "is of kind record"),
        (["check", "a@firma.example", "--purpose", "newsletter", "--at", "2020-01-01T00:00:00Z"], "is past"),
        (
            ["check", "a@firma.example", "--purpose", "newsletter", "--controller", "acme"],
            "unknown controller 'acme'; known are stratsys-ab"
        ),
        (["suppress", "a@firma.example", "--reason", "unsubscribed", "--topic", "evnts"], "did you mean 'events'?"),
        (
            ["suppress", "a@firma.example", "--reason", "complained", "--topic", "events"],
            "--topic does not belong to this reason"
        ),
        (["suppress", "a@firma.example", "--reason", "consent-withdrawn"], "'consent-withdrawn' needs 'purpose'"),
        (
            ["suppress", "a@firma.example", "--reason", "objected", "--evidence", "who=b@firma.example"],
            "must not hold an address"
        ),
        (["suppress", "--domain", "a@firma.example"], "no domain"),
        (["consent", "a@firma.example", "--purpose", "news"], "unknown purpose 'news'"),
        (["key", "revoke", "abcdefgh"], "there is no key with that prefix"),
        (["key", "create", "--controller", "acme", "--name", "n", "--scope", "check"], "unknown controller 'acme'"),
        (["policy", "show", "acme"], "no policy 'acme' is applied"),
    ]

    @Test func whatThePolicyOrTheDatabaseDoesNotKnowIsTwo() async throws {
        let site = try await Site()
        for (arguments, expected) in Self.unknownWords {
            let ending = try await site.program.start(arguments).end()
            #expect(ending.status == 2, "\(arguments)")
            #expect(ending.err.contains(expected), "\(ending.err)")
            #expect(!ending.err.contains("a@firma.example"))
        }
        try site.program.clean()
    }

    @Test func severalControllersMustBeToldApart() async throws {
        let site = try await Site(policy: "infobric")
        var program = site.program
        let ask = ["check", "a@firma.example", "--purpose", "newsletter"]
        let unsaid = try await program.start(ask).end()
        #expect(unsaid.status == 2 && unsaid.err.contains("there are several controllers: infobric-ab, infobric-as"))
        #expect(try await program.start(ask + ["--controller", "infobric-as"]).end().status == 1)
        program.settings["MAYSEND_CONTROLLER"] = "infobric-ab"
        #expect(try await program.start(ask).end().status == 1)
        try program.clean()
    }

    @Test func aKeyIsShownOnceAndAloneOnStandardOutput() async throws {
        let site = try await Site()
        let program = site.program
        let made = try await program.run(
            "key", "create", "--controller", "stratsys-ab", "--name", "demo", "--scope", "check", "--scope", "write",
            "--expires", "2099-01-01T00:00:00Z")
        #expect(made.status == 0)
        #expect(made.out.wholeMatch(of: /msk_[a-z0-9]{8}_[a-z0-9]{47}\n/) != nil)
        let prefix = String(made.out.dropFirst(4).prefix(8))
        let listed = try await program.run("key", "list")
        #expect(
            listed.out.contains(prefix) && listed.out.contains("check,write") && listed.out.contains("live until 2099"))
        #expect(!listed.out.contains(made.out.dropFirst(13).prefix(20)))
        #expect(try await program.run("key", "revoke", prefix).out == "revoked \(prefix)\n")
        #expect(try await program.run("key", "revoke", prefix).out == "\(prefix) was revoked before\n")
        #expect(try await program.run("key", "list").out.contains("revoked 2"))
        let past = try await program.run(
            "key", "create", "--controller", "stratsys-ab", "--name", "n", "--scope", "check", "--expires",
            "2020-01-01T00:00:00Z")
        #expect(past.status == 2 && past.err.contains("is past"))
        try program.clean()
    }

    @Test func anImportSaysWhatBecameOfEveryRow() async throws {
        let site = try await Site()
        let program = site.program
        let list = try program.file(
            "list.csv", "E-post;Navn\nkari@firma.example;Kari\nKari@firma.example;Kari\nola(at)firma.example;Ola\n\n")
        let today = try await program.run("doctor").status == 0 ? Self.today() : ""
        let ending = try await program.run("import", list, "--source", "s", "--collected-at", today)
        #expect(ending.status == 0, "\(ending.err)")
        #expect(
            ending.lines.dropLast() == [
                "line 3: duplicate of line 2",
                "line 4: invalid: email: at-sign-missing: The address has no @; write it as name@example.com.",
                "  1 created",
                "  0 updated", "  0 unchanged", "  0 suppressed: in the unsubscribe register, not stored",
                "  0 no ground: nothing would keep them, not stored", "  1 duplicate: the address of an earlier row",
                "  1 invalid: not stored", "  1 empty",
            ])
        #expect(!ending.out.contains("kari@"))
        #expect(ending.lines.last?.hasPrefix("= 4 rows of \(list), import ") == true)
        let same = try await program.run("import", list, "--source", "s", "--collected-at", today)
        #expect(same.status == 0 && same.err.contains("The same file was brought before"), "\(same.err)")
        let again = try await program.run("import", list, "--source", "s", "--collected-at", today, "--again")
        #expect(again.out.contains("  1 unchanged"), "\(again.out)")
        let piped = try await program.run(
            "import", "-", "--source", "s", "--collected-at", today, input: "email\nola@firma.example\n")
        #expect(piped.status == 0 && piped.out.contains("1 created"))
        // The alias form of this one is nobody's address, and the verification knows that.
        let tagged = try await program.run(
            "import", "-", "--source", "s", "--collected-at", today, input: "email\nola+fair@firma.example\n")
        #expect(tagged.status == 0 && tagged.out.contains("1 created"))
        let verified = try await program.run("verify")
        #expect(verified.status == 0, "\(verified.out)")
        try program.clean()
    }

    private static func today() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
