import Foundation
import Testing

/// A check that starts after an opt-out was acknowledged never says "eligible", and no acknowledged opt-out is lost: by two
/// instances at one database, with people opting out on either and checks the moment after the acknowledgement.
///
/// MAYSEND_FRESHNESS_PAIRS is the number of pairs under each weather, MAYSEND_FRESHNESS_SEED repeats a mixture,
/// MAYSEND_FRESHNESS_WEATHER names one weather alone.
@Suite(.serialized) struct FreshnessTests {
    private static let pairsStandard = 200

    @Test(arguments: Weather.allCases)
    func noCheckAfterTheAcknowledgementSaysEligible(_ weather: Weather) async throws {
        if let only = setting("WEATHER"), only != weather.rawValue { return }
        let pairCount = setting("PAIRS").flatMap(Int.init) ?? Self.pairsStandard
        let seed = setting("SEED").flatMap(UInt64.init) ?? UInt64.random(in: 0 ... .max)
        try await Site.run { site in
            let outcome = try await Course(pairCount, at: site, under: weather, seed: seed).run()
            say("\(outcome) (seed \(seed))")
            for stale in outcome.tally.stale { Issue.record("stale: \(stale)") }
            for fault in outcome.tally.faults { Issue.record("\(fault)") }
            #expect(outcome.tally.staleCount == 0)
            #expect(outcome.eligibleAtTheEnd == 0)
            #expect(outcome.lost == 0)
            #expect(outcome.tally.pairs == pairCount)
            #expect(outcome.tally.checksAfter >= pairCount)
            #expect(outcome.tally.eligibleBefore >= pairCount * Site.instanceCount)
            // Without these the test could not see a shared query.
            #expect(outcome.tally.checksAcross > 0)
            #expect(outcome.strikes > 0)
        }
    }

    private func setting(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["MAYSEND_FRESHNESS_\(name)"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
