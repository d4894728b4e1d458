/// A point in time in UTC, to the microsecond: the resolution PostgreSQL keeps.
///
/// Always inside the years 0001 to 9999, so that calendar arithmetic on it cannot overflow.
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// The first instant that can be written in RFC 3339: 0001-01-01T00:00:00Z.
    public static let min = Instant(unchecked: -62_135_596_800_000_000)
    /// The last one: 9999-12-31T23:59:59.999999Z.
    public static let max = Instant(unchecked: 253_402_300_799_999_999)

    private init(unchecked microseconds: Int64) { self.microseconds = microseconds }

    /// The instant so many microseconds after 1970 (before, when negative), held inside `min` and `max`.
    public init(microseconds: Int64) {
        self.init(unchecked: Swift.min(Swift.max(microseconds, Self.min.microseconds), Self.max.microseconds))
    }

    /// Earlier is less.
    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The instant that many microseconds later, held inside `min` and `max`.
    public func advanced(byMicroseconds count: Int64) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(count)
        guard overflow else { return Instant(microseconds: sum) }
        return count < 0 ? .min : .max
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, with a fraction only where there is one: `2026-01-31T10:00:00Z`.
    public var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The day in UTC: `2026-01-31`.
    public var date: String { CivilDate(day: day).description }

    /// Appends what ``description`` says, in ASCII.
    public func append(to text: inout [UInt8]) {
        // Every verdict has up to three instants, so they are written into memory once taken, not octet by octet.
        text.append(addingCapacity: Self.octetCountMax) { append(to: &$0) }
    }

    /// As long as ``description`` can be: `2026-01-31T10:00:00.123456Z`.
    private static let octetCountMax = 27

    private func append(to text: inout OutputSpan<UInt8>) {
        CivilDate(day: day).append(to: &text)
        let (second, fraction) = microsecondOfDay.quotientAndRemainder(dividingBy: 1_000_000)
        text.append(UInt8(ascii: "T"))
        text.append(second / 3_600, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(second / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(second % 60, digits: 2)
        if fraction != 0 {
            var (rest, digits) = (fraction, 6)
            while rest % 10 == 0 { (rest, digits) = (rest / 10, digits - 1) }
            text.append(UInt8(ascii: "."))
            text.append(rest, digits: digits)
        }
        text.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 (`2026-01-31T10:00:00Z`, `…T11:00:00.25+01:00`), years 0001 to 9999.
    ///
    /// Nil for anything else, a leap second and an offset of more than a day included. Digits past the microsecond are
    /// dropped, that is, rounded towards the past.
    public init?(parsing text: some StringProtocol) {
        var reader = DigitReader(text.utf8)
        guard let year = reader.digits(4), reader.skip(UInt8(ascii: "-")),
            let month = reader.digits(2), reader.skip(UInt8(ascii: "-")), let day = reader.digits(2),
            reader.skip(UInt8(ascii: "T")) || reader.skip(UInt8(ascii: "t")),
            let hour = reader.digits(2), reader.skip(UInt8(ascii: ":")),
            let minute = reader.digits(2), reader.skip(UInt8(ascii: ":")), let second = reader.digits(2),
            let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if reader.skip(UInt8(ascii: ".")) {
            guard let read = reader.fraction() else { return nil }
            fraction = read
        }
        guard let offset = reader.offsetMinutes(), reader.isAtEnd else { return nil }
        let seconds = date.day * 86_400 + Int64(hour * 3_600 + minute * 60 + second) - Int64(offset) * 60
        let microseconds = seconds * 1_000_000 + fraction
        guard (Self.min.microseconds...Self.max.microseconds).contains(microseconds) else { return nil }
        self.init(unchecked: microseconds)
    }

    /// Whole days since 1970-01-01, rounded towards the past.
    var day: Int64 { floorDivide(microseconds, microsecondsPerDay) }
    var microsecondOfDay: Int64 { microseconds - day * microsecondsPerDay }

    init(day: Int64, microsecondOfDay: Int64) {
        self.init(microseconds: day * microsecondsPerDay + microsecondOfDay)
    }
}

let microsecondsPerDay: Int64 = 86_400_000_000

/// A day of the proleptic Gregorian calendar.
struct CivilDate: Hashable, CustomStringConvertible {
    let year: Int
    let month: Int
    let day1: Int

    /// Nil for a date that the calendar does not have.
    init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.length(ofMonth: month, year: year) else { return nil }
        (self.year, self.month, self.day1) = (year, month, day)
    }

    /// The date of a count of days since 1970-01-01.
    init(day: Int64) {
        // Years are counted from 1 March of year 0, so that the leap day is a year's last; 146,097 days make 400 years.
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        self.day1 = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        self.month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        self.year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// Whole days since 1970-01-01.
    var day: Int64 {
        let marchYear = Int64(month <= 2 ? year - 1 : year)
        let era = floorDivide(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day1) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The same day of the month so many months later, or the last day of that month where it is shorter.
    func adding(months: Int) -> CivilDate {
        let count = year * 12 + (month - 1) + months
        let newYear = Int(floorDivide(Int64(count), 12))
        let newMonth = count - newYear * 12 + 1
        let newDay = Swift.min(day1, Self.length(ofMonth: newMonth, year: newYear))
        return CivilDate(unchecked: newYear, newMonth, newDay)
    }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        (self.year, self.month, self.day1) = (year, month, day)
    }

    static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    var description: String {
        var text: [UInt8] = []
        text.append(addingCapacity: Self.octetCount) { append(to: &$0) }
        return String(decoding: text, as: UTF8.self)
    }

    private static let octetCount = 10

    func append(to text: inout OutputSpan<UInt8>) {
        text.append(Int64(year), digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(Int64(month), digits: 2)
        text.append(UInt8(ascii: "-"))
        text.append(Int64(day1), digits: 2)
    }
}

private func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by < 0 ? quotient - 1 : quotient
}

extension OutputSpan<UInt8> {
    /// Appends the last so many decimal digits of a number that is not negative, with zeros before it.
    fileprivate mutating func append(_ number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

/// Reads the fixed-width numbers of a date-time.
private struct DigitReader<Bytes: Collection> where Bytes.Element == UInt8 {
    private var rest: Bytes.SubSequence

    init(_ bytes: Bytes) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One to nine digits behind the point, as microseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            count += 1
            if count <= 6 { value = value * 10 + Int64(digit) }
        }
        guard (1...9).contains(count) else { return nil }
        for _ in 0..<Swift.max(0, 6 - count) { value *= 10 }
        return value
    }

    /// `Z`, or hours and minutes east of UTC.
    mutating func offsetMinutes() -> Int? {
        if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
        let sign: Int
        if skip(UInt8(ascii: "+")) { sign = 1 } else if skip(UInt8(ascii: "-")) { sign = -1 } else { return nil }
        guard let hours = digits(2), skip(UInt8(ascii: ":")), let minutes = digits(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func digit() -> Int? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest = rest.dropFirst()
        return Int(byte - UInt8(ascii: "0"))
    }
}
