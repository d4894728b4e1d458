import ArgumentParser
import Rules
import Store

/// The command `maysend verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Derive every standing from the ledger anew and compare; change nothing.",
        discussion: """
            Exit 0 if nothing differs, 1 if something does, 2 if it cannot be known. Reads everything in bounded steps, so it \
            may run beside a busy server.
            """)

    func run() async throws {
        let bar = ProgressBar(total: 0)
        let report = try await Connections.withVerifier { verifier in
            try await verifier.verify { compared in bar.advance(to: compared, "\(compared) compared") }
        }
        bar.clear()
        for drift in report.drifts {
            Terminal.line("holder \(drift.holder), key \(drift.key): \(words(drift.problem))")
        }
        if report.driftCount > report.drifts.count {
            Terminal.line("… and \(report.driftCount - report.drifts.count) more")
        }
        Terminal.line("\(report.compared) compared, \(report.driftCount) differing")
        if report.driftCount > 0 { throw ExitCode(1) }
    }

    private func words(_ problem: Drift.Problem) -> String {
        switch problem {
        case .missing: "the ledger has acts and there is no standing"
        case .facts: "the standing's facts are not those of the acts"
        case .aliases: "what the alias form shows is not what the acts say"
        case .damaged: "the standing cannot be read"
        case .unfounded: "there is a standing and no act for it"
        case .unlisted: "an act on a domain that no check looks for"
        }
    }
}
