import Rules
public import Store

/// A line of the journal: the parts of a refusal between tabs, `-` for what there is not, and a checksum over the line before
/// it and this one, so that a line that is changed, taken out or torn is noticed.
public struct JournalLine: Sendable {
    public let entry: JournalEntry
    /// 64 hexadecimal digits, chained through the file.
    public let checksum: String

    /// What the first line of a file is chained to.
    public static let firstChecksum = String(repeating: "0", count: 64)
    /// The longest line that is read, in bytes.
    public static let bytesMax = 2_048

    private static let version = "1"
    private static let absent = "-"

    /// The line after one with that checksum.
    public init(_ entry: JournalEntry, after checksum: String) {
        self.entry = entry
        self.checksum = Self.checksum(of: Self.body(of: entry), after: checksum)
    }

    /// Without the line end.
    public var text: String { Self.body(of: entry) + "\t" + checksum }

    /// Reads a line; nil for one that is not just as it was written behind the one with that checksum.
    public init?(parsing text: some StringProtocol, after checksum: String) {
        let parts = String(text).split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 15, parts[0] == Self.version, let own = parts.last,
            own == Self.checksum(of: parts.dropLast().joined(separator: "\t"), after: checksum),
            let position = RegisterCursor(parsing: parts[1]), let controller = Slug(parts[2]),
            let name = Event.Name(rawValue: parts[3]), let key = AddressKey(uuid: parts[8]),
            let at = Instant(parsing: parts[12]), let recordedAt = Instant(parsing: parts[13])
        else { return nil }
        let given = { (index: Int) in parts[index] == Self.absent ? nil : parts[index] }
        let act = Act(
            name, purpose: given(4).flatMap { Slug($0) }, topic: given(5).flatMap { Slug($0) },
            scope: given(6).flatMap { Scope(rawValue: $0) },
            suppression: given(7).flatMap { Event.Suppression(rawValue: $0) })
        guard act.facts(at: at) != nil else { return nil }
        entry = JournalEntry(
            position: position.position, controller: controller, act: act, key: key,
            alias: given(9).flatMap { AddressKey(uuid: $0) }, domain: given(10),
            hashed: given(11).flatMap { HashedAddress.Kind(rawValue: $0) }, at: at, recordedAt: recordedAt)
        self.checksum = own
    }

    private static func body(of entry: JournalEntry) -> String {
        let act = entry.act
        let parts: [String?] = [
            version, entry.position.description, entry.controller.text, act.name.rawValue, act.purpose?.text,
            act.topic?.text, act.scope?.rawValue, act.suppression?.rawValue, entry.key.description,
            entry.alias?.description, entry.domain, entry.hashed?.rawValue, entry.at.description,
            entry.recordedAt.description,
        ]
        return parts.map { $0 ?? absent }.joined(separator: "\t")
    }

    private static func checksum(of body: String, after checksum: String) -> String {
        Digest(of: checksum + "\n" + body).description
    }
}
