/// One pass over the bytes of one document. It calls itself once per level, and levels are limited. Every index is
/// compared with the end before it is used, because the memory is the caller's.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    var position = 0
    private var values = 0
    var scratch: [UInt8] = []

    /// Objects up to this many members find a duplicate by looking at each; larger ones keep a set.
    private static let linearMembersMax = 16

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSON {
        guard bytes.count <= limits.bytesMax else {
            throw error(.tooLarge, at: 0, "the document has \(bytes.count) bytes; \(limits.bytesMax) are allowed")
        }
        try refuseMark()
        skipSpace()
        guard position < bytes.count else { throw error(.empty, at: position, "the document is empty") }
        let root = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else {
            throw error(
                .trailingContent, at: position,
                "\(Byte.shown(bytes[position])) stands after the end of the document; one JSON value is allowed")
        }
        return root
    }

    func error(_ kind: JSONError.Kind, at offset: Int, _ detail: String) -> JSONError {
        JSONError(kind, at: offset, in: bytes, detail)
    }

    /// The error for a place where something else was needed; also when the document ends there.
    func unexpected(_ wanted: String) -> JSONError {
        guard position < bytes.count else {
            return error(.unexpectedEnd, at: position, "the document ends where \(wanted) was expected")
        }
        return error(
            .unexpectedByte, at: position, "\(Byte.shown(bytes[position])) stands where \(wanted) was expected")
    }

    private func refuseMark() throws(JSONError) {
        let utf8 = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        let utf16 = bytes.count >= 2 && (bytes[0] ^ bytes[1]) == 0x01 && (bytes[0] | bytes[1]) == 0xFF
        if utf8 || utf16 {
            throw error(
                .byteOrderMark, at: 0,
                "the document begins with a byte order mark; send plain UTF-8 without one (RFC 8259, 8.1)")
        }
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case Byte.space, Byte.lf, Byte.cr, Byte.tab: position += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        values += 1
        guard values <= limits.valuesMax else {
            throw error(.tooManyValues, at: position, "the document has more than \(limits.valuesMax) values")
        }
        guard position < bytes.count else { throw unexpected("a value") }
        switch bytes[position] {
        case Byte.quote:
            position += 1
            return .string(try string())
        case Byte.openBrace: return try object(depth: depth + 1)
        case Byte.openBracket: return try array(depth: depth + 1)
        case Byte.minus, Byte.zero...Byte.nine: return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected("a value")
        }
    }

    private func refuseDepth(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depthMax else {
            throw error(
                .tooDeep, at: position,
                "arrays and objects are nested deeper than the \(limits.depthMax) levels allowed")
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        try refuseDepth(depth)
        position += 1
        skipSpace()
        if take(Byte.closeBracket) { return .array([]) }
        var elements: [JSON] = []
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if take(Byte.closeBracket) { return .array(elements) }
            guard take(Byte.comma) else { throw unexpected("a comma or ]") }
            skipSpace()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        try refuseDepth(depth)
        position += 1
        skipSpace()
        if take(Byte.closeBrace) { return .object(JSONObject()) }
        var members: [JSONObject.Member] = []
        members.reserveCapacity(4)
        var names: Set<UTF8Key> = []
        while true {
            let start = position
            guard take(Byte.quote) else { throw unexpected("a member name in quotation marks") }
            let key = try string()
            try refuseDuplicate(key, at: start, among: members, &names)
            skipSpace()
            guard take(Byte.colon) else { throw unexpected("a colon") }
            skipSpace()
            members.append(JSONObject.Member(key: key, value: try value(depth: depth)))
            skipSpace()
            if take(Byte.closeBrace) { return .object(JSONObject(members)) }
            guard take(Byte.comma) else { throw unexpected("a comma or }") }
            skipSpace()
        }
    }

    private func refuseDuplicate(
        _ key: String, at offset: Int, among members: [JSONObject.Member], _ names: inout Set<UTF8Key>
    ) throws(JSONError) {
        let name = UTF8Key(key)
        let known: Bool
        if members.count < Self.linearMembersMax {
            known = members.contains { UTF8Key($0.key) == name }
        } else {
            if names.isEmpty { names = Set(members.map { UTF8Key($0.key) }) }
            known = !names.insert(name).inserted
        }
        if known {
            throw error(.duplicateKey, at: offset, "the name “\(excerpt(key))” occurs twice in this object")
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let length = word.utf8CodeUnitCount
        var matched = 0
        while matched < length, position + matched < bytes.count, bytes[position + matched] == word.utf8Start[matched] {
            matched += 1
        }
        guard matched == length else {
            let rest = position + matched
            if rest == bytes.count { throw error(.unexpectedEnd, at: rest, "the document ends inside “\(word)”") }
            throw error(.invalidLiteral, at: position, "this is not a JSON value; “\(word)” was expected")
        }
        position += length
        return value
    }
}

/// The first forty characters of a text, for an error sentence.
func excerpt(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: 40, limitedBy: scalars.endIndex), end < scalars.endIndex
    else { return text }
    return String(scalars[..<end]) + "…"
}
