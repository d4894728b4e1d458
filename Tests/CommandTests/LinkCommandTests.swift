import Foundation
import Harness
import Rules
import Testing

/// Keys of links, and a link made by hand.
@Suite struct LinkCommandTests {
    @Test func keysAreMadeOnceAndAddedToEver() async throws {
        var program = try Program()
        #expect(try await program.run("key", "rotate-links").err.contains("MAYSEND_LINK_KEYS is not set"))
        let path = try program.file("links")
        program.settings["MAYSEND_LINK_KEYS"] = path
        let none = try await program.run("key", "rotate-links")
        #expect(none.status == 2 && none.err.contains("cannot be read"))
        #expect(!FileManager.default.fileExists(atPath: path), "only --first makes a file")

        let first = try await program.run("key", "rotate-links", "--first")
        #expect(first.status == 0 && first.out.contains("k1"), "\(first.err)")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let twice = try await program.run("key", "rotate-links", "--first")
        #expect(twice.status == 2 && twice.err.contains("is there already"))

        let before = try String(contentsOfFile: path, encoding: .utf8)
        let old = try LinkKeyRing(parsing: before, file: path)
        #expect(try await program.run("key", "rotate-links").out.contains("added k2"))
        #expect(try await program.run("key", "rotate-links").out.contains("added k3"))
        let after = try String(contentsOfFile: path, encoding: .utf8)
        let ring = try LinkKeyRing(parsing: after, file: path)
        #expect(ring.count == 3 && ring.newest.number == 3)
        #expect(after.hasPrefix("# ") && before.split(separator: "\n").allSatisfy { after.contains($0) })
        let person = KeyedPerson(pepper: 1, own: AddressKey(high: 1, low: 1), alias: AddressKey(high: 1, low: 1))
        let link = Link(.unsubscribe, controller: 1, person: person, mintedAt: .min)
        let token = try #require(old.token(for: link, nonce: [UInt8](repeating: 0, count: 12)))
        #expect(try ring.link(in: token, as: .unsubscribe) == link)
        let left = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
        #expect(!left.contains { $0.contains(".part") })

        _ = try program.file("links", "k1:nonsense\n")
        let damaged = try await program.run("key", "rotate-links")
        #expect(damaged.status == 2 && damaged.err.contains("links:1:"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "k1:nonsense\n")
        try program.clean()
    }

    @Test func aLinkIsMadeByHand() async throws {
        let site = try await Site()
        var program = site.program
        program.settings["MAYSEND_LINK_KEYS"] = try program.file("links")
        program.settings["MAYSEND_PUBLIC_URL"] = "https://opt.firma.example/"
        let ask = ["link", "Kari+x@firma.example", "--purpose", "newsletter", "--topic", "events", "--campaign", "vår"]
        #expect(try await program.start(ask).end().err.contains("the file of link keys"))
        _ = try await program.run("key", "rotate-links", "--first")
        let made = try await program.start(ask).end()
        #expect(made.status == 0, "\(made.err)")
        let url = try #require(made.lines.first)
        #expect(url.hasPrefix("https://opt.firma.example/u/"))
        #expect(
            made.lines.dropFirst() == [
                "List-Unsubscribe: <\(url)>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            ])
        let path = try #require(program.settings["MAYSEND_LINK_KEYS"])
        let ring = try LinkKeyRing(parsing: String(contentsOfFile: path, encoding: .utf8), file: path)
        let link = try ring.link(in: String(url.dropFirst("https://opt.firma.example/u/".count)), as: .unsubscribe)
        #expect(link.person == site.database.peppers.current.person(try Address(parsing: "kari+x@firma.example")))
        #expect(link.purpose?.text == "newsletter" && link.topic?.text == "events" && link.campaign?.text == "vår")
        let preferences = try await program.start(ask + ["--type", "preferences"]).end()
        #expect(preferences.lines.count == 1 && preferences.out.hasPrefix("https://opt.firma.example/p/"))
        #expect(try await program.start(ask + ["--json"]).end().out.hasPrefix(#"{"url":"https://opt.firma.example/u/"#))
        let unknown = try await program.run("link", "kari@firma.example", "--purpose", "nyhetsbrev")
        #expect(unknown.status == 2 && unknown.err.contains("unknown purpose 'nyhetsbrev'"))
        let service = try await program.run("link", "kari@firma.example", "--purpose", "contact-form")
        #expect(service.status == 2)
        let doctor = try await program.run("doctor")
        #expect(doctor.out.contains("good    links: https://opt.firma.example, sealed with k1"), "\(doctor.out)")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(try await program.run("doctor").out.contains("bad     links: "))
        try program.clean()
    }
}
