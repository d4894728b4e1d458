/// Strings and numbers of a document.
extension JSONParser {
    /// The string whose opening quotation mark has just been taken; leaves the position after the closing one.
    mutating func string() throws(JSONError) -> String {
        let start = position
        var seen: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == Byte.quote {
                if seen >= 0x80 { try refuseInvalid(start..<position) }
                position += 1
                return UTF8Text.string(bytes, start..<(position - 1))
            }
            if byte == Byte.backslash { return try escapedString(from: start) }
            if byte < 0x20 { throw control(byte) }
            seen |= byte
            position += 1
        }
        try refuseInvalid(start..<position)
        throw error(.unexpectedEnd, at: position, "the document ends inside a string")
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        scratch.removeAll(keepingCapacity: true)
        var runStart = start
        while position < bytes.count {
            let byte = bytes[position]
            if byte == Byte.quote {
                try appendRun(runStart..<position)
                position += 1
                return String(decoding: scratch, as: UTF8.self)
            } else if byte == Byte.backslash {
                try appendRun(runStart..<position)
                try escape()
                runStart = position
            } else if byte < 0x20 {
                throw control(byte)
            } else {
                position += 1
            }
        }
        try refuseInvalid(runStart..<position)
        throw error(.unexpectedEnd, at: position, "the document ends inside a string")
    }

    /// A sequence of UTF-8 cannot reach across an escape, so each run between two is judged alone.
    private mutating func appendRun(_ range: Range<Int>) throws(JSONError) {
        try refuseInvalid(range)
        scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[range]))
    }

    private func refuseInvalid(_ range: Range<Int>) throws(JSONError) {
        if let invalid = UTF8Text.firstInvalid(in: bytes, range) {
            throw error(.invalidUTF8, at: invalid, "\(Byte.shown(bytes[invalid])) is not valid UTF-8 here")
        }
    }

    private func control(_ byte: UInt8) -> JSONError {
        error(
            .controlCharacter, at: position,
            "\(Byte.shown(byte)) stands in a string; write control characters as escapes, such as \\n")
    }

    private mutating func escape() throws(JSONError) {
        let start = position
        position += 1
        guard position < bytes.count else {
            throw error(.unexpectedEnd, at: position, "the document ends inside an escape")
        }
        let byte = bytes[position]
        position += 1
        switch byte {
        case Byte.quote, Byte.backslash, Byte.slash: scratch.append(byte)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(Byte.lf)
        case UInt8(ascii: "r"): scratch.append(Byte.cr)
        case UInt8(ascii: "t"): scratch.append(Byte.tab)
        case UInt8(ascii: "u"): scratch.append(contentsOf: String(try escapedScalar(from: start)).utf8)
        default:
            throw error(
                .invalidEscape, at: start, "\\ and \(Byte.shown(byte)) make no escape; \" \\ / b f n r t u are allowed")
        }
    }

    private mutating func escapedScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if first == 0 {
            throw error(.nul, at: start, "the character U+0000 is not allowed in a string")
        }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let lone = error(.loneSurrogate, at: start, "a surrogate stands alone; write the pair, or the character itself")
        guard first < 0xDC00, take(Byte.backslash), take(UInt8(ascii: "u")) else { throw lone }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second) else { throw lone }
        guard let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) else { throw lone }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else {
                throw error(.unexpectedEnd, at: position, "the document ends inside an escape")
            }
            guard let digit = Byte.hexValue(bytes[position]) else {
                throw error(.invalidEscape, at: position, "\\u takes four hexadecimal digits")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    /// A whole number that fits 64 bits, or a finite one with a fraction or an exponent.
    mutating func number() throws(JSONError) -> JSON {
        let start = position
        let isNegative = take(Byte.minus)
        let digitsStart = position
        try digits()
        if bytes[digitsStart] == Byte.zero, position - digitsStart > 1 {
            throw error(.invalidNumber, at: digitsStart, "a number has no leading zeros")
        }
        let wholeEnd = position
        if take(Byte.dot) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(Byte.plus) { _ = take(Byte.minus) }
            try digits()
        }
        guard position - start <= jsonNumberBytesMax else {
            throw error(.numberOutOfRange, at: start, "a number has at most \(jsonNumberBytesMax) bytes")
        }
        if position == wholeEnd { return .int(try whole(digitsStart..<wholeEnd, isNegative: isNegative, from: start)) }
        guard let number = Double(UTF8Text.string(bytes, start..<position)), number.isFinite else {
            throw error(.numberOutOfRange, at: start, "the number does not fit a 64-bit floating-point number")
        }
        return .double(number)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while position < bytes.count, (Byte.zero...Byte.nine).contains(bytes[position]) { position += 1 }
        if position > start { return }
        guard position < bytes.count else { throw unexpected("a digit") }
        throw error(.invalidNumber, at: position, "\(Byte.shown(bytes[position])) stands where a digit was expected")
    }

    private func whole(_ range: Range<Int>, isNegative: Bool, from start: Int) throws(JSONError) -> Int64 {
        var value: Int64 = 0
        var overflowed = false
        for index in range {
            let digit = Int64(bytes[index] - Byte.zero)
            let (shifted, first) = value.multipliedReportingOverflow(by: 10)
            let (next, second) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            overflowed = overflowed || first || second
            value = next
        }
        if overflowed {
            throw error(.numberOutOfRange, at: start, "the whole number does not fit 64 bits")
        }
        return value
    }
}
