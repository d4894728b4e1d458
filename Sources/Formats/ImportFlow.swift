public import Rules

/// Lines that are handed on together, at most.
public let importLinesPerPageMax = 10_000
/// Bytes of the file after which a page is handed on, so that long lines do not pile up.
public let importPageBytesMax = 4 * 1_024 * 1_024

/// A list on its way in: read and handed on at the same time, the same from HTTP and from a file.
///
/// Reading waits for what was handed on before, so memory holds two pages, however long the list.
public struct ImportFlow {
    private var list: ImportList
    private var digest = RunningDigest()
    private var isEnded = false
    private var rows = 0

    public init(_ order: ImportOrder, now: Instant) { list = ImportList(order, now: now) }

    /// What came.
    public struct End: Sendable {
        /// SHA-256 of all bytes.
        public let digest: Digest
        /// Rows handed on.
        public let rows: Int
        /// Lines without a single character, beside them.
        public let emptyLines: Int
        public let guess: ImportGuess
    }

    /// Runs to the end of the list. Throws a ``ListError`` where the list cannot be taken, and what `read` or `stage` throws.
    public mutating func run(
        read: () async throws -> [UInt8]?, stage: @escaping @Sendable ([ImportLine]) async throws -> Void
    ) async throws -> End {
        var page = try await nextPage(read)
        while let lines = page {
            async let staged: Void = stage(lines)
            page = try await nextPage(read)
            try await staged
        }
        guard let guess = list.guess else { throw ListError.empty }
        return End(digest: digest.digest, rows: rows, emptyLines: list.emptyLines, guess: guess)
    }

    /// As many lines as fit; nil at the end.
    private mutating func nextPage(_ read: () async throws -> [UInt8]?) async throws -> [ImportLine]? {
        var lines: [ImportLine] = []
        lines.reserveCapacity(importLinesPerPageMax)
        var bytes = 0
        while true {
            while lines.count < importLinesPerPageMax, let line = try list.next() { lines.append(line) }
            if lines.count >= importLinesPerPageMax || bytes >= importPageBytesMax || isEnded { break }
            if let piece = try await read() {
                digest.update(piece)
                bytes += piece.count
                list.feed(piece)
            } else {
                isEnded = true
                list.finish()
            }
        }
        rows += lines.count
        return lines.isEmpty && isEnded ? nil : lines
    }
}
