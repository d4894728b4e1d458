import Harness
import Rules
import Synchronization
import Testing

@testable import Formats

/// What reads, asks and writes at the same time.
@Suite struct ScrubFlowTests {
    private static let options: ScrubOptions = {
        var options = ScrubOptions(input: .csv, output: .csv, delimiter: .comma, encoding: .utf8)
        options.header = .firstRow
        return options
    }()

    private struct Broken: Error {}

    /// A list of so many rows in pieces of chance.
    private final class List: Sendable {
        private let state: Mutex<(rest: ArraySlice<UInt8>, random: SeededGenerator)>
        let piecesRead = Mutex(0)

        init(rows: Int, seed: UInt64) {
            let text = "address\n" + (0..<rows).map { $0 % 5 == 0 ? "none\n" : "p\($0)@b.example\n" }.joined()
            state = Mutex((Array(text.utf8)[...], SeededGenerator(seed: seed)))
        }

        func next() -> [UInt8]? {
            piecesRead.withLock { $0 += 1 }
            return state.withLock { state in
                guard !state.rest.isEmpty else { return nil }
                let piece = state.rest.prefix(Int.random(in: 1...4_000, using: &state.random))
                state.rest = state.rest.dropFirst(piece.count)
                return Array(piece)
            }
        }
    }

    private func flow(_ list: List) throws -> ScrubFlow {
        var reader = ScrubReader(Self.options)
        while reader.opening == nil { try reader.feed(list.next() ?? []) }
        return try #require(ScrubFlow(reader, isRead: false))
    }

    private func expected(rows: Int) -> String {
        "address,eligible,reason,ground,until\n"
            + (0..<rows).map {
                $0 % 5 == 0 ? "none,false,invalid-address,,\n" : "p\($0)@b.example,false,unknown-address,,\n"
            }.joined()
    }

    @Test func everyRowComesOutOnceAndInOrder() async throws {
        for seed in 0..<20 {
            let list = List(rows: 12_000, seed: UInt64(seed))
            var text: [UInt8] = []
            let inFlight = Mutex((now: 0, most: 0, largest: 0))
            try await flow(list).run(
                read: { list.next() },
                ask: { addresses in
                    inFlight.withLock {
                        ($0.now, $0.largest) = ($0.now + 1, max($0.largest, addresses.count))
                        $0.most = max($0.most, $0.now)
                    }
                    for _ in 0..<(addresses.count % 7) { await Task.yield() }
                    inFlight.withLock { $0.now -= 1 }
                    return addresses.map { _ in SampleVerdicts.unknown }
                },
                write: { texts in for one in texts { text += one } })
            #expect(String(decoding: text, as: UTF8.self) == expected(rows: 12_000), "seed \(seed)")
            #expect(inFlight.withLock { $0.most } <= scrubSlicesInFlightMax)
            #expect(inFlight.withLock { $0.largest } <= scrubSliceRowsMax)
        }
    }

    @Test func nothingIsReadWhileNothingIsWritten() async throws {
        let list = List(rows: 200_000, seed: 1)
        let flow = try flow(list)
        let (writes, go) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var isFirst = true
                try await flow.run(
                    read: { list.next() }, ask: { $0.map { _ in SampleVerdicts.unknown } },
                    write: { _ in
                        // The header waits for its reader.
                        if isFirst { for await _ in writes { break } }
                        isFirst = false
                    })
            }
            // Reading comes to rest by itself.
            var (last, same) = (-1, 0)
            while same < 50 {
                try await Task.sleep(for: .milliseconds(2))
                let now = list.piecesRead.withLock { $0 }
                same = now == last ? same + 1 : 0
                last = now
            }
            let bytes = last * 4_000
            #expect(bytes < 4 * scrubHeldBytesMax && last < 1_000, "\(last) pieces were read ahead")
            go.yield()
            try await group.waitForAll()
        }
    }

    @Test func whateverFailsEndsAllOfIt() async throws {
        for place in 0..<3 {
            let list = List(rows: 7 * scrubHeldRowsMax, seed: 2)
            let flow = try flow(list)
            let count = Mutex(0)
            let fails: @Sendable () -> Bool = {
                count.withLock { count in
                    count += 1
                    return count > 5
                }
            }
            await #expect(throws: Broken.self) {
                try await flow.run(
                    read: { if place == 0, fails() { throw Broken() } else { list.next() } },
                    ask: { if place == 1, fails() { throw Broken() } else { $0.map { _ in SampleVerdicts.unknown } } },
                    write: { _ in if place == 2, fails() { throw Broken() } })
            }
        }
        let list = List(rows: 100, seed: 3)
        await #expect(throws: ScrubFlow.Miscount.self) {
            try await flow(list).run(
                read: { list.next() }, ask: { $0.dropLast().map { _ in SampleVerdicts.lead } }, write: { _ in })
        }
    }

    @Test func aCancelledFlowEnds() async throws {
        let list = List(rows: 100, seed: 4)
        let flow = try flow(list)
        let (never, hold) = AsyncStream.makeStream(of: [UInt8].self)
        let ended = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await flow.run(
                        read: {
                            for await piece in never { return piece }
                            throw CancellationError()
                        }, ask: { $0.map { _ in SampleVerdicts.unknown } }, write: { _ in })
                    return false
                } catch {
                    return true
                }
            }
            await Task.yield()
            group.cancelAll()
            return await group.next() ?? false
        }
        hold.finish()
        #expect(ended)
    }
}
