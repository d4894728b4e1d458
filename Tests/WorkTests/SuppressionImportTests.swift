import Formats
import Foundation
import Harness
import Rules
import Store
import Testing
import Work

/// Lists of people who are not to be written to.
@Suite struct SuppressionImportTests {
    private let suppressions = ImportOrder(.suppressions, source: nil, collectedAt: nil)

    private func example(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Checkout.top.appendingPathComponent("deploy/examples/" + name)))
    }

    private func entries(_ scene: Scene, _ address: String) async throws -> [String] {
        try await scene.store.entries(on: Address(parsing: address), by: scene.access)
            .map { "\($0.entry.reason.rawValue) \($0.at)" }
    }

    @Test func whoIsOnAListGoesIntoTheRegisterOnce() async throws {
        let scene = try await Scene("stratsys")
        try await scene.unsubscribe("known@firma.example")
        _ = try await scene.bring("email\nlead@firma.example\n")
        let list = "email,since\na@firma.example,2026-01-02\nA@firma.example,2026-01-01\nlead@firma.example,\nx,\n"
        let first = try await scene.bring(list, suppressions)
        #expect(first.lines.dropLast() == ["2 suppressed listed", "3 duplicate of line 2", "4 suppressed listed"])
        #expect(first.lines.last?.hasPrefix("5 invalid email: ") == true)
        for address in ["a@firma.example", "lead@firma.example"] {
            #expect(try await scene.reason(address) == "imported")
        }
        let again = try await scene.bring(list, suppressions)
        #expect(again.lines.dropLast() == ["2 unchanged", "3 duplicate of line 2", "4 unchanged"])
        let plain = try await scene.bring("b@firma.example\nknown@firma.example\n", suppressions)
        #expect(plain.lines == ["1 suppressed listed", "2 unchanged"])
        #expect(try await scene.isSound())
        await scene.close()
    }

    /// The earliest date that a list gives counts, and the list's reason.
    @Test func reasonAndDateOfAProvidersListAreKept() async throws {
        let scene = try await Scene("stratsys")
        let list = """
            [{"created": 1715674904, "email": "ola@gaard.example"}, {"created": 1715588504, "email": "OLA@gaard.example"}]
            """
        let outcome = try await scene.bring(list, suppressions)
        #expect(outcome.lines == ["1 suppressed unsubscribed", "2 duplicate of line 1"])
        #expect(try await entries(scene, "ola@gaard.example") == ["unsubscribed 2024-05-13T08:21:44Z"])
        #expect(try await scene.reason("ola@gaard.example") == "unsubscribed")
        await scene.close()
    }

    @Test func complaintsAndBouncesOfSESAreWhatTheyAre() async throws {
        let scene = try await Scene("stratsys")
        let outcome = try await scene.bring(bytes: example("ses.csv"), suppressions)
        #expect(outcome.lines == ["1 suppressed bounced", "2 suppressed complained"])
        #expect(outcome.record.guess?.contains(#""dialects": ["ses"]"#) == true)
        #expect(try await scene.reason("kari.nordmann@firma.example") == "bounced")
        #expect(try await scene.reason("ola@gaard.example") == "complained")
        // A bounce is no entry of the register, and yet the same list again changes nothing.
        #expect(try await entries(scene, "kari.nordmann@firma.example").isEmpty)
        #expect(try await scene.bring(bytes: example("ses.csv"), suppressions).lines == ["1 unchanged", "2 unchanged"])
        #expect(try await scene.isSound())
        await scene.close()
    }

    /// Whoever opted out and later complained has complained: a stronger word is not lost behind a weaker one.
    @Test func aComplaintIsEnteredBesideAnUnsubscribe() async throws {
        let scene = try await Scene("stratsys")
        try await scene.unsubscribe("ola@gaard.example")
        #expect(
            try await scene.bring("ola@gaard.example,COMPLAINT\n", suppressions).lines == ["1 suppressed complained"])
        let reasons = try await scene.store.entries(on: Address(parsing: "ola@gaard.example"), by: scene.access)
            .map(\.entry.reason)
        #expect(Set(reasons) == [.unsubscribed, .complained])
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func theThreeListsOfAnArchiveAreOneImport() async throws {
        let scene = try await Scene("stratsys")
        let outcome = try await scene.bring(bytes: example("mailchimp.zip"), suppressions)
        #expect(outcome.record.state == .finished)
        #expect(
            outcome.record.guess?.contains(
                #""dialects": ["mailchimp-subscribed", "mailchimp-unsubscribed", "mailchimp-cleaned"]"#) == true)
        // Whom the list calls subscribed it lifts nothing of and makes nobody of.
        #expect(outcome.lines.contains { $0.hasSuffix("unchanged no-opt-out") })
        #expect(outcome.lines.contains { $0.hasPrefix("2:2 suppressed unsubscribed") }, "\(outcome.lines)")
        #expect(outcome.lines.contains { $0.hasPrefix("3:2 suppressed bounced") }, "\(outcome.lines)")
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test(arguments: ["hashed-sha1.txt", "hashed-sha256.csv", "hashed-sha512.txt", "mailtrain.csv", "optizmo.txt"])
    func aDigestRefusesWhoeverHasItAlsoOneWhoComesLater(_ file: String) async throws {
        let scene = try await Scene("stratsys")
        let outcome = try await scene.bring(bytes: example(file), suppressions)
        #expect(outcome.record.counts[.suppressed] > 0 && outcome.record.counts[.invalid] == 0, "\(outcome.lines)")
        let again = try await scene.bring(bytes: example(file), suppressions)
        #expect(again.record.counts[.suppressed] == 0 && again.record.counts[.unchanged] > 0)
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func whoeverHasAnImportedDigestIsNotStored() async throws {
        let scene = try await Scene("stratsys")
        let address = try Address(parsing: "next.year@firma.example")
        for kind in HashedAddress.Kind.allCases {
            let list = HashedAddress(of: address, kind).hexadecimal + "\n"
            #expect(try await scene.bring(list, suppressions).lines == ["1 suppressed listed"])
        }
        #expect(try await scene.reason(address.canonical) == "imported")
        #expect(
            try await scene.bring("email\nnext.year@firma.example\n").lines == ["2 suppressed imported"])
        #expect(try await scene.isSound())
        await scene.close()
    }

    @Test func aListOfSuppressionsIsNeverUndone() async throws {
        let scene = try await Scene("stratsys")
        let record = try await scene.bring("a@firma.example\n", suppressions).record
        await #expect(throws: StoreError.self) { try await scene.store.undoImport(record, by: scene.access) }
        #expect(try await scene.reason("a@firma.example") == "imported")
        await scene.close()
    }

    @Test func aListForTheGroupStopsItAtEveryCompany() async throws {
        let scene = try await Scene("infobric")
        var opening = ImportOpening(.suppressions)
        opening.scope = .group
        _ = try await scene.bring("a@firma.example\n", suppressions, opening: opening)
        for controller in try await scene.store.catalogue().controllers {
            let access = Access(operator: "test", for: controller)
            let found = try await scene.store.entries(on: Address(parsing: "a@firma.example"), by: access)
            #expect(found.map(\.entry.reach) == [.group])
        }
        // Whoever came back to one of them is stopped there again by a newer list, though the entry stands at this company.
        let address = try Address(parsing: "a@firma.example")
        let other = Access(operator: "test", for: try #require(try await scene.store.catalogue().controllers.last))
        let newsletter = try #require(Slug("newsletter"))
        let consent = Report(
            .consentGiven(newsletter, by: .person(confirmsObjection: false)), of: .address(address), at: nil,
            evidence: try Evidence([("method", "double-opt-in")]))
        _ = try await scene.store.run(.record(consent), by: other)
        func isEligibleThere() async throws -> Bool {
            try await scene.store.verdict(Check(address: address, purpose: newsletter), by: other).get().verdict
                .isEligible
        }
        #expect(try await isEligibleThere())
        _ = try await scene.bring("a@firma.example\n", suppressions, opening: opening)
        #expect(try await !isEligibleThere())
        #expect(try await scene.isSound())
        await scene.close()
    }
}
