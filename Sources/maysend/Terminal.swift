import Foundation

/// What a command says: answers on standard output, complaints on standard error.
enum Terminal {
    static func line(_ text: String) { write(text + "\n", to: .standardOutput) }
    static func error(_ text: String) { write("maysend: " + text + "\n", to: .standardError) }
    static func note(_ text: String) { write(text + "\n", to: .standardError) }

    private static func write(_ text: String, to handle: FileHandle) { handle.write(Data(text.utf8)) }
}
