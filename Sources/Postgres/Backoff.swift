/// The wait before attempt number `attempt` (the first retry is 1): doubling from `first` up to `longest`, of which a
/// random half is taken off, so that many who lost the same server do not return at once. `chance` is in 0..<1.
func backoff(attempt: Int, first: Duration, longest: Duration, chance: Double) -> Duration {
    let doublings = min(max(attempt, 1) - 1, 20)
    let full = min(first * (1 << doublings), longest)
    return full * (0.5 + 0.5 * min(max(chance, 0), 1))
}
