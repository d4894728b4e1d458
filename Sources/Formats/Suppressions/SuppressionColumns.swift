/// Which column of a suppression list holds what.
struct SuppressionColumns: Sendable {
    let dialect: SuppressionDialect
    let shape: SuppressionShape
    /// The headings; empty where there are none.
    let header: [String]
    /// Counted from 0.
    let address: Int
    private let date: Int?
    private let reason: Int?
    private let evidence: [(index: Int, name: String)]
    /// A column of a plain list that says yes or no.
    let optOut: Int?
    private let places: [String: Int]
    /// Whether an apostrophe may stand before what a spreadsheet would calculate; not in JSON.
    var formulas = CSVFormulas.neutralised

    /// The columns of a header, of which the operator may have said which holds the addresses; nil where only a row can
    /// tell.
    init?(
        header: [String], dialect asked: SuppressionDialect?, addressColumn: String?
    ) throws(SuppressionListError) {
        var places: [String: Int] = [:]
        for (index, name) in header.enumerated().reversed() where name.utf8.count <= leadHeadingBytesMax {
            places[Heading.folded(name)] = index
        }
        var named: Int?
        do throws(LeadColumnsError) {
            if let addressColumn { named = try LeadColumnOverride(.email, column: addressColumn).index(in: header) }
        } catch {
            throw .columnUnknown(error.description)
        }
        let found = asked ?? SuppressionDialect.recognised(by: header) ?? Self.special(places)
        let dialect = found ?? (Self.digestColumn(places) != nil ? .hashed : .plain)
        let fallback = dialect == .hashed ? Self.digestColumn(places) : nil
        if let address = named ?? fallback {
            self.init(dialect, header: header, places: places, address: address)
        } else if let address = try Self.address(dialect, places, header) {
            self.init(dialect, header: header, places: places, address: address)
        } else {
            return nil
        }
    }

    /// The columns of a list without a header.
    init(_ dialect: SuppressionDialect, address: Int) {
        self.init(dialect, header: [], places: [:], address: address)
    }

    private init(_ dialect: SuppressionDialect, header: [String], places: [String: Int], address: Int) {
        (self.dialect, self.header, self.places, self.address) = (dialect, header, places, address)
        let shape = dialect.shape
        self.shape = shape
        var (date, reason): (Int?, Int?) = (nil, nil)
        var evidence: [(index: Int, name: String)] = []
        for (position, column) in shape.columns.enumerated() {
            // Without headings only the one list that never has them says by its places what stands where.
            let place = header.isEmpty ? dialect == .ses ? position : nil : places[Heading.folded(column.name)]
            guard let place, place != address else { continue }
            switch column.role {
            case .date: date = place
            case .reason: reason = place
            case .evidence(let name): evidence.append((place, name))
            case .address, .other: break
            }
        }
        if !header.isEmpty, dialect == .plain || dialect == .hashed {
            date = date ?? Self.dateHeadings.lazy.compactMap { places[$0] }.first
            reason = reason ?? Self.reasonHeadings.lazy.compactMap { places[$0] }.first
        }
        if dialect == .brevo { reason = reason ?? places["blacklisted"] }
        let optOuts = header.indices.filter { index in
            index != address
                && Heading.meanings[Heading.folded(String(header[index].prefix(leadHeadingBytesMax)))] == [.optOut]
        }
        optOut = dialect == .plain && optOuts.count == 1 ? optOuts.first : nil
        (self.date, self.reason, self.evidence) = (date, reason, evidence)
    }

    /// The field of this folded name; empty without one.
    func field(_ name: String, in row: CSVRow) -> String { field(places[name], in: row) }

    /// The fields whose folded name fits, with the heading.
    func fields(in row: CSVRow, where fits: (String) -> Bool) -> [(heading: String, field: String)] {
        header.indices.compactMap { index in
            fits(Heading.folded(header[index])) ? (header[index], field(index, in: row)) : nil
        }
    }

    func addressField(in row: CSVRow) -> String { field(address, in: row) }
    func dateField(in row: CSVRow) -> String { field(date, in: row) }
    /// Nil where there is no such column.
    func reasonField(in row: CSVRow) -> String? { reason.map { field($0, in: row) } }

    func words(in row: CSVRow) -> [SuppressionWord] {
        evidence.compactMap { index, name in
            let field = field(index, in: row)
            return field.isEmpty ? nil : SuppressionWord(name, field)
        }
    }

    func field(_ index: Int?, in row: CSVRow) -> String {
        guard let index, row.fields.indices.contains(index) else { return "" }
        let field = row.fields[index].trimmed
        return formulas == .neutralised ? CSVFormulas.undone(field) : field
    }

    /// The dialects whose columns are known by a part of their name.
    private static func special(_ places: [String: Int]) -> SuppressionDialect? {
        if ["portalbounce", "portalunsubscribe", "portalspamreport", "globalbounce"].contains(where: {
            places[$0] != nil
        }) {
            return .hubspot
        }
        let isKlaviyo = places.keys.contains { name in
            name.hasSuffix("emailmarketingconsent") || name.hasSuffix("emailmarketingsuppression")
                || name.hasPrefix("emailsuppression")
        }
        return isKlaviyo ? .klaviyo : nil
    }

    private static func digestColumn(_ places: [String: Int]) -> Int? {
        digestHeadings.lazy.compactMap { places[$0] }.first
    }

    private static func address(
        _ dialect: SuppressionDialect, _ places: [String: Int], _ header: [String]
    ) throws(SuppressionListError) -> Int? {
        let own = dialect.shape.columns.first { if case .address = $0.role { true } else { false } }
        if dialect != .plain, let own, let place = places[Heading.folded(own.name)] { return place }
        let found = header.indices.filter { index in
            guard header[index].utf8.count <= leadHeadingBytesMax else { return false }
            let folded = Heading.folded(header[index])
            return folded == "address" || folded == "attributesemail" || Heading.meanings[folded] == [.email]
        }
        guard found.count <= 1 else { throw .columnAmbiguous(found.map { header[$0] }) }
        return found.first ?? (header.count == 1 ? 0 : nil)
    }

    private static let digestHeadings = [
        "hash", "hashed", "emailhash", "hashedemail", "md5", "emailmd5", "md5email", "md5hash", "sha1", "emailsha1",
        "sha256",
        "emailsha256", "sha256email", "sha512", "emailsha512",
    ]
    private static let dateHeadings = [
        "at", "unsubscribedat", "unsubscribedate", "optoutdate", "optouttime", "suppressedat", "createdat", "created",
        "date",
        "timestamp", "dato", "datum", "avmeldtdato", "avanmald", "abgemeldetam",
    ]
    private static let reasonHeadings = ["reason", "suppressionreason", "type", "arsak", "orsak", "grund"]
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        guard let first = unicodeScalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = unicodeScalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(unicodeScalars[first...last])
    }
}
