public import Formats
public import Rules
public import Store

/// Why a file cannot be read on: one sentence.
public struct ReadFailure: Error, Sendable {
    public let reason: String

    public init(_ reason: String) { self.reason = reason }
}

/// A list on its way from a file into the database: received whole, then merged slice by slice.
///
/// Until all of it is received nothing is stored of anybody. From then on it is merged whatever happens to this process: by
/// the next that is told to, or by any server.
public struct Importer: Sendable {
    private let store: Store
    private let access: Access
    /// Names this process among those that receive imports.
    private let worker: String

    public init(into store: Store, by access: Access, worker: String) {
        (self.store, self.access, self.worker) = (store, access, worker)
    }

    /// What came of receiving.
    public enum Reception: Sendable {
        case merging(ImportID, ImportFlow.End)
        /// The same file came before.
        case same(as: ImportID)
    }

    /// Reads the list to its end and stages it. Throws a ``ListError``, a ``ReadFailure`` or a ``StoreError``; nothing is
    /// stored then.
    public func receive(
        _ opening: ImportOpening, _ order: ImportOrder, repeated: ImportRepeat, now: Instant,
        read: () async throws -> [UInt8]?
    ) async throws -> Reception {
        let reception = try await store.openImport(opening, worker: worker, by: access)
        do {
            var flow = ImportFlow(order, now: now)
            let store = store
            let end = try await flow.run(read: read) { lines in try await store.stage(lines, into: reception) }
            switch try await store.closeReception(
                reception, digest: end.digest, guess: end.guess.json, emptyLines: end.emptyLines, repeated: repeated)
            {
            case .merging: return .merging(reception.id, end)
            case .same(let id): return .same(as: id)
            }
        } catch {
            let why = (error as? ListError).map(\.description) ?? "the upload broke off; nothing was stored"
            // Should that fail too, the import is given up when its lease has run out.
            do { try await store.failReception(reception, why: why) } catch {}
            throw error
        }
    }

    /// Merges the import in both its lanes until it is over, or watches whoever does; `progress` hears how far it is, and returns it.
    public func merge(
        _ id: ImportID, rowsMax: Int = importSliceRowsMax, progress: (ImportRecord) -> Void = { _ in }
    ) async throws -> ImportRecord {
        async let second: Void = mergeBeside(id, rowsMax: rowsMax)
        let record = try await mergeToEnd(id, rowsMax: rowsMax, progress: progress)
        await second
        return record
    }

    private func mergeToEnd(
        _ id: ImportID, rowsMax: Int, progress: (ImportRecord) -> Void
    ) async throws -> ImportRecord {
        var stride = SliceStride(rowsMax: rowsMax)
        while true {
            let record = try await record(id)
            progress(record)
            if record.state.isOver { return record }
            if try await !mergeNext(beside: record.turn(at: access), &stride) {
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Merges in the second lane until the import is over or a slice fails: that is tried again by the first.
    private func mergeBeside(_ id: ImportID, rowsMax: Int) async {
        do {
            var stride = SliceStride(rowsMax: rowsMax)
            let own = try await record(id).turn(at: access)
            while try await !record(id).state.isOver {
                if try await !mergeNext(beside: own, &stride) { try await Task.sleep(for: Self.pause) }
            }
        } catch {}
    }

    private func record(_ id: ImportID) async throws -> ImportRecord {
        guard let record = try await store.importRecord(id, by: access) else {
            throw StoreError.importState("there is no import \(id)")
        }
        return record
    }

    /// Merges a slice of the import whose turn it is, which may be somebody else's: so nobody is held up by the one who
    /// works. Whether there was something to do.
    private func mergeNext(beside own: ImportTurn, _ stride: inout SliceStride) async throws(StoreError) -> Bool {
        guard let turn = try await store.nextImport() else { return false }
        do throws(StoreError) {
            return try await store.merge(turn, &stride) != .notOurs
        } catch {
            try await store.postponeImport(turn)
            guard turn != own else { throw error }
            return true
        }
    }

    /// How long it waits for whoever else merges.
    private static let pause: Duration = .milliseconds(100)
}
