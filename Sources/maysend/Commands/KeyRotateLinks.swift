import ArgumentParser
import Rules

/// The command `maysend key rotate-links`.
struct KeyRotateLinks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-links",
        abstract: "Add a key that seals the links of mails from the next start on.",
        discussion: """
            The keys that are there stay and open their links forever. Bring the file to every server, and then start each \
            anew: a running server opens links of the new key within a second, one that was started with it seals with \
            it. The file has all its keys at every moment.

              MAYSEND_LINK_KEYS=/etc/maysend/links maysend key rotate-links --first
              maysend key rotate-links
            """)

    @Flag(help: "Make the file, with a first key; it must not be there.")
    var first = false

    func run() async throws {
        guard let path = try Settings.linkKeysPath() else {
            throw Failure("MAYSEND_LINK_KEYS is not set", hint: "It is \(Setting.linkKeys.meaning).")
        }
        if first {
            try LinkKeyFiles.create(path)
            Terminal.line("made \(path) with the key k1, readable by its owner alone")
            return Terminal.note(
                """
                Losing this file breaks the unsubscribe link in every mail that was sent.
                Keep a copy apart from the database and its backups.
                """)
        }
        let number = try LinkKeyFiles.rotate(path)
        Terminal.line("added k\(number) to \(path); servers seal with it from their next start on")
    }
}
