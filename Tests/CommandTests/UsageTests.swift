import Foundation
import Harness
import Testing

/// What needs no database: help, wrong use, files that cannot be read.
@Suite struct UsageTests {
    @Test func itSaysWhichAPIAndWhichMigrationsItIsMadeFor() async throws {
        let program = try Program()
        let said = try await program.run("--version")
        #expect(said.status == 0)
        #expect(said.out == "maysend, API 1, migration \(try Checkout.migrations().count)\n")
        try program.clean()
    }

    @Test(arguments: [
        [], ["serve"], ["migrate"], ["check"], ["scrub"], ["suppress"], ["consent"], ["import"], ["import", "status"],
        ["import", "rows"], ["import", "undo"], ["export"], ["notices"], ["policy"],
        ["policy", "test"],
        ["policy", "check"], ["policy", "show"], ["policy", "apply"], ["key"], ["key", "create"], ["key", "list"],
        ["key", "revoke"], ["key", "rotate-links"], ["link"], ["pepper"], ["pepper", "create"], ["verify"], ["doctor"],
        ["completions"],
        ["subject"], ["subject", "export"], ["subject", "erase"], ["subject", "rectify"], ["subject", "restrict"],
        ["subject", "told"], ["subject", "unrestrict"], ["subject", "object"], ["subject", "withdraw"],
        ["request", "list"],
        ["request", "show"], ["request", "open"], ["request", "extend"], ["request", "refuse"],
        ["request", "complete"],
        ["left"], ["sweep"], ["retention"], ["retention", "forecast"], ["policy", "diff"],
        ["audit"], ["audit", "key", "create"], ["audit", "seal"], ["audit", "head"], ["audit", "verify"],
        ["restore-check"],
        ["audit", "show"],
    ])
    func everyCommandHasHelp(_ command: [String]) async throws {
        let program = try Program()
        let help = try await program.start(command + ["--help"]).end()
        #expect(help.status == 0)
        #expect(help.out.hasPrefix("OVERVIEW: ") && help.out.contains("USAGE: "))
        #expect(help.err.isEmpty)
        // An example that is too wide for a terminal is broken, and cannot be pasted.
        #expect(!help.out.contains("\n--"))
        try program.clean()
    }

    @Test func helpNamesEverySetting() async throws {
        let program = try Program()
        let help = try await program.run("--help").out
        for variable in [
            "DATABASE_URL", "PEPPER_FILE", "CONTROLLER", "HOST", "PORT", "LOG_LEVEL", "LINK_KEYS", "PUBLIC_URL",
            "UNSUBSCRIBE_MAILTO", "POLICIES", "SQL", "API_KEY", "SWEEP", "SEAL_KEY", "JOURNAL",
        ] {
            #expect(help.contains("  MAYSEND_\(variable)"))
        }
        try program.clean()
    }

    @Test(arguments: [
        (["nope"], "Unexpected argument 'nope'"),
        (["check", "a@firma.example"], "Missing expected argument '--purpose <id>'"),
        (["check", "a@firma.example", "--purpose", "News Letter"], "no name; allowed are 1 to 64 lower-case letters"),
        (["check", "a@firma.example", "--purpose", "newsletter", "--at", "tomorrow"], "allowed is RFC 3339"),
        (["check", "firma.example", "--purpose", "newsletter"], "no address (at-sign-missing)"),
        (["suppress"], "Give an ADDRESS, or --domain."),
        (["suppress", "a@firma.example"], "--reason is missing; allowed are unsubscribed, "),
        (["suppress", "a@firma.example", "--reason", "tired"], "unknown; allowed are unsubscribed, "),
        (["suppress", "a@firma.example", "--domain", "firma.example"], "not both"),
        (["consent", "a@firma.example", "--purpose", "newsletter", "--by", "person"], "--by person needs --evidence"),
        (["key", "create", "--controller", "c", "--name", "n", "--scope", "all"], "allowed are check, write, import"),
        (["import", "x.csv", "--collected-at", "01/02/2026"], "day/month or month/day"),
        (["import", "x.csv", "--map", "mail=x"], "did you mean “email”?"),
        (["import", "x.csv", "--suppressions", "--source", "s"], "do not go with --suppressions"),
        (["import", "x.csv", "--dialect", "ses"], "--dialect belongs to --suppressions"),
        (["export", "--as", "mailup"], "allowed are ses, "),
        (["import", "x.csv"], "x.csv: cannot be read: No such file or directory"),
        (["completions", "tcsh"], "allowed are bash, zsh, fish"),
        (["policy", "check", "nobody"], "there is no shipped policy 'nobody'"),
        (["migrate"], "MAYSEND_DATABASE_URL is not set"),
        (["key", "list"], "MAYSEND_DATABASE_URL is not set"),
        (["serve"], "MAYSEND_DATABASE_URL is not set"),
        (["sweep", "--addresses"], "--addresses belongs to --dry-run"),
        (["retention", "forecast", "--months", "61"], "--months is 1 to 60"),
        (["restore-check"], "opt-outs since the backup would be lost"),
        (["audit", "verify", "--head", "/nowhere"], "the kept head /nowhere: cannot be read"),
    ])
    func wrongUseIsTwoAndSaysWhatIsAllowed(_ arguments: [String], _ expected: String) async throws {
        var program = try Program()
        program.settings["MAYSEND_SQL"] = "/nowhere"
        if arguments == ["migrate"] { program.settings["MAYSEND_SQL"] = nil }
        let ending = try await program.start(arguments).end()
        #expect(ending.status == 2)
        #expect(ending.err.contains(expected), "\(ending.err)")
        #expect(ending.err.hasPrefix("maysend: "))
        #expect(ending.out.isEmpty)
        try program.clean()
    }

    @Test(arguments: [
        ("MAYSEND_PORT", "80a80", "Allowed is a number from 0 to 65535"),
        ("MAYSEND_PORT", "65536", "Allowed is a number from 0 to 65535"),
        ("MAYSEND_LOG_LEVEL", "loud", "Allowed are trace, debug, info"),
        ("MAYSEND_HOST", "", "MAYSEND_HOST is set and empty"),
        ("MAYSEND_DATABASE_URL", "localhost", "MAYSEND_DATABASE_URL is no connection string"),
        ("MAYSEND_PEPPER_FILE", "/nowhere/pepper", "the pepper file /nowhere/pepper: cannot be read: No such file"),
    ])
    func aSettingThatIsNotAllowedIsNamed(_ variable: String, _ value: String, _ expected: String) async throws {
        var program = try Program(["MAYSEND_DATABASE_URL": "postgresql:///maysend?host=/nowhere"])
        program.settings[variable] = value
        let ending = try await program.run("serve")
        #expect(ending.status == 2)
        #expect(ending.err.contains(variable) || variable == "MAYSEND_PEPPER_FILE")
        #expect(ending.err.contains(expected), "\(ending.err)")
        try program.clean()
    }

    @Test func aPolicyWithAnUnknownWordIsRefusedWithItsPlace() async throws {
        let program = try Program()
        let good = try Checkout.shipped("stratsys")
        let bad = try program.file(
            "bad.yaml",
            good.replacing(
                "legitimate-interest, while: customer", with: "legitimate-intrest, while: customer", maxReplacements: 1)
        )
        let ending = try await program.run("policy", "check", bad)
        #expect(ending.status == 2)
        #expect(ending.err.contains("bad.yaml:23: purposes.newsletter.grounds[1].basis: "), "\(ending.err)")
        #expect(ending.err.contains("legitimate-interest"))
        let fine = try await program.run("policy", "check", try program.file("good.yaml", good))
        #expect(fine.status == 0 && fine.out.contains("good.yaml: ok: stratsys@1"))
        try program.clean()
    }

    @Test func aPepperIsMadeOnceAndForItsOwnerAlone() async throws {
        let program = try Program()
        let path = try program.file("pepper")
        let made = try await program.run("pepper", "create", path)
        #expect(made.status == 0)
        #expect(made.err.contains("Losing this file loses the unsubscribe register"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!made.out.contains(text.suffix(20)) && !made.err.contains(text.suffix(20)))
        let again = try await program.run("pepper", "create", path)
        #expect(again.status == 2 && again.err.contains("is there already and stays as it is"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        let other = try await program.run("pepper", "create", try program.file("other"))
        #expect(other.status == 0)
        #expect(try String(contentsOfFile: try program.file("other"), encoding: .utf8) != text)
        try program.clean()
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsAreAScriptThatKnowsTheCommands(_ shell: String) async throws {
        let program = try Program()
        let script = try await program.run("completions", shell)
        #expect(script.status == 0)
        #expect(script.out.contains("suppress") && script.out.contains("collected-at"))
        try program.clean()
    }

    @Test func aDryRunAsksNoDatabaseAndShowsNoAddress() async throws {
        let program = try Program()
        let list = try program.file(
            "list.csv", "E-post;Navn;Farge\nkari@firma.example;Kari;rød\nola(at)firma.example;;\n")
        let ending = try await program.run("import", list, "--source", "s", "--collected-at", "2026-01-01", "--dry-run")
        #expect(ending.status == 0)
        #expect(ending.lines.first == "written as  table, utf-8, semicolon, header, lf")
        #expect(ending.out.contains("  not used: Farge"))
        #expect(ending.out.contains("line 3: invalid: email: at-sign-missing"))
        #expect(
            ending.lines.last
                == "= 2 rows: 1 readable, 0 declined by the list itself, 1 invalid, 0 empty; nothing was stored")
        #expect(!ending.out.contains("kari@") && !ending.out.contains("Kari"))
        try program.clean()
    }
}
