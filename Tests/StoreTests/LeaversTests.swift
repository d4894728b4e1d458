import Harness
import Rules
import Store
import Testing

@Suite struct LeaversTests {
    private func leave(_ scene: Scene, at instant: Instant?) async throws -> LeaverCounts {
        try await scene.store.run(
            .leave([Address(parsing: "kari@firma.example")], at: instant, evidence: nil), by: scene.access)
    }

    /// Clocks differ: whoever is said to have left in a moment has left.
    @Test func whatIsAheadByNoMoreThanClocksDifferIsNow() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example")])
        let ahead = systemNow().advanced(byMicroseconds: clockSkewMicrosecondsMax - 60_000_000)
        let counts = try await leave(scene, at: ahead)
        #expect(counts.left == 1 && counts.stored == 1)
        #expect(try await scene.reason() == "left-organisation")
        for at in [ahead, nil] {
            let again = try await leave(scene, at: at)
            #expect(again.left == 0 && again.known == 1)
        }
        await #expect(throws: StoreError.inTheFuture(.leftOrganisation)) {
            try await leave(scene, at: ahead.advanced(byMicroseconds: 3_600_000_000))
        }
        await scene.close()
    }
}
