import ArgumentParser
import Rules

/// The command `maysend pepper …`.
struct PepperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pepper", abstract: "Make the secret under which addresses become keys.",
        subcommands: [PepperCreate.self])
}

/// The command `maysend pepper create FILE`.
struct PepperCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Write a new pepper to a new file, readable by its owner alone.",
        discussion: """
            The register knows people by keyed digests only, and this is the key. Losing the file loses the register: \
            nobody's opt-out could be found again. A file that is there is never overwritten.

              maysend pepper create /etc/maysend/pepper
            """)

    @Argument(help: "The file to make.", completion: .file())
    var file: String

    func run() async throws {
        try PepperFiles.create(file)
        Terminal.line("made \(file), readable by its owner alone")
        Terminal.note(
            """
            Losing this file loses the unsubscribe register: no opt-out could be found again.
            Keep a copy apart from the database and its backups; name it in MAYSEND_PEPPER_FILE; then 'maysend migrate'.
            """)
    }
}
