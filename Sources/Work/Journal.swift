import Rules
public import Store
import Synchronization

/// Where the journal is kept: a folder outside the database, as two closures.
public struct JournalShelf: Sendable {
    /// Puts the entries behind what is there, and returns when the disk has them.
    public let append: @Sendable ([JournalEntry], _ day: String) throws(JournalFault) -> Void
    /// The newest entries, oldest first, at most so many. Throws for a file that is not as it was written.
    public let newest: @Sendable (_ count: Int) throws(JournalFault) -> [JournalEntry]

    public init(
        append: @escaping @Sendable ([JournalEntry], String) throws(JournalFault) -> Void,
        newest: @escaping @Sendable (Int) throws(JournalFault) -> [JournalEntry]
    ) {
        (self.append, self.newest) = (append, newest)
    }
}

/// Why the journal cannot be written or read: where, what, and what to do.
public struct JournalFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// How many of the newest entries are looked for in the ledger before anything is answered.
public let journalEntriesComparedMax = 5_000

/// Keeps opt-outs, erasures and restrictions outside the database, so that no restore of an older backup loses them.
///
/// It follows the ledger in the order of its transactions, like the seals: whoever wrote an act, on whichever instance or at
/// the command line, it is in the journal once the next tick has passed, and none is stepped over. Until then an act rests on
/// the database's own log.
public final class Journal: Sendable {
    private let desk: SealDesk
    private let shelf: JournalShelf
    private let state = Mutex(State())

    private struct State {
        var reached: ActPosition?
        var newest: JournalEntry?
        var isCompared = false
    }

    public init(_ desk: SealDesk, _ shelf: JournalShelf) { (self.desk, self.shelf) = (desk, shelf) }

    /// Whether the ledger has what the journal has. Where not, every server of the database is told to refuse.
    public func compare() async throws(JournalFailure) -> Bool {
        let newest: [JournalEntry]
        do throws(JournalFault) { newest = try shelf.newest(journalEntriesComparedMax) } catch { throw .shelf(error) }
        let isWhole = try await isKnown(newest)
        if isWhole {
            state.withLock { state in
                if !state.isCompared, let last = newest.last {
                    (state.reached, state.newest) = (newest.map(\.position).max(), last)
                }
                state.isCompared = true
            }
        }
        return isWhole
    }

    /// Writes down what was committed since the last time.
    public func tick() async throws(JournalFailure) {
        let (isCompared, last) = state.withLock { ($0.isCompared, $0.newest) }
        // A database that went back in time under a running server has lost what was written last.
        if isCompared {
            guard try await isKnown(last.map { [$0] } ?? []) else { return }
        } else {
            guard try await compare() else { return }
        }
        while true {
            let from = state.withLock { $0.reached } ?? .start
            let page: JournalPage
            do throws(StoreError) { page = try await desk.journalPage(after: from) } catch { throw .store(error) }
            guard let reached = page.reached else { return }
            do throws(JournalFault) { try write(page.entries) } catch { throw .shelf(error) }
            state.withLock { state in
                state.reached = reached
                if let newest = page.entries.last { state.newest = newest }
            }
        }
    }

    /// Each day has a file of its own, by the day on which the act was recorded.
    private func write(_ entries: [JournalEntry]) throws(JournalFault) {
        var rest = entries[...]
        while let first = rest.first {
            let day = String(first.recordedAt.description.prefix(10))
            let sameDay = rest.prefix { $0.recordedAt.description.hasPrefix(day) }
            try shelf.append(Array(sameDay), day)
            rest = rest.dropFirst(sameDay.count)
        }
    }

    private func isKnown(_ entries: [JournalEntry]) async throws(JournalFailure) -> Bool {
        guard !entries.isEmpty else { return true }
        do throws(StoreError) {
            let lacking = try await desk.lacking(entries)
            guard lacking > 0 else { return true }
            try await desk.wantRestoreCheck(
                "the journal has acts that the database lacks: it was restored from a backup")
            return false
        } catch {
            throw .store(error)
        }
    }
}

/// Why the journal stands still.
public enum JournalFailure: Error, Sendable, CustomStringConvertible {
    case store(StoreError)
    case shelf(JournalFault)

    public var description: String {
        switch self {
        case .store(let error): error.description
        case .shelf(let fault): fault.description
        }
    }
}
