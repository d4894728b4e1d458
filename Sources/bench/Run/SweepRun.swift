import Foundation
import Rules

/// Measures checks alone, and then beside a sweep.
struct SweepRun {
    let site: Site
    let register: SeededRegister
    let postmaster: Int32
    var rate = 5_000.0
    var seconds = 20.0
    var connections = 64

    init(site: Site, register: SeededRegister, postmaster: Int32) {
        (self.site, self.register, self.postmaster) = (site, register, postmaster)
    }

    /// What came of it.
    struct Result {
        let due: Int64
        let alone: LoadResult
        /// Each stretch that was measured while the sweep was at work throughout.
        let beside: [LoadResult]
        let sweepSeconds: Double
        let sweepPeakBytes: Int
        let report: String

        /// p99 of the worst stretch beside the sweep, to p99 alone.
        var ratio: Double {
            let worst = beside.map(\.latencies.summary.p99).max() ?? 0
            return worst / max(alone.latencies.summary.p99, 0.001)
        }

        var text: String {
            var lines = ["checks alone:      " + Self.line(alone)]
            for stretch in beside { lines.append("beside the sweep:  " + Self.line(stretch)) }
            lines.append("p99 beside / alone \(Figures.ratio(ratio)), of the worst stretch")
            lines.append(
                "\(due) due, swept in \(Figures.ratio(sweepSeconds)) s, "
                    + "\(Figures.whole(Double(due) / max(sweepSeconds, 0.001)))/s, peak \(sweepPeakBytes / 1_048_576) MB"
            )
            return (lines + [report]).joined(separator: "\n")
        }

        private static func line(_ result: LoadResult) -> String {
            let summary = result.latencies.summary
            return "\(Figures.whole(result.perSecond))/s  p50 \(Figures.milliseconds(summary.p50)) ms  "
                + "p99 \(Figures.milliseconds(summary.p99)) ms  max \(Figures.milliseconds(summary.max)) ms  "
                + "\(result.errors) errors\(result.errors > 0 ? " (\(result.errorText))" : "")"
        }
    }

    func measure(due: Int64) throws -> Result {
        guard due > 0 else { throw BenchFault("nobody is due: the register was swept before; take another database") }
        var environment = site.environment
        environment["MAYSEND_SWEEP"] = "off"
        let service = try Service.start(
            "checks", site.maysend, { _ in ["serve"] }, environment: environment, portVariable: "MAYSEND_PORT",
            log: site.folder + "/sweep-serve.log")
        defer { service.stop() }
        Console.progress("checks alone, \(Figures.whole(rate)) a second")
        let alone = try load(service, seed: 1)
        Console.progress("checks beside the sweep of \(due)")
        let output = site.folder + "/sweep.out"
        let begin = WallClock.now()
        let sweep = try Child(
            site.maysend, ["sweep", "--controller", site.controller], environment: environment, output: output,
            complaints: site.folder + "/sweep.err")
        var beside: [LoadResult] = []
        var peak = 0
        repeat {
            let stretch = try load(service, seed: 2 + UInt64(beside.count))
            peak = max(peak, ProcessFiles.peakBytes(of: sweep.pid))
            // One in which the sweep ended says less; it counts where there is no other.
            if sweep.isAlive || beside.isEmpty { beside.append(stretch) }
        } while sweep.isAlive
        guard sweep.wait().status == 0 else {
            throw BenchFault("the sweep failed: \(ProcessFiles.read(site.folder + "/sweep.err") ?? "")")
        }
        let ended = try endedAt(output)
        return Result(
            due: due, alone: alone, beside: beside, sweepSeconds: ended - Double(begin.microseconds) / 1_000_000,
            sweepPeakBytes: peak,
            report: (ProcessFiles.read(output) ?? "").trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Seconds since 1970 at which the sweep wrote its report: the last thing that it does.
    private func endedAt(_ output: String) throws -> Double {
        let attributes = try FileManager.default.attributesOfItem(atPath: output)
        guard let date = attributes[.modificationDate] as? Date else { throw BenchFault("\(output) has no time") }
        return date.timeIntervalSince1970
    }

    private func load(_ service: Service, seed: UInt64) throws -> LoadResult {
        let request = try RequestText(
            to: service.target, headers: ["Authorization: Bearer \(register.key)"],
            body: #"{"address":"{address}","purpose":"newsletter"}"#, people: register.population.book, seed: seed)
        var order = LoadOrder(service.target, request)
        order.expected = Sighting(of: #""eligible":"#)
        (order.connections, order.seconds, order.warmupSeconds) = (connections, seconds, min(2, seconds / 4))
        order.pace = .open(perSecond: rate)
        service.emptyLog()
        var driver = try Driver(order)
        let result = try driver.run()
        guard service.child.isAlive else { throw BenchFault("the service ended by itself under load") }
        return result
    }
}
