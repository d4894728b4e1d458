import Foundation

/// What the bench says: results on standard output, how far it is on standard error.
enum Console {
    static func result(_ text: String) { write(text + "\n", to: .standardOutput) }
    static func progress(_ text: String) { write("==> " + text + "\n", to: .standardError) }

    static func complain(_ text: String) { write("bench: " + text + "\n", to: .standardError) }

    /// Where a pipe is closed early (`| head`), the rest is nobody's; there is nothing to do about it.
    private static func write(_ text: String, to handle: FileHandle) {
        do { try handle.write(contentsOf: Data(text.utf8)) } catch {}
    }
}
