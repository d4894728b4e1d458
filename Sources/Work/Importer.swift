public import Rules
public import Store

/// Why a file cannot be read on: one sentence.
public struct ReadFailure: Error, Sendable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
}

/// Why an import ended before the end of its list.
public enum ImportError: Error, Sendable {
    /// The list is not taken; nothing was stored.
    case list(ListError)
    /// The file could not be read on. What was answered is stored.
    case unreadable(String, ImportProgress)
    /// The database failed. What was answered is stored.
    case stopped(StoreError, ImportProgress)
}

/// How far an import came before it ended; the same list again says `unchanged` for what is stored.
public struct ImportProgress: Sendable {
    /// What was answered.
    public let summary: ImportSummary
    /// The first line that was not.
    public let nextLine: Int
}

/// Takes a lead list in: read in pieces, stored in batches, answered row by row in the order of the lines.
///
/// Holds of the list what one batch needs, and for each address its key and a line number. Again is harmless, and
/// nothing in here lifts an opt-out.
public struct Importer {
    private let store: Store
    private let access: Access
    private var list: LeadList
    private var batch = ImportBatch(rowsMax: Self.waitingRowsMax)
    private var seen: [AddressKey: Int32] = [:]
    private var summary = ImportSummary()
    private var nextLine = 1

    /// Rows that wait for their batch at most, those without a lead included.
    static let waitingRowsMax = 2_000

    /// `now` is the clock that nothing in the list may be ahead of.
    public init(_ order: ImportOrder, into store: Store, by access: Access, now: Instant) {
        (self.store, self.access) = (store, access)
        list = LeadList(order, now: now)
    }

    /// Reads pieces until there is none, and hands every row's verdict on, in order. `planned` hears once how the columns
    /// are understood, before the first row is stored.
    public mutating func run(
        read: () async throws(ReadFailure) -> [UInt8]?, planned: (ListPlan) -> Void = { _ in },
        answered: (RowAnswer) -> Void
    ) async throws(ImportError) -> ImportSummary {
        var isPlanned = false
        var isAtEnd = false
        while !isAtEnd {
            isAtEnd = try await feed(read)
            while let row = try nextRow() {
                if !isPlanned, let plan = list.plan {
                    planned(plan)
                    isPlanned = true
                }
                batch.add(row, key: store.peppers.key(for:), seen: &seen)
                if batch.isFull { try await flush(answered) }
            }
        }
        guard list.plan != nil else { throw .list(.empty) }
        try await flush(answered)
        summary.count(emptyLines: list.emptyLines)
        return summary
    }

    /// Whether that was the end.
    private mutating func feed(
        _ read: () async throws(ReadFailure) -> [UInt8]?
    ) async throws(ImportError) -> Bool {
        let piece: [UInt8]?
        do throws(ReadFailure) {
            piece = try await read()
        } catch {
            throw .unreadable(error.reason, progress)
        }
        guard let piece else {
            list.finish()
            return true
        }
        list.feed(piece)
        return false
    }

    private mutating func nextRow() throws(ImportError) -> ListRow? {
        do throws(ListError) { return try list.next() } catch { throw .list(error) }
    }

    private var progress: ImportProgress {
        ImportProgress(summary: summary, nextLine: batch.firstLine ?? nextLine)
    }

    /// Stores what waits: first who declined, so that no row beside it can keep them.
    private mutating func flush(_ answered: (RowAnswer) -> Void) async throws(ImportError) {
        let leads = batch.leads
        let verdicts: [LeadVerdict]
        do throws(StoreError) {
            for (address, at) in batch.declined { try await decline(address, at: at) }
            verdicts = leads.isEmpty ? [] : try await store.run(.collect(leads), by: access)
        } catch {
            throw .stopped(error, progress)
        }
        for answer in batch.answers(verdicts) {
            summary.count(answer.verdict)
            nextLine = answer.line + 1
            answered(answer)
        }
        batch = ImportBatch(rowsMax: Self.waitingRowsMax)
    }

    /// Enters who the list says has declined, unless this very entry is in the register.
    private func decline(_ address: Address, at: Instant) async throws(StoreError) {
        let known = try await store.entries(on: address, by: access)
        let isKnown = known.contains { $0.via == .address && $0.entry.reason == .imported && $0.at == at }
        if isKnown { return }
        let report = Report(.suppressed(.imported, scope: .controller), of: .address(address), at: at)
        _ = try await store.run(.record(report), by: access)
    }
}
