import ArgumentParser

/// The command `maysend completions SHELL`.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the script that completes maysend's commands in a shell.",
        discussion: """
              maysend completions bash > /etc/bash_completion.d/maysend
              maysend completions zsh > "${fpath[1]}/_maysend"
              maysend completions fish > ~/.config/fish/completions/maysend.fish
            """)

    @Argument(
        help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]),
        transform: { try Words.word($0, among: Shell.allCases) })
    var shell: Shell

    enum Shell: String, CaseIterable {
        case bash, zsh, fish
    }

    func run() {
        Terminal.line(Maysend.completionScript(for: CompletionShell(rawValue: shell.rawValue) ?? .bash))
    }
}
