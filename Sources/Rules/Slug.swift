/// The name of a purpose, topic, ground, controller, policy or hold: lower-case letters, digits and single hyphens.
public struct Slug: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name as written.
    public let text: String

    /// The longest name, in characters.
    public static let charactersMax = 64

    /// What a name may look like, for messages.
    public static let allowed =
        "1 to \(charactersMax) lower-case letters, digits and hyphens, not beginning or ending with a hyphen"

    /// Nil for anything that is not `allowed`.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...Self.charactersMax).contains(bytes.count), bytes.first != 0x2D, bytes.last != 0x2D,
            bytes.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    /// In the order of the text.
    public static func < (left: Slug, right: Slug) -> Bool { left.text < right.text }
    /// The name as written.
    public var description: String { text }
}
