public import Rules

/// When the service sweeps by itself.
public enum SweepSchedule: Hashable, Sendable {
    case off
    /// Every so many seconds.
    case every(seconds: Int64)
    /// Once a day at that minute, in UTC.
    case daily(minuteOfDay: Int64)

    /// What may be written, for messages.
    public static let allowed = "off, an interval from 1m to 31d as 30m, 1h or 1d, or a time of day in UTC as 03:00"

    /// Reads what ``allowed`` says; nil for anything else.
    public init?(parsing text: String) {
        if text == "off" {
            self = .off
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(Self.isDigit) }),
                let hour = Int64(parts[0]), let minute = Int64(parts[1]), hour < 24, minute < 60
            else { return nil }
            self = .daily(minuteOfDay: hour * 60 + minute)
            return
        }
        guard let unit = text.last, let seconds = Self.secondsPerUnit[unit], text.utf8.count <= 6,
            text.dropLast().utf8.allSatisfy(Self.isDigit), let count = Int64(text.dropLast()), count > 0,
            count * seconds <= Self.secondsMax
        else { return nil }
        self = .every(seconds: count * seconds)
    }

    private static let secondsMax: Int64 = 31 * 86_400
    private static let secondsPerUnit: [Character: Int64] = ["m": 60, "h": 3_600, "d": 86_400]

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    /// The latest instant at or before `now` at which a sweep was due; nil when off. The same for every process, so that
    /// several of them make one sweep.
    public func slot(at now: Instant) -> Instant? {
        switch self {
        case .off: nil
        case .every(let seconds): Self.multiple(of: seconds, offset: 0, at: now)
        case .daily(let minute): Self.multiple(of: 86_400, offset: minute * 60, at: now)
        }
    }

    private static func multiple(of seconds: Int64, offset: Int64, at now: Instant) -> Instant {
        let period = seconds * 1_000_000
        let shifted = now.microseconds - offset * 1_000_000
        let rest = ((shifted % period) + period) % period
        return now.advanced(byMicroseconds: -rest)
    }
}
