/// Where one field stands in its row, without the quotation marks around it.
struct CSVSpan: Sendable {
    let start: Int
    let end: Int
    let hasDoubledQuotes: Bool

    /// The text of the field with its doubled quotation marks made single, or nil if it is not valid UTF-8.
    func text(in row: UnsafeBufferPointer<UInt8>) -> String? {
        let bytes = UnsafeBufferPointer(rebasing: row[start..<end])
        guard hasDoubledQuotes else { return String(validating: bytes, as: UTF8.self) }
        var single: [UInt8] = []
        single.reserveCapacity(bytes.count)
        var skipsNext = false
        for byte in bytes {
            if skipsNext {
                skipsNext = false
                continue
            }
            single.append(byte)
            skipsNext = byte == Byte.quote
        }
        return String(validating: single, as: UTF8.self)
    }
}

/// How often each kind of line end closed a row or an empty line.
struct CSVEndings: Sendable {
    var lf = 0
    var crlf = 0
    var cr = 0

    var total: Int { lf + crlf + cr }

    var summary: CSVLineEnding {
        switch (lf > 0, crlf > 0, cr > 0) {
        case (false, false, false): .none
        case (true, false, false): .lf
        case (false, true, false): .crlf
        case (false, false, true): .cr
        default: .mixed
        }
    }
}

/// What a reader came upon: a row, which stays bytes, or a row that could not be read.
enum CSVStep {
    case row
    case broken(CSVBroken)
}

/// A row as it stands in the file, in UTF-8, without its line end; good inside the closure that was given it.
struct CSVRowBytes {
    /// The physical line on which the row begins, counted from 1.
    let line: Int
    let bytes: UnsafeBufferPointer<UInt8>
    let spans: [CSVSpan]

    /// Whether all of it is UTF-8.
    var isText: Bool { UTF8Text.firstInvalid(in: bytes, 0..<bytes.count) == nil }

    /// Every field's text; nil if one is not valid UTF-8.
    func texts() -> [String]? {
        var texts: [String] = []
        texts.reserveCapacity(spans.count)
        for span in spans {
            guard let text = span.text(in: bytes) else { return nil }
            texts.append(text)
        }
        return texts
    }
}
