public import Rules

/// Appends JSON to bytes: no tree, no white space, strings escaped as RFC 8259 says, and U+2028 and U+2029 too, so that
/// the text may stand in a script. Commas are its business; that what is begun is ended is the caller's.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty writer with room for so many bytes.
    public init(reservingBytes capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// Hands over what has been written and begins anew.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        needsComma = false
        return taken
    }

    /// Opens an object; `endObject` closes it.
    public mutating func beginObject() { open(Byte.openBrace) }

    /// Closes the innermost object.
    public mutating func endObject() { close(Byte.closeBrace) }

    /// Opens an array; `endArray` closes it.
    public mutating func beginArray() { open(Byte.openBracket) }

    /// Closes the innermost array.
    public mutating func endArray() { close(Byte.closeBracket) }

    /// The name of the next member, whose value must follow: a literal in which nothing needs an escape.
    public mutating func key(_ name: StaticString) {
        let text = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        assert(Self.isPlain(text), "a member's name that needs an escape")
        let framing = 4
        // Names are most of what is written, so each takes one look at the room there is, and not one for each octet.
        bytes.append(addingCapacity: text.count + framing) { span in
            if needsComma { span.append(Byte.comma) }
            span.append(Byte.quote)
            span.append(copying: text)
            span.append(Byte.quote)
            span.append(Byte.colon)
        }
        needsComma = false
    }

    /// The name of the next member, which is no literal; its value must follow.
    public mutating func key(named name: String) {
        comma()
        quoted(name)
        bytes.append(Byte.colon)
        needsComma = false
    }

    /// A string.
    public mutating func value(_ text: String) {
        comma()
        quoted(text)
    }

    /// A string, or `null`.
    public mutating func value(_ text: String?) {
        if let text { value(text) } else { null() }
    }

    /// An instant as a string, or `null`.
    public mutating func value(_ instant: Instant?) {
        guard let instant else { return null() }
        comma()
        bytes.append(Byte.quote)
        instant.append(to: &bytes)
        bytes.append(Byte.quote)
    }

    /// A boolean.
    public mutating func value(_ bool: Bool) {
        comma()
        append(bool ? "true" : "false")
    }

    /// A whole number.
    public mutating func value(_ number: Int64) {
        comma()
        decimal(number)
    }

    /// A whole number.
    public mutating func value(_ number: Int) {
        value(Int64(number))
    }

    /// A number in the shortest form that reads back as the same one; `null` if it is not finite.
    public mutating func value(_ number: Double) {
        guard number.isFinite else { return null() }
        comma()
        bytes.append(contentsOf: number.description.utf8)
    }

    /// `null`.
    public mutating func null() {
        comma()
        append("null")
    }

    /// Bytes that are JSON already.
    public mutating func raw(_ json: [UInt8]) {
        comma()
        bytes.append(contentsOf: json)
    }

    /// A whole tree; calls itself once per level of it.
    public mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .bool(let bool): value(bool)
        case .int(let number): value(number)
        case .double(let number): value(number)
        case .string(let text): value(text)
        case .array(let elements):
            beginArray()
            for element in elements { value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(named: member.key)
                value(member.value)
            }
            endObject()
        }
    }

    /// A name and a string.
    public mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        value(text)
    }

    /// A name and a string or `null`.
    public mutating func member(_ name: StaticString, _ text: String?) {
        key(name)
        value(text)
    }

    /// A name and an instant or `null`.
    public mutating func member(_ name: StaticString, _ instant: Instant?) {
        key(name)
        value(instant)
    }

    /// A name and a boolean.
    public mutating func member(_ name: StaticString, _ bool: Bool) {
        key(name)
        value(bool)
    }

    /// A name and a whole number.
    public mutating func member(_ name: StaticString, _ number: Int64) {
        key(name)
        value(number)
    }

    /// A name and a whole number.
    public mutating func member(_ name: StaticString, _ number: Int) {
        key(name)
        value(Int64(number))
    }

    /// A name and a number.
    public mutating func member(_ name: StaticString, _ number: Double) {
        key(name)
        value(number)
    }

    /// A name and a tree.
    public mutating func member(_ name: StaticString, _ json: JSON) {
        key(name)
        value(json)
    }

    /// Ends a line of NDJSON: the next value is a document of its own.
    public mutating func newline() {
        bytes.append(Byte.lf)
        needsComma = false
    }

    private mutating func open(_ byte: UInt8) {
        comma()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    /// Writes the comma that a value needs before it, and notes that the next one needs one.
    private mutating func comma() {
        if needsComma { bytes.append(Byte.comma) }
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func decimal(_ number: Int64) {
        if number < 0 { bytes.append(Byte.minus) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(Byte.zero + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func quoted(_ text: String) {
        var text = text
        text.withUTF8 { text in
            guard Self.isPlain(text) else {
                bytes.append(Byte.quote)
                escaped(text)
                return bytes.append(Byte.quote)
            }
            let framing = 2
            bytes.append(addingCapacity: text.count + framing) { span in
                span.append(Byte.quote)
                span.append(copying: text)
                span.append(Byte.quote)
            }
        }
    }

    /// Whether nothing in the text needs an escape; false also for some texts of which nothing does.
    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // No early end, so that many octets are looked at at once.
        var strays: UInt8 = 0
        for octet in text {
            strays |= octet < 0x20 ? 1 : 0
            strays |= octet == Byte.quote || octet == Byte.backslash || octet == 0xE2 ? 1 : 0
        }
        return strays == 0
    }

    private mutating func escaped(_ text: UnsafeBufferPointer<UInt8>) {
        var runStart = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            let length = escapeLength(byte, at: index, in: text)
            if length > 0 {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart..<index]))
                if length == 3 { append(text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029") } else { escape(byte) }
                runStart = index + length
                index = runStart
            } else {
                index += 1
            }
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart...]))
    }

    /// Bytes at `index` that must be written as an escape: 0, 1, or the 3 of a line or paragraph separator.
    private func escapeLength(_ byte: UInt8, at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        if byte < 0x20 || byte == Byte.quote || byte == Byte.backslash { return 1 }
        guard byte == 0xE2, index + 2 < text.count, text[index + 1] == 0x80 else { return 0 }
        return text[index + 2] & 0xFE == 0xA8 ? 3 : 0
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(Byte.backslash)
        switch byte {
        case Byte.quote, Byte.backslash: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case Byte.lf: bytes.append(UInt8(ascii: "n"))
        case Byte.cr: bytes.append(UInt8(ascii: "r"))
        case Byte.tab: bytes.append(UInt8(ascii: "t"))
        default:
            append("u00")
            bytes.append(Byte.zero + byte >> 4)
            let low = byte & 0x0F
            bytes.append(low < 10 ? Byte.zero + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension OutputSpan<UInt8> {
    /// Appends octets for which there is room.
    fileprivate mutating func append(copying octets: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBufferPointer { all, count in
            let room = UnsafeMutableBufferPointer(rebasing: all[count...])
            count += room.update(fromContentsOf: octets)
        }
    }
}
