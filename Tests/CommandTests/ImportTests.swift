import Foundation
import Harness
import Testing

/// Imports that do not end as they should.
@Suite struct ImportTests {
    private static let rows = 4_000
    private static let killsMax = 6

    @Test func anImportThatIsKilledAgainAndAgainAccountsForEveryLineOnce() async throws {
        let site = try await Site()
        let program = site.program
        var text = "email,name,source,collected\n"
        let day = Self.yesterday()
        for number in 0..<Self.rows {
            text += "lead.\(number)@firma-\(number % 50).example,Lead \(number),fair,\(day)\n"
        }
        let list = try program.file("list.csv", text)
        var random = SeededGenerator(seed: 5)
        var kills = 0
        for round in 1...Self.killsMax {
            let running = try program.start(["import", list])
            // Each time it lives longer, so that it comes to an end however slow the machine is.
            try await Task.sleep(for: .milliseconds(Int.random(in: 100...400, using: &random) * round))
            if running.process.isRunning {
                kill(running.process.processIdentifier, SIGKILL)
                kills += 1
            }
            if try await running.end().status == 0 { break }
        }
        #expect(kills > 0)
        let ending = try await program.run("import", list)
        #expect(ending.status == 0, "\(ending.err)")
        let summary = try #require(ending.lines.last)
        #expect(summary.hasPrefix("= \(Self.rows) rows of "))
        let id = String(try #require(summary.split(separator: " ").last))
        let rows = try await program.run("import", "rows", id).lines.dropFirst()
        #expect(rows.count == Self.rows)
        #expect(Set(rows) == Set((2...(Self.rows + 1)).map { "\($0),created,," }))
        let verified = try await program.run("verify")
        #expect(verified.status == 0, "\(verified.out)")
        try program.clean()
    }

    @Test func aListOfSuppressionsIsTakenIn() async throws {
        let site = try await Site()
        let program = site.program
        let list = try program.file("out.txt", "kari@firma.example\nola@firma.example\nnobody\n")
        let ending = try await program.run("import", "--suppressions", list)
        #expect(ending.status == 0, "\(ending.err)")
        #expect(ending.out.contains("  2 suppressed: entered into the register"))
        let check = try await program.run("check", "ola@firma.example", "--purpose", "newsletter")
        #expect(check.status == 1 && check.out.contains("not eligible: imported"))
        let status = try await program.run("import", "status")
        #expect(status.lines.count == 2 && status.out.contains("suppressions  finished"))
        let id = String(try #require(ending.lines.last?.split(separator: " ").last))
        let undo = try await program.run("import", "undo", id)
        #expect(undo.status == 2 && undo.err.contains("never undone"))
        try program.clean()
    }

    /// What came in in a provider's shape goes out in it as it was, and in another one as far as that has a place for it.
    @Test func aListOfSuppressionsGoesOutAgain() async throws {
        let site = try await Site()
        let program = site.program
        let text = """
            created,email
            1715588504,kari@firma.example
            1715674904,ola@firma.example

            """
        let list = try program.file("sendgrid.csv", text)
        #expect(try await program.run("import", "--suppressions", list).status == 0)
        let everybody = try program.file(
            "all.csv", "name;mail\nK;kari@firma.example\nX;new@firma.example\nO;ola@firma.example\n")
        let again = try await program.run("export", "--as", "sendgrid-unsubscribes", "--of", everybody)
        #expect(again.status == 0, "\(again.err)")
        #expect(again.out == text)
        let elsewhere = try await program.run("export", "--as", "ses", "--of", everybody)
        #expect(elsewhere.out.isEmpty && elsewhere.err.contains("0 written as ses, 2 for which that has no place"))
        let contacts = try await program.run("export", "--as", "plain")
        #expect(contacts.err.contains("Of 2 more people no address is kept"), "\(contacts.err)")
        try program.clean()
    }

    @Test func anUndoTakesBackWhomTheListBrought() async throws {
        let site = try await Site()
        let program = site.program
        let list = try program.file("list.csv", "email,source,collected\na@firma.example,fair,\(Self.yesterday())\n")
        let ending = try await program.run("import", list)
        let id = String(try #require(ending.lines.last?.split(separator: " ").last))
        let notices = try await program.run("notices", "--all")
        #expect(notices.lines.last?.hasPrefix("a@firma.example,fair,20") == true)
        let undo = try await program.run("import", "undo", id)
        #expect(undo.status == 0 && undo.out.hasPrefix("1 taken back, 0 left"), "\(undo.err)")
        #expect(try await program.run("check", "a@firma.example", "--purpose", "newsletter").status == 1)
        #expect(try await program.run("notices", "--all").lines.count == 1)
        try program.clean()
    }

    private static func yesterday() -> String {
        var time = time(nil) - 86_400
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
