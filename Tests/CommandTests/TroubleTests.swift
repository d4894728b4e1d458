import Foundation
import Harness
import Store
import Testing

/// What is wrong around the program: it says what, and what to do.
@Suite struct TroubleTests {
    @Test func aDatabaseThatIsAwayIsTwoAndSaysSo() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_DATABASE_URL"] = "postgresql:///maysend?host=/nowhere"
        for command in [
            ["check", "a@firma.example", "--purpose", "newsletter"], ["key", "list"], ["verify"], ["migrate"],
        ] {
            let ending = try await program.start(command).end()
            #expect(ending.status == 2)
            #expect(ending.err.contains("the database is away"), "\(command) \(ending.err)")
            #expect(ending.out.isEmpty)
        }
        let doctor = try await program.run("doctor")
        #expect(doctor.status == 1)
        #expect(doctor.lines.contains { $0.hasPrefix("bad     database: the database is away") })
        #expect(doctor.lines.contains { $0.hasPrefix("good    pepper file: ") })
        try program.clean()
    }

    @Test func aDatabaseThatIsNewerIsNotTouched() async throws {
        let site = try await Site()
        try await site.database.run("insert into maysend.migration (version, name, digest) values (99, 'later', '')")
        let expected =
            "the database is at migration 99, newer than this program's \(schemaVersion); use a newer program"
        let commands = [
            ["migrate"], ["serve"], ["check", "a@firma.example", "--purpose", "newsletter"],
            ["suppress", "a@firma.example", "--reason", "unsubscribed"],
        ]
        for command in commands {
            let ending = try await site.program.start(command).end()
            #expect(ending.status == 2)
            #expect(ending.err.contains(expected), "\(command) \(ending.err)")
        }
        let doctor = try await site.program.run("doctor")
        #expect(doctor.status == 1 && doctor.out.contains("bad     schema: " + expected))
        try site.program.clean()
    }

    @Test func aServerDoesNotStartWhileATextForRecipientsIsMissing() async throws {
        let site = try await Site()
        var program = site.program
        for language in ["de", "en", "nb", "sv"] {
            let text = try Checkout.text("deploy/texts/\(language).yaml")
            let written = language == "nb" ? text.replacing("  button: Stopp det\n", with: "") : text
            #expect((written != text) == (language == "nb"))
            _ = try program.file("\(language).yaml", written)
        }
        program.settings["MAYSEND_TEXTS"] = program.folder.path
        let ending = try await program.start(["serve"]).end()
        #expect(ending.status == 2)
        #expect(ending.err.contains("/nb.yaml: ask.button: is missing"), "\(ending.err)")
        let doctor = try await program.run("doctor")
        #expect(doctor.status == 1 && doctor.lines.contains { $0.hasPrefix("bad     texts: ") }, "\(doctor.out)")
        #expect(doctor.out.contains("/nb.yaml: ask.button: is missing"), "\(doctor.out)")
        program.settings["MAYSEND_TEXTS"] = "/nowhere"
        let nowhere = try await program.start(["serve"]).end()
        #expect(nowhere.status == 2 && nowhere.err.contains("looked in /nowhere"), "\(nowhere.err)")
        try program.clean()
    }

    @Test func aPepperThatIsNotTheDatabasesOwnOpensNothing() async throws {
        let site = try await Site()
        let program = site.program
        let path = try #require(program.settings["MAYSEND_PEPPER_FILE"])
        try FileManager.default.removeItem(atPath: path)
        #expect(try await program.run("pepper", "create", path).status == 0)
        let commands = [
            ["migrate"], ["serve"], ["check", "a@firma.example", "--purpose", "newsletter"],
            ["suppress", "a@firma.example", "--reason", "unsubscribed"],
        ]
        for command in commands {
            let ending = try await program.start(command).end()
            #expect(ending.status == 2)
            #expect(
                ending.err.contains("pepper v1 is not the one this database was filled with"),
                "\(command) \(ending.err)")
        }
        let doctor = try await program.run("doctor")
        #expect(doctor.status == 1 && doctor.out.contains("bad     pepper: pepper v1 is not the one"))
        try program.clean()
    }

    @Test func aPepperFileForOthersEyesIsBad() async throws {
        let site = try await Site()
        let path = try #require(site.program.settings["MAYSEND_PEPPER_FILE"])
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let doctor = try await site.program.run("doctor")
        #expect(doctor.status == 1)
        #expect(
            doctor.lines.contains(
                "bad     pepper file: \(path) has mode 0644, so others can read it; run: chmod 600 \(path)"))
        try site.program.clean()
    }

    @Test func withoutItsPepperTheDoctorStillLooksAtTheDatabase() async throws {
        var site = try await Site().program
        site.settings["MAYSEND_PEPPER_FILE"] = "/nowhere/pepper"
        let doctor = try await site.run("doctor")
        #expect(doctor.status == 1)
        #expect(doctor.lines.contains { $0.hasPrefix("bad     pepper file: ") })
        #expect(doctor.lines.contains("good    schema: migration \(schemaVersion)"))
        #expect(!doctor.out.contains("pepper: pepper"))
        try site.clean()
    }

    @Test func aLoginWithoutTheRolesIsToldHowToGetThem() async throws {
        let site = try await Site()
        var program = site.program
        let login = "stranger_\(UInt64.random(in: 0 ... .max))"
        try await site.database.run("create role \(login) login")
        let url = try #require(program.settings["MAYSEND_DATABASE_URL"])
        program.settings["MAYSEND_DATABASE_URL"] = url + "&user=\(login)"
        let doctor = try await program.run("doctor")
        #expect(doctor.status == 1)
        #expect(
            doctor.out.contains("cannot take the role maysend_check or maysend_write (SQLSTATE 42501)"), "\(doctor.out)"
        )
        #expect(doctor.out.contains("maysend migrate"))
        try await site.database.run("drop role \(login)")
        try program.clean()
    }

    @Test func aMigrationThatWasChangedIsNamed() async throws {
        let site = try await Site()
        try await site.database.run("update maysend.migration set digest = 'other'")
        let ending = try await site.program.run("migrate")
        #expect(ending.status == 2 && ending.err.contains("migration 1 was changed after it ran"))
        try site.program.clean()
    }

    @Test func aStandingThatDriftsIsFound() async throws {
        let site = try await Site()
        #expect(try await site.program.run("suppress", "a@firma.example", "--reason", "unsubscribed").status == 0)
        try await site.database.run("delete from maysend.standing")
        let missing = try await site.program.run("verify")
        #expect(missing.status == 1)
        #expect(missing.out.contains("the ledger has acts and there is no standing"))
        #expect(missing.lines.last == "1 compared, 1 differing")
        try site.program.clean()
    }

    @Test func aDomainThatNoCheckLooksForIsFound() async throws {
        let site = try await Site()
        #expect(try await site.program.run("suppress", "--domain", "firma.example").status == 0)
        #expect(try await site.program.run("verify").status == 0)
        try await site.database.run("delete from maysend.known_domain")
        let unlisted = try await site.program.run("verify")
        #expect(unlisted.status == 1)
        #expect(unlisted.out.contains("an act on a domain that no check looks for"))
        try site.program.clean()
    }

    @Test func aPolicyThatContradictsTheAppliedOneIsRefused() async throws {
        let site = try await Site()
        let changed = try Checkout.shipped("stratsys").replacing("3 months", with: "9 months")
        let ending = try await site.program.run("policy", "apply", try site.program.file("changed.yaml", changed))
        #expect(ending.status == 2)
        #expect(ending.err.contains("stratsys@1 is applied with another text; raise 'version'"))
        try site.program.clean()
    }
}
