import Glibc

/// What a new thread is handed.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a thread that nobody joins and that takes no signals; false if the system has none to give.
func startThread(_ run: @escaping @Sendable () -> Void) -> Bool {
    let body = Unmanaged.passRetained(ThreadBody(run))
    var thread = pthread_t()
    var every = sigset_t()
    var before = sigset_t()
    sigfillset(&every)
    pthread_sigmask(SIG_SETMASK, &every, &before)
    let failure = pthread_create(
        &thread, nil,
        { raw in
            if let raw { Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().run() }
            return nil
        }, body.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard failure == 0 else {
        body.release()
        return false
    }
    pthread_detach(thread)
    return true
}

/// Wakes the one thread that waits for work; closed when the last holder lets go of it.
final class Bell: Sendable {
    private let reading: Int32
    private let writing: Int32

    init() throws(SpoolError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("making a pipe for", path: "the spool", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    func ring() {
        var byte: UInt8 = 1
        // Fails only when the pipe is full, and then the thread is woken anyway.
        _ = write(writing, &byte, 1)
    }

    /// Blocks until it was rung since the last time.
    func wait() {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { (room: UnsafeMutableRawBufferPointer) in
            _ = read(reading, room.baseAddress, room.count)
        }
    }
}

/// The system's words for an error number.
func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }
