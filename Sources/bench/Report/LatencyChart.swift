import Foundation

/// Latency against rate, as a picture: what was asked a second to the right, milliseconds upwards in powers of ten.
struct LatencyChart {
    let result: BenchResult

    private static let (width, height) = (760.0, 440.0)
    private static let (left, right, top, bottom) = (64.0, 690.0, 64.0, 360.0)
    /// Pixels between two labels at the ends of curves, at least.
    private static let labelPixelsMin = 15.0

    private static let style = """
        .page{fill:#fff}text{font:12px system-ui,sans-serif;fill:#333}.head{font-size:15px;font-weight:600}.quiet{fill:#666}\
        .grid{stroke:#ddd}.axis{stroke:#888}.limit{stroke:#888;stroke-dasharray:4 4}.curve{fill:none;stroke-width:2}\
        .p50{stroke:#2a78c2}.p95{stroke:#c77700}.p99{stroke:#c2334d}.dot.p50,text.p50{fill:#2a78c2}\
        .dot.p95,text.p95{fill:#c77700}.dot.p99,text.p99{fill:#c2334d}text.p50,text.p95,text.p99{stroke:none}\
        @media(prefers-color-scheme:dark){.page{fill:#15181c}text{fill:#ddd}.quiet{fill:#999}.grid{stroke:#333}\
        .p50{stroke:#6cb2f0}.p95{stroke:#f0a63c}.p99{stroke:#f27d92}.dot.p50,text.p50{fill:#6cb2f0}\
        .dot.p95,text.p95{fill:#f0a63c}.dot.p99,text.p99{fill:#f27d92}}
        """

    private static let curves: [(name: String, value: @Sendable (LatencySummary) -> Double)] = [
        ("p50", { $0.p50 }), ("p95", { $0.p95 }), ("p99", { $0.p99 }),
    ]

    var svg: String {
        var drawing = SVGText(
            width: Int(Self.width), height: Int(Self.height), title: "Latency of a check against the rate",
            style: Self.style)
        drawing.text("Latency of a check against the rate", Self.left, 26, "head")
        drawing.text(
            "open loop, from when a check was due; \(result.connections) connections, "
                + "\(Figures.whole(Double(result.people))) people", Self.left, 44, "quiet")
        drawGrid(&drawing)
        drawCurves(&drawing)
        drawing.text("checks a second", (Self.left + Self.right) / 2, Self.bottom + 38, "quiet", .middle)
        drawing.text("ms", Self.left - 8, Self.top - 8, "quiet", .end)
        drawing.text(result.machine.text, Self.left, Self.height - 14, "quiet")
        return drawing.document
    }

    private var rateMax: Double { max(1, result.steps.map(\.offered).max() ?? 1) }

    /// Powers of ten that hold every latency.
    private var powers: ClosedRange<Int> {
        let values = result.steps.flatMap { step in Self.curves.map { $0.value(step.round.latencies) } }.filter {
            $0 > 0
        }
        let low = Int(log10(values.min() ?? 1).rounded(.down))
        let high = Int(log10(values.max() ?? 1).rounded(.up))
        return low...max(high, low + 1)
    }

    private func x(_ rate: Double) -> Double { Self.left + rate / rateMax * (Self.right - Self.left) }

    private func y(_ milliseconds: Double) -> Double {
        let powers = powers
        let share =
            (log10(max(milliseconds, pow(10, Double(powers.lowerBound)))) - Double(powers.lowerBound))
            / Double(powers.upperBound - powers.lowerBound)
        return Self.bottom - share * (Self.bottom - Self.top)
    }

    private func drawGrid(_ drawing: inout SVGText) {
        for power in powers {
            let value = pow(10, Double(power))
            drawing.line((Self.left, y(value)), (Self.right, y(value)), "grid")
            drawing.text(String(format: "%g", value), Self.left - 8, y(value) + 4, "quiet", .end)
        }
        for rate in Self.ticks(upTo: rateMax) {
            drawing.line((x(rate), Self.bottom), (x(rate), Self.bottom + 5), "axis")
            drawing.text(Figures.whole(rate), x(rate), Self.bottom + 20, "quiet", .middle)
        }
        drawing.line((Self.left, Self.bottom), (Self.right, Self.bottom), "axis")
        if let closed = result[CellName.real]?.median?.perSecond, closed > 0, closed <= rateMax {
            drawing.line((x(closed), Self.top), (x(closed), Self.bottom), "limit")
            drawing.text("closed loop: \(Figures.whole(closed))/s", x(closed) - 6, Self.top + 12, "quiet", .end)
        }
    }

    /// Round numbers, five to ten of them.
    static func ticks(upTo most: Double) -> [Double] {
        let power = pow(10, log10(most / 5).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { most / $0 <= 8 } ?? 10 * power
        return Array(stride(from: 0, through: most, by: step))
    }

    private func drawCurves(_ drawing: inout SVGText) {
        var labels: [(name: String, y: Double)] = []
        for curve in Self.curves {
            let points = result.steps.map { (x: x($0.offered), y: y(curve.value($0.round.latencies))) }
            drawing.curve(points, curve.name)
            if let last = points.last { labels.append((curve.name, last.y)) }
        }
        var lowest = Double.infinity
        for label in labels {
            // The curves lie one above another, so each label keeps clear of the one below it.
            lowest = min(label.y, lowest - Self.labelPixelsMin)
            drawing.text(label.name, Self.right + 10, lowest + 4, label.name)
        }
    }
}
