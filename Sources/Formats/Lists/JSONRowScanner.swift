/// Finds the objects that are the rows of a JSON document, whatever the sizes of the pieces it is fed: one behind the
/// other (a line each or not), the elements of an array, or the elements of arrays that an envelope holds under names
/// such as `items`. It keeps the bytes of the row in hand, at most the limit of one. Where a row is not JSON, it goes on
/// at the next brace that can begin one.
struct JSONRowScanner: Sendable {
    enum Found: Equatable {
        /// A row, which `withRow` gives.
        case row(line: Int)
        case broken(CSVBroken)
    }

    private enum Level: Sendable {
        /// An object that is a row, or inside one.
        case object
        case array
        /// An array whose elements are rows.
        case rows
        /// An object around such arrays.
        case envelope
    }

    private enum Expectation: Sendable {
        case key, colon, value, separator
    }

    private let limits: CSVLimits
    private var buffer: [UInt8] = []
    private var position = 0
    private var line = 1
    private var lineStart = 0
    /// Characters of the line that were given up with the bytes before the buffer.
    private var columnsBefore = 0
    private var levels: [Level] = []
    private var expectation = Expectation.value
    /// Where the row under way begins; nil outside of one.
    private var rowStart: Int?
    private var rowLine = 1
    /// Levels that are around the row under way.
    private var rowLevels = 0
    /// Whether the row under way may turn out to be an envelope.
    private var mayBeEnvelope = false
    /// Whether the row under way has outgrown the limit, and was reported.
    private var isTooLong = false
    private var isInString = false
    private var isEscaped = false
    private var key: [UInt8] = []
    private var isKey = false
    /// Behind a fault, on the way to the next brace.
    private var isSeeking = false
    /// In a word or a number that is no row.
    private var isInStray = false
    private var found = 0..<0
    private var isEnded = false
    private var hasEnded = false
    /// Whether rows stand in an array or an envelope, not one behind the other.
    private(set) var isDocument = false
    private(set) var rowsSeen = 0

    init(limits: CSVLimits) { self.limits = limits }

    /// Takes the next bytes, in UTF-8.
    mutating func feed(_ append: (inout [UInt8]) -> Void) {
        let kept = rowStart ?? position
        if kept > 0 {
            if lineStart < kept {
                columnsBefore += characters(lineStart..<kept)
                lineStart = kept
            }
            buffer.removeFirst(kept)
            position -= kept
            lineStart -= kept
            if rowStart != nil { rowStart = 0 }
        }
        found = 0..<0
        append(&buffer)
    }

    mutating func finish() { isEnded = true }

    /// The next row or fault; nil where more bytes are needed, or at the end.
    mutating func next() -> Found? {
        while position < buffer.count {
            if let event = take(buffer[position]) { return event }
            if let start = rowStart, position - start > limits.lineBytesMax, !isTooLong {
                isTooLong = true
                return .broken(fault(.lineTooLong, at: start, line: rowLine))
            }
        }
        return isEnded ? atEnd() : nil
    }

    /// Hands out the row that was found last.
    func withRow<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        buffer.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[found])) }
    }

    private mutating func take(_ byte: UInt8) -> Found? {
        defer {
            // Bytes of a row that is given up need not be kept.
            if isTooLong, rowStart != nil { rowStart = position }
        }
        if byte == Byte.lf { return takeLineEnd() }
        if isSeeking, byte != Byte.openBrace {
            position += 1
            return nil
        }
        isSeeking = false
        if isInString {
            takeStringByte(byte)
            return nil
        }
        switch byte {
        case Byte.space, Byte.tab, Byte.cr:
            isInStray = false
            position += 1
            return nil
        case Byte.openBrace, Byte.openBracket: return open(byte)
        case Byte.closeBrace, Byte.closeBracket: return close(byte)
        default: return takeOther(byte)
        }
    }

    private mutating func takeLineEnd() -> Found? {
        isInStray = false
        defer {
            position += 1
            line += 1
            lineStart = position
            columnsBefore = 0
        }
        guard isInString else { return nil }
        return giveUp(.json, "a line ends inside a text; write \\n there")
    }

    private mutating func takeStringByte(_ byte: UInt8) {
        position += 1
        if isEscaped {
            isEscaped = false
        } else if byte == Byte.backslash {
            isEscaped = true
        } else if byte == Byte.quote {
            isInString = false
            expectation = isKey ? .colon : .separator
            return
        }
        if isKey, key.count <= envelopeKeyBytesMax { key.append(byte) }
        if byte == UInt8(ascii: "@") { mayBeEnvelope = false }
    }

    private mutating func takeOther(_ byte: UInt8) -> Found? {
        switch (levels.last, byte) {
        case (nil, Byte.comma), (.rows, Byte.comma):
            isInStray = false
            position += 1
            return nil
        case (nil, _), (.rows, _):
            position += 1
            if byte == Byte.quote { isInString = true }
            isKey = false
            guard !isInStray else { return nil }
            isInStray = byte != Byte.quote
            return .broken(fault(.json, "a row is an object in braces", at: position - 1, line: line))
        case (.object, Byte.quote), (.envelope, Byte.quote):
            isInString = true
            isKey = expectation == .key
            if isKey { key = [] }
        case (.array, Byte.quote):
            isInString = true
            isKey = false
        case (.object, Byte.colon), (.envelope, Byte.colon):
            guard expectation == .colon else { return giveUp(.json, "a colon stands where none can") }
            expectation = .value
        case (.object, Byte.comma), (.envelope, Byte.comma): expectation = .key
        default:
            if levels.last != .array { expectation = .separator }
        }
        position += 1
        return nil
    }

    private mutating func open(_ byte: UInt8) -> Found? {
        isInStray = false
        let isBrace = byte == Byte.openBrace
        if let top = levels.last, top == .object || top == .envelope, expectation != .value {
            return restart(
                at: position, "a brace or bracket stands where a name belongs; the object before it is not closed")
        }
        guard levels.count < jsonDepthMax else { return giveUp(.json, "more than \(jsonDepthMax) levels") }
        let isInEnvelope = levels.last == .envelope
        if mayBeEnvelope, rowStart != nil, levels.count == rowLevels + 1, isEnvelopeKey {
            // The object around is no row but what rows come in.
            levels[levels.count - 1] = .envelope
            isDocument = true
            rowStart = nil
            isTooLong = false
        } else if isInEnvelope, !isEnvelopeKey {
            // Something beside the rows, such as the address of the next page.
            levels.append(isBrace ? .object : .array)
            expectation = isBrace ? .key : .value
            position += 1
            return nil
        }
        if rowStart == nil, isRowPlace {
            if isBrace { beginRow() } else { isDocument = true }
            levels.append(isBrace ? .object : .rows)
        } else {
            levels.append(isBrace ? .object : .array)
        }
        expectation = isBrace ? .key : .value
        position += 1
        return nil
    }

    /// Whether what begins here can be a row or an array of rows.
    private var isRowPlace: Bool {
        switch levels.last {
        case nil, .rows, .envelope: true
        case .object, .array: false
        }
    }

    private mutating func beginRow() {
        rowStart = position
        rowLine = line
        rowLevels = levels.count
        mayBeEnvelope = levels.last != .rows && rowsSeen == 0
    }

    private mutating func close(_ byte: UInt8) -> Found? {
        isInStray = false
        guard let top = levels.last else {
            position += 1
            return .broken(fault(.json, "a bracket closes nothing", at: position - 1, line: line))
        }
        let isObject = top == .object || top == .envelope
        guard isObject == (byte == Byte.closeBrace) else { return giveUp(.json, "brackets do not match") }
        levels.removeLast()
        position += 1
        expectation = .separator
        guard let start = rowStart, levels.count == rowLevels else { return nil }
        rowStart = nil
        rowsSeen += 1
        if isTooLong {
            isTooLong = false
            return nil
        }
        guard position - start <= limits.lineBytesMax else {
            return .broken(fault(.lineTooLong, at: start, line: rowLine))
        }
        found = start..<position
        return .row(line: rowLine)
    }

    /// Reports the row under way and reads on from the next brace.
    private mutating func giveUp(_ fault: CSVFault, _ detail: String) -> Found {
        let event = Found.broken(self.fault(fault, detail, at: position, line: line))
        isSeeking = true
        leaveRow()
        return event
    }

    /// Reports the row under way and begins another one here.
    private mutating func restart(at offset: Int, _ detail: String) -> Found {
        let event = Found.broken(fault(.json, detail, at: offset, line: line))
        leaveRow()
        isSeeking = buffer[position] != Byte.openBrace
        return event
    }

    private mutating func leaveRow() {
        isInString = false
        isEscaped = false
        isTooLong = false
        if rowStart != nil { levels.removeSubrange(rowLevels...) }
        // Without a row in hand the levels are an envelope's, and nobody knows where it ends.
        while let top = levels.last, top != .rows { levels.removeLast() }
        rowStart = nil
        rowsSeen += 1
        expectation = .value
    }

    private mutating func atEnd() -> Found? {
        guard !hasEnded else { return nil }
        hasEnded = true
        guard isInString || !levels.isEmpty, !isSeeking || !levels.isEmpty else { return nil }
        let start = rowStart.map { _ in rowLine } ?? line
        levels = []
        rowStart = nil
        return .broken(
            CSVBroken(
                rowLine: start, line: line, column: column(of: position), fault: .json,
                detail: "the file ends inside an object or an array; it was not copied whole"))
    }

    private var isEnvelopeKey: Bool { envelopeKeys.contains(String(decoding: key, as: UTF8.self)) }

    private func column(of offset: Int) -> Int {
        lineStart <= offset ? columnsBefore + characters(lineStart..<offset) + 1 : 1
    }

    private func characters(_ range: Range<Int>) -> Int {
        buffer[range.clamped(to: buffer.indices)].count { $0 & 0xC0 != 0x80 }
    }

    private func fault(_ fault: CSVFault, _ detail: String? = nil, at offset: Int, line: Int) -> CSVBroken {
        CSVBroken(
            rowLine: rowStart == nil ? line : rowLine, line: line, column: line == self.line ? column(of: offset) : 1,
            fault: fault, detail: detail ?? fault.detail(limits, quoteLine: line))
    }
}

/// Under which names the answers of the providers' interfaces hold their rows.
private let envelopeKeys: Set<String> = [
    "Suppressions", "SuppressedDestinationSummaries", "items", "data", "results", "contacts", "recipients",
    "suppressions", "subscribers", "records",
]

/// Bytes of a name that are looked at to find an envelope.
private let envelopeKeyBytesMax = 64
