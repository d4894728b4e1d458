import ArgumentParser
import Foundation
import Store

/// The command.
struct Maysend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maysend",
        abstract: "Asks before every marketing mail: may this message go to this person now, and on what ground?",
        discussion: """
            A first day:
              maysend pepper create /etc/maysend/pepper
              maysend migrate
              maysend policy apply deploy/policies/stratsys.yaml
              maysend import leads.csv --source fair --collected-at 2026-05-04
              maysend check kari@firma.example --purpose newsletter
              maysend scrub list.csv --purpose newsletter --only eligible
              maysend serve

            Settings, from the environment:
            \(Settings.help)

            Exit status: 0 done, or yes; 1 the answer is no; 2 it cannot be known or done, and why is said; 3 a server ended
            with acknowledged opt-outs in its spool.
            """,
        version: "maysend, API 1, migration \(schemaVersion)",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, CheckCommand.self, ScrubCommand.self, SuppressCommand.self,
            ConsentCommand.self, LinkCommand.self, SubjectCommand.self, RequestCommand.self,
            ImportCommand.self, ExportCommand.self, NoticesCommand.self,
            PolicyCommand.self, KeyCommand.self, PepperCommand.self, RecipientCommand.self,
            VerifyCommand.self, InstanceCommand.self,
            LeftCommand.self, SweepCommand.self, RetentionCommand.self, AuditCommand.self, RestoreCheckCommand.self,
            DoctorCommand.self, CompletionsCommand.self,
        ]
    )
}

/// Where the program begins: whatever goes wrong ends in a line on standard error and an exit status.
@main
enum Program {
    static func main() async {
        // An import whose output is cut (`| head`) still goes on to its end.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Maysend.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(end(with: error))
        }
    }

    /// Says what there is to say and gives the exit status.
    private static func end(with error: any Error) -> Int32 {
        if let failure = error as? Failure {
            Terminal.error(failure.text)
            if let hint = failure.hint { Terminal.note("    " + hint) }
            return failure.status
        }
        if let status = error as? ExitCode { return status.rawValue }
        let text = Maysend.fullMessage(for: error)
        if Maysend.exitCode(for: error) == .success {
            Terminal.line(text)
            return 0
        }
        Terminal.error(text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text)
        return 2
    }
}
