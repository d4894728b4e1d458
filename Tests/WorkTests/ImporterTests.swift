import Formats
import Harness
import Rules
import Store
import Testing
import Work

/// Imports into a real database.
@Suite struct ImporterTests {
    @Test func everyRowIsAnsweredInOrderAndTheSummaryAddsUp() async throws {
        let scene = try await Scene("stratsys")
        try await scene.unsubscribe("ingrid@firma.example")
        let text = """
            E-post;Navn
            kari@firma.example;Kari
            ola@firma.example;Ola

            ingrid@firma.example;Ingrid
            Kari@Firma.example ;Kari igjen
            ola(at)firma.example;Ola
            ;
            ole@firma.example;Ole;for mye
            """
        let outcome = try await scene.bring(text)
        #expect(
            outcome.lines == [
                "2 created", "3 created", "5 suppressed unsubscribed", "6 duplicate of line 2",
                "7 invalid email: \(AddressError.atSignMissing)", "8 empty",
                "9 invalid 1 fields more than the header has; a field with a delimiter in it must stand in quotes",
            ])
        let summary = outcome.summary
        #expect(summary.parts.map(\.count) == [2, 0, 0, 1, 0, 1, 2, 2])
        #expect(summary.rows == text.split(separator: "\n", omittingEmptySubsequences: false).count - 1)
        await scene.close()
    }

    @Test func againIsUnchangedAndANewNameIsUpdated() async throws {
        let scene = try await Scene("stratsys")
        let text = "email,name,company\na@firma.example,Anna,Firma\nb@firma.example,Bo,Firma\n"
        #expect(try await scene.bring(text).lines == ["2 created", "3 created"])
        #expect(try await scene.bring(text).lines == ["2 unchanged", "3 unchanged"])
        let renamed = text.replacing("Bo", with: "Bo Berg")
        #expect(try await scene.bring(renamed).lines == ["2 unchanged", "3 updated"])
        await scene.close()
    }

    @Test func anImportLiftsNoOptOut() async throws {
        let scene = try await Scene("stratsys")
        try await scene.unsubscribe("kari@firma.example")
        let text = "email,consent,consent date,unsubscribed\nkari@firma.example,yes,2026-05-05,no\n"
        for _ in 0..<2 {
            #expect(try await scene.bring(text).lines == ["2 suppressed unsubscribed"])
            #expect(try await scene.reason("kari@firma.example") == "unsubscribed")
        }
        await scene.close()
    }

    @Test func aListWithoutConsentIsNotStoredWhereConsentIsNeeded() async throws {
        let scene = try await Scene("consent-first")
        let text = "email,consent\na@firma.example,yes\nb@firma.example,yes\n"
        let outcome = try await scene.bring(text)
        #expect(outcome.lines == ["2 no-ground consent-missing", "3 no-ground consent-missing"])
        #expect(outcome.summary.noGround == 2)
        #expect(try await scene.reason("a@firma.example") == "unknown-address")
        await scene.close()
    }

    @Test func aListThatIsTooOldIsNotStored() async throws {
        let scene = try await Scene("stratsys")
        let old = order(collectedAt: try instant("2020-01-01T00:00:00Z"))
        #expect(try await scene.bring("email\na@firma.example\n", old).lines == ["2 no-ground retention-expired"])
        #expect(try await scene.reason("a@firma.example") == "unknown-address")
        await scene.close()
    }

    @Test func whoTheListSaysHasDeclinedGoesIntoTheRegisterOnce() async throws {
        let scene = try await Scene("stratsys")
        let text =
            "email,unsubscribed\na@firma.example,\na@firma.example,yes\nb@firma.example,yes\nb@firma.example,no\n"
        let lines = [
            "2 suppressed imported", "3 suppressed imported", "4 suppressed imported", "5 duplicate of line 4",
        ]
        for _ in 0..<2 { #expect(try await scene.bring(text).lines == lines) }
        for address in ["a@firma.example", "b@firma.example"] {
            #expect(try await scene.reason(address) == "imported")
            let entries = try await scene.store.entries(on: Address(parsing: address), by: scene.access)
            #expect(entries.map(\.entry.reason) == [.imported])
        }
        await scene.close()
    }

    @Test func twentyThousandRowsInOddPieces() async throws {
        let scene = try await Scene("stratsys")
        let count = 20_000
        var text = "E-post;Navn;Organisasjon\n"
        for number in 0..<count {
            text += "lead.\(number)@firma-\(number % 500).example;Lead \(number);Firma \(number % 500)\n"
        }
        let outcome = try await scene.bring(text, pieceBytes: 4_093)
        #expect(outcome.summary.created == count)
        #expect(outcome.summary.rows == count)
        #expect(outcome.lines.first == "2 created" && outcome.lines.last == "\(count + 1) created")
        #expect(outcome.lines.count == count)
        let again = try await scene.bring("E-post\nlead.19999@firma-499.example\n")
        #expect(again.lines == ["2 unchanged"])
        await scene.close()
    }

    @Test func aDatabaseThatFailsHalfwayStopsAtALineAndNothingIsLost() async throws {
        let scene = try await Scene("stratsys")
        // The reader holds the first 64 KiB back until it knows how the file is written; more than 500 rows must come after.
        let name = String(repeating: "x", count: 100)
        var text = "email,name\n"
        for number in 0..<1_200 { text += "lead.\(number)@firma.example,\(name)\n" }
        let middle = text.utf8.count / 2
        let failure = await #expect(throws: ImportError.self) {
            _ = try await scene.bring(text, pieceBytes: middle + 1) { () async throws(ReadFailure) in
                do {
                    try await scene.database.run("alter table maysend.contact rename to contact_away")
                } catch {
                    throw ReadFailure("\(error)")
                }
            }
        }
        guard case .stopped(_, let progress) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(progress.summary.created == 500)
        #expect(progress.nextLine == 502)
        try await scene.database.run("alter table maysend.contact_away rename to contact")
        let rest = try await scene.bring(text).summary
        #expect(rest.unchanged == 500 && rest.created == 700 && rest.rows == 1_200)
        await scene.close()
    }

    @Test func aListThatIsRefusedStoresNothing() async throws {
        let scene = try await Scene("stratsys")
        await #expect(throws: ImportError.self) {
            _ = try await scene.bring("email;status\na@firma.example;ok\n")
        }
        await #expect(throws: ImportError.self) { _ = try await scene.bring("") }
        #expect(try await scene.reason("a@firma.example") == "unknown-address")
        await scene.close()
    }
}

/// A store with a policy in effect, and an operator.
private struct Scene {
    let database: TestDatabase
    let store: Store
    let access: Access

    init(_ policy: String) async throws {
        database = try await TestDatabase.make()
        store = try await database.store(policy: policy)
        let catalogue = try await store.catalogue()
        access = Access(operator: "test", for: try #require(catalogue.controllers.first))
    }

    func close() async { await store.shutdown(within: .seconds(5)) }

    struct Outcome {
        let summary: ImportSummary
        let lines: [String]
    }

    /// Imports the text; `between` runs before the second piece is handed over.
    func bring(
        _ text: String, _ order: ImportOrder? = nil, pieceBytes: Int = 65_536,
        between: () async throws(ReadFailure) -> Void = {}
    ) async throws -> Outcome {
        let now = Instant(microseconds: .max)
        let lastWeek = try await lastWeek()
        let order = order ?? ImportOrder(source: "fair-2026", collectedAt: lastWeek)
        var importer = Importer(order, into: store, by: access, now: now)
        let pieces = pieces(of: text, bytes: pieceBytes)
        var next = 0
        var lines: [String] = []
        let summary = try await importer.run(
            read: { () async throws(ReadFailure) in
                if next == 1 { try await between() }
                guard next < pieces.count else { return nil }
                defer { next += 1 }
                return pieces[next]
            },
            answered: { answer in
                lines.append("\(answer.line) \(answer.verdict.word)\(answer.verdict.reason.map { " " + $0 } ?? "")")
            })
        #expect(summary.parts.map(\.count).reduce(0, +) == summary.rows)
        return Outcome(summary: summary, lines: lines)
    }

    private func verdict(_ address: String) async throws -> CheckAnswer {
        let check = Check(address: try Address(parsing: address), purpose: try slug("newsletter"))
        return try await store.verdict(check, by: access).get()
    }

    /// A date that the cold window of the shipped policies reaches from, by the database's clock.
    private func lastWeek() async throws -> Instant {
        let now = try await verdict("nobody@firma.example").at
        return now.advanced(byMicroseconds: -7 * 86_400_000_000 - now.microseconds % 86_400_000_000)
    }

    func unsubscribe(_ address: String) async throws {
        let report = Report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil), of: .address(try Address(parsing: address)))
        _ = try await store.run(.record(report), by: access)
    }

    func reason(_ address: String) async throws -> String {
        try await verdict(address).verdict.reason.code
    }
}
