import Hummingbird
import Logging

/// What is kept of every answer: a count, and a line in the log.
///
/// The line has the route's template and never the path, because a path is written by strangers.
struct Journal: Sendable {
    let traffic: Traffic
    let logger: Logger
    /// Gives each request its id.
    let random: @Sendable () -> UInt64

    /// An answer that was given.
    struct Entry {
        let id: String
        let method: String
        let route: String
        let status: Int
        let microseconds: Int64
        var key: String?
        var controller: String?
        /// Why it failed, for us alone.
        var cause: String?
    }

    /// Sixteen digits, to be given to the client and to the log.
    func newID() -> String {
        let digits = String(random(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    func record(_ entry: Entry) {
        traffic.count(method: entry.method, route: entry.route, status: entry.status, microseconds: entry.microseconds)
        let level = Self.level(of: entry)
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "method": "\(entry.method)", "route": "\(entry.route)", "status": .stringConvertible(entry.status),
            "microseconds": .stringConvertible(entry.microseconds), "request-id": "\(entry.id)",
        ]
        if let key = entry.key { metadata["key"] = "\(key)" }
        if let controller = entry.controller { metadata["controller"] = "\(controller)" }
        if let cause = entry.cause { metadata["cause"] = "\(cause)" }
        logger.log(level: level, "request", metadata: metadata)
    }

    /// A verdict is counted and has a line only at `debug`: there are tens of thousands of them a second.
    private static func level(of entry: Entry) -> Logger.Level {
        switch entry.status {
        case 503: .warning
        case 500...: .error
        case 200 where entry.cause != nil: .warning
        case 200 where entry.route == EligibilityAPI.checkPath: .debug
        default: .info
        }
    }

    static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
