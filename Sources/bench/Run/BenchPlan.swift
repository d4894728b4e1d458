/// A part of a run that can be measured alone.
enum BenchPart: String, CaseIterable {
    /// The echo, one query per check and the service, side by side.
    case checks
    /// Batches and the stream.
    case lists
    /// What PostgreSQL can do at most.
    case database
    /// Checks with links, and one-clicks beside inserts.
    case links
    /// Latency against rate, up to the rate that the checks reached.
    case latency
}

/// How much of everything a run measures.
struct BenchPlan {
    var people = Population.peopleStandard
    var seed = Population.seedStandard
    /// Seconds of one cell.
    var seconds = 10.0
    var warmupSeconds = 2.0
    var connections = 64
    /// Rounds of what is compared; an odd number has a median.
    var rounds = 3
    var streamRows = 1_000_000
    /// What is measured.
    var parts = Set(BenchPart.allCases)
    /// Of the closed loop's rate, the rates at which latency is measured.
    var rateShares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1]
}
