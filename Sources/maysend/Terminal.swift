import Foundation
import Rules
import Synchronization

/// What a command says: answers on standard output, complaints and notes on standard error.
enum Terminal {
    static func line(_ text: String = "") { write(text + "\n", to: .standardOutput) }
    /// The text as it is, without a line end of ours.
    static func text(_ text: String) { write(text, to: .standardOutput) }
    static func error(_ text: String) { write("maysend: " + text + "\n", to: .standardError) }
    static func note(_ text: String) { write(text + "\n", to: .standardError) }

    /// Rows under headings, each column as wide as its widest cell.
    static func table(_ headings: [String], _ rows: [[String]]) {
        var widths = headings.map(\.count)
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.count)
            }
        }
        for row in [headings] + rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            var text = cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            line(text)
        }
    }

    /// Text in lines of at most 78 characters that all begin with so many spaces.
    static func wrapped(_ text: String, indent: Int) -> String {
        let charactersMax = 78
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > charactersMax {
                lines.append(line)
                line = String(repeating: " ", count: indent)
            }
            line += (line.count > indent ? " " : "") + word
        }
        return (lines + [line]).joined(separator: "\n")
    }

    /// Where a pipe is closed early (`| head`), the rest is nobody's; there is nothing to do about it.
    private static func write(_ text: String, to handle: FileHandle) {
        do { try handle.write(contentsOf: Data(text.utf8)) } catch {}
    }
}

/// How far a long command has come: one line on standard error, drawn over itself; silent where that is no terminal.
final class ProgressBar: Sendable {
    private let total: Int
    private let isShown = isatty(STDERR_FILENO) == 1
    private let percent = Mutex(-1)
    private static let cells = 30

    /// `total` is in whatever unit `advance` counts; 0 where nobody knows it.
    init(total: Int) { self.total = total }

    func advance(to done: Int, _ text: String) {
        guard isShown else { return }
        let now = total > 0 ? min(100, done * 100 / total) : done
        let isNew = percent.withLock { last in
            defer { last = now }
            return last != now
        }
        guard isNew else { return }
        guard total > 0 else { return draw(text) }
        let full = now * Self.cells / 100
        draw(
            String(repeating: "█", count: full) + String(repeating: "░", count: Self.cells - full) + " \(now) % " + text
        )
    }

    /// Takes the line away, so that what follows begins on an empty one.
    func clear() {
        if isShown { draw("") }
    }

    private func draw(_ text: String) {
        FileHandle.standardError.write(Data("\r\u{1B}[2K\(text)".utf8))
    }
}

/// A progress bar with rate and remaining time.
final class ProgressPace: Sendable {
    private let bar: ProgressBar
    private let total: Int
    private let start: Instant
    private let first: Int

    /// `total` and `first` are in whatever unit `advance` counts.
    init(total: Int, now: Instant, from first: Int = 0) {
        (bar, self.total, start, self.first) = (ProgressBar(total: total), total, now, first)
    }

    func advance(to done: Int, _ word: String, now: Instant) {
        let seconds = Double(now.microseconds - start.microseconds) / 1_000_000
        let rate = seconds > 0 ? Double(done - first) / seconds : 0
        var text = word
        if rate >= 1 {
            text += ", \(Int(rate)) a second"
            if total > done { text += ", \(Int(Double(total - done) / rate) + 1) s to go" }
        }
        bar.advance(to: done, text)
    }

    func clear() { bar.clear() }
}
