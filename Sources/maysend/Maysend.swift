import ArgumentParser

/// The command.
@main
struct Maysend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maysend",
        abstract: "Asks before every marketing mail: may this message go to this person now, and on what ground?",
        subcommands: [PolicyCommand.self]
    )
}
