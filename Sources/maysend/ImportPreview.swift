import Formats
import Rules
import Store
import Work

/// What `import --dry-run` shows: how the file is written, what its columns mean, how its first rows read.
struct ImportPreview {
    private let order: ImportOrder
    private var list: ImportList
    private let showAddresses: Bool
    private var shown: [String] = []
    private var (readable, declined, passedOver, invalid, empty) = (0, 0, 0, 0, 0)

    private static let rowsShownMax = 5
    private static let faultsShownMax = 20

    init(_ order: ImportOrder, now: Instant, showAddresses: Bool) {
        self.order = order
        list = ImportList(order, now: now)
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
            for file in copy.list.guess?.files ?? [] { Terminal.line("written as  \(file)") }
            throw Failure("\(error)")
        }
        guard let guess = copy.list.guess else { throw Failure("\(ListError.empty)") }
        copy.report(guess)
    }

    private mutating func drain() throws(ListError) {
        while let line = try list.next() {
            let text: String
            var isFault = false
            switch line.content {
            case .lead(let lead):
                readable += 1
                text = words(lead.lead) + (lead.consentAt.map { ", consent claimed at \($0)" } ?? "")
            case .declined(let refusal):
                declined += 1
                let since = refusal.at.map { " since \($0)" } ?? ""
                text =
                    words(refusal.subject)
                    + (order.kind == .leads ? ", declined" : ", \(refusal.reason.rawValue)") + since
            case .passedOver:
                passedOver += 1
                text = "says nothing against mail; passed over"
            case .invalid(let fault):
                invalid += 1
                isFault = true
                text = "invalid: \(fault)"
            case .empty:
                empty += 1
                continue
            }
            if shown.count < Self.rowsShownMax || (isFault && invalid <= Self.faultsShownMax) {
                shown.append("  line \(line.place): \(text)")
            }
        }
    }

    private func report(_ guess: ImportGuess) {
        for (place, file) in guess.files.enumerated() {
            let isKnown = guess.dialects.indices.contains(place)
            Terminal.line("written as  \(file)" + (isKnown ? ", taken for \(guess.dialects[place].rawValue)" : ""))
        }
        if order.kind == .leads {
            Terminal.line("columns")
            Terminal.table(
                ["  FIELD", "COLUMN", "HEADING"],
                guess.columns.map { ["  \($0.field.rawValue)", "#\($0.column + 1)", $0.heading] })
            for heading in guess.unused { Terminal.line("  not used: \(heading)") }
        }
        Terminal.line("rows")
        for line in shown { Terminal.line(line) }
        let all = readable + declined + passedOver + invalid + empty + list.emptyLines
        let readings =
            order.kind == .leads
            ? "\(readable) readable, \(declined) declined by the list itself"
            : "\(declined) to enter, \(passedOver) passed over"
        Terminal.line(
            "= \(all) rows: \(readings), \(invalid) invalid, \(empty + list.emptyLines) empty; nothing was stored")
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

    private func words(_ subject: ImportedRefusal.Subject) -> String {
        switch subject {
        case .address(let address): words(address)
        case .hashed(let hashed): "a digest of kind \(hashed.kind.rawValue)"
        }
    }

    private func words(_ address: Address) -> String {
        if showAddresses { return address.canonical }
        return "an address at \(address.domain)\(address.isRole ? " (a role)" : "")"
    }
}
