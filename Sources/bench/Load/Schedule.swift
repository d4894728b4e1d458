/// When the requests of an open loop are due: evenly, whether or not the server keeps up.
struct Schedule {
    /// Monotonic nanoseconds at which the first is due.
    let start: UInt64
    let perSecond: Double

    /// When request `index`, counted from 0, is due.
    func due(_ index: Int) -> UInt64 {
        start + UInt64(Double(index) * 1_000_000_000 / perSecond)
    }
}
