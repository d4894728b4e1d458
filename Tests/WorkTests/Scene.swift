import Formats
import Harness
import Rules
import Store
import Testing
import Work

/// A store with a policy in effect, and an operator.
struct Scene {
    let database: TestDatabase
    let store: Store
    let access: Access

    init(_ policy: String) async throws {
        database = try await TestDatabase.make()
        store = try await database.store(policy: policy)
        let catalogue = try await store.catalogue()
        access = Access(operator: "test", for: try #require(catalogue.controllers.first))
    }

    /// The same database, written with a second pepper.
    init(rotating old: Scene) async throws {
        database = old.database
        store = try await database.store(peppers: database.rotatePepper())
        access = old.access
    }

    func close() async { await store.shutdown(within: .seconds(5)) }

    struct Outcome {
        let record: ImportRecord
        let lines: [String]

        var counts: [Int] { ImportVerdict.allCases.map { record.counts[$0] } }
    }

    /// Imports the text, in slices of so many rows; `between` runs before each slice.
    func bring(
        _ text: String, _ order: ImportOrder? = nil, opening: ImportOpening? = nil, repeated: ImportRepeat = .taken,
        pieceBytes: Int = 65_536, rowsMax: Int = importSliceRowsMax, inOneLane: Bool = false, between: () -> Void = {}
    ) async throws -> Outcome {
        try await bring(
            bytes: Array(text.utf8), order, opening: opening, repeated: repeated, pieceBytes: pieceBytes,
            rowsMax: rowsMax, inOneLane: inOneLane, between: between)
    }

    func bring(
        bytes: [UInt8], _ order: ImportOrder? = nil, opening: ImportOpening? = nil, repeated: ImportRepeat = .taken,
        pieceBytes: Int = 65_536, rowsMax: Int = importSliceRowsMax, inOneLane: Bool = false, between: () -> Void = {}
    ) async throws -> Outcome {
        let lastWeek = try await lastWeek()
        let order = order ?? ImportOrder(source: "fair-2026", collectedAt: lastWeek)
        let importer = Importer(into: store, by: access, worker: "test")
        let pieces = pieces(of: bytes, bytes: pieceBytes)
        var next = 0
        let reception = try await importer.receive(
            opening ?? ImportOpening(order.kind), order, repeated: repeated, now: Instant(microseconds: .max),
            read: {
                guard next < pieces.count else { return nil }
                defer { next += 1 }
                return pieces[next]
            })
        let id =
            switch reception {
            case .merging(let id, _), .same(let id): id
            }
        if inOneLane { try await mergeInOneLane() }
        return try await outcome(of: importer.merge(id, rowsMax: rowsMax) { _ in between() })
    }

    func receive(_ text: String, _ importer: Importer) async throws -> ImportID {
        let order = ImportOrder(source: "s", collectedAt: try await lastWeek())
        var rest: [UInt8]? = Array(text.utf8)
        let reception = try await importer.receive(
            ImportOpening(.leads), order, repeated: .refused, now: Instant(microseconds: .max),
            read: {
                defer { rest = nil }
                return rest
            })
        switch reception {
        case .merging(let id, _), .same(let id): return id
        }
    }

    /// Has all that was received merged in one lane, so that there is one order.
    func mergeInOneLane() async throws {
        try await database.run(
            """
            update maysend.import_lane set is_done = lane > 0,
                until_key = case lane when 0 then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else until_key end
            where not is_done
            """)
    }

    func outcome(of record: ImportRecord) async throws -> Outcome {
        let rows = try await store.importVerdicts(of: record, by: access)
        // Every line once, and no line that did not come.
        #expect(Set(rows.map(\.place)).count == rows.count)
        #expect(record.counts.total == record.lines)
        for verdict in ImportVerdict.allCases where verdict != .empty {
            #expect(rows.count { $0.verdict == verdict } == record.counts[verdict], "\(verdict)")
        }
        return Outcome(record: record, lines: rows.map(\.words))
    }

    private func verdict(_ address: String, _ purpose: String = "newsletter") async throws -> CheckAnswer {
        let check = Check(address: try Address(parsing: address), purpose: try slug(purpose))
        return try await store.verdict(check, by: access).get()
    }

    /// A date that the cold window of the shipped policies reaches from, by the database's clock.
    func lastWeek() async throws -> Instant {
        let now = try await verdict("nobody@firma.example").at
        return now.advanced(byMicroseconds: -7 * 86_400_000_000 - now.microseconds % 86_400_000_000)
    }

    @discardableResult
    func report(_ event: Event, _ address: String) async throws -> Receipt {
        try await store.run(.record(Report(event, of: .address(try Address(parsing: address)))), by: access)
    }

    /// Whether every standing is what the ledger says.
    func isSound() async throws -> Bool {
        let verifier = try Verifier(url: database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(5))
        let report = try await verifier.verify()
        await verifier.shutdown()
        #expect(report.drifts == [])
        return report.driftCount == 0 && report.compared > 0
    }

    func unsubscribe(_ address: String) async throws {
        let report = Report(
            .unsubscribed(scope: nil, purpose: nil, topic: nil), of: .address(try Address(parsing: address)))
        _ = try await store.run(.record(report), by: access)
    }

    func reason(_ address: String, _ purpose: String = "newsletter") async throws -> String {
        try await verdict(address, purpose).verdict.reason.code
    }
}

extension ImportVerdictRow {
    /// The row in a few words, for comparing.
    var words: String {
        "\(place) \(verdict.rawValue)" + (duplicateOf.map { " of line \($0)" } ?? "") + (reason.map { " " + $0 } ?? "")
    }
}

func pieces(of all: [UInt8], bytes: Int) -> [[UInt8]] {
    stride(from: 0, to: all.count, by: bytes).map { Array(all[$0..<min($0 + bytes, all.count)]) }
}

extension TestDatabase {
    /// Throws unless the condition is true in the database.
    func require(_ condition: String) async throws {
        try await run("do $$ begin if not (\(condition)) then raise exception 'it is not so'; end if; end $$")
    }
}
