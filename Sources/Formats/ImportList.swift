public import Rules

/// A list of either kind as it is read: bytes in, lines out.
public struct ImportList: Sendable {
    // One of them, by the kind of the list; apart, so that each is changed in its place.
    private var leads: LeadList?
    private var refusals: RefusalList?

    public init(_ order: ImportOrder, now: Instant) {
        switch order.kind {
        case .leads: leads = LeadList(order, now: now)
        case .suppressions: refusals = RefusalList(order)
        }
    }

    /// Takes the next piece of the file.
    public mutating func feed(_ bytes: [UInt8]) {
        leads?.feed(bytes)
        refusals?.feed(bytes)
    }

    /// There are no more pieces.
    public mutating func finish() {
        leads?.finish()
        refusals?.finish()
    }

    /// Lines without a single character, which are no rows.
    public var emptyLines: Int { leads?.emptyLines ?? refusals?.emptyLines ?? 0 }

    /// The next line of those fed; nil where more must be fed. Throws where the list cannot be taken at all.
    public mutating func next() throws(ListError) -> ImportLine? {
        if let row = try leads?.next() { return row.imported }
        return try refusals?.next()
    }

    /// How the list is understood so far; nil while nothing of it is.
    public var guess: ImportGuess? {
        if let leads {
            guard let plan = leads.plan else { return nil }
            return ImportGuess(leads.guesses, plan)
        }
        guard let refusals, !refusals.dialects.isEmpty else { return nil }
        return ImportGuess(refusals.guesses, refusals.dialects)
    }
}

/// Gives each row of a list a place of its own: where a line holds several, as an array of objects may, they count on.
struct ImportRowCount: Sendable {
    private var file = 0
    private var last = 0

    mutating func beginFile() { (file, last) = (file + 1, 0) }

    mutating func place(_ line: Int) -> ImportPlace {
        last = max(line, last + 1)
        return ImportPlace(file: max(file, 1), line: last)
    }
}

/// How a list was understood, in words; no personal data but what its headings hold.
public struct ImportGuess: Sendable {
    /// How each file is written.
    public let files: [String]
    /// Of leads, each field found, its column from 0, and its heading.
    public let columns: [(field: LeadField, column: Int, heading: String)]
    /// Headings of which no use is made.
    public let unused: [String]
    /// Of suppressions, what each file was taken for.
    public let dialects: [SuppressionDialect]

    init(_ guesses: [ListGuess], _ plan: ListPlan) {
        files = guesses.map(\.description)
        columns = LeadField.allCases.compactMap { field in
            plan.columns.columns[field].map { (field: field, column: $0, heading: Self.kept(plan.header[$0])) }
        }
        unused = plan.columns.unmapped.map { Self.kept($0.name) } + plan.unusedFields.map(\.rawValue)
        dialects = []
    }

    init(_ guesses: [ListGuess], _ dialects: [SuppressionDialect]) {
        (files, columns, unused, self.dialects) = (guesses.map(\.description), [], [], dialects)
    }

    /// The heading as it can be stored.
    private static func kept(_ heading: String) -> String {
        String(String.UnicodeScalarView(heading.unicodeScalars.filter { $0.value != 0 }.prefix(leadHeadingBytesMax)))
    }

    /// The same as a JSON object.
    public var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("files")
        writer.beginArray()
        for file in files { writer.value(file) }
        writer.endArray()
        writer.key("columns")
        writer.beginObject()
        for (field, _, heading) in columns {
            writer.key(named: field.rawValue)
            writer.value(heading)
        }
        writer.endObject()
        writer.key("unused")
        writer.beginArray()
        for heading in unused { writer.value(heading) }
        writer.endArray()
        writer.key("dialects")
        writer.beginArray()
        for dialect in dialects { writer.value(dialect.rawValue) }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
