/// Bytes of a date; a longer text is none.
public let dateTextBytesMax = 64

/// Why a text is no date that can be relied on.
public enum DateTextError: String, Error, Sendable, CaseIterable, CustomStringConvertible {
    case empty
    case notADate = "not-a-date"
    case noSuchDay = "no-such-day"
    case noSuchTime = "no-such-time"
    /// A time of day without saying where.
    case offsetMissing = "offset-missing"
    /// Day and month, or month and day.
    case dayOrMonth = "day-or-month"

    /// What is wrong and what is allowed.
    public var description: String {
        switch self {
        case .empty: "the date is empty"
        case .notADate: "this is not a date; write 2026-01-31, 2026-01-31T10:00:00Z or 31.01.2026"
        case .noSuchDay: "there is no such day; years have four digits"
        case .noSuchTime: "there is no such time of day, or no such offset"
        case .offsetMissing: "the time has no offset; end it in Z or in an offset such as +01:00"
        case .dayOrMonth: "this may be day/month or month/day; write 2026-01-31 or 31.01.2026"
        }
    }
}

/// Dates as lead lists have them (ISO 8601, and the Nordic and German way), in the proleptic Gregorian calendar.
public enum DateText {
    /// Microseconds since 1970-01-01T00:00:00Z. A date alone is its first instant in UTC; a time of day needs `Z` or an
    /// offset; what is finer than a microsecond is cut off. `dd/mm/yyyy` is taken only where it cannot be `mm/dd/yyyy`.
    public static func microseconds(parsing text: String) throws(DateTextError) -> Int64 {
        guard text.utf8.count <= dateTextBytesMax else { throw .notADate }
        var scanner = DateScanner(text)
        guard !scanner.isAtEnd else { throw .empty }
        guard let first = scanner.number(digits: 1...4) else { throw .notADate }
        switch scanner.next() {
        case Byte.minus where first.digits == 4: return try scanner.international(year: first.value)
        case Byte.dot where first.digits <= 2: return try scanner.dayFirst(first.value, separator: Byte.dot)
        case Byte.slash where first.digits <= 2: return try scanner.dayFirst(first.value, separator: Byte.slash)
        default: throw .notADate
        }
    }

    /// Days from 1970-01-01 to this day of the proleptic Gregorian calendar, or nil if there is no such day in the years
    /// 1 to 9999.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month - 1)] else { return nil }
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400
        let monthDays = lengths[..<Int(month - 1)].reduce(0, +)
        let daysTo1970: Int64 = 719_162
        return before * 365 + leaps + monthDays + day - 1 - daysTo1970
    }
}

/// The bytes of a date without white space at its ends, taken one after another.
private struct DateScanner {
    private var bytes: Substring.UTF8View

    private static let microsecondsPerSecond: Int64 = 1_000_000
    private static let secondsPerDay: Int64 = 86_400

    init(_ text: String) {
        var rest = text[...]
        // Most begin and end with a digit, and to ask Unicode about each took as long as to read the date.
        if let first = text.utf8.first, let last = text.utf8.last, (0x21...0x7e).contains(first),
            (0x21...0x7e).contains(last)
        {
            bytes = rest.utf8
            return
        }
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        bytes = rest.utf8
    }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func next() -> UInt8? { bytes.popFirst() }

    /// Takes the byte if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard bytes.first == byte else { return false }
        bytes.removeFirst()
        return true
    }

    /// The digits that come next, if there are so many of them, and no more than eighteen.
    mutating func number(digits allowed: ClosedRange<Int>) -> (value: Int64, digits: Int)? {
        let run = bytes.prefix { (Byte.zero...Byte.nine).contains($0) }
        guard allowed.contains(run.count), run.count <= 18 else { return nil }
        bytes = bytes.dropFirst(run.count)
        return (run.reduce(0) { $0 * 10 + Int64($1 - Byte.zero) }, run.count)
    }

    /// `-mm-dd` and perhaps a time, behind the year and its hyphen.
    mutating func international(year: Int64) throws(DateTextError) -> Int64 {
        guard let month = number(digits: 2...2), take(Byte.minus), let day = number(digits: 2...2) else {
            throw .notADate
        }
        guard let days = DateText.days(year: year, month: month.value, day: day.value) else { throw .noSuchDay }
        let midnight = days * Self.secondsPerDay * Self.microsecondsPerSecond
        guard let separator = next() else { return midnight }
        switch separator {
        case UInt8(ascii: "T"), UInt8(ascii: "t"), Byte.space: return midnight + (try timeOfDay())
        default: throw .notADate
        }
    }

    /// Microseconds from midnight in UTC, less than two days either way.
    private mutating func timeOfDay() throws(DateTextError) -> Int64 {
        guard let hour = number(digits: 2...2), take(Byte.colon), let minute = number(digits: 2...2) else {
            throw .notADate
        }
        var second: Int64 = 0
        var fraction: Int64 = 0
        if take(Byte.colon) {
            guard let whole = number(digits: 2...2) else { throw .notADate }
            second = whole.value
            if take(Byte.dot) || take(Byte.comma) { fraction = try microsecondsOfFraction() }
        }
        guard hour.value <= 23, minute.value <= 59, second <= 59 else { throw .noSuchTime }
        let offset = try offsetSeconds()
        let seconds = hour.value * 3_600 + minute.value * 60 + second - offset
        return seconds * Self.microsecondsPerSecond + fraction
    }

    private mutating func microsecondsOfFraction() throws(DateTextError) -> Int64 {
        guard var (value, digits) = number(digits: 1...18) else { throw .notADate }
        while digits < 6 {
            value *= 10
            digits += 1
        }
        while digits > 6 {
            value /= 10
            digits -= 1
        }
        return value
    }

    private mutating func offsetSeconds() throws(DateTextError) -> Int64 {
        _ = take(Byte.space)
        guard let sign = next() else { throw .offsetMissing }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") {
            guard isAtEnd else { throw .notADate }
            return 0
        }
        guard sign == Byte.plus || sign == Byte.minus, let hours = number(digits: 2...4) else { throw .notADate }
        var (hour, minute): (Int64, Int64) = (hours.value, 0)
        if hours.digits == 4 {
            (hour, minute) = (hours.value / 100, hours.value % 100)
        } else if hours.digits == 3 {
            throw .notADate
        } else if take(Byte.colon) {
            guard let minutes = number(digits: 2...2) else { throw .notADate }
            minute = minutes.value
        }
        guard isAtEnd else { throw .notADate }
        guard hour <= 23, minute <= 59 else { throw .noSuchTime }
        let seconds = hour * 3_600 + minute * 60
        return sign == Byte.minus ? -seconds : seconds
    }

    /// `mm.yyyy` behind the day and its dot, or `mm/yyyy` behind what should be the day.
    mutating func dayFirst(_ day: Int64, separator: UInt8) throws(DateTextError) -> Int64 {
        guard let month = number(digits: 1...2), take(separator), let year = number(digits: 4...4), isAtEnd else {
            throw .notADate
        }
        if separator == Byte.slash, day != month.value, day <= 12 { throw .dayOrMonth }
        guard let days = DateText.days(year: year.value, month: month.value, day: day) else { throw .noSuchDay }
        return days * Self.secondsPerDay * Self.microsecondsPerSecond
    }
}
