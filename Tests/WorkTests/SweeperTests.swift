import Harness
import Rules
import Testing
import Work

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
