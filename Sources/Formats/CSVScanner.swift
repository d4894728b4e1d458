/// Cuts UTF-8 into the fields of rows, one byte after another, whatever the sizes of the pieces it is fed. It keeps the
/// bytes of the row in hand and nothing else. Offsets are counted from the start of that row.
struct CSVScanner: Sendable {
    enum Event {
        case record(line: Int, fields: [String])
        case broken(CSVBroken)
    }

    private enum State {
        case rowStart
        case fieldStart
        case unquoted
        case quoted
        /// After a quotation mark that either ends the field or is the first of a doubled one.
        case quoteSeen
        /// After an ended quoted field and at least one space.
        case spaceAfterQuote
        /// Behind a fault, on the way to the next line.
        case skipping
    }

    private let delimiter: UInt8
    private let limits: CSVLimits
    private var buffer: [UInt8] = []
    private var rowStart = 0
    /// Where the row found last stands in the buffer.
    private var found = 0..<0
    private var position = 0
    private var state = State.rowStart
    private var rowLine: Int
    private var line: Int
    private var spans: [CSVSpan] = []
    private var fieldStart = 0
    private var fieldEnd = 0
    private var hasDoubledQuotes = false
    private var quoteOffset = 0
    private var quoteLine = 0
    /// Where the line after the one with the opening quotation mark begins, once it has been reached; a line feed that
    /// belongs to its carriage return may still stand there.
    private var lineAfterQuote: Int?
    private var follows: Follows
    private var isEnded = false
    private(set) var emptyLines = 0
    private(set) var endings = CSVEndings()

    /// Whether the byte before the row is a carriage return whose line feed may still come.
    enum Follows {
        case anything
        case carriageReturn
    }

    init(delimiter: CSVDelimiter, limits: CSVLimits, firstLine: Int = 1, follows: Follows = .anything) {
        self.delimiter = delimiter.byte
        self.limits = limits
        self.follows = follows
        rowLine = firstLine
        line = firstLine
    }

    /// Gives up the bytes of the rows already read, and lets `append` add what comes next.
    mutating func feed(_ append: (inout [UInt8]) -> Void) {
        if rowStart > 0 {
            buffer.removeFirst(rowStart)
            rowStart = 0
        }
        found = 0..<0
        append(&buffer)
    }

    mutating func finish() { isEnded = true }

    /// The next row or fault; nil when more bytes are needed, or after the last one.
    mutating func next() -> Event? {
        switch advance() {
        case .row: withRow { $0.texts().map { .record(line: rowLine, fields: $0) } ?? .broken(misfit($0)) }
        case .broken(let broken): .broken(broken)
        case nil: nil
        }
    }

    /// The next row, whose bytes `withRow` gives, or fault; nil as from `next`.
    mutating func nextRow() -> CSVStep? {
        if state == .rowStart, takePlainRow() { return .row }
        return switch advance() {
        case .row: withRow { $0.isText ? .row : .broken(misfit($0)) }
        case .broken(let broken): .broken(broken)
        case nil: nil
        }
    }

    /// Hands out the row that was found last.
    func withRow<Result>(_ body: (CSVRowBytes) -> Result) -> Result {
        buffer.withUnsafeBufferPointer { bytes in
            body(CSVRowBytes(line: rowLine, bytes: UnsafeBufferPointer(rebasing: bytes[found]), spans: spans))
        }
    }

    /// Takes the next row where all of it is at hand and nothing in it wants a second look: ASCII, no field that begins with a
    /// quotation mark, within every limit. Nearly all rows are such. False leaves the row to who looks at each byte.
    private mutating func takePlainRow() -> Bool {
        guard rowStart < buffer.count else { return false }
        passLineFeed()
        var row = spans
        spans = []
        row.removeAll(keepingCapacity: true)
        let end = buffer.withUnsafeBufferPointer { bytes in
            plainRowEnd(bytes, from: rowStart, fieldsMax: limits.columnsMax, &row)
        }
        spans = row
        guard let end else { return false }
        rowLine = line
        found = rowStart..<end
        position = end - rowStart
        endLine()
        return true
    }

    private func plainRowEnd(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, fieldsMax: Int, _ row: inout [CSVSpan]
    ) -> Int? {
        let stop = min(bytes.count, start + min(limits.fieldBytesMax, limits.lineBytesMax))
        var seen: UInt8 = 0
        var (index, field) = (start, start)
        guard index < stop, bytes[index] != Byte.quote else { return nil }
        while index < stop {
            let byte = bytes[index]
            if byte == delimiter {
                row.append(CSVSpan(start: field - start, end: index - start, hasDoubledQuotes: false))
                index += 1
                field = index
                guard index < stop, bytes[index] != Byte.quote, row.count < fieldsMax else { return nil }
            } else if byte == Byte.lf || byte == Byte.cr {
                // An empty line is no row; what is not ASCII has to be looked at.
                guard index > start, seen < 0x80 else { return nil }
                row.append(CSVSpan(start: field - start, end: index - start, hasDoubledQuotes: false))
                return index
            } else if byte == 0 {
                return nil
            } else {
                seen |= byte
                index += 1
            }
        }
        return nil
    }

    private mutating func advance() -> CSVStep? {
        while true {
            guard rowStart + position < buffer.count else { return isEnded ? atEnd() : nil }
            let event: CSVStep? =
                switch state {
                case .rowStart: startRow()
                case .fieldStart: startField()
                case .unquoted: scanUnquoted()
                case .quoted: scanQuoted()
                case .quoteSeen, .spaceAfterQuote: scanAfterQuote()
                case .skipping: skip()
                }
            if let event { return event }
        }
    }

    /// Passes a line feed that belongs to the carriage return before it; whether there was one.
    @discardableResult
    private mutating func passLineFeed() -> Bool {
        guard follows == .carriageReturn else { return false }
        follows = .anything
        if buffer[rowStart] == Byte.lf {
            endings.crlf += 1
            rowStart += 1
            return true
        }
        endings.cr += 1
        return false
    }

    private mutating func startRow() -> CSVStep? {
        if passLineFeed() { return nil }
        rowLine = line
        spans.removeAll(keepingCapacity: true)
        state = .fieldStart
        return nil
    }

    private mutating func startField() -> CSVStep? {
        if buffer[rowStart + position] == Byte.quote {
            quoteOffset = position
            quoteLine = line
            lineAfterQuote = nil
            hasDoubledQuotes = false
            position += 1
            state = .quoted
        } else {
            state = .unquoted
        }
        fieldStart = position
        return nil
    }

    private mutating func scanUnquoted() -> CSVStep? {
        let stop = stopOffset()
        position = offset(before: stop, ofAny: delimiter, Byte.cr)
        fieldEnd = position
        if position == stop { return overLimit() }
        let byte = buffer[rowStart + position]
        if byte == 0 { return broken(.nul, at: position) }
        hasDoubledQuotes = false
        return endField(with: byte)
    }

    private mutating func scanQuoted() -> CSVStep? {
        let stop = stopOffset()
        position = offset(before: stop, ofAny: Byte.quote, Byte.cr)
        if position == stop { return overLimit() }
        switch buffer[rowStart + position] {
        case 0: return broken(.nul, at: position)
        case Byte.quote:
            fieldEnd = position
            state = .quoteSeen
        case Byte.lf where buffer[rowStart + position - 1] == Byte.cr:
            break  // The line was counted at its carriage return.
        default:
            line += 1
            if lineAfterQuote == nil { lineAfterQuote = position + 1 }
        }
        position += 1
        return position > limits.lineBytesMax ? overLimit() : nil
    }

    private mutating func scanAfterQuote() -> CSVStep? {
        let byte = buffer[rowStart + position]
        switch byte {
        case delimiter, Byte.cr, Byte.lf: return endField(with: byte)
        case Byte.quote where state == .quoteSeen:
            hasDoubledQuotes = true
            state = .quoted
        case Byte.space: state = .spaceAfterQuote
        default: return broken(byte == 0 ? .nul : .textAfterQuote, at: position)
        }
        position += 1
        return position > limits.lineBytesMax ? overLimit() : nil
    }

    private mutating func skip() -> CSVStep? {
        position = offset(before: buffer.count - rowStart, ofAny: Byte.lf, Byte.cr)
        if rowStart + position < buffer.count, buffer[rowStart + position] != 0 {
            endLine()
        } else {
            // A NUL stops the search too; inside a row already given up it is a byte like any other.
            position = min(position + 1, buffer.count - rowStart)
            rowStart += position
            position = 0
        }
        return nil
    }

    /// The end of what may be looked at now: of the bytes at hand, of the longest row, or of the longest field.
    private func stopOffset() -> Int {
        min(buffer.count - rowStart, limits.lineBytesMax + 1, fieldStart + limits.fieldBytesMax + 1)
    }

    /// The first offset from the position on that holds one of two bytes, a line feed or NUL, or else `stop`.
    private func offset(before stop: Int, ofAny first: UInt8, _ second: UInt8) -> Int {
        buffer.withUnsafeBufferPointer { bytes in
            var index = rowStart + position
            let end = min(rowStart + stop, bytes.count)
            while index < end {
                let byte = bytes[index]
                if byte == first || byte == second || byte == Byte.lf || byte == 0 { break }
                index += 1
            }
            return index - rowStart
        }
    }

    /// A fault if the row or the field has outgrown its limit, nil if only the bytes at hand are used up.
    private mutating func overLimit() -> CSVStep? {
        if state == .quoted || state == .unquoted, position - fieldStart > limits.fieldBytesMax {
            return lineAfterQuoteIfQuoted == nil
                ? broken(.fieldTooLong, at: fieldStart) : broken(.unterminatedQuote, at: quoteOffset)
        }
        return position > limits.lineBytesMax ? broken(.lineTooLong, at: position - 1) : nil
    }

    private var lineAfterQuoteIfQuoted: Int? {
        switch state {
        case .quoted, .quoteSeen, .spaceAfterQuote: lineAfterQuote
        case .rowStart, .fieldStart, .unquoted, .skipping: nil
        }
    }

    private mutating func endField(with byte: UInt8) -> CSVStep? {
        spans.append(CSVSpan(start: fieldStart, end: fieldEnd, hasDoubledQuotes: hasDoubledQuotes))
        guard byte == delimiter else { return endRow() }
        if spans.count >= limits.columnsMax {
            state = .unquoted
            return broken(.tooManyColumns, at: position)
        }
        position += 1
        hasDoubledQuotes = false
        state = .fieldStart
        return position > limits.lineBytesMax ? overLimit() : nil
    }

    /// Ends the row at the line end on which the position stands.
    private mutating func endRow() -> CSVStep? {
        if position == 0 {
            emptyLines += 1
            endLine()
            return nil
        }
        found = rowStart..<(rowStart + position)
        endLine()
        return .row
    }

    private mutating func endLine() {
        if buffer[rowStart + position] == Byte.lf {
            endings.lf += 1
            follows = .anything
        } else {
            follows = .carriageReturn
        }
        line += 1
        restart(at: position + 1)
    }

    private mutating func restart(at offset: Int) {
        rowStart += offset
        position = 0
        state = .rowStart
    }

    private mutating func atEnd() -> CSVStep? {
        switch state {
        case .rowStart, .skipping:
            if follows == .carriageReturn {
                follows = .anything
                endings.cr += 1
            }
            return nil
        case .fieldStart, .unquoted:
            fieldStart = state == .fieldStart ? position : fieldStart
            fieldEnd = position
            spans.append(CSVSpan(start: fieldStart, end: fieldEnd, hasDoubledQuotes: false))
        case .quoteSeen, .spaceAfterQuote:
            spans.append(CSVSpan(start: fieldStart, end: fieldEnd, hasDoubledQuotes: hasDoubledQuotes))
        case .quoted: return broken(.unterminatedQuote, at: quoteOffset)
        }
        found = rowStart..<(rowStart + position)
        restart(at: position)
        return .row
    }

    /// The fault of a row that is no text.
    private func misfit(_ row: CSVRowBytes) -> CSVBroken {
        let offset = UTF8Text.firstInvalid(in: row.bytes, 0..<row.bytes.count) ?? 0
        return fault(.invalidEncoding, at: offset, from: found.lowerBound)
    }

    private func fault(_ fault: CSVFault, at offset: Int, from start: Int) -> CSVBroken {
        let place = buffer.withUnsafeBufferPointer { bytes in
            textPosition(of: start + offset, in: bytes, from: start, line: rowLine)
        }
        return CSVBroken(
            rowLine: rowLine, line: place.line, column: place.column, fault: fault,
            detail: fault.detail(limits, quoteLine: quoteLine))
    }

    /// Reports the fault and goes on at the next line: the one after the opening quotation mark where a quoted field has
    /// run over lines (what it ran over may be rows), else the one after the fault.
    private mutating func broken(_ reason: CSVFault, at offset: Int) -> CSVStep {
        let event = CSVStep.broken(fault(reason, at: offset, from: rowStart))
        if let next = lineAfterQuoteIfQuoted {
            line = quoteLine + 1
            follows = buffer[rowStart + next - 1] == Byte.cr ? .carriageReturn : .anything
            restart(at: next)
        } else {
            restart(at: position)
            state = .skipping
        }
        return event
    }
}
