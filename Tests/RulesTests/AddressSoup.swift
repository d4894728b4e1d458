import Harness

/// Texts that are addresses, nearly addresses, or nothing of the kind.
struct AddressSoup {
    private var chance: SeededGenerator

    init(seed: UInt64) { chance = SeededGenerator(seed: seed) }

    /// Scripts in which a capital leads back to its small letter.
    private static let casedLetters =
        Array(
            "abcdefghijklmnopqrstuvwxyzæøåäöüéèñçčšžőőłğâêîôûðþ".unicodeScalars)
        + Array("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώ".unicodeScalars)
        + Array("абвгдежзийклмнопрстуфхцчшщъыьэюяёђєїљњћ".unicodeScalars)
        + Array("աբգդեզէըթժիլխծկհձղճմյ".unicodeScalars)
    private static let otherLetters = Array("한글用户日本語かなहिन्दीไทยעבריתعربي😀❤ß".unicodeScalars)
    private static let atoms = Array("0123456789!#$%&'*-/=?^_`{|}~+".unicodeScalars)
    private static let specials = Array("\"\\()<>[]:;@,. \t\r\n\0\u{7F}".unicodeScalars)
    private static let strange =
        Array(
            "\u{307}\u{30A}\u{323}\u{338}\u{345}\u{130}\u{131}\u{17F}\u{212A}\u{212B}\u{37E}\u{1FEF}\u{200B}\u{200D}"
                .unicodeScalars)
        + Array("\u{FEFF}\u{A0}\u{3000}\u{3002}\u{FF0E}\u{FF20}\u{FFFD}\u{E000}\u{202E}\u{1E9E}\u{FB01}".unicodeScalars)

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }

    private mutating func pick(_ scalars: [Unicode.Scalar]) -> Unicode.Scalar {
        scalars.randomElement(using: &chance) ?? "x"
    }

    private mutating func text(_ length: ClosedRange<Int>, of sources: [[Unicode.Scalar]]) -> String {
        var view = String.UnicodeScalarView()
        for _ in 0..<number(length) { view.append(pick(sources.randomElement(using: &chance) ?? Self.atoms)) }
        return String(view)
    }

    /// An address that must parse and whose capitals must meet its small letters.
    mutating func casedAddress() -> String {
        let local = text(1...6, of: [Self.casedLetters, Self.casedLetters, Self.atoms])
        let dotted = number(0...1) == 0 ? local : local + "." + text(1...6, of: [Self.casedLetters])
        return dotted + "@" + text(1...6, of: [Self.asciiLetters]) + ".example"
    }

    private static let asciiLetters = Array("abcdefghijklmnopqrstuvwxyz".unicodeScalars)

    /// A domain of one Nordic or Cyrillic label, as U-labels.
    mutating func unicodeDomain() -> String {
        text(1...8, of: [Array("abcdefghæøåäöéüčšž".unicodeScalars)]) + "ø.example"
    }

    /// An address-like text; about half of them parse.
    mutating func text() -> String {
        let letters = [Self.casedLetters, Self.otherLetters, Self.atoms, Self.asciiLetters]
        let rough = letters + [Self.strange, Self.specials]
        var local = text(1...10, of: number(0...2) == 0 ? rough : letters)
        if number(0...4) == 0 { local = "\"" + local + "\"" }
        var domain = text(1...8, of: number(0...2) == 0 ? [Self.casedLetters, Self.otherLetters] : [Self.asciiLetters])
        if number(0...9) == 0 { domain += text(1...2, of: [Self.strange, Self.specials]) }
        if number(0...9) == 0 { domain = "xn--" + domain }
        let end = [".example", ".no.", "", ".gmail.com", "\u{3002}no"].randomElement(using: &chance) ?? ""
        let gmail = number(0...6) == 0 ? "gmail.com" : domain + end
        return number(0...5) == 0 ? " <" + local + "@" + gmail + ">\n" : local + "@" + gmail
    }

    /// Octets without any sense, or a sensible text with one octet changed, put in or taken out.
    mutating func octets() -> [UInt8] {
        if number(0...1) == 0 {
            let alphabet = Array("ab.@\"\\<>+-xn\u{F8} \u{3002}".utf8) + [0, 0xC0, 0xED, 0xF4, 0xFF, 0x80]
            return (0..<number(0...24)).map { _ in
                number(0...2) == 0 ? UInt8(number(0...255)) : alphabet.randomElement(using: &chance) ?? 0
            }
        }
        var octets = Array(text().utf8)
        let place = number(0...(octets.count - 1))
        switch number(0...2) {
        case 0: octets[place] = UInt8(number(0...255))
        case 1: octets.insert(UInt8(number(0...255)), at: place)
        default: octets.remove(at: place)
        }
        return octets
    }
}
