/// Cuts UTF-8 into lines, whatever the sizes of the pieces it is fed; LF or CR LF ends one, and so does the end. Lines of
/// white space alone are passed over. It keeps the bytes of the line in hand and no more than the limit of one.
struct LineScanner: Sendable {
    enum Found {
        /// A line, which `withLine` gives.
        case line
        case tooLong
    }

    private let bytesMax: Int
    private var buffer: [UInt8] = []
    private var lineStart = 0
    /// Up to where there is no line feed.
    private var scanned = 0
    private var found = 0..<0
    private var isSkipping = false
    private var isEnded = false
    private var isFirst = true
    /// The line that was found last, counted from 1.
    private(set) var line = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        if lineStart > 0 {
            buffer.removeFirst(lineStart)
            scanned -= lineStart
            lineStart = 0
        }
        found = 0..<0
        buffer.append(contentsOf: bytes)
    }

    mutating func finish() { isEnded = true }

    /// The next line; nil when more bytes are needed, or after the last one.
    mutating func next() -> Found? {
        while let range = cut() {
            let wasSkipping = isSkipping
            isSkipping = false
            if wasSkipping { continue }
            line += 1
            if range.count > bytesMax { return .tooLong }
            found = trimmed(range)
            if !found.isEmpty { return .line }
        }
        guard buffer.count - lineStart > bytesMax else { return nil }
        defer { isSkipping = true }
        lineStart = buffer.count
        scanned = lineStart
        guard !isSkipping else { return nil }
        line += 1
        return .tooLong
    }

    /// Hands out the line that was found last, without white space at its ends.
    func withLine<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        buffer.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[found])) }
    }

    /// Where the next line stands, its end passed over.
    private mutating func cut() -> Range<Int>? {
        let end = buffer.withUnsafeBufferPointer { bytes in
            var index = scanned
            while index < bytes.count, bytes[index] != Byte.lf { index += 1 }
            return index
        }
        scanned = end
        guard end < buffer.count || (isEnded && lineStart < end) else { return nil }
        let line = lineStart..<end
        lineStart = min(end + 1, buffer.count)
        scanned = lineStart
        return line
    }

    private mutating func trimmed(_ line: Range<Int>) -> Range<Int> {
        var (low, high) = (line.lowerBound, line.upperBound)
        if isFirst, high - low >= 3, buffer[low] == 0xEF, buffer[low + 1] == 0xBB, buffer[low + 2] == 0xBF { low += 3 }
        isFirst = false
        let isBlank: (UInt8) -> Bool = { $0 == Byte.space || $0 == Byte.tab || $0 == Byte.cr }
        while low < high, isBlank(buffer[low]) { low += 1 }
        while low < high, isBlank(buffer[high - 1]) { high -= 1 }
        return low..<high
    }
}
