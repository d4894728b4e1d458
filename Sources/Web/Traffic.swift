import Synchronization

/// Counts of requests by route and status, as Prometheus reads them.
///
/// The labels are ours: a template, never a path.
final class Traffic: Sendable {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Upper ends of the classes of duration, in microseconds.
    private static let endsMicroseconds: [Int64] = [
        1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    ]

    private struct Label: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct Tally {
        var classes = [Int](repeating: 0, count: endsMicroseconds.count)
        var count = 0
        var microseconds: Int64 = 0
    }

    private let tallies = Mutex<[Label: Tally]>([:])

    func count(method: String, route: String, status: Int, microseconds: Int64) {
        let label = Label(method: method, route: route, status: status)
        let place = Self.endsMicroseconds.firstIndex { microseconds <= $0 }
        tallies.withLock { tallies in
            var tally = tallies[label] ?? Tally()
            tallies[label] = nil
            if let place { tally.classes[place] &+= 1 }
            tally.count &+= 1
            tally.microseconds &+= microseconds
            tallies[label] = tally
        }
    }

    /// All counters since the start.
    var text: [UInt8] {
        var text = """
            # HELP maysend_request_seconds Time from a request's head to its answer.
            # TYPE maysend_request_seconds histogram

            """
        let tallies = tallies.withLock { $0 }
        let sorted = tallies.sorted {
            ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
        }
        for (label, tally) in sorted {
            let labels = "method=\"\(label.method)\",route=\"\(label.route)\",status=\"\(label.status)\""
            var sum = 0
            for (end, count) in zip(Self.endsMicroseconds, tally.classes) {
                sum &+= count
                let seconds = Double(end) / 1_000_000
                text += "maysend_request_seconds_bucket{\(labels),le=\"\(seconds)\"} \(sum)\n"
            }
            text += "maysend_request_seconds_bucket{\(labels),le=\"+Inf\"} \(tally.count)\n"
            text += "maysend_request_seconds_sum{\(labels)} \(Double(tally.microseconds) / 1_000_000)\n"
            text += "maysend_request_seconds_count{\(labels)} \(tally.count)\n"
        }
        return Array(text.utf8)
    }
}
