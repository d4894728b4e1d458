import Rules
public import Store
import Synchronization

/// Where the journal is kept: a folder outside the database, as two closures.
public struct JournalShelf: Sendable {
    /// Puts the entries behind what is there, and returns when the disk has them. All acts of transactions below `floor` are
    /// there already. The day is the one on which they were recorded.
    public let append: @Sendable ([JournalEntry], _ floor: UInt64, _ day: String) throws(JournalFault) -> Void
    /// The end of what is there, at most so many. Throws for a file that is not as it was written.
    public let end: @Sendable (_ count: Int) throws(JournalFault) -> JournalEnd

    public init(
        append: @escaping @Sendable ([JournalEntry], UInt64, String) throws(JournalFault) -> Void,
        end: @escaping @Sendable (Int) throws(JournalFault) -> JournalEnd
    ) {
        (self.append, self.end) = (append, end)
    }
}

/// The newest lines of a journal.
public struct JournalEnd: Sendable {
    /// Oldest first.
    public let entries: [JournalEntry]
    /// Below which transaction nothing is missing.
    public let floor: UInt64

    public init(_ lines: [JournalLine]) {
        entries = lines.map(\.entry)
        // Older lines stand in the order of the transactions, of which the last may be there in part.
        floor = lines.last?.floor ?? lines.map(\.entry.position.transaction).max() ?? 0
    }
}

/// Why the journal cannot be written or read: where, what, and what to do.
public struct JournalFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// How many of the newest entries are looked for in the ledger before anything is answered.
public let journalEntriesComparedMax = 5_000

/// Keeps opt-outs, erasures, restrictions, marks and holds outside the database, so that no restore of an older backup loses
/// them.
///
/// Whoever wrote an act, on whichever instance or at the command line, it is in the journal once the next tick has passed, however
/// long other transactions are open; until then it rests on the database's own log. What is written twice, because a process
/// died in between, counts once.
public final class Journal: Sendable {
    private let desk: JournalDesk
    private let shelf: JournalShelf
    private let confirm: @Sendable (DatabaseRun) -> Void
    private let state = Mutex(State())

    private struct State {
        /// In which run of the database all that is in the journal was found.
        var compared: DatabaseRun?
        var mark = JournalMark(floor: 0)
        var newest: JournalEntry?
        /// What the journal has at or beyond the mark, as far as it was read back.
        var written: Set<ActPosition> = []
        var currentSince = ContinuousClock.now
    }

    /// `confirm` hears of each run of the database in which all was found that the journal has.
    public init(
        _ desk: JournalDesk, _ shelf: JournalShelf, confirm: @escaping @Sendable (DatabaseRun) -> Void = { _ in }
    ) {
        (self.desk, self.shelf, self.confirm) = (desk, shelf, confirm)
    }

    /// How long ago everything that was committed was in the journal.
    public var age: Duration { .now - state.withLock { $0.currentSince } }

    /// Writes down what was committed since the last time; false where the database lacks what the journal has. Then every
    /// server of the database is told to refuse.
    @discardableResult
    public func tick() async throws(JournalFailure) -> Bool {
        guard try await isSame() else { return false }
        let now = ContinuousClock.now
        let (mark, written) = state.withLock { ($0.mark, $0.written) }
        var place = ActPosition.start
        var next: JournalMark?
        while true {
            let page: JournalPage
            do throws(StoreError) {
                page = try await desk.journalPage(since: mark, after: place)
            } catch {
                throw .store(error)
            }
            // What the first page could not see is looked for the next time, though a later page may have it.
            if next == nil { next = page.mark }
            try write(page.entries.filter { !written.contains($0.position) }, floor: mark.floor)
            guard let reached = page.reached else { break }
            place = reached
        }
        state.withLock { state in
            if let next { state.mark = next }
            state.written = []
            state.currentSince = now
        }
        return true
    }

    private func write(_ entries: [JournalEntry], floor: UInt64) throws(JournalFailure) {
        guard let newest = entries.last, let day = entries.map(\.recordedAt.date).max() else { return }
        do throws(JournalFault) { try shelf.append(entries, floor, day) } catch { throw .shelf(error) }
        state.withLock { $0.newest = newest }
    }

    /// Whether the ledger has what the journal has: of the run of the database that was compared its last entry, of another one
    /// all its newest.
    private func isSame() async throws(JournalFailure) -> Bool {
        let (compared, newest) = state.withLock { ($0.compared, $0.newest) }
        guard let run = try await runThatHas(newest.map { [$0] } ?? []) else { return false }
        return run == compared ? true : try await compare()
    }

    private func compare() async throws(JournalFailure) -> Bool {
        let end: JournalEnd
        do throws(JournalFault) { end = try shelf.end(journalEntriesComparedMax) } catch { throw .shelf(error) }
        guard let run = try await runThatHas(end.entries) else { return false }
        state.withLock { state in
            (state.compared, state.newest, state.mark) = (run, end.entries.last, JournalMark(floor: end.floor))
            state.written = Set(end.entries.map(\.position))
        }
        confirm(run)
        return true
    }

    /// In which run of the database all of these are; nil where it lacks some, which it is told.
    private func runThatHas(_ entries: [JournalEntry]) async throws(JournalFailure) -> DatabaseRun? {
        do throws(StoreError) {
            let (lacking, run) = try await desk.lacking(entries)
            guard lacking > 0 else { return run }
            state.withLock { $0.compared = nil }
            try await desk.wantRestoreCheck(
                "the journal has acts that the database lacks: it was restored from a backup")
            return nil
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
