/// What becomes of fields that a spreadsheet would take for a formula.
public enum CSVFormulas: Sendable {
    /// They stay as they are: for files that programs read back.
    case kept
    /// A field that begins with `= + - @`, a tab or a line end, with apostrophes before it or none, gets an apostrophe in
    /// front, so that opening the file runs nothing; also a telephone number such as `+47 …`. `undone` takes it away again.
    case neutralised

    /// The field as it was before it was neutralised.
    public static func undone(_ field: String) -> String {
        field.utf8.first == apostrophe && field.utf8.withContiguousStorageIfAvailable(startsFormula) ?? false
            ? String(field.dropFirst()) : field
    }

    fileprivate static let apostrophe = UInt8(ascii: "'")

    /// Whether a spreadsheet would calculate the field, but for the apostrophes before it.
    fileprivate static func startsFormula(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        switch field.first(where: { $0 != apostrophe }) {
        case UInt8(ascii: "="), Byte.plus, Byte.minus, UInt8(ascii: "@"), Byte.tab, Byte.cr, Byte.lf: true
        default: false
        }
    }
}

/// Whether the file says at its start that it is UTF-8, as Excel wants to be told.
public enum CSVMark: Sendable {
    case none
    case utf8
}

/// Writes CSV (RFC 4180) in UTF-8. A field is quoted where any reader might otherwise mistake it, whatever delimiter that
/// reader believes in. NUL, which no reader takes, becomes U+FFFD.
public struct CSVWriter: Sendable {
    /// What has been written and not yet taken.
    public private(set) var bytes: [UInt8] = []
    private let delimiter: UInt8
    private let lineEnd: [UInt8]
    private let formulas: CSVFormulas

    /// A writer of an empty file.
    public init(
        delimiter: CSVDelimiter = .comma, lineEnding: LineEnding = .crlf, formulas: CSVFormulas = .kept,
        mark: CSVMark = .none
    ) {
        self.delimiter = delimiter.byte
        self.formulas = formulas
        lineEnd = lineEnding == .crlf ? [Byte.cr, Byte.lf] : [Byte.lf]
        if mark == .utf8 { bytes = [0xEF, 0xBB, 0xBF] }
    }

    /// What ends a row that is written.
    public enum LineEnding: Sendable {
        case crlf
        case lf
    }

    /// Appends one row; a row without fields is an empty line.
    public mutating func row(_ fields: [String]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(delimiter) }
            // A lone empty field must not look like an empty line.
            if fields.count == 1, field.isEmpty { bytes.append(contentsOf: [Byte.quote, Byte.quote]) }
            var field = field
            field.withUTF8 { append($0) }
        }
        bytes.append(contentsOf: lineEnd)
    }

    /// Hands over what has been written so far.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }

    private mutating func append(_ field: UnsafeBufferPointer<UInt8>) {
        let isFormula = formulas == .neutralised && CSVFormulas.startsFormula(field)
        guard needsQuotes(field) else {
            if isFormula { bytes.append(CSVFormulas.apostrophe) }
            bytes.append(contentsOf: field)
            return
        }
        bytes.append(Byte.quote)
        if isFormula { bytes.append(CSVFormulas.apostrophe) }
        for byte in field {
            if byte == 0 {
                bytes.append(contentsOf: "\u{FFFD}".utf8)
                continue
            }
            if byte == Byte.quote { bytes.append(Byte.quote) }
            bytes.append(byte)
        }
        bytes.append(Byte.quote)
    }

    /// A delimiter of any kind, a quotation mark, a line end, NUL, white space at an end, a byte order mark at the start,
    /// or what a spreadsheet would take for its `sep=` line.
    private func needsQuotes(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = field.first, let last = field.last else { return false }
        if first == Byte.space || last == Byte.space || first == 0xEF { return true }
        if field.count >= 4, field[3] == UInt8(ascii: "="), first | 0x20 == UInt8(ascii: "s") { return true }
        return field.contains { byte in
            switch byte {
            case Byte.semicolon, Byte.comma, Byte.tab, Byte.pipe, Byte.quote, Byte.cr, Byte.lf, 0: true
            default: false
            }
        }
    }
}
