import Harness
import Rules
import Synchronization
import Testing

@testable import Store

@Suite struct OptOutDeskTests {
    /// Transactions that go on until they are told to end.
    private final class Transactions: Sendable {
        private struct State {
            var sizes: [Int] = []
            var open: [CheckedContinuation<Void, Never>?] = []
        }

        private let held = Mutex(State())

        var sizes: [Int] { held.withLock { $0.sizes } }

        func run(_ size: Int) async {
            await withCheckedContinuation { continuation in
                held.withLock { state in
                    state.sizes.append(size)
                    state.open.append(continuation)
                }
            }
        }

        func end(_ index: Int) {
            let open = held.withLock { state in
                defer { state.open[index] = nil }
                return state.open[index]
            }
            open?.resume()
        }

        func wait(for count: Int) async throws {
            while sizes.count < count { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    private func optOut() throws -> LinkOptOut {
        let person = try testPeppers().current.person(try Address(parsing: "kari@firma.example"))
        return LinkOptOut(
            Link(.unsubscribe, controller: 1, person: person, mintedAt: try instant("2026-01-01T00:00:00Z")))
    }

    @Test func aSecondTransactionBeginsOnceAsManyWaitAsTheFirstHas() async throws {
        let desk = OptOutDesk(patience: .seconds(3_600))
        let transactions = Transactions()
        let optOut = try optOut()
        try await withThrowingTaskGroup(of: Void.self) { group in
            func press(_ count: Int) {
                for _ in 0..<count { group.addTask { await record(optOut, desk, transactions) } }
            }
            press(1)
            try await transactions.wait(for: 1)
            // One waits, and one is under way: so it begins.
            press(1)
            try await transactions.wait(for: 2)
            press(5)
            while desk.waiting(1) < 5 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(transactions.sizes == [1, 1])
            transactions.end(0)
            try await transactions.wait(for: 3)
            transactions.end(1)
            // Three are too few beside five.
            press(3)
            while desk.waiting(1) < 3 { try await Task.sleep(for: .milliseconds(1)) }
            #expect(transactions.sizes == [1, 1, 5])
            transactions.end(2)
            try await transactions.wait(for: 4)
            transactions.end(3)
            try await group.waitForAll()
        }
        #expect(transactions.sizes == [1, 1, 5, 3])
    }

    @Test func whoComesWhileATransactionIsHeldUpDoesNotWaitForIt() async throws {
        let desk = OptOutDesk(patience: .zero)
        let transactions = Transactions()
        let optOut = try optOut()
        await withTaskGroup(of: Void.self) { group in
            for count in 1...2 {
                group.addTask { await record(optOut, desk, transactions) }
                while transactions.sizes.count < count { await Task.yield() }
            }
            // There are no more than two.
            for _ in 0..<3 { group.addTask { await record(optOut, desk, transactions) } }
            while desk.waiting(1) < 3 { await Task.yield() }
            for index in 0..<2 { transactions.end(index) }
            while transactions.sizes.count < 3 { await Task.yield() }
            transactions.end(2)
        }
        #expect(transactions.sizes == [1, 1, 3])
    }

    /// An error that is of all in the transaction: so no receipts are needed.
    private func record(_ optOut: LinkOptOut, _ desk: OptOutDesk, _ transactions: Transactions) async {
        let result = await withCheckedContinuation { continuation in
            desk.record(
                optOut, of: 1,
                by: { all, reply in
                    Task {
                        await transactions.run(all.count)
                        reply(.failure(.nothingToUndo))
                    }
                },
                reply: { continuation.resume(returning: $0) })
        }
        #expect(throws: StoreError.nothingToUndo) { try result.get() }
    }
}
