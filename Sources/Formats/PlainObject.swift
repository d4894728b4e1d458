/// A line of JSON that is plainly written: one object of at most a few members without objects or arrays in them, all of it
/// ASCII without escapes, numbers whole. That is what lists are made of, and it is read without making a tree. Where it says
/// that a line is none, ``JSON`` has to say what it is; where it says that it is one, both agree.
struct PlainObject: Sendable {
    enum Value: Sendable {
        case string(Range<Int>)
        case null
        /// A boolean or a number.
        case other
    }

    /// Where the name of a member stands, without its quotation marks, and its value.
    private(set) var members: [(name: Range<Int>, value: Value)] = []

    private static let membersMax = 16
    /// Decimal digits that fit 64 bits, whichever they are.
    private static let digitsMax = 18

    /// Reads the line in place of the one before; false where it is not plain.
    mutating func read(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        members.removeAll(keepingCapacity: true)
        guard let last = line.indices.last, line[last] == Byte.closeBrace, line[0] == Byte.openBrace else {
            return false
        }
        var index = Self.skipSpace(line, 1)
        while let name = Self.string(line, &index) {
            guard members.count < Self.membersMax, !members.contains(where: { line[$0.name].elementsEqual(line[name]) })
            else { return false }
            index = Self.skipSpace(line, index)
            guard line[index] == Byte.colon else { return false }
            index = Self.skipSpace(line, index + 1)
            guard let value = Self.value(line, &index) else { return false }
            members.append((name, value))
            index = Self.skipSpace(line, index)
            if index == last { return true }
            guard line[index] == Byte.comma else { return false }
            index = Self.skipSpace(line, index + 1)
        }
        return false
    }

    /// Where something else than a blank stands, or the last byte, which is a brace.
    private static func skipSpace(_ line: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < line.count - 1, line[index] == Byte.space || line[index] == Byte.tab { index += 1 }
        return Swift.min(index, line.count - 1)
    }

    /// What stands between quotation marks, of which the first is at the index, which then stands behind the other.
    private static func string(_ line: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Range<Int>? {
        guard index < line.count, line[index] == Byte.quote else { return nil }
        let start = index + 1
        var end = start
        while end < line.count, line[end] != Byte.quote {
            let byte = line[end]
            guard byte >= 0x20, byte < 0x80, byte != Byte.backslash else { return nil }
            end += 1
        }
        guard end < line.count - 1 else { return nil }
        index = end + 1
        return start..<end
    }

    private static func value(_ line: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Value? {
        switch line[index] {
        case Byte.quote: return string(line, &index).map { .string($0) }
        case UInt8(ascii: "n"): return word("null", line, &index) ? .null : nil
        case UInt8(ascii: "t"): return word("true", line, &index) ? .other : nil
        case UInt8(ascii: "f"): return word("false", line, &index) ? .other : nil
        default: return wholeNumber(line, &index) ? .other : nil
        }
    }

    private static func word(_ word: StaticString, _ line: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Bool {
        let length = word.utf8CodeUnitCount
        guard index + length < line.count else { return false }
        for offset in 0..<length where line[index + offset] != word.utf8Start[offset] { return false }
        index += length
        return true
    }

    private static func wholeNumber(_ line: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Bool {
        if line[index] == Byte.minus { index += 1 }
        let start = index
        while index < line.count, (Byte.zero...Byte.nine).contains(line[index]) { index += 1 }
        let digits = index - start
        return (1...digitsMax).contains(digits) && (digits == 1 || line[start] != Byte.zero)
    }
}
