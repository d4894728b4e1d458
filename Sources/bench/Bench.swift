import ArgumentParser
import Foundation

/// The command. It is no part of the product and is not shipped.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Shows how fast checks are answered, and what a check costs.",
        discussion: "'make bench' builds it, starts a database of its own and runs everything.",
        subcommands: [
            RunCommand.self, SweepCommand.self, SeedCommand.self, EchoCommand.self, ServeCommand.self, LoadCommand.self,
        ])
}

/// Where the program begins: whatever goes wrong ends in a line on standard error and an exit status.
@main
enum Program {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Bench.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let fault as BenchFault {
            Console.complain(fault.description)
            exit(1)
        } catch {
            Bench.exit(withError: error)
        }
    }
}
