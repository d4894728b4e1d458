/// The mail tool's own name for a mailing, kept with the opt-outs that it causes.
public struct Campaign: Hashable, Sendable, CustomStringConvertible {
    /// The name as the mail tool gave it.
    public let text: String

    /// The longest name, in bytes of UTF-8: it travels in every link.
    public static let bytesMax = 128

    /// What a name may look like, for messages.
    public static let allowed =
        "1 to \(bytesMax) bytes of UTF-8, without @ (it is no address) and without control characters"

    /// Nil for anything that is not `allowed`.
    public init?(_ text: String) {
        guard (1...Self.bytesMax).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "@" })
        else { return nil }
        self.text = text
    }

    /// The name as given.
    public var description: String { text }
}
