import Rules
public import Store

/// A line of the journal: the parts of an act between tabs, `-` for what there is not, and a checksum over the line before it
/// and this one, so that a line that is changed, taken out or torn is noticed.
public struct JournalLine: Sendable {
    public let entry: JournalEntry
    /// All acts of transactions below it stand in lines before this one; nil where the order of the lines says as much.
    public let floor: UInt64?
    /// 64 hexadecimal digits, chained through the file.
    public let checksum: String

    /// What the first line of the first file is chained to.
    public static let firstChecksum = String(repeating: "0", count: 64)
    /// The longest line that is read, in bytes.
    public static let bytesMax = 2_048

    /// Has no floor, no hold and no bounce: lines were written in the order of the transactions.
    private static let orderedVersion = "1"
    private static let version = "2"
    private static let absent = "-"

    /// The line after one with that checksum.
    public init(_ entry: JournalEntry, floor: UInt64, after checksum: String) {
        (self.entry, self.floor) = (entry, floor)
        self.checksum = Self.checksum(of: Self.body(of: entry, floor), after: checksum)
    }

    /// Without the line end.
    public var text: String { Self.body(of: entry, floor ?? 0) + "\t" + checksum }

    /// Reads a line; nil for one that is not just as it was written behind the one with that checksum.
    public init?(parsing text: some StringProtocol, after checksum: String) {
        var parts = String(text).split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard let own = parts.popLast(), own == Self.checksum(of: parts.joined(separator: "\t"), after: checksum),
            let version = parts.first
        else { return nil }
        switch (version, parts.count) {
        case (Self.orderedVersion, 14): parts += [String](repeating: Self.absent, count: 4)
        case (Self.version, 18): break
        default: return nil
        }
        guard let position = RegisterCursor(parsing: parts[1]), let controller = Slug(parts[2]),
            let name = Event.Name(rawValue: parts[3]), let key = AddressKey(uuid: parts[8]),
            let at = Instant(parsing: parts[12]), let recordedAt = Instant(parsing: parts[13])
        else { return nil }
        let given = { (index: Int) in parts[index] == Self.absent ? nil : parts[index] }
        let act = Act(
            name, purpose: given(4).flatMap { Slug($0) }, topic: given(5).flatMap { Slug($0) },
            scope: given(6).flatMap { Scope(rawValue: $0) },
            suppression: given(7).flatMap { Event.Suppression(rawValue: $0) },
            bounce: given(14).flatMap { Event.Bounce(rawValue: $0) }, hold: given(15).flatMap { Slug($0) },
            until: given(16).flatMap { Instant(parsing: $0) })
        guard act.facts(at: at) != nil else { return nil }
        entry = JournalEntry(
            position: position.position, controller: controller, act: act, key: key,
            alias: given(9).flatMap { AddressKey(uuid: $0) }, domain: given(10),
            hashed: given(11).flatMap { HashedAddress.Kind(rawValue: $0) }, at: at, recordedAt: recordedAt)
        floor = given(17).flatMap { UInt64($0) }
        self.checksum = own
    }

    private static func body(of entry: JournalEntry, _ floor: UInt64) -> String {
        let act = entry.act
        let parts: [String?] = [
            version, entry.position.description, entry.controller.text, act.name.rawValue, act.purpose?.text,
            act.topic?.text, act.scope?.rawValue, act.suppression?.rawValue, entry.key.description,
            entry.alias?.description, entry.domain, entry.hashed?.rawValue, entry.at.description,
            entry.recordedAt.description, act.bounce?.rawValue, act.hold?.text, act.until?.description,
            String(floor),
        ]
        return parts.map { $0 ?? absent }.joined(separator: "\t")
    }

    /// Of a line that follows the one with that checksum.
    static func checksum(of body: String, after checksum: String) -> String {
        Digest(of: checksum + "\n" + body).description
    }
}

/// The first line of a file: the file that it follows and how that one ended, so that one that is missing or was cut is noticed.
/// Files that were begun by an older program have none.
public struct JournalHeader: Hashable, Sendable {
    /// The name of the file before; nil in the first of all.
    public let former: String?
    /// The checksum of its last line.
    public let formerChecksum: String

    private static let word = "journal"
    private static let absent = "-"

    public init(after former: String?, _ checksum: String) { (self.former, formerChecksum) = (former, checksum) }

    /// What the next line is chained to.
    public var checksum: String { JournalLine.checksum(of: body, after: formerChecksum) }

    private var body: String { "\(Self.word)\t\(former ?? Self.absent)\t\(formerChecksum)" }

    /// Without the line end.
    public var text: String { "\(body)\t\(checksum)" }

    /// Reads what `text` writes; nil for anything else.
    public init?(parsing text: some StringProtocol) {
        let parts = String(text).split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == Self.word else { return nil }
        self.init(after: parts[1] == Self.absent ? nil : parts[1], parts[2])
        guard checksum == parts[3] else { return nil }
    }
}
