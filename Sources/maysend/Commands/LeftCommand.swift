import ArgumentParser
import Formats
import Rules
import Store
import Work

/// The command `maysend left LIST`.
struct LeftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "left",
        abstract: "Mark everybody on a list as having left their organisation.",
        discussion: """
            Every ground ends for them; the next sweep erases what nothing else keeps. The mark stays, by key alone, also of \
            people who were never stored, so that no stale list brings them in. A consent of their own ends it. CSV with any \
            delimiter, or an object on each line (NDJSON). Rows without an address are named by their lines on standard error.

              maysend left leavers.csv --at 2026-11-01T00:00:00Z
            """)

    @Argument(
        help: "The list, or - for standard input.", completion: .file(extensions: ["csv", "txt", "ndjson", "jsonl"]))
    var list: String
    @Option(
        help: ArgumentHelp("Since when (RFC 3339); without it now.", valueName: "time"), transform: Words.instant)
    var at: Instant?
    @OptionGroup var shape: ScrubShape
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        let input = try InputFile(list)
        var reading = ScrubReading(input)
        try await reading.begin(shape, list: list)
        let evidence = try Words.evidence(method: "list", [])
        let begun = reading
        let (counts, unread) = try await Operator.open(controller, for: .list) { here in
            try await take(begun, evidence, here)
        }
        Terminal.line("\(counts.left) left, \(counts.stored) of them with data stored")
        Terminal.line("\(counts.known) had left before")
        if unread > 0 { Terminal.line("\(unread) rows without an address") }
        if unread > Self.rowsNamedMax { Terminal.note("and \(unread - Self.rowsNamedMax) more") }
    }

    /// Rows without an address that are named by their lines, at most.
    private static let rowsNamedMax = 1_000

    /// Marks page after page and names the rows without an address that is one; the counts, and how many those are.
    private func take(
        _ reading: ScrubReading, _ evidence: Evidence?, _ here: Operator
    ) async throws -> (LeaverCounts, Int) {
        var (counts, unread) = (LeaverCounts(), 0)
        var (reader, isRead) = (reading.reader, reading.isRead)
        while true {
            while let page = reader.page() {
                for row in page.unread.prefix(max(Self.rowsNamedMax - unread, 0)) {
                    Terminal.note("line \(row.line): \(row.isBroken ? "no row that can be read" : "no address")")
                }
                unread += page.unread.count
                for start in stride(from: 0, to: page.addresses.count, by: leaversPerTransactionMax) {
                    let end = min(start + leaversPerTransactionMax, page.addresses.count)
                    let step = Array(page.addresses[start..<end])
                    let more = try await here.store.run(.leave(step, at: at, evidence: evidence), by: here.access)
                    counts = counts + more
                }
            }
            guard !isRead else { return (counts, unread) }
            do {
                if let piece = try await reading.input.nextPiece() {
                    try reader.feed(piece)
                } else {
                    isRead = true
                    try reader.finish()
                }
            } catch let error as ReadFailure {
                throw Failure("\(list): \(error.reason)")
            }
        }
    }
}
