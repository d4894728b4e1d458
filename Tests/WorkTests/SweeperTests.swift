import Harness
import Logging
import Rules
import Store
import Testing

@testable import Work

@Suite struct SweepScheduleTests {
    @Test(arguments: [
        ("off", SweepSchedule.off), ("1h", .every(seconds: 3_600)), ("30m", .every(seconds: 1_800)),
        ("7d", .every(seconds: 604_800)), ("03:00", .daily(minuteOfDay: 180)), ("23:59", .daily(minuteOfDay: 1_439)),
    ])
    func isRead(_ text: String, _ schedule: SweepSchedule) { #expect(SweepSchedule(parsing: text) == schedule) }

    @Test(arguments: [
        "", "on", "0m", "1s", "h", "-1h", "1.5h", "32d", "24:00", "3:00", "03:60", "03:00:00", "99999999d", "１h",
    ])
    func anythingElseIsRefused(_ text: String) { #expect(SweepSchedule(parsing: text) == nil) }

    @Test func everyProcessFindsTheSameSlot() throws {
        let now = try instant("2026-11-21T12:34:56.5Z")
        #expect(SweepSchedule.off.slot(at: now) == nil)
        #expect(SweepSchedule.every(seconds: 3_600).slot(at: now) == (try instant("2026-11-21T12:00:00Z")))
        #expect(SweepSchedule.daily(minuteOfDay: 180).slot(at: now) == (try instant("2026-11-21T03:00:00Z")))
        #expect(SweepSchedule.daily(minuteOfDay: 1_200).slot(at: now) == (try instant("2026-11-20T20:00:00Z")))
        #expect(
            SweepSchedule.daily(minuteOfDay: 180).slot(at: try instant("2026-11-21T03:00:00Z"))
                == (try instant("2026-11-21T03:00:00Z")))
    }
}

@Suite struct SweeperTests {
    /// One company's damage is not the other's.
    @Test func aControllerThatFailsKeepsNoOtherFromItsSweep() async throws {
        let scene = try await Scene("infobric")
        let controllers = try await scene.store.catalogue().controllers
        try #require(controllers.count > 1)
        let kari = try Address(parsing: "kari@firma.example")
        for controller in controllers {
            let access = Access(operator: "test", for: controller)
            var lead = Lead(address: kari)
            lead.contactedAt = try instant("2026-06-01T00:00:00Z")
            _ = try await scene.store.run(.collect([lead]), by: access)
            let out = Event.unsubscribed(scope: nil, purpose: nil, topic: nil)
            _ = try await scene.store.run(.record(Report(out, of: .address(kari))), by: access)
        }
        // Nobody can read this act, so the first company's sweep cannot forget its person.
        let key = scene.database.peppers.key(for: kari)
        try await scene.database.run(
            """
            insert into maysend.ledger (holder_id, controller_id, address_key, act, at, actor)
            values (\(controllers[0].id), \(controllers[0].id), '\(key)', 'nonsense', now(), 'test')
            """)
        let noon = try instant("2026-11-21T12:00:00Z")
        let sweeper = Sweeper(
            store: scene.store, schedule: .every(seconds: 3_600), random: (1, 1), logger: Logger(label: "test"),
            clock: { noon })
        await sweeper.tick()
        let left = try await scene.database.texts("select controller_id::text from maysend.contact order by 1")
        #expect(left == [String(controllers[0].id)])
        await scene.close()
    }
}
