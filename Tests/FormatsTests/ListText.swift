import Formats
import Rules

/// When the lists of these tests were collected, and when they are imported.
let collected = Instant(microseconds: 1_777_852_800_000_000)
let today = Instant(microseconds: 1_779_000_000_000_000)

/// What most lists of these tests are brought with.
func order(
    source: String? = "fair-2026", collectedAt: Instant? = collected, overrides: [LeadColumnOverride] = []
) -> ImportOrder {
    ImportOrder(source: source, collectedAt: collectedAt, overrides: overrides)
}

/// All rows of a list, fed in pieces of so many bytes.
func rows(
    of text: String, _ order: ImportOrder = order(), pieceBytes: Int = 65_536
) throws(ListError) -> (rows: [ListRow], list: LeadList) {
    var list = LeadList(order, now: today)
    var rows: [ListRow] = []
    for piece in pieces(of: text, bytes: pieceBytes) {
        list.feed(piece)
        while let row = try list.next() { rows.append(row) }
    }
    list.finish()
    while let row = try list.next() { rows.append(row) }
    return (rows, list)
}

func pieces(of text: String, bytes: Int) -> [[UInt8]] {
    let all = Array(text.utf8)
    return stride(from: 0, to: all.count, by: bytes).map { Array(all[$0..<min($0 + bytes, all.count)]) }
}

extension ListRow {
    /// The row in a few words, for comparing.
    var words: String {
        switch reading {
        case .lead(let lead): "\(place) lead \(lead.lead.address.canonical)"
        case .declined(let address, let at): "\(place) declined \(address.canonical) \(at.map(\.description) ?? "-")"
        case .invalid(let fault): "\(place) invalid \(fault)"
        case .empty: "\(place) empty"
        }
    }
}
