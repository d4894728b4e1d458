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
    private let count = Mutex(0)

    init(_ limits: StreamLimits) { self.limits = limits }

    /// Streams under way.
    var underWay: Int { count.withLock { $0 } }

    /// A place, given back when nobody holds it any more; nil where all are taken.
    func place() -> Place? {
        let isFree = count.withLock { count in
            guard count < limits.streamsMax else { return false }
            count += 1
            return true
        }
        return isFree ? Place(self) : nil
    }

    fileprivate func give() { count.withLock { $0 -= 1 } }

    /// One stream's place: however the stream ends, even unheard, it is free again.
    final class Place: Sendable {
        private let streams: Streams

        fileprivate init(_ streams: Streams) { self.streams = streams }

        deinit { streams.give() }
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
