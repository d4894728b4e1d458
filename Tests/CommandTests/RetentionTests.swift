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

    @Test func aPolicyIsAppliedAndSwept() async throws {
        let site = try await Site()
        let program = site.program
        let leads = try program.file(
            "leads.csv", "email,name\nkari@firma.example,Kari\nola@firma.example,Ola\nper@firma.example,Per\n")
        let day = String(systemNow().advanced(byMicroseconds: -60 * 86_400_000_000).description.prefix(10))
        #expect(try await program.run("import", leads, "--source", "fair", "--collected-at", day).status == 0)
        #expect(try await program.run("suppress", "kari@firma.example", "--reason", "unsubscribed").status == 0)

        let file = try program.file("stratsys-2.yaml", shortened("1 months"))
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

        try program.clean()
    }

    @Test(arguments: [("MAYSEND_SWEEP", "sometimes", "Allowed are off")])
    func aWrongSettingIsNamed(_ variable: String, _ value: String, _ words: String) async throws {
        let site = try await Site()
        var program = site.program
        program.settings[variable] = value
        let ending = try await program.run("serve")
        #expect(ending.status == 2 && ending.err.contains(words), "\(ending.err)")
        try program.clean()
    }
}
