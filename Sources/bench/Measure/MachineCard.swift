import Foundation
import Rules

/// The machine that a run was made on, and what ran on it.
struct MachineCard: Equatable, Sendable {
    var processor = "unknown processor"
    var cores = 0
    var memoryBytes = 0
    var kernel = ""
    var postgres = ""
    var swift = ""
    var date = ""

    /// In one line, for the foot of a table or a chart.
    var text: String {
        "\(processor), \(cores) cores, \(Figures.whole(Double(memoryBytes) / 1_073_741_824)) GB, Linux \(kernel), "
            + "\(postgres), \(swift)"
    }

    /// Looks around; `programs` are asked for their versions.
    static func here(swift: String, postgres: String) -> MachineCard {
        var card = MachineCard()
        for line in (ProcessFiles.read("/proc/cpuinfo") ?? "").split(separator: "\n") where line.hasPrefix("model name")
        {
            card.processor = line.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        }
        card.cores = ProcessInfo.processInfo.activeProcessorCount
        card.memoryBytes = Int(ProcessInfo.processInfo.physicalMemory)
        card.kernel = (ProcessFiles.read("/proc/sys/kernel/osrelease") ?? "").trimmingCharacters(
            in: .whitespacesAndNewlines)
        (card.swift, card.postgres) = (swift, postgres)
        card.date = String(WallClock.now().description.prefix(10))
        return card
    }
}

/// The time of day; the one place that asks for it.
enum WallClock {
    @Sendable static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
