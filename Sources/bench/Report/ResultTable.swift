/// A run as a table that reads well in a terminal and in Markdown.
struct ResultTable {
    let result: BenchResult

    private static let headings = [
        "", "rate/s", "p50 ms", "p95 ms", "p99 ms", "server µs", "database µs", "driver µs", "peak MB", "errors",
    ]

    var text: String {
        var parts = [Self.grid(Self.headings, result.cells.compactMap(Self.row))]
        let ratios = result.ratios.map { "\($0.one) / \($0.other) \(Figures.ratio($0.value))" }
        if !ratios.isEmpty {
            parts.append("Ratios of rates, median of the rounds: " + ratios.joined(separator: "; ") + ".")
        }
        if !result.steps.isEmpty { parts.append(Self.grid(Self.stepHeadings, result.steps.map(Self.row))) }
        parts.append(result.cells.map { "\($0.name): \($0.meaning)" }.joined(separator: "\n"))
        if !result.remarks.isEmpty { parts.append(result.remarks.joined(separator: "\n")) }
        parts.append(
            """
            \(Figures.whole(Double(result.people))) people, \(Figures.whole(result.seconds)) s a cell, \
            \(result.connections) connections; server, PostgreSQL and load on the same cores. Rates are medians where \
            there are rounds; µs is processor time for one of what the rate counts.
            \(result.machine.text), \(result.machine.date)
            """)
        return parts.joined(separator: "\n\n")
    }

    private static func row(_ cell: Cell) -> [String]? {
        guard let round = cell.median else { return nil }
        return [
            cell.name, Figures.whole(round.perSecond), Figures.milliseconds(round.latencies.p50),
            Figures.milliseconds(round.latencies.p95), Figures.milliseconds(round.latencies.p99),
            round.serverMicroseconds.map(Figures.microseconds) ?? "", Figures.microseconds(round.databaseMicroseconds),
            Figures.microseconds(round.driverMicroseconds), round.peakBytes.map(Figures.megabytes) ?? "",
            cell.errors == 0 ? "0" : "\(cell.errors): \(cell.errorText)",
        ]
    }

    private static let stepHeadings = ["checks due/s", "answered/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors"]

    private static func row(_ step: RateStep) -> [String] {
        let latencies = step.round.latencies
        return [
            Figures.whole(step.offered), Figures.whole(step.round.perSecond), Figures.milliseconds(latencies.p50),
            Figures.milliseconds(latencies.p95), Figures.milliseconds(latencies.p99),
            Figures.milliseconds(latencies.max), "\(step.round.errors)",
        ]
    }

    /// Cells under headings: the first column to the left, numbers to the right.
    static func grid(_ headings: [String], _ rows: [[String]]) -> String {
        let widths = headings.indices.map { column in
            max(3, ([headings] + rows).map { $0[column].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            "| "
                + zip(cells, widths).enumerated().map { column, pair in
                    let space = String(repeating: " ", count: pair.1 - pair.0.count)
                    return column == 0 ? pair.0 + space : space + pair.0
                }.joined(separator: " | ") + " |"
        }
        let rule = widths.enumerated().map { column, width in
            String(repeating: "-", count: width + 1) + (column == 0 ? "-" : ":")
        }
        return ([line(headings), "|" + rule.joined(separator: "|") + "|"] + rows.map(line)).joined(separator: "\n")
    }
}
