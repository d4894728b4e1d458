import Glibc

/// A clock that is never set, for latencies.
enum MonotonicClock {
    /// Nanoseconds since some instant of the past.
    static var nanoseconds: UInt64 { read(CLOCK_MONOTONIC) }

    /// Nanoseconds of processor time that this process has used, all its threads together.
    static var processNanoseconds: UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
