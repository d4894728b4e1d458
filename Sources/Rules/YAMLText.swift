/// What is looked at in a YAML text before it is composed: composing recurses, and it hashes every field's name with all
/// that an alias in it stands for.
enum YAMLText {
    /// The deepest nesting; a policy needs six levels.
    static let depthMax = 24

    /// The line at which brackets, dashes or indentation go deeper than any file of ours needs.
    ///
    /// A bracket inside quotes counts too, which only a hostile file notices; what slips past by closing brackets inside
    /// quotes meets the parser's own bound of 1,000 levels.
    static func lineNestedTooDeep(_ text: String) -> Int? {
        var line = 1
        var brackets = 0
        var dashes = 0
        var indentation = 0
        var isAtStart = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                (dashes, indentation, isAtStart) = (0, 0, true)
            case UInt8(ascii: " "): if isAtStart { indentation += 1 }
            case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): if isAtStart { dashes += 1 }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                brackets += 1
                isAtStart = false
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                brackets = max(0, brackets - 1)
                isAtStart = false
            default: isAtStart = false
            }
            if brackets > depthMax || dashes > depthMax || indentation > depthMax * 16 { return line }
        }
        return nil
    }

    /// What stands for the asterisk of an alias in `withoutAliases`: a scalar of the private use area.
    static let aliasMark: Unicode.Scalar = "\u{F8FE}"

    /// How an alias is written.
    enum Aliases {
        case none
        /// The text with `aliasMark` for the asterisk of each, so that every alias is a word.
        case neutralised(String)
        /// One is followed on its line by something that could make it a field's name.
        case misplaced(line: Int)
    }

    /// Looks for aliases: an asterisk and a name.
    ///
    /// One inside quotes or a comment counts too.
    static func aliases(in text: String) -> Aliases {
        let bytes = Array(text.utf8)
        var neutral: [UInt8] = []
        var copied = 0
        var line = 1
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "*"), index + 1 < bytes.count, isNameOctet(bytes[index + 1]),
                index == 0 || !isNameOctet(bytes[index - 1])
            else { continue }
            var end = index + 1
            while end < bytes.count, isNameOctet(bytes[end]) { end += 1 }
            while end < bytes.count, bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "\t") { end += 1 }
            guard end == bytes.count || terminators.contains(bytes[end]) else { return .misplaced(line: line) }
            neutral += bytes[copied..<index]
            neutral += String(aliasMark).utf8
            copied = index + 1
        }
        guard copied > 0 else { return .none }
        neutral += bytes[copied...]
        return .neutralised(String(decoding: neutral, as: UTF8.self))
    }

    private static let terminators = Array(",]}#\r\n".utf8)

    private static func isNameOctet(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
    }
}
