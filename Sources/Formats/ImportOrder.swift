public import Rules

/// What is said of a whole list by whoever brings it.
public struct ImportOrder: Sendable {
    /// What its lines are: people to keep, or people who have declined.
    public var kind: ImportKind
    /// Of a list of people who have declined, its shape; nil: found out.
    public var dialect: SuppressionDialect?
    /// Whether its consent column is read as a claim; without it that column counts for nothing.
    public var readsConsent: Bool
    /// Where the data comes from (Art. 14(2)(f)); a row's own source comes before it.
    public var source: String?
    /// When it was collected; a row's own date comes before it. The cold window runs from it.
    public var collectedAt: Instant?
    /// Where the operator overrules the headings.
    public var overrides: [LeadColumnOverride]
    /// What is known of the file beforehand.
    public var options: CSVOptions

    public init(
        _ kind: ImportKind = .leads, source: String?, collectedAt: Instant?, overrides: [LeadColumnOverride] = [],
        options: CSVOptions = CSVOptions(), readsConsent: Bool = false, dialect: SuppressionDialect? = nil
    ) {
        (self.source, self.collectedAt, self.overrides, self.options) = (source, collectedAt, overrides, options)
        (self.kind, self.readsConsent, self.dialect) = (kind, readsConsent, dialect)
    }
}

/// Why a list is not taken at all. Nothing of it was stored.
public enum ListError: Error, Sendable {
    /// The operator's mapping does not fit the header.
    case columns(LeadColumnsError)
    /// Nobody knows where the addresses are.
    case noAddressColumn(header: [String])
    /// The first row is a person, not a heading.
    case noHeader
    /// It cannot be told whether a column says who declined.
    case doubtful([LeadAmbiguity])
    /// Neither the order nor a column says where the data comes from.
    case noSource
    /// Neither the order nor a column says when it was collected.
    case noCollectionDate
    /// There is nothing in it.
    case empty
    /// It is packed in a way that cannot be read, or no further.
    case unpacking(UnpackError)
    /// It is no list of people who have declined, as far as can be told.
    case suppressions(SuppressionListError)
}

extension ListError: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .columns(let error): "map: \(error)"
        case .noAddressColumn(let header):
            "no column is known to hold the addresses; the header has \(header.map { "“\($0)”" }.joined(separator: ", ")); "
                + "say which with map email=COLUMN"
        case .noHeader:
            "the first row is no header: it holds an address; add a header row, or say where things are by number: "
                + "map email=#1"
        case .doubtful(let doubts): doubts.map(\.description).joined(separator: "; ")
        case .noSource: "it is not said where the list comes from (Art. 14 GDPR): give the source, or a column for it"
        case .noCollectionDate: "it is not said when the list was collected: give the date, or a column for it"
        case .empty: "there is no row in it"
        case .unpacking(let error): error.description
        case .suppressions(let error): error.description
        }
    }
}

/// A list's columns as they are read, once its header is known.
public struct ListPlan: Sendable {
    public let columns: LeadColumns
    /// The headings; empty texts where the file has none.
    public let header: [String]
    let order: ImportOrder
    /// Nothing of the list can have happened later.
    let now: Instant

    /// Throws where the columns leave a doubt that could cost a person something.
    init(header: [String]?, width: Int, order: ImportOrder, now: Instant) throws(ListError) {
        guard header != nil || order.overrides.contains(where: { $0.field == .email }) else { throw .noHeader }
        let names = header ?? Array(repeating: "", count: width)
        do {
            columns = try LeadColumns(header: names, overrides: order.overrides)
        } catch {
            throw .columns(error)
        }
        (self.header, self.order, self.now) = (names, order, now)
        let grave = columns.ambiguous.filter { $0.fields.contains(.email) || $0.fields.contains(.optOut) }
        guard grave.isEmpty else { throw .doubtful(grave) }
        guard columns.columns[.email] != nil else { throw .noAddressColumn(header: names) }
        guard order.source != nil || columns.columns[.source] != nil else { throw .noSource }
        guard order.collectedAt != nil || columns.columns[.collectedAt] != nil else { throw .noCollectionDate }
    }

    /// Fields that the list has and that are not taken over by this import.
    public var unusedFields: [LeadField] {
        let unused: [LeadField] = order.readsConsent ? [.topic] : [.topic, .consent, .consentAt]
        return unused.filter { columns.columns[$0] != nil }
    }
}
