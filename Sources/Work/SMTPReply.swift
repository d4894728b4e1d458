/// What the relay says to one command: RFC 5321, section 4.2.
struct SMTPReply: Hashable, Sendable {
    let code: Int
    let lines: [String]

    /// The enhanced code of RFC 3463, as `5.1.1`, where the text begins with one of the same class.
    var enhanced: String? {
        guard let word = lines.first?.split(separator: " ").first else { return nil }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, Int(parts[0]) == code / 100,
            parts.allSatisfy({ (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return String(word)
    }

    /// The codes alone: the text may repeat the address.
    var codes: String { enhanced.map { "\(code) \($0)" } ?? "\(code)" }

    var isPositive: Bool { (200..<400).contains(code) }
    var isPermanent: Bool { code >= 500 }

    /// Whether it says that there is no such mailbox, in words that mean nothing else (RFC 3463, 3.2 and 3.3).
    var isNoSuchMailbox: Bool {
        ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"].contains(enhanced)
    }
}

/// Why no reply can be made of what the relay sends.
enum SMTPReplyError: Error, Hashable {
    case malformed, tooLarge
}

/// Makes replies of bytes as they come.
struct SMTPReplyReader {
    /// Bytes of a line, its end included; RFC 5321 (4.5.3.1.5) has 512.
    static let lineBytesMax = 2_048
    /// Lines of a reply.
    static let linesMax = 128

    private var bytes: [UInt8] = []
    private var lines: [String] = []
    private var code: Int?

    /// Whether nothing is left over.
    var isEmpty: Bool { bytes.isEmpty && lines.isEmpty }

    mutating func feed(_ more: some Sequence<UInt8>) { bytes += more }

    /// The next whole reply; nil until there is one.
    mutating func next() throws(SMTPReplyError) -> SMTPReply? {
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            guard end < Self.lineBytesMax else { throw .tooLarge }
            var line = Array(bytes[..<end])
            bytes.removeFirst(end + 1)
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let reply = try take(line) { return reply }
        }
        guard bytes.count < Self.lineBytesMax else { throw .tooLarge }
        return nil
    }

    private mutating func take(_ line: [UInt8]) throws(SMTPReplyError) -> SMTPReply? {
        guard line.count >= 3, line.prefix(3).allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(String(decoding: line.prefix(3), as: UTF8.self)), (200..<600).contains(number),
            code == nil || code == number
        else { throw .malformed }
        let mark = line.dropFirst(3).first
        guard mark == nil || mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-") else { throw .malformed }
        code = number
        lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard lines.count <= Self.linesMax else { throw .tooLarge }
        guard mark != UInt8(ascii: "-") else { return nil }
        let reply = SMTPReply(code: number, lines: lines)
        (lines, code) = ([], nil)
        return reply
    }
}

/// What the relay offers, from its answer to EHLO.
struct SMTPFeatures: Hashable, Sendable {
    var startTLS = false
    var eightBitMIME = false
    var smtpUTF8 = false
    /// The largest message in bytes; nil where it names none.
    var sizeMax: Int?
    /// The ways of AUTH, in upper case.
    var auth: Set<String> = []

    init() {}

    init(_ reply: SMTPReply) {
        for line in reply.lines.dropFirst() {
            let words = line.uppercased().split(separator: " ").map(String.init)
            switch words.first {
            case "STARTTLS": startTLS = true
            case "8BITMIME": eightBitMIME = true
            case "SMTPUTF8": smtpUTF8 = true
            case "SIZE": sizeMax = words.dropFirst().first.flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
            case "AUTH": auth.formUnion(words.dropFirst())
            // Old servers write AUTH=LOGIN beside the right form.
            case .some(let word) where word.hasPrefix("AUTH="):
                auth.formUnion([String(word.dropFirst("AUTH=".count))] + words.dropFirst())
            default: break
            }
        }
    }
}
