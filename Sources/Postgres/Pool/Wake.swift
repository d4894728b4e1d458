import Glibc

/// Wakes one thread that waits in `poll`, from any other; closed when the last holder lets go of it.
final class Wake: Sendable {
    private let reading: Int32
    private let writing: Int32

    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .unavailable }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    func signal() {
        var byte: UInt8 = 1
        // Fails only when the pipe is full, and then a wake is due already.
        _ = write(writing, &byte, 1)
    }

    private func drain() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { (room: UnsafeMutableRawBufferPointer) in
            _ = read(reading, room.baseAddress, room.count)
        }
    }

    /// Waits for a signal, for `socket` to be ready for `events` (-1: no socket), or until `end` (nil: for ever).
    /// True if the socket is ready.
    func wait(socket: Int32 = -1, events: Int32 = 0, until end: Moment?) -> Bool {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { (polled: UnsafeMutableBufferPointer<pollfd>) in
            polled.initializeElement(at: 0, to: pollfd(fd: reading, events: Int16(POLLIN), revents: 0))
            polled.initializeElement(
                at: 1, to: pollfd(fd: socket, events: Int16(truncatingIfNeeded: events), revents: 0))
            guard poll(polled.baseAddress, 2, Self.milliseconds(until: end)) > 0 else { return false }
            if polled[0].revents != 0 { drain() }
            return polled[1].revents != 0
        }
    }

    /// What `poll` is told: rounded up, so that it never returns just before `end` and spins.
    private static func milliseconds(until end: Moment?) -> Int32 {
        guard let end else { return -1 }
        let (seconds, attoseconds) = (end - Moment.now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(seconds * 1_000 + attoseconds / 1_000_000_000_000_000) + 1
    }
}

/// A reading of the clock that never goes back.
typealias Moment = ContinuousClock.Instant
