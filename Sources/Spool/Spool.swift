import Synchronization

/// Where opt-outs are kept while the database is away: an append-only file of checksummed records.
///
/// An append returns when its record is on the disk. All that wait share one fsync, on a thread of the spool's own.
public final class Spool: Sendable {
    /// By which the database knows the instance that has this spool: 16 bytes, the same as long as the folder lives.
    public let identity: [UInt8]
    /// What was found when it was opened.
    public let opening: Opening
    private let folder: SpoolFolder
    /// Its folder.
    public var path: String { folder.path }
    private let bell: Bell
    private let state: Mutex<State>

    /// What was found when a spool was opened.
    public struct Opening: Hashable, Sendable {
        /// Records that wait to be drained.
        public let recordCount: Int
        /// Bytes of a last write that was never acknowledged, and was cut.
        public let cutBytes: Int
        /// Bytes that are no record any more and may have been acknowledged ones: an alarm. They are kept in `damaged`.
        public let damagedBytes: Int
        /// Seconds since the database was known to have this instance; nil where it may not have it.
        public let registeredSecondsAgo: Int?
    }

    private enum Order: Sendable {
        case append([UInt8], Reply)
        case job(@Sendable (inout Files) -> Void)
    }

    typealias Reply = @Sendable (Result<Void, SpoolError>) -> Void

    private struct State {
        var waiting: [Order] = []
        var waitingAppends = 0
        var isClosed = false
        /// Heard when the folder is free again.
        var onClosed: (@Sendable () -> Void)?
        /// Of records that are in the file.
        var bytes: Int
        var rejected = 0
    }

    /// What the thread has.
    struct Files {
        var records: SpoolFile
        var rejected: SpoolFile
        let folder: SpoolFolder
    }

    /// Opens the folder, or makes it (not its parents). `freshIdentity` is 16 random bytes for a new one.
    public init(
        folder path: String, freshIdentity: [UInt8], bytesMax: Int = spoolBytesMax
    ) throws(SpoolError) {
        folder = try SpoolFolder(path, freshIdentity: freshIdentity)
        identity = folder.identity
        bell = try Bell()
        do throws(SpoolError) {
            var finding = SpoolFile.Finding()
            let records = try SpoolFile(path + "/opt-outs", bytesMax: bytesMax, &finding)
            var aside = SpoolFile.Finding()
            let rejected = try SpoolFile(path + "/rejected", bytesMax: bytesMax, &aside)
            if !finding.damaged.isEmpty {
                try keepDamaged(finding.damaged, at: path + "/damaged")
            }
            try folder.sync()
            opening = Opening(
                recordCount: finding.recordCount, cutBytes: finding.cutBytes, damagedBytes: finding.damaged.count,
                registeredSecondsAgo: folder.markAgeSeconds)
            state = Mutex(
                State(bytes: records.isEmpty ? 0 : records.bytes, rejected: aside.recordCount))
            let files = Files(records: records, rejected: rejected, folder: folder)
            guard startThread({ [self] in work(files) }) else {
                throw .system("starting a thread for", path: path, code: 0)
            }
        } catch {
            folder.shut()
            throw error
        }
    }

    // MARK: What is asked of it

    /// Bytes of records that are to be drained; 0 where there are none.
    public var bytes: Int { state.withLock { $0.bytes } }

    /// Records that could not be read by anybody and were put aside, ever.
    public var rejectedCount: Int { state.withLock { $0.rejected } }

    /// Returns when the record is on the disk; where it throws, it does not count.
    public func append(_ record: SpoolRecord) async throws(SpoolError) {
        guard (1...spoolTokenBytesMax).contains(record.token.count) else { throw .badToken }
        let bytes = SpoolCode.encode(record)
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Void, SpoolError>, Never>) in
            let refusal = state.withLock { state -> SpoolError? in
                guard !state.isClosed else { return .closed }
                guard state.waitingAppends < spoolWaitingMax else { return .busy }
                state.waitingAppends += 1
                state.waiting.append(.append(bytes, { continuation.resume(returning: $0) }))
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) } else { bell.ring() }
        }
        try result.get()
    }

    /// A place between two records.
    public struct Place: Hashable, Sendable {
        let offset: Int

        /// Before the first record.
        public static let start = Place(offset: SpoolCode.fileHead.count)
    }

    /// The next records behind a place, and the place behind them; no records where there are no more.
    public func records(after place: Place) async throws(SpoolError) -> (records: [SpoolRecord], next: Place) {
        try await onThread { files throws(SpoolError) in
            var place = place.offset
            while true {
                let part = try files.records.part(from: place)
                place = part.next
                if !part.records.isEmpty || part.isLast { return (part.records, Place(offset: place)) }
            }
        }
    }

    /// Takes all records out, if none came after the place; whether it did.
    public func clear(through place: Place) async throws(SpoolError) -> Bool {
        try await onThread { [self] files throws(SpoolError) in
            guard try files.records.clear(through: place.offset) else { return false }
            state.withLock { $0.bytes = 0 }
            return true
        }
    }

    /// Puts a record aside that nobody can read; it is on the disk when this returns.
    public func reject(_ record: SpoolRecord) async throws(SpoolError) {
        try await onThread { [self] files throws(SpoolError) in
            try files.rejected.append(SpoolCode.encode(record))
            state.withLock { $0.rejected += 1 }
        }
    }

    /// Remembers over restarts whether the database has this instance.
    public func note(isRegistered: Bool) async throws(SpoolError) {
        try await onThread { files throws(SpoolError) in try files.folder.note(isRegistered: isRegistered) }
    }

    /// Remembers that the database heard of this instance just now.
    public func renew() async throws(SpoolError) {
        try await onThread { files throws(SpoolError) in files.folder.renewMark() }
    }

    /// Finishes what waits and lets go of the folder.
    public func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isFirst = state.withLock { state -> Bool in
                defer { state.isClosed = true }
                guard !state.isClosed else { return false }
                state.onClosed = { continuation.resume() }
                return true
            }
            if isFirst { bell.ring() } else { continuation.resume() }
        }
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (inout Files) throws(SpoolError) -> Value
    ) async throws(SpoolError) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, SpoolError>, Never>) in
            let isTaken = state.withLock { state -> Bool in
                guard !state.isClosed else { return false }
                state.waiting.append(
                    .job { files in
                        do throws(SpoolError) {
                            continuation.resume(returning: .success(try body(&files)))
                        } catch {
                            continuation.resume(returning: .failure(error))
                        }
                    })
                return true
            }
            if isTaken { bell.ring() } else { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    // MARK: The thread

    private func work(_ opened: Files) {
        var files = opened
        while true {
            let (orders, isClosed) = state.withLock { state -> ([Order], Bool) in
                defer { (state.waiting, state.waitingAppends) = ([], 0) }
                return (state.waiting, state.isClosed)
            }
            append(orders, to: &files.records)
            for case .job(let job) in orders { job(&files) }
            if isClosed { break }
            if orders.isEmpty { bell.wait() }
        }
        files.records.shut()
        files.rejected.shut()
        files.folder.shut()
        state.withLock { $0.onClosed }?()
    }

    /// All of them by one write and one fsync. Where they do not all fit, one by one, as far as there is room.
    private func append(_ orders: [Order], to file: inout SpoolFile) {
        var (bytes, replies): ([UInt8], [Reply]) = ([], [])
        for case .append(let more, let reply) in orders {
            bytes += more
            replies.append(reply)
        }
        guard !replies.isEmpty else { return }
        do throws(SpoolError) {
            try file.append(bytes)
            note(file)
            for reply in replies { reply(.success(())) }
        } catch {
            guard replies.count > 1, error == .diskFull || error.isFull else {
                for reply in replies { reply(.failure(error)) }
                return
            }
            for order in orders { append([order], to: &file) }
        }
    }

    private func note(_ file: SpoolFile) {
        let bytes = file.isEmpty ? 0 : file.bytes
        state.withLock { $0.bytes = bytes }
    }
}

extension SpoolError {
    fileprivate var isFull: Bool { if case .full = self { true } else { false } }
}
