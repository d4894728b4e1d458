import Harness
import Rules

/// Verdicts as the decision makes them.
enum SampleVerdicts {
    private static let text = """
        policy: sample
        version: 1
        effective: 2020-01-01T00:00:00Z
        controllers:
          - {id: sample-as, name: Sample AS, country: "NO", languages: [nb]}
        default-scope: controller
        purposes:
          newsletter:
            kind: marketing
            grounds:
              - {id: subscriber, basis: consent}
              - {id: cold-lead, basis: legitimate-interest, for: 3 months, from: collected, given: [cold]}
        """
    private static let now = Instant(microseconds: 1_800_000_000_000_000)

    /// Of an address of which nothing is known.
    static let unknown = verdict([])
    /// Of a lead that was collected a day before.
    static let lead = verdict([Fact(at: now.advanced(byMicroseconds: -86_400_000_000), .collected)])

    private static func verdict(_ own: [Fact]) -> Verdict {
        do {
            let policy = try Policy(parsing: text, file: "sample.yaml")
            let question = try Question(purpose: slug("newsletter"), address: .named, under: policy)
            return decide(question, from: Facts(own: own), under: policy, at: now)
        } catch {
            fatalError("the sample policy is one: \(error)")
        }
    }
}
