import Glibc
import Rules
import Synchronization

/// The value of the Date field (RFC 9110, 6.6.1), made once a second.
final class HTTPDate: Sendable {
    private let last = Mutex<(second: Int64, text: String)>((.min, ""))

    /// The instant as an IMF-fixdate (RFC 9110, 5.6.7).
    func text(at instant: Instant) -> String {
        let second = instant.microseconds / 1_000_000
        return last.withLock { last in
            if last.second != second { last = (second, Self.text(ofSecond: second)) }
            return last.text
        }
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func text(ofSecond second: Int64) -> String {
        var time = time_t(second)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil, days.indices.contains(Int(parts.tm_wday)),
            months.indices.contains(Int(parts.tm_mon))
        else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        return "\(days[Int(parts.tm_wday)]), \(twoDigits(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1_900) \(clock) GMT"
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
