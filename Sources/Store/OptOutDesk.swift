import Postgres
import Synchronization

/// Where opt-outs by link wait: all that wait for a controller when its line is free go into one transaction.
///
/// It needs no timer, for what comes while a transaction runs is the next one. Whoever comes first leads: it does the work
/// of all who wait, tells each its own receipt after the commit, and hands the lead to the next. So no task of its own is
/// needed, and nobody's answer is given before its commit.
final class OptOutDesk: Sendable {
    private enum Turn: Sendable {
        /// Do the work of all who wait, your own included.
        case lead
        /// It was done, or nobody can do it.
        case told(Result<LinkReceipt, StoreError>)
        /// The transaction failed for a reason that may be another's: do your own alone.
        case alone
    }

    private struct Waiting: Sendable {
        let optOut: LinkOptOut
        let turn: CheckedContinuation<Turn, Never>
    }

    private struct Line {
        var waiting: [Waiting] = []
        var leaders = 0
    }

    /// Transactions under way at a time for one controller: while one commits, the next is being written.
    private static let leadersMax = 2

    private let lines = Mutex<[Int64: Line]>([:])

    /// Has the opt-out recorded by `work`, in a transaction that begins after this call; returns after its commit.
    func record(
        _ optOut: LinkOptOut, of id: Int64, _ work: ([LinkOptOut]) async throws(StoreError) -> [LinkReceipt]
    ) async throws(StoreError) -> LinkReceipt {
        let turn = await withCheckedContinuation { continuation in
            let leads = lines.withLock { lines in
                let isFree = (lines[id]?.leaders ?? 0) < Self.leadersMax
                if isFree {
                    lines[id, default: Line()].leaders += 1
                } else {
                    lines[id, default: Line()].waiting.append(Waiting(optOut: optOut, turn: continuation))
                }
                return isFree
            }
            if leads { continuation.resume(returning: .lead) }
        }
        switch turn {
        case .told(let result): return try result.get()
        case .alone: return try await one(optOut, work)
        case .lead: return try await lead(optOut, of: id, work)
        }
    }

    private func one(
        _ optOut: LinkOptOut, _ work: ([LinkOptOut]) async throws(StoreError) -> [LinkReceipt]
    ) async throws(StoreError) -> LinkReceipt {
        guard let receipt = try await work([optOut]).first else { throw .damaged("opt-out receipts") }
        return receipt
    }

    private func lead(
        _ optOut: LinkOptOut, of id: Int64, _ work: ([LinkOptOut]) async throws(StoreError) -> [LinkReceipt]
    ) async throws(StoreError) -> LinkReceipt {
        let others = take(optOutsPerTransactionMax - 1, of: id)
        defer { passOn(id) }
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

    private func take(_ count: Int, of id: Int64) -> [Waiting] {
        lines.withLock { lines in
            guard let line = lines[id] else { return [] }
            let taken = Array(line.waiting.prefix(count))
            lines[id]?.waiting.removeFirst(taken.count)
            return taken
        }
    }

    /// Gives the lead to the one who waits longest, or gives it up.
    private func passOn(_ id: Int64) {
        let next = lines.withLock { lines -> Waiting? in
            guard var line = lines[id] else { return nil }
            let next = line.waiting.isEmpty ? nil : line.waiting.removeFirst()
            if next == nil { line.leaders -= 1 }
            lines[id] = line.leaders == 0 && line.waiting.isEmpty ? nil : line
            return next
        }
        next?.turn.resume(returning: .lead)
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
