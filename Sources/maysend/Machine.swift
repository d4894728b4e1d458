import Foundation
import Rules

/// What comes from the machine and not from an argument: time, chance, and who is at the keyboard.
///
/// Nothing else asks it.
enum Machine {
    /// This machine's clock; the database's decides wherever both are there.
    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// From 0 up to 1, for the jitter of pauses.
    static let random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// Octets that nobody can guess.
    static func randomOctets(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
    }

    /// What this machine calls itself.
    static var hostName: String { ProcessInfo.processInfo.hostName }

    /// Two numbers that nobody else gets.
    static func randomNumbers() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    /// This process among those that work on the same database.
    static let workerName = "\(hostName)/\(getpid())/\(UInt64.random(in: 0 ... .max))"

    /// Has this command run only when nobody else wants the processor, so that a server beside it answers as before.
    static func stepBack() {
        // Linux counts by thread; those made later take after the one that makes them.
        do {
            for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap({ id_t($0) }
            ) {
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), thread, niceness)
            }
        } catch {
            // Without /proc it is this thread alone.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
        }
    }

    private static let niceness: Int32 = 10

    /// Who runs the command, as the ledger names them: behind sudo, the person and not root.
    static var user: String {
        let environment = ProcessInfo.processInfo.environment
        let name = environment["SUDO_USER"] ?? NSUserName()
        return name.isEmpty ? "uid-\(getuid())" : name
    }
}
