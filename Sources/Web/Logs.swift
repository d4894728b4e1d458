import Formats
import Glibc
public import Logging
public import Rules

/// Writes each record of the log as one JSON object on a line of its own.
///
/// Whoever logs leaves addresses out; should one slip through, it is cut out here.
public struct JSONLogHandler: LogHandler {
    /// What every line has beside its own fields.
    public var metadata: Logger.Metadata = [:]
    /// Unused: fields come with the record or with the logger.
    public var metadataProvider: Logger.MetadataProvider?
    /// Below it nothing is written.
    public var logLevel: Logger.Level
    private let label: String
    private let clock: @Sendable () -> Instant
    private let write: @Sendable ([UInt8]) -> Void

    /// A handler for the logger of that label; each line goes to `write` whole, its newline included.
    public init(
        label: String, level: Logger.Level = .info, clock: @escaping @Sendable () -> Instant,
        write: @escaping @Sendable ([UInt8]) -> Void = standardError
    ) {
        (self.label, logLevel, self.clock, self.write) = (label, level, clock, write)
    }

    /// One field that every line has.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var writer = JSONWriter(reservingBytes: 320)
        writer.beginObject()
        writer.member("time", clock())
        writer.member("level", event.level.rawValue)
        writer.member("label", label)
        writer.member("message", withoutAddresses(event.message.description))
        if metadata.isEmpty, event.error == nil, let entry = Journal.Entry(in: event.metadata) {
            entry.write(to: &writer)
        } else {
            writeFields(of: event, to: &writer)
        }
        writer.endObject()
        writer.newline()
        write(writer.bytes)
    }

    private func writeFields(of event: LogEvent, to writer: inout JSONWriter) {
        var fields = metadata
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = "\(type(of: error))" }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !Self.own.contains(name) {
            writer.key(named: name)
            Self.write(value, to: &writer)
        }
    }

    private static let own: Set<String> = ["time", "level", "label", "message"]

    private static func write(_ value: Logger.Metadata.Value, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.value(withoutAddresses(text))
        case .stringConvertible(let number as Int): writer.value(number)
        case .stringConvertible(let number as Int64): writer.value(number)
        case .stringConvertible(let other): writer.value(withoutAddresses(other.description))
        case .array(let values):
            writer.beginArray()
            for value in values { write(value, to: &writer) }
            writer.endArray()
        case .dictionary(let values):
            writer.beginObject()
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                writer.key(named: name)
                write(value, to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Writes to standard error in one call, so that lines of several threads stay whole.
@Sendable public func standardError(_ line: [UInt8]) {
    _ = line.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
}

/// The text with every word that looks like an address replaced.
func withoutAddresses(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    return words.map { word in
        guard let sign = word.lastIndex(of: "@"), word[sign...].contains(".") || word[sign...].contains("%") else {
            return String(word)
        }
        return "[address]"
    }.joined(separator: " ")
}
