/// What a load came to. Only right answers count; all else is counted as what it is.
struct LoadResult {
    /// Seconds that were measured.
    var seconds = 0.0
    /// Right answers that came within them.
    var answered = 0
    /// Answers with another status than 200, by status.
    var refusals: [Int: Int] = [:]
    /// Answers with status 200 whose body lacks what a right one has.
    var wrongBodies = 0
    /// Connections that broke, or that brought what is no answer.
    var broken = 0
    /// Requests that were due and had no answer even `graceSecondsMax` after the end.
    var unanswered = 0
    /// Of all that were due within the time, late ones included.
    var latencies = Latencies()
    /// Processor time of the driver itself within the time.
    var driverNanoseconds: UInt64 = 0

    var perSecond: Double { seconds > 0 ? Double(answered) / seconds : 0 }
    var errors: Int { refusals.values.reduce(0, +) + wrongBodies + broken + unanswered }

    /// What went wrong, in words; empty where nothing did.
    var errorText: String {
        var parts = refusals.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        if wrongBodies > 0 { parts.append("\(wrongBodies) wrong bodies") }
        if broken > 0 { parts.append("\(broken) broken connections") }
        if unanswered > 0 { parts.append("\(unanswered) unanswered") }
        return parts.joined(separator: ", ")
    }
}
