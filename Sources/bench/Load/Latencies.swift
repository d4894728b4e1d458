import Histogram

/// Times from when a request was due to the end of its answer.
struct Latencies {
    /// The longest time that is told apart from longer ones: 10 minutes.
    private static let nanosecondsMax: UInt64 = 600_000_000_000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1_000, highestTrackableValue: nanosecondsMax, numberOfSignificantValueDigits: .three)

    /// How many were recorded.
    var count: Int { Int(histogram.totalCount) }

    mutating func record(nanoseconds: UInt64) {
        histogram.record(min(nanoseconds, Self.nanosecondsMax))
    }

    /// The milliseconds within which `percent` of them lie.
    func milliseconds(at percent: Double) -> Double {
        guard count > 0 else { return 0 }
        return Double(histogram.valueAtPercentile(percent)) / 1_000_000
    }

    /// The figures that are shown.
    var summary: LatencySummary {
        LatencySummary(
            p50: milliseconds(at: 50), p95: milliseconds(at: 95), p99: milliseconds(at: 99),
            p999: milliseconds(at: 99.9), max: milliseconds(at: 100))
    }
}

/// Percentiles of a latency, in milliseconds.
struct LatencySummary: Equatable, Sendable {
    var p50 = 0.0
    var p95 = 0.0
    var p99 = 0.0
    var p999 = 0.0
    var max = 0.0
}
