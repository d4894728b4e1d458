import Synchronization

/// What one instance does for streams.
struct StreamLimits: Sendable {
    /// Streams at a time.
    var streamsMax = scrubStreamsMax
    /// Seconds in which a client must send or take `scrubStallBytesMin`.
    var stallSecondsMax = scrubStallSecondsMax
}

/// The streams under way, no more than the limit at a time.
final class Streams: Sendable {
    let limits: StreamLimits
    /// Streams under way, by controller.
    private let counts = Mutex<[Int64: Int]>([:])

    init(_ limits: StreamLimits) { self.limits = limits }

    /// Streams under way.
    var underWay: Int { counts.withLock { $0.values.reduce(0, +) } }

    /// A place, given back when nobody holds it any more; nil where all are taken. The last quarter is for controllers that
    /// have no stream under way, so that nobody takes all.
    func place(for controller: Int64) -> Place? {
        let isFree = counts.withLock { counts in
            let (own, all) = (counts[controller] ?? 0, counts.values.reduce(0, +))
            guard all < (own == 0 ? limits.streamsMax : limits.streamsMax - limits.streamsMax / 4) else { return false }
            counts[controller] = own + 1
            return true
        }
        return isFree ? Place(self, controller) : nil
    }

    fileprivate func give(_ controller: Int64) {
        counts.withLock { counts in
            let left = (counts[controller] ?? 0) - 1
            counts[controller] = left > 0 ? left : nil
        }
    }

    /// One stream's place: however the stream ends, even unheard, it is free again.
    final class Place: Sendable {
        private let streams: Streams
        private let controller: Int64

        fileprivate init(_ streams: Streams, _ controller: Int64) {
            (self.streams, self.controller) = (streams, controller)
        }

        deinit { streams.give(controller) }
    }

    /// Counted since the start, as Prometheus reads it.
    var text: String {
        """
        # HELP maysend_streams Streams under way.
        # TYPE maysend_streams gauge
        maysend_streams \(underWay)

        """
    }
}

/// Why a stream was ended before its end; for the log, without personal data.
struct StreamCut: Error {
    let cause: String
}

/// Watches that a stream goes on.
final class StreamPace: Sendable {
    private let moved = Mutex<(bytes: Int, isStalled: Bool)>((0, false))
    private let seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    /// Whether the stream was cut for want of progress.
    var isStalled: Bool { moved.withLock { $0.isStalled } }

    /// So many bytes came, or were taken.
    func move(_ bytes: Int) { moved.withLock { $0.bytes += bytes } }

    /// Does the work; calls `cut`, once, when it stands still.
    func watch(cut: @escaping @Sendable () -> Void, _ work: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(self.seconds))
                    if self.stalls() { return cut() }
                }
            }
            try await work()
            group.cancelAll()
        }
    }

    private func stalls() -> Bool {
        moved.withLock { moved in
            defer { moved.bytes = 0 }
            moved.isStalled = moved.bytes < scrubStallBytesMin
            return moved.isStalled
        }
    }
}
