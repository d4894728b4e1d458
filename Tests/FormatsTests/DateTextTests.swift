import Harness
import Testing

@testable import Formats

@Suite struct DateTextTests {
    private static let second: Int64 = 1_000_000
    private static let day: Int64 = 86_400 * second

    private static let dates: [(String, Int64)] = [
        ("1970-01-01", 0), ("1970-01-02", day), ("1969-12-31", -day), ("2000-02-29", 11_016 * day),
        ("2026-01-31", 20_484 * day), ("31.01.2026", 20_484 * day), ("1.2.2026", 20_485 * day),
        ("31/01/2026", 20_484 * day), ("03/03/2026", 20_515 * day), (" 2026-01-31\t", 20_484 * day),
        ("2026-01-31T10:00:00Z", 20_484 * day + 36_000 * second), ("2026-01-31 10:00Z", 20_484 * day + 36_000 * second),
        ("2026-01-31t10:00:00z", 20_484 * day + 36_000 * second), ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456), ("1970-01-01T00:00:00,000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1), ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T01:30:00+0130", 0),
        ("1970-01-01T01:00:00+01", 0), ("1969-12-31T19:00:00-05:00", 0), ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01 01:00:00 +01:00", 0), ("0001-01-01", -719_162 * day), ("9999-12-31", 2_932_896 * day),
        ("9999-12-31T23:59:59.999999-23:59", 2_932_896 * day + (86_399 + 86_340) * second + 999_999),
    ]

    @Test(arguments: dates)
    func datesAreRead(_ text: String, _ microseconds: Int64) throws {
        #expect(try DateText.microseconds(parsing: text) == microseconds)
    }

    private static let refused: [(String, DateTextError)] = [
        ("", .empty), ("  ", .empty), ("x", .notADate), ("2026", .notADate), ("2026-1-31", .notADate),
        ("2026-01-31x", .notADate), ("2026-01-31T", .notADate), ("2026-01-31T10", .notADate),
        ("2026-01-31T10:00:00ZZ", .notADate), ("2026-01-31T10:00:00+1:00", .notADate),
        ("2026-01-31T10:00:00.Z", .notADate), ("20260131", .notADate), ("46053", .notADate), ("-2026-01-31", .notADate),
        ("1.2.26", .notADate), ("1.2.2026 10:00", .notADate), ("1-2-2026", .notADate), ("01/02-2026", .notADate),
        ("٢٠٢٦-01-31", .notADate), ("2026-01-31T10:00:00+010", .notADate), ("99999-01-01", .notADate),
        ("2026-02-29", .noSuchDay), ("1900-02-29", .noSuchDay), ("2026-13-01", .noSuchDay), ("2026-00-01", .noSuchDay),
        ("2026-01-00", .noSuchDay), ("0000-01-01", .noSuchDay), ("31.04.2026", .noSuchDay), ("32/01/2026", .noSuchDay),
        ("2026-01-31T24:00:00Z", .noSuchTime), ("2026-01-31T10:60:00Z", .noSuchTime),
        ("2026-01-31T23:59:60Z", .noSuchTime), ("2026-01-31T10:00:00+24:00", .noSuchTime),
        ("2026-01-31T10:00:00+01:60", .noSuchTime), ("2026-01-31T10:00:00", .offsetMissing),
        ("2026-01-31 10:00", .offsetMissing), ("01/02/2026", .dayOrMonth), ("12/11/2026", .dayOrMonth),
        ("01/31/2026", .dayOrMonth),
    ]

    @Test(arguments: refused)
    func whatIsNoDateOrNotSureIsRefused(_ text: String, _ error: DateTextError) {
        #expect(throws: error) { try DateText.microseconds(parsing: text) }
    }

    @Test func everyDayOfTheCalendarFollowsTheOneBefore() {
        // Four centuries hold every kind of year; the ends of the calendar are in the table of dates.
        var expected: Int64 = -135_140
        var gaps = 0
        for year: Int64 in 1600...2000 {
            for month: Int64 in 1...12 {
                for day: Int64 in 1...31 {
                    guard let days = DateText.days(year: year, month: month, day: day) else { continue }
                    if days != expected { gaps += 1 }
                    expected += 1
                }
            }
        }
        #expect(gaps == 0)
        #expect(expected == 11_323)
    }

    @Test func noTextTraps() {
        var random = SeededGenerator(seed: 13)
        let pieces = [
            "2026", "-", "01", ".", "/", "T", ":", "Z", "+", " ", "9999999999999999999", "é", "1", "\u{301}", "31",
        ]
        var read = 0
        for _ in 0..<20_000 {
            let text = random.text(of: pieces, upTo: 9)
            if case .success = Result(catching: { () throws(DateTextError) in try DateText.microseconds(parsing: text) }
            ) {
                read += 1
            }
        }
        #expect(read < 2_000)
        #expect(throws: DateTextError.notADate) {
            try DateText.microseconds(parsing: String(repeating: "1", count: dateTextBytesMax + 1))
        }
    }
}
