import Harness
import Rules
import Testing

@testable import Store

/// What the others may say while an instance may hold opt-outs that the register does not have.
@Suite struct InstancesTests {
    private static func id(_ number: UInt8) throws -> InstanceID {
        try #require(InstanceID(bytes: [UInt8](repeating: number, count: 16)))
    }

    private static func heard(_ outcome: BeatOutcome) -> Instant? {
        if case .heard(let now) = outcome { now } else { nil }
    }

    private static func withPresence(
        _ scene: Scene, _ body: (Presence) async throws -> Void
    ) async throws {
        let presence = try Presence(url: scene.database.url, random: { 0.5 })
        try await presence.ready(within: .seconds(30))
        try await body(presence)
        await presence.shutdown()
        await scene.close()
    }

    private static func held(_ work: () async throws(StoreError) -> Void) async -> HeldBack? {
        do throws(StoreError) { try await work() } catch {
            if case .heldBack(let heldBack) = error { return heldBack }
        }
        return nil
    }

    /// Every path that can say "eligible" is stopped by an instance whose lease has lapsed, and goes on after its beat.
    @Test func noPathSaysEligibleWhileALeaseHasLapsed() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([lead("kari@firma.example")])
        try await Self.withPresence(scene) { presence in
            let one = try Self.id(1)
            let now = try await presence.clock()
            #expect(Self.heard(await presence.register(one, name: "north", beatAt: now, absenceSeconds: 900)) != nil)
            #expect(try await Self.isEligibleAfterABeat(of: one, presence, scene))
            try await scene.database.run("update maysend.instance set beat_at = clock_timestamp() - interval '3.001 s'")
            let expected = HeldBack(instance: "north", secondsLeft: 900)
            let address = try Address(parsing: "kari@firma.example")
            let terms = CheckTerms(purpose: try slug("newsletter"))
            let check = Check(address: address, terms: terms)
            let (store, access) = (scene.store, scene.access)
            #expect(
                await Self.held { () async throws(StoreError) in _ = try await store.verdict(check, by: access) }
                    == expected)
            for pace in [ListPace.prompt, .unhurried] {
                #expect(
                    await Self.held { () async throws(StoreError) in
                        _ = try await store.verdicts(of: [address], terms, by: access, pace)
                    } == expected)
            }
            let key = try #require(APIKey(parsing: try await scene.database.key(for: "stratsys-ab")))
            _ = try await store.catalogue()
            let believed = try #require(store.believed(key, at: now))
            let read = await withCheckedContinuation { continuation in
                store.ask(check, as: believed) { continuation.resume(returning: $0) }
            }
            #expect(read == nil)
            #expect(
                await Self.held { () async throws(StoreError) in
                    _ = try await store.verdict(check, with: key, provisional: believed.access, at: now)
                } == expected)
            #expect(try await store.findings(clock: now).contains { $0.level == .notice && $0.subject == "instances" })
            #expect(try await Self.isEligibleAfterABeat(of: one, presence, scene))
        }
    }

    /// Whether a check says so; asked anew where the machine was so busy that the beat had lapsed again by then.
    private static func isEligibleAfterABeat(
        of one: InstanceID, _ presence: Presence, _ scene: Scene
    ) async throws -> Bool {
        for _ in 0..<20 {
            #expect(heard(await presence.beat(one, beatAt: try await presence.clock())) != nil)
            do {
                return try await scene.answer().verdict.isEligible
            } catch StoreError.heldBack {
                continue
            }
        }
        return false
    }

    /// A stream asks again for a while, and goes on when the instance is back.
    @Test func aStreamWaitsForTheInstance() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([lead("kari@firma.example")])
        try await Self.withPresence(scene) { presence in
            let one = try Self.id(1)
            _ = await presence.register(one, name: "north", beatAt: try await presence.clock(), absenceSeconds: 900)
            try await scene.database.run("update maysend.instance set beat_at = clock_timestamp() - interval '1 h'")
            let (store, access) = (scene.store, scene.access)
            let address = try Address(parsing: "kari@firma.example")
            let terms = CheckTerms(purpose: try slug("newsletter"))
            async let verdicts = store.scrub([address], terms, by: access, clock: { Instant(microseconds: 0) })
            try await scene.database.run("select pg_sleep(0.3)")
            _ = await presence.beat(one, beatAt: try await presence.clock())
            #expect(try await verdicts.map(\.isEligible) == [true])
        }
    }

    /// A clock that was set back makes every beat look young: what lies in the future is no beat.
    @Test func aBeatInTheFutureIsNotBelieved() async throws {
        let scene = try await Scene.make()
        try await Self.withPresence(scene) { presence in
            _ = await presence.register(
                try Self.id(1), name: "north", beatAt: try await presence.clock(), absenceSeconds: 900)
            try await scene.database.run("update maysend.instance set beat_at = clock_timestamp() + interval '1 min'")
            await #expect(throws: StoreError.heldBack(HeldBack(instance: "north", secondsLeft: 900))) {
                _ = try await scene.answer()
            }
        }
    }

    /// A beat that the network kept back renews nothing.
    @Test func aBeatThatArrivesLateIsOld() async throws {
        let scene = try await Scene.make()
        try await Self.withPresence(scene) { presence in
            let one = try Self.id(1)
            let now = try await presence.clock()
            _ = await presence.register(one, name: "north", beatAt: now, absenceSeconds: 900)
            #expect(Self.heard(await presence.beat(one, beatAt: now.advanced(byMicroseconds: -3_000_001))) != nil)
            await #expect(throws: StoreError.heldBack(HeldBack(instance: "north", secondsLeft: 900))) {
                _ = try await scene.answer()
            }
        }
    }

    @Test func anEndInOrderAndAnUnknownInstanceStopNothing() async throws {
        let scene = try await Scene.make()
        try await Self.withPresence(scene) { presence in
            let one = try Self.id(1)
            guard case .unknown = await presence.beat(one, beatAt: try await presence.clock()) else {
                Issue.record("a beat of nobody was heard")
                return
            }
            _ = await presence.register(one, name: "north", beatAt: try await presence.clock(), absenceSeconds: 900)
            try await presence.end(one)
            #expect(try await presence.instances() == [])
            _ = try await scene.answer()
        }
    }

    /// Only the time counts in which somebody looked; at its end nobody waits, and that is recorded.
    @Test func whoIsMissedTooLongIsAbsent() async throws {
        let scene = try await Scene.make()
        try await Self.withPresence(scene) { presence in
            let one = try Self.id(1)
            let two = try Self.id(2)
            _ = await presence.register(one, name: "north", beatAt: try await presence.clock(), absenceSeconds: 4)
            _ = await presence.register(two, name: "south", beatAt: try await presence.clock(), absenceSeconds: 4)
            let lapse = "update maysend.instance set beat_at = clock_timestamp() - interval '1 h' where name = 'north'"
            try await scene.database.run(lapse)
            func north() async throws -> InstanceRecord {
                try #require(try await presence.instances().first { $0.id == one })
            }
            func look(after seconds: Int) async throws {
                try await scene.database.run(
                    "update maysend.instance set missed_at = missed_at - interval '\(seconds) s'")
                try await presence.miss(by: two, name: "south")
            }
            try await look(after: 1_000)
            // Nobody had looked before.
            #expect(try await north().missedSeconds == 0)
            // However long nobody looked, it counts as two rounds at most.
            try await look(after: 1_000)
            #expect(try await north().missedSeconds == 2)
            #expect(try await north().mayHold)
            #expect(try await north().secondsLeft == 2)
            await #expect(throws: StoreError.heldBack(HeldBack(instance: "north", secondsLeft: 2))) {
                _ = try await scene.answer()
            }
            // It does not look after itself.
            try await presence.miss(by: one, name: "north")
            #expect(try await north().missedSeconds == 2)
            try await look(after: 1_000)
            #expect(try await north().state == .absent)
            #expect(!(try await north().mayHold))
            _ = await presence.beat(two, beatAt: try await presence.clock())
            _ = try await scene.answer()
            #expect(try await Self.endings(scene) == ["north absent south"])
            // Back again, it is waited for as ever.
            _ = await presence.beat(one, beatAt: try await presence.clock())
            #expect(try await north().state == .live)
            #expect(try await north().missedSeconds == 0)
        }
    }

    @Test func anOperatorForgetsOneThatDoesNotAnswer() async throws {
        let scene = try await Scene.make()
        try await Self.withPresence(scene) { presence in
            let one = try Self.id(1)
            _ = await presence.register(one, name: "north", beatAt: try await presence.clock(), absenceSeconds: 900)
            let administration = try Administration(url: scene.database.url, random: { 0.5 })
            try await administration.ready(within: .seconds(30))
            // One that beats cannot be forgotten.
            #expect(try await administration.forget(one, by: "kari") == false)
            try await scene.database.run("update maysend.instance set beat_at = clock_timestamp() - interval '1 h'")
            await #expect(throws: StoreError.self) { _ = try await scene.answer() }
            #expect(try await administration.forget(one, by: "kari"))
            #expect(try await administration.forget(one, by: "kari") == false)
            #expect(try await administration.forget(Self.id(9), by: "kari") == false)
            #expect(try await administration.instances().map(\.state) == [.forgotten])
            _ = try await scene.answer()
            #expect(try await Self.endings(scene) == ["north forgotten kari"])
            await administration.shutdown()
        }
    }

    /// While this instance's own spool holds anything, it begins no check.
    @Test func aShutGateStopsEveryCheck() async throws {
        let scene = try await Scene.make()
        _ = try await scene.answer()
        scene.store.gate.shut()
        let address = try Address(parsing: "kari@firma.example")
        await #expect(throws: StoreError.draining) { _ = try await scene.answer() }
        await #expect(throws: StoreError.draining) {
            _ = try await scene.store.verdicts(
                of: [address], CheckTerms(purpose: try slug("newsletter")), by: scene.access, .prompt)
        }
        scene.store.gate.open()
        _ = try await scene.answer()
        await scene.close()
    }

    private static func endings(_ scene: Scene) async throws -> [String] {
        try await scene.database.texts(
            "select name || ' ' || how || ' ' || ended_by as text from maysend.instance_ending order by id")
    }
}
