import Harness
import Rules
import Testing

@Suite("Instant")
struct InstantTests {
    @Test(
        "RFC 3339 is read to the microsecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T12:30:00-11:30", 0), ("1970-01-01t00:00:00z", 0),
            ("1970-01-01T00:00:00-00:00", 0), ("1970-01-01T00:00:00.1Z", 100_000), ("1970-01-01T00:00:00.0000019Z", 1),
            ("1970-01-01T00:00:00.123456789Z", 123_456), ("1969-12-31T23:59:59.9999999Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000), ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
            ("2026-01-31T10:00:00Z", 1_769_853_600_000_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("2024-01-01T00:00:00+23:59", 1_703_980_860_000_000),
        ])
    func read(_ text: String, _ microseconds: Int64) {
        #expect(Instant(parsing: text)?.microseconds == microseconds)
    }

    @Test(
        "what is not RFC 3339 is no instant",
        arguments: [
            "", "2024", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00Z",
            "24-01-01T00:00:00Z",
            "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
            "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-04-31T00:00:00Z", "2024-01-00T00:00:00Z",
            "2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z", "2016-12-31T23:59:60Z", "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00+1:00",
            "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+01:60",
            "2024-01-01T00:00:00ZZ",
            " 2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z ", "+2024-01-01T00:00:00Z", "-024-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
            "2024-01-01T00:00:00Z\0", "２０２４-01-01T00:00:00Z", "2024-1-1T00:00:00Z", "2024-01-01T0a:00:00Z",
        ])
    func refuse(_ text: String) {
        #expect(Instant(parsing: text) == nil)
    }

    @Test("what is written is read again as the same, wherever it lies")
    func roundTrip() {
        var chance = SeededGenerator(seed: 71)
        for round in 0..<20_000 {
            var microseconds = Int64.random(in: Instant.min.microseconds...Instant.max.microseconds, using: &chance)
            if round % 3 == 0 { microseconds -= microseconds % 1_000_000 }
            if round % 3 == 1 { microseconds -= microseconds % 1_000 }
            let instant = Instant(microseconds: microseconds)
            #expect(Instant(parsing: instant.description) == instant)
        }
    }

    @Test("every day of 400 years has the date that counting gives")
    func days() {
        var (year, month, day) = (1_800, 1, 1)
        var count: Int64 = -62_091  // days from 1800-01-01 to 1970-01-01
        while year < 2_201 {
            let text = digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2) + "T00:00:00Z"
            let instant = Instant(microseconds: count * 86_400_000_000)
            guard instant.description == text, Instant(parsing: text) == instant else {
                Issue.record("\(instant) should be \(text)")
                return
            }
            count += 1
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            if day < length { day += 1 } else { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(count == 84_371)
    }

    private func digits(_ number: Int, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }

    @Test("nothing leaves the calendar")
    func bounds() {
        #expect(Instant(microseconds: .min) == .min && Instant(microseconds: .max) == .max)
        #expect(Instant.max.advanced(byMicroseconds: 1) == .max && Instant.min.advanced(byMicroseconds: -1) == .min)
        #expect(
            Instant.max.advanced(byMicroseconds: .max) == .max && Instant.min.advanced(byMicroseconds: .min) == .min)
        #expect(Instant.min.description == "0001-01-01T00:00:00Z")
        #expect(Instant.max.description == "9999-12-31T23:59:59.999999Z")
        #expect(Period(200, .years)?.end(from: .max) == .max)
        #expect(Period(73_200, .days)?.end(from: .max) == .max)
    }
}

@Suite("Period")
struct PeriodTests {
    @Test(
        "a window ends at the same instant of the day, clamped to the month",
        arguments: [
            ("3 months", "2023-11-30T10:00:00Z", "2024-02-29T10:00:00Z"),
            ("3 months", "2024-11-30T10:00:00Z", "2025-02-28T10:00:00Z"),
            ("3 months", "2026-01-31T10:00:00Z", "2026-04-30T10:00:00Z"),
            ("1 month", "2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z"),
            ("1 month", "2024-02-29T00:00:00Z", "2024-03-29T00:00:00Z"),
            ("12 months", "2024-02-29T23:59:59.999999Z", "2025-02-28T23:59:59.999999Z"),
            ("1 year", "2024-02-29T00:00:00Z", "2025-02-28T00:00:00Z"),
            ("4 years", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("100 years", "2000-02-29T00:00:00Z", "2100-02-28T00:00:00Z"),
            ("6 months", "2023-12-31T00:00:00Z", "2024-06-30T00:00:00Z"),
            ("30 days", "2024-02-01T12:00:00Z", "2024-03-02T12:00:00Z"),
            ("1 day", "1969-12-31T23:59:59Z", "1970-01-01T23:59:59Z"),
            ("13 months", "1969-11-30T00:00:00.5Z", "1970-12-30T00:00:00.5Z"),
            ("1 months", "2024-10-27T02:30:00+02:00", "2024-11-27T00:30:00Z"),
        ])
    func end(_ period: String, _ start: String, _ end: String) throws {
        let begin = try #require(Instant(parsing: start))
        #expect(Period(parsing: period)?.end(from: begin).description == Instant(parsing: end)?.description)
    }

    @Test("a longer period ends later, and a later start at most a day earlier, by the clamp")
    func monotone() throws {
        var chance = SeededGenerator(seed: 72)
        for _ in 0..<5_000 {
            let start = Instant(
                microseconds: Int64.random(in: -2_000_000_000_000_000...4_000_000_000_000_000, using: &chance))
            let later = start.advanced(byMicroseconds: Int64.random(in: 0...200_000_000_000, using: &chance))
            let count = Int.random(in: 1...1_000, using: &chance)
            for unit in [Period.Unit.days, .months] {
                let (period, longer) = try (#require(Period(count, unit)), #require(Period(count + 1, unit)))
                #expect(period.end(from: start) > start)
                #expect(period.end(from: start) < longer.end(from: start))
                let clamp: Int64 = unit == .days ? 0 : 86_399_999_999
                #expect(period.end(from: start) <= period.end(from: later).advanced(byMicroseconds: clamp))
            }
        }
    }

    @Test(
        "what a policy may write, and how it is written back",
        arguments: [
            ("1 day", "1 day"), ("30 days", "30 days"), ("1 months", "1 month"), ("12  months", "12 months"),
            ("7 years", "7 years"),
            ("007 years", "7 years"), (" 7 years ", "7 years"), ("200 years", "200 years"),
            ("2400 months", "2400 months"),
        ])
    func parsed(_ text: String, _ written: String) {
        #expect(Period(parsing: text)?.description == written)
    }

    @Test(
        "what no policy may write",
        arguments: [
            "", "days", "3", "0 days", "-1 days", "+1 days", "3 weeks", "3 Months", "3months", "3 months 2 days",
            "1.5 years",
            "201 years", "2401 months", "73201 days", "99999999999999999999 days", "٣ months", "3\tmonths", "3 monthss",
            "3 s",
        ])
    func refused(_ text: String) {
        #expect(Period(parsing: text) == nil)
    }
}
