public import Rules

/// A list on its way: read, asked and written at the same time.
///
/// Reading waits for asking and writing, so memory stays flat however long the list; the rows come out in their order.
public struct ScrubFlow: Sendable {
    private let reader: ScrubReader
    private let writer: ScrubWriter
    /// Whether all of the list is in the reader.
    private let isRead: Bool

    /// The flow of a list whose opening is known. `isRead` where the list has ended already.
    public init?(_ reader: ScrubReader, isRead: Bool) {
        guard let writer = reader.writer else { return nil }
        (self.reader, self.writer, self.isRead) = (reader, writer, isRead)
    }

    /// Fewer verdicts than addresses, or more: a fault of ours, and no reason to guess.
    public struct Miscount: Error {}

    /// Runs to the end of the list. `read` gives the next piece and nil at the end; `ask` gives a verdict for each address,
    /// in order, and is called for up to `scrubSlicesInFlightMax` slices at a time; `write` gets the answer's bytes, opening
    /// included, in order. Throws what any of them throws; nothing of it goes on afterwards.
    public func run(
        read: @escaping @Sendable () async throws -> [UInt8]?,
        ask: @escaping @Sendable (AddressList) async throws -> [Verdict],
        write: (consuming [[UInt8]]) async throws -> Void
    ) async throws {
        let belt = ScrubBelt()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await failing(belt) { try await self.read(read, onto: belt) } }
            for _ in 0..<scrubSlicesInFlightMax {
                group.addTask { await failing(belt) { try await self.answer(ask, from: belt) } }
            }
            do {
                if let opening = reader.opening, !opening.isEmpty { try await write([opening]) }
                while let texts = try await belt.take() { try await write(texts) }
            } catch {
                // Whoever waits at the belt is let go.
                await belt.fail(error)
                throw error
            }
        }
    }

    private func read(_ next: () async throws -> [UInt8]?, onto belt: ScrubBelt) async throws {
        var reader = reader
        while let page = reader.page() { try await belt.add(page) }
        while !isRead, let piece = try await next() {
            try reader.feed(piece)
            while let page = reader.page() { try await belt.add(page) }
        }
        if !isRead { try reader.finish() }
        while let page = reader.page() { try await belt.add(page) }
        await belt.end()
    }

    private func answer(_ ask: (AddressList) async throws -> [Verdict], from belt: ScrubBelt) async throws {
        while let slice = try await belt.next() {
            let addresses = slice.addresses
            let verdicts = addresses.isEmpty ? [] : try await ask(addresses)
            guard verdicts.count == addresses.count else { throw Miscount() }
            var rest = verdicts[...]
            var texts: [[UInt8]] = []
            texts.reserveCapacity(slice.pages.count)
            for page in slice.pages {
                var text: [UInt8] = []
                writer.append(page, rest.prefix(page.addresses.count), to: &text)
                rest = rest.dropFirst(page.addresses.count)
                texts.append(text)
            }
            await belt.answer(slice, with: texts)
        }
    }
}

/// Does the work; should it fail, so does the belt.
private func failing(_ belt: ScrubBelt, _ work: () async throws -> Void) async {
    do { try await work() } catch { await belt.fail(error) }
}
