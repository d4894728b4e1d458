import Formats
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
    struct Entry: Sendable {
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
        logger.log(level: level, "request", metadata: entry.metadata)
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

/// An entry travels to the log as one value: there are thousands a second, and a dictionary of each cost more than its line.
extension Journal.Entry: CustomStringConvertible {
    private static let name = "request"

    var metadata: Logger.Metadata { [Self.name: .stringConvertible(self)] }

    /// The entry that such metadata carries; nil for all other.
    init?(in metadata: Logger.Metadata?) {
        guard let metadata, metadata.count == 1, case .stringConvertible(let value) = metadata[Self.name],
            let entry = value as? Journal.Entry
        else { return nil }
        self = entry
    }

    /// Writes its members into an object that the caller has begun, in the order of their names.
    func write(to writer: inout JSONWriter) {
        if let cause { writer.member("cause", withoutAddresses(cause)) }
        if let controller { writer.member("controller", controller) }
        if let key { writer.member("key", key) }
        writer.member("method", method)
        writer.member("microseconds", microseconds)
        writer.member("request-id", id)
        writer.member("route", route)
        writer.member("status", status)
    }

    /// The same for a log that writes no JSON.
    var description: String {
        var writer = JSONWriter()
        writer.beginObject()
        write(to: &writer)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
