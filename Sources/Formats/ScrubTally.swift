/// Which rows of an answer are wanted.
public enum ScrubChoice: String, Sendable, CaseIterable {
    /// Every row, with its verdict.
    case all
    /// The rows to send to, as they were in the list, without the verdicts.
    case eligible
    /// The rows not to send to, with their verdicts.
    case refused
}

/// How many rows a list had, and what was said of them.
public struct ScrubCounts: Sendable {
    public private(set) var rows = 0
    public private(set) var eligible = 0
    private var reasons: [(reason: [UInt8], rows: Int)] = []

    /// Rows that are not eligible, by reason; the commonest first.
    public var refused: [(reason: String, rows: Int)] {
        reasons.map { (reason: String(decoding: $0.reason, as: UTF8.self), rows: $0.rows) }
            .sorted { ($1.rows, $0.reason) < ($0.rows, $1.reason) }
    }

    mutating func count(_ isEligible: Bool, _ reason: UnsafeBufferPointer<UInt8>) {
        rows += 1
        guard !isEligible else {
            eligible += 1
            return
        }
        // There are a dozen reasons, so looking through them is quick.
        if let index = reasons.firstIndex(where: { $0.reason.elementsEqual(reason) }) {
            reasons[index].rows += 1
        } else {
            reasons.append((Array(reason), 1))
        }
    }
}

/// Reads an answer as it comes, counts what it says, and gives the rows that are wanted.
public struct ScrubTally: Sendable {
    /// What was said of the rows so far.
    public private(set) var counts = ScrubCounts()
    private let choice: ScrubChoice
    private let opening: [UInt8]
    /// Bytes of the opening that have come.
    private var opened = 0
    private let appended: [UInt8]
    private let lineEnd: [UInt8]
    private var table: CSVScanner?
    private var lines: LineScanner?

    /// The answer is another than the list should have: it begins in another way, or a row has no verdict.
    public struct Stray: Error {}

    /// Reads the answer to a list that is read as `reader` does; nil where its opening is not known yet.
    public init?(of reader: ScrubReader, choosing choice: ScrubChoice) {
        guard let opening = reader.opening, let writer = reader.writer else { return nil }
        (self.choice, self.opening) = (choice, opening)
        switch writer.style {
        case .csv(let delimiter, let lineEnd):
            guard let delimiter = CSVDelimiter.allCases.first(where: { $0.byte == delimiter }) else { return nil }
            let limits = CSVLimits(lineBytesMax: 2 * scrubRowBytesMax, columnsMax: 2 * csvColumnsMax)
            table = CSVScanner(delimiter: delimiter, limits: limits)
            self.lineEnd = lineEnd
            appended = ScrubColumns.names.flatMap { [delimiter.byte] + Array($0.utf8) } + lineEnd
        case .ndjson:
            lines = LineScanner(bytesMax: 2 * scrubRowBytesMax)
            (lineEnd, appended) = ([Byte.lf], [])
        }
    }

    /// Takes the next piece of the answer and appends what of it is wanted.
    public mutating func take(_ piece: [UInt8], into wanted: inout [UInt8]) throws(Stray) {
        let rest = try takeOpening(piece[...], into: &wanted)
        guard !rest.isEmpty else { return }
        if choice == .all { wanted += rest }
        table?.feed { $0 += rest }
        rest.withUnsafeBytes { lines?.feed($0) }
        try drain(into: &wanted)
    }

    /// Says that the answer ends here.
    public mutating func finish(into wanted: inout [UInt8]) throws(Stray) {
        guard opened == opening.count else { throw Stray() }
        table?.finish()
        lines?.finish()
        try drain(into: &wanted)
    }

    private mutating func takeOpening(
        _ piece: ArraySlice<UInt8>, into wanted: inout [UInt8]
    ) throws(Stray) -> ArraySlice<UInt8> {
        guard opened < opening.count else { return piece }
        let part = piece.prefix(opening.count - opened)
        guard part.elementsEqual(opening[opened..<(opened + part.count)]) else { throw Stray() }
        opened += part.count
        if opened == opening.count {
            let isBare = choice == .eligible && opening.suffix(appended.count).elementsEqual(appended)
            wanted += isBare ? opening.dropLast(appended.count) + lineEnd : opening
        }
        return piece.dropFirst(part.count)
    }

    private mutating func drain(into wanted: inout [UInt8]) throws(Stray) {
        while let step = table?.nextRow() {
            guard case .row = step, let isRow = table?.withRow({ count($0, &counts, &wanted) }), isRow else {
                throw Stray()
            }
        }
        while let found = lines?.next() {
            guard case .line = found, let isRow = lines?.withLine({ count($0, &counts, &wanted) }), isRow else {
                throw Stray()
            }
        }
    }

    /// Whether the row has a verdict.
    private func count(_ row: CSVRowBytes, _ counts: inout ScrubCounts, _ wanted: inout [UInt8]) -> Bool {
        let spans = row.spans
        guard spans.count > ScrubColumns.names.count else { return false }
        let first = spans.count - ScrubColumns.names.count
        func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(rebasing: row.bytes[spans[index].start..<spans[index].end])
        }
        guard let isEligible = Self.truth(field(first)) else { return false }
        counts.count(isEligible, field(first + 1))
        keep(isEligible, row.bytes, bareBytes: spans[first].start - 1, after: [], &wanted)
        return true
    }

    /// Whether the line has a verdict, which the last members of the object are.
    private func count(
        _ line: UnsafeBufferPointer<UInt8>, _ counts: inout ScrubCounts, _ wanted: inout [UInt8]
    ) -> Bool {
        guard let verdict = Self.verdict(in: line), let isEligible = Self.truth(verdict.eligible) else { return false }
        counts.count(isEligible, verdict.reason)
        keep(isEligible, line, bareBytes: verdict.start, after: [Byte.closeBrace], &wanted)
        return true
    }

    private func keep(
        _ isEligible: Bool, _ row: UnsafeBufferPointer<UInt8>, bareBytes: Int, after: [UInt8], _ wanted: inout [UInt8]
    ) {
        switch choice {
        case .eligible where isEligible: wanted += row.prefix(bareBytes) + after + lineEnd
        case .refused where !isEligible: wanted += row + lineEnd
        case .all, .eligible, .refused: break
        }
    }

    private static func truth(_ word: UnsafeBufferPointer<UInt8>) -> Bool? {
        if word.elementsEqual("true".utf8) { return true }
        return word.elementsEqual("false".utf8) ? false : nil
    }

    /// The verdict at the end of a line, and where what was there before ends.
    private static func verdict(
        in line: UnsafeBufferPointer<UInt8>
    ) -> (start: Int, eligible: UnsafeBufferPointer<UInt8>, reason: UnsafeBufferPointer<UInt8>)? {
        let eligible = Array(#""eligible":"#.utf8)
        let reason = Array(#","reason":""#.utf8)
        func stands(_ word: [UInt8], at index: Int) -> Bool {
            index + word.count <= line.count && line[index..<(index + word.count)].elementsEqual(word)
        }
        var start = line.count - eligible.count
        while start >= 0, !stands(eligible, at: start) { start -= 1 }
        guard start > 0, let comma = line[(start + eligible.count)...].firstIndex(of: Byte.comma),
            stands(reason, at: comma),
            let quote = line[(comma + reason.count)...].firstIndex(of: Byte.quote)
        else { return nil }
        let hasOthers = line[start - 1] == Byte.comma
        return (
            hasOthers ? start - 1 : start,
            UnsafeBufferPointer(rebasing: line[(start + eligible.count)..<comma]),
            UnsafeBufferPointer(rebasing: line[(comma + reason.count)..<quote])
        )
    }
}
