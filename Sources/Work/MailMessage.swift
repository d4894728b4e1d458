import Rules
import Store

/// A letter as it goes over the wire: RFC 5322 and MIME, seven bits but for an address that needs more.
struct MailMessage: Sendable {
    let from: String
    let to: String
    /// Whether the address itself is not ASCII (RFC 6531).
    let needsUTF8: Bool
    /// The whole message, lines ending in CRLF.
    let bytes: [UInt8]

    /// The longest line of an encoded body, in bytes (RFC 2045, 6.7).
    static let lineBytesMax = 76
    /// Octets in one encoded word of a header: with its frame and the header's name it stays within 78 characters.
    private static let wordOctetsMax = 39

    /// `from` is the address that all letters come from, `name` whose letter it is.
    init(_ letter: Letter, from: Address, name: String, messageID: String, at now: Instant) {
        (self.from, to) = (from.canonical, letter.to.canonical)
        needsUTF8 = !(letter.to.canonical + from.canonical).utf8.allSatisfy { $0 < 0x80 }
        let boundary = "=_maysend_" + messageID
        var text = """
            Date: \(Self.date(now))
            From: \(Self.phrase(name)) <\(from.canonical)>
            To: <\(letter.to.canonical)>
            Message-ID: <\(messageID)@\(from.domain)>
            Subject: \(Self.unstructured(letter.subject))
            Auto-Submitted: auto-generated
            Content-Language: \(letter.language)
            MIME-Version: 1.0
            Content-Type: multipart/alternative;
             boundary="\(boundary)"

            """
        for (kind, body) in [("plain", letter.text), ("html", letter.html)] {
            text += """

                --\(boundary)
                Content-Type: text/\(kind); charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                \(Self.quotedPrintable(body))
                """
        }
        text += "\n--\(boundary)--\n"
        bytes = Self.withLineEnds(text)
    }

    /// For DATA: a dot that begins a line is doubled, and a dot alone ends it (RFC 5321, 4.5.2).
    var dotStuffed: [UInt8] {
        var stuffed: [UInt8] = []
        stuffed.reserveCapacity(bytes.count + 64)
        var isAtStart = true
        for byte in bytes {
            if isAtStart, byte == UInt8(ascii: ".") { stuffed.append(byte) }
            stuffed.append(byte)
            isAtStart = byte == UInt8(ascii: "\n")
        }
        return stuffed + Array(".\r\n".utf8)
    }

    /// Every LF becomes CRLF; there is no other CR.
    private static func withLineEnds(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 512)
        for byte in text.utf8 where byte != UInt8(ascii: "\r") {
            if byte == UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\r")) }
            bytes.append(byte)
        }
        return bytes
    }

    // MARK: Headers

    /// RFC 5322, 3.3: `Sat, 21 Nov 2026 16:08:31 +0000`.
    static func date(_ instant: Instant) -> String {
        let microsecondsPerDay: Int64 = 86_400_000_000
        let day =
            (instant.microseconds - (instant.microseconds % microsecondsPerDay + microsecondsPerDay)
                % microsecondsPerDay)
            / microsecondsPerDay
        let weekday = Int(((day + 4) % 7 + 7) % 7)
        // "2026-11-21T16:08:31Z"
        let words = instant.description.split(whereSeparator: { "-T:.Z".contains($0) })
        guard words.count >= 6, let month = Int(words[1]), (1...12).contains(month) else { return "" }
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return
            "\(weekdays[weekday]), \(words[2]) \(months[month - 1]) \(words[0]) \(words[3]):\(words[4]):\(words[5]) +0000"
    }

    /// A display name: quoted where it is ASCII, else in encoded words.
    static func phrase(_ name: String) -> String {
        guard name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), name.utf8.count <= Self.wordOctetsMax else {
            return encodedWords(name)
        }
        let escaped = name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"" + String(escaped) + "\""
    }

    /// A subject: as it is where it is short ASCII that cannot be taken for an encoded word, else in encoded words.
    static func unstructured(_ text: String) -> String {
        let isPlain =
            text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && text.utf8.count <= 60 && !text.contains("=?")
            && text.first != " " && text.last != " "
        return isPlain ? text : encodedWords(text)
    }

    /// RFC 2047 in base64, folded; no character is cut in two.
    private static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let octets = Array(String(scalar).utf8)
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F
            guard !isControl else { continue }
            if words[words.count - 1].count + octets.count > wordOctetsMax { words.append([]) }
            words[words.count - 1] += octets
        }
        return words.map { "=?utf-8?B?\(Base64.encoded($0))?=" }.joined(separator: "\n ")
    }

    // MARK: Bodies

    /// RFC 2045, 6.7: lines of at most 76 characters, nothing but printable ASCII.
    static func quotedPrintable(_ text: String) -> String {
        var result = ""
        let lines = text.utf8.filter { $0 != UInt8(ascii: "\r") }
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if index > 0 { result += "\n" }
            var column = 0
            for (place, byte) in line.enumerated() {
                let isLast = place == line.count - 1
                let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
                let isPlain =
                    (0x21..<0x7F).contains(byte) && byte != UInt8(ascii: "=") || isBlank && !isLast
                let piece = isPlain ? String(decoding: [byte], as: UTF8.self) : escaped(byte)
                // One column is kept for the soft line break.
                if column + piece.utf8.count > lineBytesMax - 1 {
                    result += "=\n"
                    column = 0
                }
                result += piece
                column += piece.utf8.count
            }
        }
        return result
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "=" + (digits.count == 1 ? "0" : "") + digits
    }
}
