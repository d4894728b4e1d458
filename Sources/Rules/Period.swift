/// A length of time as a policy writes it: `3 months`, `30 days`, `7 years`.
public struct Period: Hashable, Sendable, CustomStringConvertible {
    /// The unit a policy counts in.
    public enum Unit: String, Sendable, CaseIterable {
        case days, months, years
    }

    /// How many units.
    public let count: Int
    /// Of what.
    public let unit: Unit

    /// The longest period a policy may set, so that no window leaves the calendar.
    public static let yearsMax = 200

    /// Nil unless it is at least one unit and at most `yearsMax` years.
    public init?(_ count: Int, _ unit: Unit) {
        let max =
            switch unit {
            case .days: Self.yearsMax * 366
            case .months: Self.yearsMax * 12
            case .years: Self.yearsMax
            }
        guard (1...max).contains(count) else { return nil }
        self.count = count
        self.unit = unit
    }

    private init(days: Int) { (count, unit) = (days, .days) }
    init(months: Int) { (count, unit) = (months, .months) }

    /// How long an unconfirmed request for consent is kept where a policy does not say.
    static let unconfirmedConsentDefault = Period(days: 30)

    /// Reads `N days|months|years`, the singular too.
    public init?(parsing text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(words[0]),
            let unit = Unit(rawValue: String(words[1])) ?? Unit(rawValue: words[1] + "s")
        else { return nil }
        self.init(count, unit)
    }

    /// As a policy writes it: `3 months`.
    public var description: String { "\(count) \(count == 1 ? String(unit.rawValue.dropLast()) : unit.rawValue)" }

    /// The end of a window of this length; one is inside the window strictly before it.
    ///
    /// It is the same instant of the same day of the month, in UTC, clamped to the last day of a shorter month.
    public func end(from start: Instant) -> Instant {
        switch unit {
        case .days: Instant(day: start.day + Int64(count), microsecondOfDay: start.microsecondOfDay)
        case .months: adding(months: count, to: start)
        case .years: adding(months: count * 12, to: start)
        }
    }

    private func adding(months: Int, to start: Instant) -> Instant {
        let date = CivilDate(day: start.day).adding(months: months)
        return Instant(day: date.day, microsecondOfDay: start.microsecondOfDay)
    }
}
