import ArgumentParser
import Rules
import Store

/// The command `maysend doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that must be right, and say what to do where it is not.",
        discussion: "A line per finding: good, notice, or bad. Exit 1 if one is bad. Changes nothing.")

    func run() async throws {
        let findings = await Doctor().examine()
        for finding in findings {
            let level = finding.level.rawValue
            Terminal.line(
                level + String(repeating: " ", count: 8 - level.count) + finding.subject + ": " + finding.text)
        }
        let bad = findings.count { $0.level == .bad }
        let notices = findings.count { $0.level == .notice }
        Terminal.line(
            bad == 0
                ? "\nReady to serve\(notices == 0 ? "" : "; \(notices) to look at")."
                : "\n\(bad) bad: not ready to serve.")
        if bad > 0 { throw ExitCode(1) }
    }
}
