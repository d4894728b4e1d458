import Rules

/// Writes a suppression list in the shape of a provider, so that it can be read in there, or here again: what the shape can
/// hold comes back as it was.
public struct SuppressionWriter: Sendable {
    /// The shape that is written.
    public let dialect: SuppressionDialect
    /// Entries that the shape has no place for, such as an unsubscribe in a list of bounces, or a digest among addresses.
    public private(set) var leftOut = 0
    private let shape: SuppressionShape
    private var table: CSVWriter
    private var objects = JSONWriter()
    private var hasBegun = false

    /// A writer of an empty list; nil for a shape that is only read. Fields that a spreadsheet would calculate are made
    /// harmless, unless they are to be kept for programs that know nothing of that.
    public init?(_ dialect: SuppressionDialect, formulas: CSVFormulas = .neutralised) {
        guard dialect.isWritable else { return nil }
        self.dialect = dialect
        shape = dialect.shape
        table = CSVWriter(lineEnding: .lf, formulas: formulas)
    }

    /// Appends an entry, or counts it as left out.
    public mutating func append(_ entry: Suppression) {
        begin()
        guard dialect.holds(entry) else {
            leftOut += 1
            return
        }
        switch shape.form {
        case .csv, .csvWithoutHeader: table.row(fields(of: entry).map(\.text))
        case .ndjson:
            writeObject(fields(of: entry))
            objects.newline()
        case .envelope:
            if dialect == .klaviyo { writeProfile(entry) } else { writeObject(fields(of: entry)) }
        }
    }

    /// Ends the list.
    public mutating func finish() {
        begin()
        guard case .envelope = shape.form else { return }
        objects.endArray()
        objects.endObject()
    }

    /// Hands over what has been written so far.
    public mutating func take() -> [UInt8] { table.take() + objects.take() }

    private mutating func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        switch shape.form {
        case .csv: table.row(shape.columns.map(\.name))
        case .envelope(let name):
            objects.beginObject()
            objects.key(named: name)
            objects.beginArray()
        case .csvWithoutHeader, .ndjson: break
        }
    }

    private struct Field {
        let name: String
        let text: String
    }

    private func fields(of entry: Suppression) -> [Field] {
        shape.columns.map { column in
            let text: String =
                switch column.role {
                case .address: dialect.text(of: entry.subject)
                case .date: dateText(of: entry)
                case .reason: dialect.reasonText(of: entry)
                case .evidence(let name): entry.word(name) ?? ""
                case .other: dialect == .hubspot ? hubspotText(column.name, entry) : ""
                }
            return Field(name: column.name, text: text)
        }
    }

    /// The date, or the text that stood in its place and was none.
    private func dateText(of entry: Suppression) -> String {
        entry.at.map { SuppressionDate.text($0, shape.dates) } ?? entry.word("date") ?? ""
    }

    private func hubspotText(_ column: String, _ entry: Suppression) -> String {
        switch column {
        case "Portal Spam Report": entry.reason == .complained ? "TRUE" : ""
        case "Portal Unsubscribe": entry.reason == .unsubscribed ? "TRUE" : ""
        case "Portal Bounce": Self.flag(entry.word("bounce"))
        case "Global Bounce": Self.flag(entry.word("global-bounce"))
        default: ""
        }
    }

    private static func flag(_ word: String?) -> String { word == "true" ? "TRUE" : word ?? "" }

    private mutating func writeObject(_ fields: [Field]) {
        objects.beginObject()
        var inner: (name: String, isOpen: Bool) = ("", false)
        for field in fields where !field.text.isEmpty {
            let parts = field.name.split(separator: ".", maxSplits: 1).map(String.init)
            let around = parts.count == 2 ? parts[0] : ""
            if inner.isOpen, inner.name != around {
                objects.endObject()
                inner = ("", false)
            }
            if parts.count == 2, !inner.isOpen {
                objects.key(named: around)
                objects.beginObject()
                inner = (around, true)
            }
            objects.key(named: parts.last ?? field.name)
            objects.value(field.text)
        }
        if inner.isOpen { objects.endObject() }
        objects.endObject()
    }

    /// A profile as Klaviyo's interface gives it.
    private mutating func writeProfile(_ entry: Suppression) {
        let isConsentTaken = entry.word("reason") == "consent-withdrawn"
        let time = entry.at?.description ?? entry.word("date")
        objects.beginObject()
        objects.member("type", "profile")
        objects.key("attributes")
        objects.beginObject()
        objects.member("email", dialect.text(of: entry.subject))
        for name in ["subscriptions", "email", "marketing"] {
            objects.key(named: name)
            objects.beginObject()
        }
        objects.member("consent", "UNSUBSCRIBED")
        if isConsentTaken, let time { objects.member("consent_timestamp", time) }
        objects.key("suppression")
        objects.beginArray()
        if !isConsentTaken {
            objects.beginObject()
            objects.member("reason", dialect.reasonText(of: entry))
            if let time { objects.member("timestamp", time) }
            objects.endObject()
        }
        objects.endArray()
        for _ in 0..<5 { objects.endObject() }
    }
}

extension Suppression {
    /// What the evidence says under this name.
    func word(_ name: String) -> String? { evidence.first { $0.name == name }?.word }
}

extension SuppressionDialect {
    /// Whether the shape has a place for such an entry.
    func holds(_ entry: Suppression) -> Bool {
        switch (entry.subject, self) {
        case (.hashed(let digest), .mailtrain): return digest.kind == .sha512
        case (.hashed(let digest), .optizmo): return digest.kind == .md5
        case (.hashed, .hashed): return true
        case (.hashed, _): return false
        case (.address, .mailtrain), (.address, .optizmo), (.address, .hashed): return entry.reason == .listed
        case (.address, .hubspot):
            switch entry.reason {
            case .complained, .unsubscribed: return true
            case .bounced: return entry.word("bounce") != nil || entry.word("global-bounce") != nil
            case .listed: return false
            }
        case (.address, .klaviyo), (.address, .plain): return true
        case (.address, _):
            if let reason = shape.reason { return entry.reason == reason }
            // Postmark's manual entries are the recipient's where it says so.
            if self == .postmark, entry.reason == .unsubscribed { return entry.word("origin") == "Recipient" }
            return shape.words.contains { $0.reason == entry.reason }
        }
    }

    /// The address, or the digest as the shape writes it.
    fileprivate func text(of subject: Suppression.Subject) -> String {
        switch subject {
        case .hashed(let digest): self == .mailtrain ? digest.base64 : digest.hexadecimal
        case .address(let address):
            switch self {
            case .mailtrain: HashedAddress(of: address, .sha512).base64
            case .optizmo: HashedAddress(of: address, .md5).hexadecimal
            case .hashed: HashedAddress(of: address, .sha256).hexadecimal
            default: address.canonical
            }
        }
    }

    /// The word that the shape has for the reason: the one that the entry came with, where it says the same.
    fileprivate func reasonText(of entry: Suppression) -> String {
        if let word = entry.word("reason") { return word }
        if self == .klaviyo { return SuppressionRowWords.klaviyo(entry.reason) }
        if self == .postmark, entry.reason == .unsubscribed { return "ManualSuppression" }
        return shape.words.first { $0.reason == entry.reason }?.word ?? ""
    }
}

/// The usual words for our reasons.
private enum SuppressionRowWords {
    static func klaviyo(_ reason: Suppression.Reason) -> String {
        SuppressionColumns.klaviyoWords.first { $0.reason == reason }?.word ?? ""
    }
}
