import Postgres
import Synchronization

/// Where opt-outs by link wait: all that wait for a controller when its line is free go into one transaction.
///
/// It needs no timer, for what comes while a transaction runs is the next one. Whoever comes first leads: it does the work
/// of all who wait, tells each its own receipt after the commit, and hands the lead to the next. So no task of its own is
/// needed, and nobody's answer is given before its commit.
final class OptOutDesk: Sendable {
    private enum Turn: Sendable {
        /// Do the work of these, and your own.
        case lead([Waiting])
        /// It was done, or nobody can do it.
        case told(Result<LinkReceipt, StoreError>)
        /// The transaction failed for a reason that may be another's: do your own alone.
        case alone
    }

    private struct Waiting: Sendable {
        let optOut: LinkOptOut
        let turn: CheckedContinuation<Turn, Never>

        init(_ optOut: LinkOptOut, _ turn: CheckedContinuation<Turn, Never>) {
            (self.optOut, self.turn) = (optOut, turn)
        }
    }

    private struct Line {
        var waiting: [Waiting] = []
        var leaders = 0
        /// Opt-outs in the transactions under way.
        var underWay = 0
        /// When the last of these began.
        var begunAt = ContinuousClock.now

        /// Whether so many are to have a transaction now: beside another only where that is no larger, for what shares one
        /// costs less, or where it has been held up.
        private func takes(_ count: Int, _ patience: Duration) -> Bool {
            guard leaders > 0 else { return true }
            return leaders < leadersMax && (count >= underWay || begunAt.advanced(by: patience) <= .now)
        }

        /// Whoever goes with the next transaction, if one is to begin with so many more than those who wait.
        mutating func begin(with more: Int, _ patience: Duration) -> [Waiting]? {
            guard takes(waiting.count + more, patience) else { return nil }
            let taken = Array(waiting.prefix(optOutsPerTransactionMax - more))
            waiting.removeFirst(taken.count)
            leaders += 1
            underWay += taken.count + more
            begunAt = .now
            return taken
        }
    }

    /// Transactions under way at a time for one controller: while one commits, the next is being written.
    private static let leadersMax = 2

    /// How long a transaction takes at most, unless something holds it up: then whoever comes does not wait for its end.
    private let patience: Duration
    private let lines = Mutex<[Int64: Line]>([:])

    init(patience: Duration = .milliseconds(50)) { self.patience = patience }

    /// How many wait for a transaction of the controller to begin.
    func waiting(_ id: Int64) -> Int { lines.withLock { $0[id]?.waiting.count ?? 0 } }

    /// Has the opt-out recorded by `work`, in a transaction that begins after this call; returns after its commit.
    func record(
        _ optOut: LinkOptOut, of id: Int64, _ work: ([LinkOptOut]) async throws(StoreError) -> [LinkReceipt]
    ) async throws(StoreError) -> LinkReceipt {
        let turn = await withCheckedContinuation { continuation in
            let others = lines.withLock { lines in
                var line = lines[id] ?? Line()
                let others = line.begin(with: 1, patience)
                if others == nil { line.waiting.append(Waiting(optOut, continuation)) }
                lines[id] = line
                return others
            }
            if let others { continuation.resume(returning: .lead(others)) }
        }
        switch turn {
        case .told(let result): return try result.get()
        case .alone: return try await one(optOut, work)
        case .lead(let others): return try await lead(optOut, others, of: id, work)
        }
    }

    private func one(
        _ optOut: LinkOptOut, _ work: ([LinkOptOut]) async throws(StoreError) -> [LinkReceipt]
    ) async throws(StoreError) -> LinkReceipt {
        guard let receipt = try await work([optOut]).first else { throw .damaged("opt-out receipts") }
        return receipt
    }

    private func lead(
        _ optOut: LinkOptOut, _ others: [Waiting], of id: Int64,
        _ work: ([LinkOptOut]) async throws(StoreError) -> [LinkReceipt]
    ) async throws(StoreError) -> LinkReceipt {
        defer { passOn(id, after: others.count + 1) }
        do throws(StoreError) {
            let receipts = try await work([optOut] + others.map(\.optOut))
            guard receipts.count == others.count + 1, let own = receipts.first else {
                throw StoreError.damaged("opt-out receipts")
            }
            for (other, receipt) in zip(others, receipts.dropFirst()) {
                other.turn.resume(returning: .told(.success(receipt)))
            }
            return own
        } catch {
            for other in others { other.turn.resume(returning: error.mayBeAnothers ? .alone : .told(.failure(error))) }
            guard error.mayBeAnothers, !others.isEmpty else { throw error }
            return try await one(optOut, work)
        }
    }

    /// Gives the lead to the one who waits longest, or gives it up: where nobody waits, or too few to have a transaction of
    /// their own beside another's, whose leader passes on to them.
    private func passOn(_ id: Int64, after count: Int) {
        let next = lines.withLock { lines -> (Waiting, [Waiting])? in
            guard var line = lines[id] else { return nil }
            line.leaders -= 1
            line.underWay -= count
            let taken = line.waiting.isEmpty ? nil : line.begin(with: 0, patience)
            lines[id] = line.leaders == 0 ? nil : line
            return taken.flatMap { taken in taken.first.map { ($0, Array(taken.dropFirst())) } }
        }
        if let (leader, others) = next { leader.turn.resume(returning: .lead(others)) }
    }
}

extension StoreError {
    /// Whether a transaction of several may have failed by what one of them brought, or by the end of whoever led it.
    fileprivate var mayBeAnothers: Bool {
        switch self {
        case .unavailable(.cancelled), .database, .damaged, .deadPepper: true
        default: false
        }
    }
}

extension Store {
    /// Records an opt-out that came by a link; returns after the commit.
    ///
    /// Those that come together share a transaction. Throws `.deadPepper` where no check would find the entry.
    public func unsubscribe(_ optOut: LinkOptOut, by access: Access) async throws(StoreError) -> LinkReceipt {
        try await optOuts.record(optOut, of: access.controller.id) { all throws(StoreError) in
            try await self.run(.unsubscribe(all), by: access)
        }
    }
}
