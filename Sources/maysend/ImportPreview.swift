import Formats
import Rules
import Store
import Work

/// What `import --dry-run` shows: how the file is written, what its columns mean, how its first rows read.
struct ImportPreview {
    private var list: LeadList
    private let showAddresses: Bool
    private var shown: [String] = []
    private var (readable, declined, invalid, empty) = (0, 0, 0, 0)

    private static let rowsShownMax = 5
    private static let faultsShownMax = 20

    init(_ order: ImportOrder, now: Instant, showAddresses: Bool) {
        list = LeadList(order, now: now)
        self.showAddresses = showAddresses
    }

    func run(_ input: InputFile) throws {
        var copy = self
        do {
            while let piece = try input.piece() {
                copy.list.feed(piece)
                try copy.drain()
            }
            copy.list.finish()
            try copy.drain()
        } catch let error as ReadFailure {
            throw Failure(error.reason)
        } catch let error as ListError {
            if let dialect = copy.list.dialect { Terminal.line("written as  \(dialect)") }
            throw Failure("\(error)")
        }
        guard let plan = copy.list.plan else { throw Failure("\(ListError.empty)") }
        copy.report(plan)
    }

    private mutating func drain() throws(ListError) {
        while let row = try list.next() {
            let text: String
            switch row.reading {
            case .lead(let lead):
                readable += 1
                text = words(lead)
            case .declined(let address, let at):
                declined += 1
                text = "\(words(address)), declined at \(at)"
            case .invalid(let fault):
                invalid += 1
                text = "invalid: \(fault)"
            case .empty:
                empty += 1
                continue
            }
            var isFault = false
            if case .invalid = row.reading { isFault = true }
            if shown.count < Self.rowsShownMax || (isFault && invalid <= Self.faultsShownMax) {
                shown.append("  line \(row.line): \(text)")
            }
        }
    }

    private func report(_ plan: ListPlan) {
        if let dialect = list.dialect { Terminal.line("written as  \(dialect)") }
        Terminal.line("columns")
        let rows = LeadField.allCases.compactMap { field in
            plan.columns.columns[field].map { index in
                [
                    "  \(field.rawValue)", "#\(index + 1)",
                    plan.header.indices.contains(index) ? plan.header[index] : "",
                    plan.unusedFields.contains(field) ? "(not used by this import)" : "",
                ]
            }
        }
        Terminal.table(["  FIELD", "COLUMN", "HEADING", ""], rows)
        for column in plan.columns.unmapped {
            Terminal.line("  not used: #\(column.index + 1) \(column.name)")
        }
        for doubt in plan.columns.ambiguous { Terminal.line("  not used: \(doubt)") }
        Terminal.line("rows")
        for line in shown { Terminal.line(line) }
        let all = readable + declined + invalid + empty + list.emptyLines
        Terminal.line(
            "= \(all) rows: \(readable) readable, \(declined) declined by the list itself, \(invalid) invalid,"
                + " \(empty + list.emptyLines) empty; nothing was stored")
    }

    private func words(_ lead: Lead) -> String {
        var parts = [words(lead.address)]
        let fields = [
            ("name", lead.name), ("position", lead.position), ("phone", lead.phone),
            ("organisation", lead.organisation.flatMap { $0.name ?? $0.number }), ("source", lead.source),
            ("collected", lead.collectedAt?.description), ("contacted", lead.contactedAt?.description),
        ]
        for (name, value) in fields {
            guard let value else { continue }
            let isPersonal = ["name", "phone"].contains(name)
            parts.append(isPersonal && !showAddresses ? name : "\(name) “\(value)”")
        }
        return parts.joined(separator: ", ")
    }

    private func words(_ address: Address) -> String {
        if showAddresses { return address.canonical }
        return "an address at \(address.domain)\(address.isRole ? " (a role)" : "")"
    }
}
