/// An answer that may not tell what was found comes after a whole number of these.
let answerStep: Duration = .milliseconds(250)

/// Waits for the next whole step, so that the time says nothing of what was found.
func waitForStep(since start: ContinuousClock.Instant) async {
    let steps = (ContinuousClock.now - start) / answerStep
    let end = start + answerStep * Int(steps.rounded(.up))
    do { try await Task.sleep(until: end, clock: .continuous) } catch {}
}
