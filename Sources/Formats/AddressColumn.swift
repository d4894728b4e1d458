import Rules

/// Which column of a list holds the addresses.
///
/// The one that was named, else the one whose heading says so, else the one that looks so in the first rows; where that
/// leaves a doubt, none.
struct AddressColumn {
    /// Counted from 0.
    let index: Int

    /// The column by its name or heading; nil where only the rows can tell.
    init?(named name: String?, header: [String]) throws(ScrubListError) {
        if let name {
            do throws(LeadColumnsError) {
                index = try LeadColumnOverride(.email, column: name).index(in: header)
            } catch {
                throw .columnUnknown(error.description)
            }
            return
        }
        let isAddress: (String) -> Bool = { heading in
            guard heading.utf8.count <= leadHeadingBytesMax else { return false }
            let folded = Heading.folded(heading)
            return folded == "address" || Heading.meanings[folded] == [.email]
        }
        let found = header.indices.filter { isAddress(header[$0]) }
        guard found.count <= 1 else { throw .columnAmbiguous(found.map { header[$0] }) }
        guard let only = found.first else { return nil }
        index = only
    }

    /// The column in which more than half of what there is in these rows is an address.
    init(lookingAt rows: [[String]], header: [String]) throws(ScrubListError) {
        let found = header.indices.filter { column in
            let fields = rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }.filter { !$0.isEmpty }
            return fields.count(where: Self.isAddress) * 2 > fields.count
        }
        guard found.count <= 1 else { throw .columnAmbiguous(found.map { header[$0] }) }
        guard let only = found.first else { throw .columnNotFound(known: header) }
        index = only
    }

    private static func isAddress(_ text: String) -> Bool {
        do throws(AddressError) {
            _ = try Address(parsing: text)
            return true
        } catch {
            return false
        }
    }
}
