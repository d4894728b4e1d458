import Rules
import Store

/// Rows that wait to be answered together: the leads among them are stored in one transaction.
struct ImportBatch {
    /// A row; without a verdict it is the next of the leads.
    struct Row {
        let line: Int
        let address: Address?
        var verdict: RowVerdict?
    }

    private(set) var rows: [Row] = []
    private(set) var leads: [Lead] = []
    private(set) var declined: [(address: Address, at: Instant)] = []
    private let rowsMax: Int

    init(rowsMax: Int) { self.rowsMax = rowsMax }

    var isFull: Bool { leads.count >= leadsPerTransactionMax || rows.count >= rowsMax }
    var firstLine: Int? { rows.first?.line }

    /// Takes a row in. `seen` knows on which line every address stood first; who declines is heard each time.
    mutating func add(_ row: ListRow, key: (Address) -> AddressKey, seen: inout [AddressKey: Int32]) {
        switch row.reading {
        case .empty: rows.append(Row(line: row.line, address: nil, verdict: .empty))
        case .invalid(let fault):
            rows.append(Row(line: row.line, address: nil, verdict: .invalid(fault.description)))
        case .declined(let address, let at):
            note(address, on: row.line, key: key, seen: &seen)
            declined.append((address, at))
            rows.append(Row(line: row.line, address: address, verdict: .suppressed(.imported)))
        case .lead(let lead):
            if let line = note(lead.address, on: row.line, key: key, seen: &seen) {
                rows.append(Row(line: row.line, address: lead.address, verdict: .duplicate(ofLine: line)))
            } else {
                leads.append(lead)
                rows.append(Row(line: row.line, address: lead.address, verdict: nil))
            }
        }
    }

    /// The line on which the address stood before; nil for the first time.
    @discardableResult
    private func note(
        _ address: Address, on line: Int, key: (Address) -> AddressKey, seen: inout [AddressKey: Int32]
    ) -> Int? {
        let key = key(address)
        if let first = seen[key] { return Int(first) }
        seen[key] = Int32(clamping: line)
        return nil
    }

    /// Every row with its verdict, in the order of the lines.
    func answers(_ verdicts: [LeadVerdict]) -> [RowAnswer] {
        var next = verdicts.makeIterator()
        return rows.compactMap { row in
            guard let verdict = row.verdict ?? next.next().map(RowVerdict.init) else { return nil }
            return RowAnswer(line: row.line, verdict: verdict, address: row.address)
        }
    }
}

extension RowVerdict {
    /// What the store said of the row's lead.
    init(_ verdict: LeadVerdict) {
        switch verdict {
        case .created: self = .created
        case .updated: self = .updated
        case .unchanged: self = .unchanged
        case .suppressed(let reason): self = .suppressed(reason)
        case .noGround(let reason): self = .noGround(reason)
        }
    }
}
