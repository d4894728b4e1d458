public import Rules

/// What a row says, before anything is known of the person.
public enum RowReading: Sendable {
    /// Somebody to keep, if a ground allows it.
    case lead(ImportedLead)
    /// The list itself says that this person has declined.
    case declined(Address, at: Instant?)
    case invalid(RowFault)
    /// Nothing in any field.
    case empty
}

/// What is wrong with a row, and what is allowed; quotes nothing of the row.
public struct RowFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field, where it is one's.
    public let field: LeadField?
    public let problem: String

    init(_ field: LeadField?, _ problem: String) { (self.field, self.problem) = (field, problem) }

    public var description: String { (field.map { $0.rawValue + ": " } ?? "") + problem }
}

extension ListPlan {
    /// Reads one row; never throws, because a row that cannot be read is an answer too.
    public func read(_ row: CSVRow) -> RowReading {
        if row.isBlank { return .empty }
        do throws(RowFault) {
            return try reading(row)
        } catch {
            return .invalid(error)
        }
    }

    private func reading(_ row: CSVRow) throws(RowFault) -> RowReading {
        if case .long(let extra) = row.shape {
            throw RowFault(
                nil, "\(extra) fields more than the header has; a field with a delimiter in it must stand in quotes")
        }
        let address = try address(in: row)
        let collected = try instant(.collectedAt, in: row) ?? order.collectedAt
        let refusal = try refusal(in: row)
        if case .declined(let at) = refusal { return .declined(address, at: at ?? collected) }
        guard let collected else { throw RowFault(.collectedAt, "no date in the row, and none for the whole list") }
        var lead = Lead(address: address)
        lead.collectedAt = collected
        lead.contactedAt = try instant(.contactedAt, in: row)
        lead.name = try name(in: row)
        lead.position = try text(.position, in: row)
        lead.phone = try text(.phone, in: row)
        lead.source = try text(.source, in: row) ?? order.source
        guard lead.source != nil else { throw RowFault(.source, "no source in the row, and none for the whole list") }
        lead.organisation = OrganisationName(
            number: try text(.organisationNumber, in: row), name: try text(.organisation, in: row))
        return .lead(ImportedLead(lead, consentAt: try consent(in: row, collected: collected)))
    }

    private func address(in row: CSVRow) throws(RowFault) -> Address {
        guard let text = columns.value(.email, in: row) else { throw RowFault(.email, AddressError.empty.description) }
        do throws(AddressError) {
            return try Address(parsing: text)
        } catch {
            throw RowFault(.email, error.description)
        }
    }

    private func name(in row: CSVRow) throws(RowFault) -> String? {
        if let name = try text(.name, in: row) { return name }
        let parts = [try text(.firstName, in: row), try text(.lastName, in: row)].compactMap { $0 }
        guard !parts.isEmpty else { return nil }
        return try checked(parts.joined(separator: " "), .name)
    }

    private func text(_ field: LeadField, in row: CSVRow) throws(RowFault) -> String? {
        try columns.value(field, in: row).map { text throws(RowFault) in try checked(text, field) }
    }

    private func checked(_ text: String, _ field: LeadField) throws(RowFault) -> String {
        guard text.utf8.count <= Lead.textBytesMax else {
            throw RowFault(field, "longer than \(Lead.textBytesMax) bytes")
        }
        guard !text.utf8.contains(0) else { throw RowFault(field, "the character NUL is not allowed") }
        return text
    }

    private func instant(_ field: LeadField, in row: CSVRow) throws(RowFault) -> Instant? {
        guard let text = columns.value(field, in: row) else { return nil }
        let instant: Instant
        do throws(DateTextError) {
            instant = Instant(microseconds: try DateText.microseconds(parsing: text))
        } catch {
            throw RowFault(field, error.description)
        }
        guard instant <= now else { throw RowFault(field, "lies in the future, and what is collected has happened") }
        return instant
    }

    /// When the list claims that consent was given; nil where it claims none.
    private func consent(in row: CSVRow, collected: Instant) throws(RowFault) -> Instant? {
        guard order.readsConsent, let text = columns.value(.consent, in: row) else { return nil }
        let word = text.lowercased()
        if Self.noWords.contains(word) { return nil }
        if Self.yesWords.contains(word) { return try instant(.consentAt, in: row) ?? collected }
        do throws(RowFault) {
            return try instant(.consent, in: row)
        } catch {
            let allowed = (Self.yesWords.sorted() + Self.noWords.sorted()).joined(separator: ", ")
            throw RowFault(
                .consent, "neither a yes nor a no nor a date; allowed are \(allowed), a past date, or nothing")
        }
    }

    /// What the list itself says of the person's refusal.
    private enum Refusal {
        case none
        /// Nil: without a date.
        case declined(at: Instant?)
    }

    /// Reads the list's own opt-out column. A word that nobody knows is a fault and not a no.
    private func refusal(in row: CSVRow) throws(RowFault) -> Refusal {
        guard let column = columns.columns[.optOut] else { return .none }
        guard row.fields.indices.contains(column) else { throw RowFault(.optOut, "the row ends before that column") }
        guard let text = columns.value(.optOut, in: row) else { return .none }
        let word = text.lowercased()
        if Self.noWords.contains(word) { return .none }
        if Self.yesWords.contains(word) { return .declined(at: nil) }
        do throws(RowFault) {
            return .declined(at: try instant(.optOut, in: row))
        } catch {
            let allowed = (Self.yesWords.sorted() + Self.noWords.sorted()).joined(separator: ", ")
            throw RowFault(
                .optOut, "neither a yes nor a no nor a date; allowed are \(allowed), a past date, or nothing")
        }
    }

    static let yesWords: Set<String> = ["1", "j", "ja", "oui", "sann", "sant", "true", "wahr", "x", "y", "yes"]
    static let noWords: Set<String> = ["-", "0", "falsch", "false", "falskt", "n", "nei", "nein", "nej", "no", "usann"]
}

extension ListRow {
    /// The line as the store takes it.
    public var imported: ImportLine {
        switch reading {
        case .lead(let lead): ImportLine(place, .lead(lead))
        case .declined(let address, let at): ImportLine(place, .declined(ImportedRefusal(.address(address), at: at)))
        case .invalid(let fault): ImportLine(place, .invalid(fault.description))
        case .empty: ImportLine(place, .empty)
        }
    }
}
