/// One line of a file of numbered secrets: a letter, a number, a colon and the secret in base64, as `v1:…` or `k12:…`.
struct SecretLine {
    let number: Int
    let secret: [UInt8]

    /// What the form of a line can lack.
    enum Fault: Error {
        case form, number, base64
    }

    /// Reads a line that begins with the letter. The secret is standard base64 with its padding (RFC 4648 4).
    init(parsing line: ArraySlice<UInt8>, letter: UInt8) throws(Fault) {
        guard line.first == letter, let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .form
        }
        let digits = line[..<colon].dropFirst()
        guard digits.allSatisfy(\.isASCIIDigit), digits.first != UInt8(ascii: "0"),
            let number = Int(String(decoding: digits, as: UTF8.self))
        else { throw .number }
        guard let secret = Base64.decoded(line[(colon + 1)...], .standard) else { throw .base64 }
        (self.number, self.secret) = (number, secret)
    }

    /// The lines of a file that count, with their places from 1: without white space around them, without the empty ones and
    /// those that begin with `#`.
    static func lines(of text: String) -> [(place: Int, line: ArraySlice<UInt8>)] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            let line = Array($0.element)
            let range = WrittenAddress.trimmed(line.span, line.indices)
            guard !range.isEmpty, line[range.lowerBound] != UInt8(ascii: "#") else { return nil }
            return (place: $0.offset + 1, line: line[range])
        }
    }
}
