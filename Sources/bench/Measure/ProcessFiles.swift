import Foundation

/// What the system tells of processes in `/proc`.
enum ProcessFiles {
    /// Processor time of one process, and of what it has waited for.
    struct Times {
        let parent: Int32
        let own: UInt64
        let ended: UInt64
    }

    /// Nil where there is no such process, or no longer.
    static func times(of pid: Int32) -> Times? {
        guard let text = read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return times(parsing: text[text.index(after: end)...])
    }

    /// The fields behind the name, of which the first is the state (proc(5), from field 3).
    static func times(parsing fields: Substring) -> Times? {
        let fields = fields.split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]), let user = UInt64(fields[11]),
            let system = UInt64(fields[12]), let endedUser = UInt64(fields[13]), let endedSystem = UInt64(fields[14])
        else { return nil }
        return Times(
            parent: parent, own: (user + system) * nanosecondsPerTick,
            ended: (endedUser + endedSystem) * nanosecondsPerTick)
    }

    private static let nanosecondsPerTick = 1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// Processor time of a process and all its children, those included that have ended and were waited for.
    ///
    /// PostgreSQL's postmaster is the parent of all its processes, so no work of theirs is lost or counted twice.
    static func familyNanoseconds(of pid: Int32) -> UInt64 {
        guard let head = times(of: pid) else { return 0 }
        var sum = head.own + head.ended
        for name in folder("/proc") {
            guard let other = Int32(name), other != pid, let times = times(of: other), times.parent == pid else {
                continue
            }
            sum += times.own
        }
        return sum
    }

    /// The most memory that a process has held at a time, in bytes; 0 where there is none.
    static func peakBytes(of pid: Int32) -> Int { status("VmHWM:", of: pid) }

    /// The memory that a process holds, in bytes.
    static func residentBytes(of pid: Int32) -> Int { status("VmRSS:", of: pid) }

    /// Begins the count of the peak anew.
    static func resetPeak(of pid: Int32) {
        do { try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(pid)/clear_refs")) } catch {}
    }

    private static func status(_ field: String, of pid: Int32) -> Int {
        let lines = read("/proc/\(pid)/status")?.split(separator: "\n") ?? []
        let words = lines.first { $0.hasPrefix(field) }?.split(whereSeparator: \.isWhitespace) ?? []
        return words.count > 1 ? (Int(words[1]) ?? 0) * 1_024 : 0
    }

    /// The text of one of the system's small files; nil where it cannot be read.
    static func read(_ path: String) -> String? {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch { return nil }
    }

    private static func folder(_ path: String) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch { return [] }
    }
}
