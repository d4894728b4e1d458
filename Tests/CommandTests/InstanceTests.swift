import Foundation
import Harness
import Testing

/// The commands about instances with a spool, and the settings of one.
@Suite struct InstanceTests {
    private static let id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    @Test func oneThatDoesNotAnswerIsShownAndForgotten() async throws {
        let site = try await Site()
        let program = site.program
        let none = try await program.run("instance", "list")
        #expect(none.status == 0 && none.out.isEmpty)
        #expect(none.err.contains("There is no instance"))
        try await site.database.run(
            """
            insert into maysend.instance (id, name, beat_at, absence_seconds)
            values ('\(Self.id)', 'north', clock_timestamp() - interval '1 h', 900)
            """)
        let held = try await program.run("check", "kari@firma.example", "--purpose", "newsletter")
        #expect(held.status == 2)
        #expect(held.err.contains("instance 'north' may hold opt-outs"), "\(held.err)")
        let listed = try await program.run("instance", "list")
        #expect(listed.out.contains("north"))
        #expect(listed.out.contains("does not answer; waited for, 900 s at most"), "\(listed.out)")
        let forgotten = try await program.run("instance", "forget", Self.id)
        #expect(forgotten.status == 0 && forgotten.out == "forgot 'north'\n", "\(forgotten.err)")
        let again = try await program.run("instance", "forget", Self.id)
        #expect(again.status == 0 && again.out == "'north' was forgotten before\n")
        #expect(try await program.run("check", "kari@firma.example", "--purpose", "newsletter").status == 1)
        try program.clean()
    }

    @Test func oneThatAnswersIsNotForgotten() async throws {
        let site = try await Site()
        try await site.database.run(
            """
            insert into maysend.instance (id, name, beat_at, absence_seconds)
            values ('\(Self.id)', 'north', clock_timestamp() + interval '1 h', 900)
            """)
        // A beat in the future is no beat.
        #expect(try await site.program.run("instance", "list").out.contains("does not answer"))
        try await site.database.run("delete from maysend.instance")
        let unknown = try await site.program.run("instance", "forget", Self.id)
        #expect(unknown.status == 2 && unknown.err.contains("there is no instance with that id"))
        let wrong = try await site.program.run("instance", "forget", "north")
        #expect(wrong.status == 2 && wrong.err.contains("'north' is no id of an instance"))
        try site.program.clean()
    }

    /// Started with a spool it is known to the others, and gone from there when it has ended in order; nobody shares its
    /// folder, and a setting that is not allowed is named.
    @Test func anInstanceWithASpoolComesAndGoes() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_PORT"] = "0"
        try await program.makeLinks()
        program.settings["MAYSEND_SPOOL"] = program.folder.appendingPathComponent("spool").path
        let running = try program.start(["serve"])
        _ = try await running.line(with: #""message":"listening""#)
        while try await site.database.texts("select name as text from maysend.instance").isEmpty {
            try await Task.sleep(for: .milliseconds(20))
        }
        let second = try await program.run("serve")
        #expect(second.status == 2 && second.err.contains("belongs to another process"), "\(second.err)")
        running.process.terminate()
        #expect(try await running.end().status == 0)
        #expect(try await site.database.texts("select name as text from maysend.instance") == [])
        program.settings["MAYSEND_PEER_ABSENCE"] = "9"
        let wrong = try await program.run("serve")
        #expect(wrong.status == 2 && wrong.err.contains("MAYSEND_PEER_ABSENCE is '9'"), "\(wrong.err)")
        try program.clean()
    }
}
