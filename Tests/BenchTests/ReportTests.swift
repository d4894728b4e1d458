import Formats
import Foundation
import Testing

@testable import bench

@Suite struct ReportTests {
    private func round(_ perSecond: Double, errors: Int = 0) -> Cell.Round {
        Cell.Round(
            perSecond: perSecond, latencies: LatencySummary(p50: 1.5, p95: 2.5, p99: 12.34, p999: 40, max: 120),
            serverMicroseconds: 20, databaseMicroseconds: 14.25, driverMicroseconds: 8, peakBytes: 52_428_800,
            errors: errors, errorText: errors > 0 ? "\(errors) × 503" : "")
    }

    private var result: BenchResult {
        var card = MachineCard()
        (card.processor, card.cores, card.memoryBytes, card.date) = ("Some <fast> CPU", 2, 8_589_934_592, "2026-11-21")
        (card.kernel, card.postgres, card.swift) = ("6.1", "PostgreSQL 15.1", "Swift 6.3.1")
        var result = BenchResult(machine: card, people: 3_000_000, seconds: 10, connections: 64)
        var echo = Cell(name: CellName.echo, meaning: "a route", unit: "checks")
        echo.rounds = [round(100), round(50_000), round(60_000)]
        var real = Cell(name: CellName.real, meaning: "the service", unit: "checks")
        real.rounds = [round(50), round(40_000, errors: 3), round(30_000)]
        var select = Cell(name: CellName.standingSelect, meaning: "a select", unit: "selects")
        select.rounds = [Cell.Round(perSecond: 40_000)]
        result.cells = [echo, real, select]
        result.steps = (1...10).map { RateStep(offered: Double($0) * 3_000, round: round(Double($0) * 3_000)) }
        result.remarks = ["stream: left out"]
        return result
    }

    @Test func ratiosAreOfRoundsSideBySide() throws {
        let real = try #require(result[CellName.real])
        let echo = try #require(result[CellName.echo])
        // 0.5, 0.8 and 0.5: not the ratio of the two medians.
        #expect(real.ratio(to: echo) == 0.5)
        #expect(real.median?.perSecond == 30_000)
        #expect(Cell(name: "none", meaning: "", unit: "").ratio(to: echo) == nil)
    }

    @Test func theTableNamesTheMachineAndHidesNoError() {
        let text = ResultTable(result: result).text
        #expect(text.contains("Some <fast> CPU, 2 cores, 8 GB, Linux 6.1, PostgreSQL 15.1, Swift 6.3.1, 2026-11-21"))
        #expect(text.contains("check / echo 0.50"))
        #expect(text.contains("3: 3 × 503"))
        #expect(text.contains("stream: left out"))
        let rows = text.split(separator: "\n").prefix(5)
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(rows[0].contains("| rate/s |"))
    }

    @Test func theDocumentIsJSONWithEveryRound() throws {
        let document = try JSON(parsing: ResultDocument(result: result).bytes)
        guard case .object(let fields) = document, case .array(let cells) = fields["cells"],
            case .array(let steps) = fields["latency-against-rate"], case .object(let machine) = fields["machine"],
            case .object(let first) = cells.first, case .array(let rounds) = first["rounds"]
        else {
            Issue.record("the document lacks a part")
            return
        }
        #expect(cells.count == 3)
        #expect(steps.count == 10)
        #expect(rounds.count == 3)
        #expect(machine["processor"] == .string("Some <fast> CPU"))
        #expect(machine["cores"] == .int(2))
    }

    @Test func theChartIsWellFormedAndShowsEveryCurve() throws {
        let svg = LatencyChart(result: result).svg
        let parser = XMLProbe()
        #expect(parser.reads(svg))
        #expect(parser.names.count(where: { $0 == "polyline" }) == 3)
        #expect(parser.names.count(where: { $0 == "circle" }) == 30)
        for word in ["p50", "p95", "p99", "checks a second", "ms", "30,000", "100", "Some <fast> CPU"] {
            #expect(parser.text.contains(word), "\(word)")
        }
    }

    @Test(arguments: [(1.0, 5...11), (999, 5...11), (35_000, 5...11), (123_456, 5...11)])
    func ticksAreFewAndRound(most: Double, counts: ClosedRange<Int>) {
        let ticks = LatencyChart.ticks(upTo: most)
        #expect(counts.contains(ticks.count))
        #expect(ticks.allSatisfy { $0 <= most })
    }

    @Test func figuresAreShort() {
        #expect(Figures.whole(1_234_567.4) == "1,234,567")
        #expect(Figures.whole(0) == "0")
        #expect(Figures.milliseconds(0.412) == "0.41")
        #expect(Figures.milliseconds(37.04) == "37.0")
        #expect(Figures.milliseconds(1_204) == "1,204")
        #expect(Figures.megabytes(52_428_800) == "50")
    }

    @Test func pgbenchIsReadByItsWords() {
        let text = "number of transactions actually processed: 123456\ntps = 61728.25 (without initial connection time)"
        #expect(PgBench.number(after: "tps = ", in: text) == 61_728.25)
        #expect(PgBench.number(after: "number of transactions actually processed: ", in: text) == 123_456)
        #expect(PgBench.number(after: "failed: ", in: text) == nil)
    }
}

/// Reads enough of XML to see that every element ends, and what text there is.
private final class XMLProbe {
    private(set) var names: [String] = []
    private(set) var text = ""

    func reads(_ document: String) -> Bool {
        var open: [String] = []
        for piece in document.split(separator: "<") {
            guard let end = piece.firstIndex(of: ">") else { return false }
            let tag = piece[..<end]
            if tag.hasPrefix("/") {
                guard open.popLast() == String(tag.dropFirst()) else { return false }
            } else {
                let name = String(tag.prefix { $0 != " " && $0 != "/" })
                names.append(name)
                if !tag.hasSuffix("/") { open.append(name) }
                guard tag.count(where: { $0 == "\"" }).isMultiple(of: 2) else { return false }
            }
            text += piece[piece.index(after: end)...].replacing("&lt;", with: "<").replacing("&gt;", with: ">")
        }
        return open.isEmpty
    }
}
