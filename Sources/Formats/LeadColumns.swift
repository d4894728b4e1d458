/// Bytes of a heading that are looked at; a longer one names no field.
public let leadHeadingBytesMax = 256

/// A column of a lead list.
public struct LeadColumn: Sendable, Equatable {
    /// Counted from 0.
    public let index: Int
    /// The heading as the file has it.
    public let name: String

    /// The column at this place.
    public init(index: Int, name: String) {
        self.index = index
        self.name = name
    }
}

/// Columns and fields that do not belong together without doubt; none of them is mapped.
public struct LeadAmbiguity: Sendable, Equatable, CustomStringConvertible {
    public let columns: [LeadColumn]
    public let fields: [LeadField]

    /// What is doubtful, and how to say what is meant.
    public var description: String {
        let names = columns.map { "“\(excerpt($0.name))” (#\($0.index + 1))" }.joined(separator: ", ")
        let words = fields.map(\.rawValue).joined(separator: ", ")
        let doubt = columns.count > 1 ? "several columns may be \(words): \(names)" : "\(names) may be one of \(words)"
        return doubt + "; say which with --map field=column"
    }
}

/// Which column of a lead list holds which field: found by heading, whatever its case, spaces and hyphens, and
/// overruled by what the operator says. No doubtful column is mapped.
public struct LeadColumns: Sendable, Equatable {
    /// The index of the column of each field that has one, counted from 0.
    public private(set) var columns: [LeadField: Int] = [:]
    /// Columns that hold no known field, in order.
    public private(set) var unmapped: [LeadColumn] = []
    /// What nobody can tell without being told.
    public private(set) var ambiguous: [LeadAmbiguity] = []

    /// The mapping of a header. Overrides are obeyed first; a column they name is taken, and so is their field.
    public init(header: [String], overrides: [LeadColumnOverride] = []) throws(LeadColumnsError) {
        var taken: Set<Int> = []
        for override in overrides {
            let index = try override.index(in: header)
            guard columns[override.field] == nil else { throw .fieldMappedTwice(override.field) }
            guard taken.insert(index).inserted else { throw .columnMappedTwice(header[index]) }
            columns[override.field] = index
        }
        var candidates: [LeadField: [LeadColumn]] = [:]
        for (index, name) in header.enumerated() where !taken.contains(index) {
            let column = LeadColumn(index: index, name: name)
            let meanings = name.utf8.count > leadHeadingBytesMax ? [] : Heading.meanings[Heading.folded(name)] ?? []
            let open = meanings.filter { columns[$0] == nil }
            switch (meanings.count, open.count) {
            case (1, 1): candidates[meanings[0], default: []].append(column)
            case (2..., 1...): ambiguous.append(LeadAmbiguity(columns: [column], fields: open))
            default: unmapped.append(column)
            }
        }
        for field in LeadField.allCases {
            guard let found = candidates[field] else { continue }
            if found.count == 1 {
                columns[field] = found[0].index
            } else {
                ambiguous.append(LeadAmbiguity(columns: found, fields: [field]))
            }
        }
    }

    /// The field's text in this row without white space at its ends; nil if there is no such column, or nothing in it.
    public func value(_ field: LeadField, in row: CSVRow) -> String? {
        guard let index = columns[field], row.fields.indices.contains(index) else { return nil }
        let text = row.fields[index]
        // Most begin and end with a visible character of ASCII, and to ask Unicode about each took longer than to find them.
        if let first = text.utf8.first, let last = text.utf8.last, Self.isVisible(first), Self.isVisible(last) {
            return text
        }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return nil }
        return String(scalars[first...last])
    }

    private static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }
}

/// The operator's word for where a field is: `email=E-post`, or `email=#3` for the third column.
public struct LeadColumnOverride: Sendable, Equatable {
    public let field: LeadField
    /// A heading, or `#` and a number from 1.
    public let column: String

    /// This field in this column.
    public init(_ field: LeadField, column: String) {
        self.field = field
        self.column = column
    }

    /// Reads `field=column`.
    public init(parsing text: String) throws(LeadColumnsError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw .malformed(text) }
        guard let field = LeadField(rawValue: String(parts[0])) else { throw .unknownField(String(parts[0])) }
        self.init(field, column: String(parts[1]))
    }

    /// The heading as it is written, else the only one that reads alike, else the number.
    func index(in header: [String]) throws(LeadColumnsError) -> Int {
        let name = UTF8Key(column)
        if let exact = try only(header.indices.filter { UTF8Key(header[$0]) == name }) { return exact }
        let wanted = Heading.folded(column)
        let alike = header.indices.filter { !wanted.isEmpty && Heading.folded(header[$0]) == wanted }
        if !column.hasPrefix("#"), let index = try only(alike) { return index }
        if column.hasPrefix("#"), let number = Int(column.dropFirst()), number >= 1, number <= header.count {
            return number - 1
        }
        throw .unknownColumn(column, known: header)
    }

    private func only(_ indices: [Int]) throws(LeadColumnsError) -> Int? {
        guard indices.count <= 1 else { throw .columnNotUnique(column) }
        return indices.first
    }
}

/// Why a mapping that somebody asked for cannot be made.
public enum LeadColumnsError: Error, Sendable, Equatable, CustomStringConvertible {
    case malformed(String)
    case unknownField(String)
    case unknownColumn(String, known: [String])
    case columnNotUnique(String)
    case fieldMappedTwice(LeadField)
    case columnMappedTwice(String)

    /// What is wrong and what is allowed.
    public var description: String {
        switch self {
        case .malformed(let text): "“\(excerpt(text))” is not of the form field=column"
        case .unknownField(let word):
            "“\(excerpt(word))” is not a field; "
                + NearestWord.allowed(LeadField.allCases.map(\.rawValue), insteadOf: word)
        case .unknownColumn(let name, let known):
            "there is no column “\(excerpt(name))”; "
                + NearestWord.allowed(known.prefix(50).map(excerpt), insteadOf: name)
        case .columnNotUnique(let name): "several columns are called “\(excerpt(name))”; give its number, such as #3"
        case .fieldMappedTwice(let field): "\(field.rawValue) is mapped twice"
        case .columnMappedTwice(let name): "the column “\(excerpt(name))” is mapped twice"
        }
    }
}
