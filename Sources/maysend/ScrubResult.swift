import Formats

/// What comes of a list: the rows that are wanted, how far it has come, and what was said in all.
struct ScrubResult {
    private var tally: ScrubTally
    private let output: OutputFile
    private let input: InputFile
    private let bar: ProgressBar
    private let start = ContinuousClock.now

    init(_ tally: ScrubTally, _ output: OutputFile, of input: InputFile) {
        (self.tally, self.output, self.input) = (tally, output, input)
        bar = ProgressBar(total: input.byteCount)
    }

    /// Takes a piece of the answer.
    mutating func take(_ piece: [UInt8]) throws {
        var wanted: [UInt8] = []
        do {
            try tally.take(piece, into: &wanted)
        } catch {
            throw Self.stray
        }
        try output.write(wanted)
        bar.advance(to: input.bytesRead, pace)
    }

    mutating func finish() throws {
        bar.clear()
        var wanted: [UInt8] = []
        do {
            try tally.finish(into: &wanted)
        } catch {
            throw Self.stray
        }
        try output.write(wanted)
    }

    private static let stray = Failure(
        "the answer is not that of this list", hint: "The server may be of another version: ask the database there.")

    private var seconds: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private var pace: String {
        let seconds = seconds
        guard seconds > 0 else { return "\(tally.counts.rows) rows" }
        var text = "\(tally.counts.rows) rows, \(Int(Double(tally.counts.rows) / seconds)) rows/s"
        let read = input.bytesRead
        if input.byteCount > 0, read > 0 {
            let left = seconds / Double(read) * Double(max(0, input.byteCount - read))
            text += ", \(Int(left.rounded(.up))) s left"
        }
        return text
    }

    /// The counts, on standard error: standard output may be the list.
    func report(_ list: String) {
        let counts = tally.counts
        let width = String(counts.rows).count
        let lines = [("eligible", counts.eligible)] + counts.refused.map { ($0.reason, $0.rows) }
        for (word, count) in lines {
            let digits = String(count)
            Terminal.note("  " + String(repeating: " ", count: width - digits.count) + digits + " " + word)
        }
        Terminal.note("= \(counts.rows) rows of \(list)")
    }
}
