/// Finds out from the first bytes of a file how it is written. The answer depends on the bytes of the sample alone.
struct CSVDetection {
    let encoding: CSVEncoding
    let delimiter: CSVDelimiter
    /// Bytes of the byte order mark.
    let markLength: Int
    let hasSeparatorLine: Bool
    /// Bytes of the `sep=` line after decoding, its line end included.
    let separatorLineLength: Int
    let endings: CSVEndings

    /// Rows that are compared to find the delimiter.
    private static let rowsMax = 50

    /// Whether the sample is the whole file, or the file goes on behind it.
    enum Extent {
        case wholeFile
        case beginning
    }

    init(sample: [UInt8], _ extent: Extent, options: CSVOptions) {
        let opening = Self.opening(of: sample, extent, options: options)
        (encoding, markLength) = (opening.encoding, opening.markLength)
        let skipped = opening.markLength
        var text: [UInt8] = []
        var decoder = CSVDecoder(encoding)
        sample.withUnsafeBufferPointer { bytes in
            decoder.decode(UnsafeBufferPointer(rebasing: bytes[min(skipped, bytes.count)...]), into: &text)
        }
        let directive = Self.separatorLine(in: text, extent)
        hasSeparatorLine = directive != nil
        separatorLineLength = directive?.length ?? 0
        let rows = Array(text[separatorLineLength...])
        if let delimiter = options.delimiter ?? directive?.delimiter {
            self.delimiter = delimiter
            endings = Self.trial(delimiter, rows, extent, options.limits).endings
        } else {
            let trials = CSVDelimiter.allCases.map { Self.trial($0, rows, extent, options.limits) }
            let best = Self.best(of: trials)
            delimiter = best.delimiter
            endings = best.endings
        }
    }

    /// How the characters are written, and the bytes of the mark that says so, if one does.
    static func opening(
        of sample: [UInt8], _ extent: Extent, options: CSVOptions
    ) -> (encoding: CSVEncoding, markLength: Int) {
        let mark = mark(of: sample)
        return (mark?.encoding ?? options.encoding ?? guessEncoding(of: sample, extent), mark?.length ?? 0)
    }

    private static func mark(of sample: [UInt8]) -> (encoding: CSVEncoding, length: Int)? {
        if sample.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        if sample.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        if sample.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        return nil
    }

    /// UTF-16 shows in the zero half of its Latin letters. Otherwise UTF-8, unless what does not fit it outnumbers what
    /// does: one damaged character must not turn every name of a file into noise.
    private static func guessEncoding(of sample: [UInt8], _ extent: Extent) -> CSVEncoding {
        var zeros = (even: 0, odd: 0)
        for (index, byte) in sample.enumerated() where byte == 0 {
            if index.isMultiple(of: 2) { zeros.even += 1 } else { zeros.odd += 1 }
        }
        let units = sample.count / 2
        if units >= 2, zeros.odd * 5 >= units * 2, zeros.even * 20 <= units { return .utf16LittleEndian }
        if units >= 2, zeros.even * 5 >= units * 2, zeros.odd * 20 <= units { return .utf16BigEndian }
        var fitting = 0
        var misfits = 0
        sample.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let length = bytes[index] < 0x80 ? 1 : UTF8Text.sequenceLength(in: bytes, at: index, end: bytes.count)
                let expected = UTF8Text.expectedLength(lead: bytes[index])
                if length == 0, extent == .beginning, expected > 1, index + expected > bytes.count { break }
                if length > 1 { fitting += 1 }
                if length == 0 { misfits += 1 }
                index += max(length, 1)
            }
        }
        return misfits > fitting ? .windows1252 : .utf8
    }

    /// The `sep=;` line that spreadsheets write and obey, if it comes first.
    private static func separatorLine(
        in text: [UInt8], _ extent: Extent
    ) -> (delimiter: CSVDelimiter, length: Int)? {
        guard text.count >= 5 else { return nil }
        let name = text[0..<4].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard name == Array("sep=".utf8), let delimiter = CSVDelimiter.allCases.first(where: { $0.byte == text[4] })
        else { return nil }
        if text.count == 5 { return extent == .wholeFile ? (delimiter, 5) : nil }
        if text[5] == Byte.lf { return (delimiter, 6) }
        guard text[5] == Byte.cr else { return nil }
        return (delimiter, text.count > 6 && text[6] == Byte.lf ? 7 : 6)
    }

    private struct Trial {
        let delimiter: CSVDelimiter
        let endings: CSVEndings
        /// The commonest number of fields above one, how many rows have it, and how many rows there are.
        let columns: Int
        let agreeing: Int
        let rows: Int

        /// More rows of one width; then the greater width; then the order of the delimiters.
        func isBetter(than other: Trial) -> Bool {
            let (mine, theirs) = (agreeing * other.rows, other.agreeing * rows)
            return mine == theirs ? columns > other.columns : mine > theirs
        }
    }

    private static func best(of trials: [Trial]) -> Trial {
        var best = Trial(
            delimiter: .comma, endings: trials.last?.endings ?? CSVEndings(), columns: 1, agreeing: 0, rows: 1)
        for trial in trials where trial.agreeing > 0 && trial.isBetter(than: best) { best = trial }
        return best
    }

    private static func trial(
        _ delimiter: CSVDelimiter, _ text: [UInt8], _ extent: Extent, _ limits: CSVLimits
    ) -> Trial {
        var scanner = CSVScanner(delimiter: delimiter, limits: limits)
        scanner.feed { $0 = text }
        if extent == .wholeFile { scanner.finish() }
        var widths: [Int: Int] = [:]
        var rows = 0
        while rows < rowsMax {
            var event = scanner.next()
            if event == nil, rows == 0 {
                // Not one whole row in the sample: what there is of it must do.
                scanner.finish()
                event = scanner.next()
            }
            guard let event else { break }
            rows += 1
            if case .record(_, let fields) = event, fields.count > 1 { widths[fields.count, default: 0] += 1 }
        }
        let common = widths.max { ($0.value, $0.key) < ($1.value, $1.key) }
        return Trial(
            delimiter: delimiter, endings: scanner.endings, columns: common?.key ?? 1, agreeing: common?.value ?? 0,
            rows: max(rows, 1))
    }
}
