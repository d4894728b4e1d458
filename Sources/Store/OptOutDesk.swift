import Postgres
import Synchronization

/// Where opt-outs by link wait: all that wait for a controller when its line is free go into one transaction.
///
/// It needs no timer, for what comes while a transaction runs is the next one. Nobody is told anything before the commit of
/// their own.
final class OptOutDesk: Sendable {
    /// What an opt-out is told, once, on a thread that must not be blocked.
    typealias Reply = @Sendable (Result<LinkReceipt, StoreError>) -> Void
    /// Records opt-outs in one transaction, and tells the receipts after its commit.
    typealias Work = @Sendable ([LinkOptOut], @escaping @Sendable (Result<[LinkReceipt], StoreError>) -> Void) -> Void

    private struct Waiting: Sendable {
        let optOut: LinkOptOut
        let reply: Reply
    }

    private struct Line {
        var waiting: [Waiting] = []
        var transactions = 0
        /// Opt-outs in the transactions under way.
        var underWay = 0
        /// When the last of these began.
        var begunAt = ContinuousClock.now

        /// Whether those who wait are to have a transaction now: beside another only where it is no larger, for what shares
        /// one costs less, or where it has been held up.
        private func mayBegin(_ patience: Duration) -> Bool {
            guard transactions > 0 else { return true }
            return transactions < transactionsMax
                && (waiting.count >= underWay || begunAt.advanced(by: patience) <= .now)
        }

        /// Whoever goes with the next transaction, if one is to begin.
        mutating func begin(_ patience: Duration) -> [Waiting]? {
            guard !waiting.isEmpty, mayBegin(patience) else { return nil }
            let taken = Array(waiting.prefix(optOutsPerTransactionMax))
            waiting.removeFirst(taken.count)
            transactions += 1
            underWay += taken.count
            begunAt = .now
            return taken
        }

        mutating func join(_ one: Waiting, _ patience: Duration) -> [Waiting]? {
            waiting.append(one)
            return begin(patience)
        }

        mutating func end(_ count: Int, _ patience: Duration) -> [Waiting]? {
            transactions -= 1
            underWay -= count
            return begin(patience)
        }
    }

    /// Transactions under way at a time for one controller: while one commits, the next is being written.
    private static let transactionsMax = 2

    /// How long a transaction takes at most, unless something holds it up: then whoever comes does not wait for its end.
    private let patience: Duration
    private let lines = Mutex<[Int64: Line]>([:])

    init(patience: Duration = .milliseconds(50)) { self.patience = patience }

    /// How many wait for a transaction of the controller to begin.
    func waiting(_ id: Int64) -> Int { lines.withLock { $0[id]?.waiting.count ?? 0 } }

    /// Has the opt-out recorded by `work`, in a transaction that begins after this call, and returns at once; `reply` is
    /// called after its commit.
    func record(_ optOut: LinkOptOut, of id: Int64, by work: @escaping Work, reply: @escaping Reply) {
        let one = Waiting(optOut: optOut, reply: reply)
        let taken = lines.withLock { $0[id, default: Line()].join(one, patience) }
        if let taken { record(taken, of: id, by: work) }
    }

    private func record(_ taken: [Waiting], of id: Int64, by work: @escaping Work) {
        work(taken.map(\.optOut)) { [self] result in
            tell(taken, result, work)
            let next = lines.withLock { lines in
                let next = lines[id]?.end(taken.count, patience)
                if lines[id]?.transactions == 0 { lines[id] = nil }
                return next
            }
            if let next { record(next, of: id, by: work) }
        }
    }

    /// Where the transaction failed for a reason that may be another's, each has one of its own.
    private func tell(_ taken: [Waiting], _ result: Result<[LinkReceipt], StoreError>, _ work: @escaping Work) {
        switch result {
        case .success(let receipts) where receipts.count == taken.count:
            for (one, receipt) in zip(taken, receipts) { one.reply(.success(receipt)) }
        case .success:
            for one in taken { one.reply(.failure(.damaged("opt-out receipts"))) }
        case .failure(let error) where taken.count > 1 && error.mayBeAnothers:
            for one in taken { work([one.optOut]) { [self] result in tell([one], result, work) } }
        case .failure(let error):
            for one in taken { one.reply(.failure(error)) }
        }
    }
}

extension StoreError {
    /// Whether a transaction of several may have failed by what one of them brought.
    fileprivate var mayBeAnothers: Bool {
        switch self {
        case .database, .damaged, .deadPepper: true
        default: false
        }
    }
}

extension Store {
    /// Records an opt-out that came by a link; returns after the commit.
    ///
    /// Those that come together share a transaction. Throws `.deadPepper` where no check would find the entry.
    public func unsubscribe(_ optOut: LinkOptOut, by access: Access) async throws(StoreError) -> LinkReceipt {
        try await outlastingDoubt { () async throws(StoreError) -> LinkReceipt in
            let result = await withCheckedContinuation { continuation in
                unsubscribe(optOut, by: access) { continuation.resume(returning: $0) }
            }
            return try result.get()
        }
    }

    /// As the other, for callers that do not wait: `reply` is called once, after the commit, on a thread that must not be
    /// blocked.
    public func unsubscribe(
        _ optOut: LinkOptOut, by access: Access,
        reply: @escaping @Sendable (Result<LinkReceipt, StoreError>) -> Void
    ) {
        optOuts.record(
            optOut, of: access.controller.id,
            by: { all, reply in self.record(all, by: access, reply: reply) }, reply: reply)
    }

    private func record(
        _ optOuts: [LinkOptOut], by access: Access,
        reply: @escaping @Sendable (Result<[LinkReceipt], StoreError>) -> Void
    ) {
        writes.write(
            .optOut, { tx throws(StoreError) in try self.record(optOuts, by: access, in: tx) }, reply: reply)
    }
}
