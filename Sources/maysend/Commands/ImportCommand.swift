import ArgumentParser
import Formats
import Foundation
import Rules
import Store
import Work

/// The command `maysend import FILE`, and what there is to ask of an import afterwards.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a list of leads, or with --suppressions of people who have declined, of any length.",
        discussion: """
            A lead that no ground of the policy would keep is not stored, nor one who is in the unsubscribe register; \
            nothing here lifts an opt-out, and a row whose own opt-out column says yes goes into the register. Encoding, \
            delimiter and columns are found out; --dry-run shows how they are understood. All rows are received first; \
            should this program or the database stop after that, the same command, or any server, goes on where it was.

              maysend import leads.csv --source fair --collected-at 2026-05-04 --dry-run
              maysend import leads.csv --source fair --collected-at 2026-05-04
              maysend import --suppressions bounces.csv
              maysend import status

            Prints a line for each row that was not stored, then a summary that adds up to the rows. Exit 0 if every row \
            was answered, 2 if the file cannot be read to its end or the database is away.

            Fields for --map: \(LeadField.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
        subcommands: [
            ImportFileCommand.self, ImportStatusCommand.self, ImportRowsCommand.self, ImportUndoCommand.self,
        ],
        defaultSubcommand: ImportFileCommand.self)
}

/// The command `maysend import FILE.csv`.
struct ImportFileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "file", abstract: "Take a list in; the word “file” may be left out.")

    @Argument(
        help: "The file, or - for standard input.",
        completion: .file(extensions: ["csv", "txt", "tsv", "json", "ndjson", "jsonl", "gz", "zip"]))
    var file: String
    @OptionGroup var controller: ControllerOption
    @Flag(help: "The list is of people who have declined: each goes into the register.")
    var suppressions = false
    @Option(
        help: ArgumentHelp(
            "Where the data comes from (Art. 14 GDPR), for rows that do not say; “person” if they gave it themselves.",
            valueName: "name"))
    var source: String?
    @Option(
        help: ArgumentHelp(
            "When it was collected, for rows that do not say: 2026-05-04, or with a time. The cold window runs from it.",
            valueName: "date"), transform: Self.date)
    var collectedAt: Instant?
    @Option(
        help: ArgumentHelp(
            "Which column holds a field, as email=\"E-post (jobb)\" or email=#3; repeat for more.",
            valueName: "field=column"),
        transform: Self.override)
    var map: [LeadColumnOverride] = []
    @Option(
        help: ArgumentHelp(
            "Read the consent column as a claim of consent to this purpose; without it that column counts for nothing.",
            valueName: "purpose"), transform: Words.slug)
    var consent: Slug?
    @Option(
        help: ArgumentHelp("Of --suppressions: whom they bind, controller or group.", valueName: "scope"),
        transform: { try Words.word($0, among: Event.WideScope.allCases) })
    var scope: Event.WideScope = .controller
    @Option(
        help: ArgumentHelp(
            "Of --suppressions: the shape of the list, where it is not to be found out.", valueName: "dialect"),
        transform: { try Words.word($0, among: SuppressionDialect.allCases) })
    var dialect: SuppressionDialect?
    @Option(help: ArgumentHelp("What to call the import; without it the file's name.", valueName: "name"))
    var name: String?
    @Flag(help: "Take a file again that was imported before.")
    var again = false
    @Flag(help: "Show how the file is understood; store nothing and ask no database.")
    var dryRun = false
    @Flag(help: "Print addresses in the dry run.")
    var showAddresses = false

    private static let sourceBytesMax = 200

    private static func date(_ text: String) throws -> Instant {
        do throws(DateTextError) {
            return Instant(microseconds: try DateText.microseconds(parsing: text))
        } catch {
            throw ValidationError(error.description)
        }
    }

    private static func override(_ text: String) throws -> LeadColumnOverride {
        do throws(LeadColumnsError) {
            return try LeadColumnOverride(parsing: text)
        } catch {
            throw ValidationError(error.description)
        }
    }

    func validate() throws {
        if let source, !(1...Self.sourceBytesMax).contains(source.utf8.count) || source.contains("\0") {
            throw ValidationError("--source is 1 to \(Self.sourceBytesMax) bytes.")
        }
        if let name, !(1...ImportOpening.nameBytesMax).contains(name.utf8.count) || name.contains("\0") {
            throw ValidationError("--name is 1 to \(ImportOpening.nameBytesMax) bytes.")
        }
        if suppressions, consent != nil { throw ValidationError("--consent does not go with --suppressions.") }
        if suppressions, source != nil || collectedAt != nil {
            throw ValidationError(
                "--source and --collected-at do not go with --suppressions; each entry has its own date.")
        }
        if suppressions, map.contains(where: { $0.field != .email }) {
            throw ValidationError("Of --suppressions only email can be mapped.")
        }
        if !suppressions, scope != .controller { throw ValidationError("--scope belongs to --suppressions.") }
        if !suppressions, dialect != nil { throw ValidationError("--dialect belongs to --suppressions.") }
    }

    func run() async throws {
        let now = Machine.now()
        if let collectedAt, collectedAt > now {
            throw Failure("--collected-at \(collectedAt) lies in the future; it is \(now.wholeSecond)")
        }
        let input = try InputFile(file)
        let order = ImportOrder(
            suppressions ? .suppressions : .leads, source: source, collectedAt: collectedAt, overrides: map,
            readsConsent: consent != nil, dialect: dialect)
        if dryRun { return try ImportPreview(order, now: now, showAddresses: showAddresses).run(input) }
        try await Operator.open(controller, for: .list) { person in
            let record = try await run(order, input, person, now: now)
            try await ImportTexts.sayLines(of: record, person)
            ImportTexts.say(record, of: file)
            if record.state == .failed { throw Failure("\(file): \(record.failure ?? "not taken")") }
        }
    }

    private func run(
        _ order: ImportOrder, _ input: InputFile, _ person: Operator, now: Instant
    ) async throws -> ImportRecord {
        var opening = ImportOpening(order.kind)
        opening.name = name ?? URL(fileURLWithPath: file).lastPathComponent
        (opening.source, opening.collectedAt, opening.scope) = (source, collectedAt, scope)
        opening.consentPurpose = consent
        if let consent, person.policy.purpose(consent) == nil {
            let known = person.policy.purposes.map(\.id.text).joined(separator: ", ")
            throw Failure("unknown purpose '\(consent)'; known are \(known)")
        }
        let importer = Importer(into: person.store, by: person.access, worker: Machine.workerName)
        let reading = ProgressPace(total: input.byteCount, now: now)
        let id: ImportID
        do {
            switch try await importer.receive(
                opening, order, repeated: again ? .taken : .refused, now: now,
                read: {
                    reading.advance(to: input.bytesRead, "reading", now: Machine.now())
                    return try input.piece()
                })
            {
            case .merging(let received, let end):
                reading.clear()
                for heading in end.guess.unused { Terminal.note("not used: \(heading)") }
                for (place, dialect) in end.guess.dialects.enumerated() {
                    let file = end.guess.files.indices.contains(place) ? ": " + end.guess.files[place] : ""
                    Terminal.note("taken for \(dialect.rawValue)\(file)")
                }
                id = received
            case .same(let known):
                reading.clear()
                Terminal.note("The same file was brought before, as import \(known); --again takes it again.")
                id = known
            }
        } catch {
            reading.clear()
            throw ImportTexts.failure(error, file: file)
        }
        return try await ImportTexts.merge(id, importer)
    }
}

/// The words of an import.
enum ImportTexts {
    /// Merges the import to its end under a bar.
    static func merge(_ id: ImportID, _ importer: Importer) async throws -> ImportRecord {
        var pace: ProgressPace?
        do {
            let record = try await importer.merge(id) { record in
                let total = record.state == .undoing ? record.counts[.created] + record.counts[.updated] : record.lines
                let done = record.state == .undoing ? record.takenBack + record.leftBehind : record.counts.total
                let bar = pace ?? ProgressPace(total: total, now: Machine.now(), from: done)
                pace = bar
                bar.advance(to: done, record.state == .undoing ? "taking back" : "merging", now: Machine.now())
            }
            pace?.clear()
            return record
        } catch let error as StoreError {
            pace?.clear()
            throw Failure(
                "import \(id) has stopped: \(Failure(error).text)",
                hint: "What is merged stays, and nothing is lost: the same command again goes on with it.")
        }
    }

    /// A line for each row that was not stored, in the order of the file.
    static func sayLines(of record: ImportRecord, _ person: Operator) async throws {
        for verdict in [ImportVerdict.suppressed, .noGround, .duplicate, .invalid] where record.counts[verdict] > 0 {
            if record.kind == .suppressions, verdict == .suppressed { continue }
            try await each(of: record, verdict, person) { row in Terminal.line(line(row)) }
        }
    }

    /// Every line of an import with this verdict, or all, in order, a page at a time.
    static func each(
        of record: ImportRecord, _ verdict: ImportVerdict?, _ person: Operator, _ body: (ImportVerdictRow) -> Void
    ) async throws {
        var last: ImportPlace?
        while true {
            let page = try await person.store.importVerdicts(
                of: record, only: verdict, after: last, by: person.access)
            page.forEach(body)
            guard let end = page.last?.place, page.count == importVerdictsPerPageMax else { return }
            last = end
        }
    }

    static func line(_ row: ImportVerdictRow) -> String {
        let reason = row.duplicateOf.map { " of line \($0)" } ?? row.reason.map { ": \($0)" } ?? ""
        return "line \(row.place): \(row.verdict.rawValue)\(reason)"
    }

    static func say(_ record: ImportRecord, of file: String) {
        let width = String(record.lines).count
        for verdict in ImportVerdict.allCases {
            let digits = String(record.counts[verdict])
            Terminal.line(
                "  " + String(repeating: " ", count: max(0, width - digits.count)) + digits + " "
                    + meaning(verdict, record.kind))
        }
        Terminal.line("= \(record.lines) rows of \(file), import \(record.id)")
    }

    private static func meaning(_ verdict: ImportVerdict, _ kind: ImportKind) -> String {
        switch verdict {
        case .suppressed:
            kind == .leads
                ? "suppressed: in the unsubscribe register, not stored" : "suppressed: entered into the register"
        case .unchanged: kind == .leads ? "unchanged" : "unchanged: in the register already"
        case .noGround: "no ground: nothing would keep them, not stored"
        case .duplicate: "duplicate: the address of an earlier row"
        case .invalid: "invalid: not stored"
        case .created, .updated, .empty: verdict.rawValue
        }
    }

    static func failure(_ error: any Error, file: String) -> any Error {
        switch error {
        case let error as ListError:
            Failure("\(file): \(error)", hint: "Nothing was stored; --dry-run shows how the file is understood.")
        case let error as ReadFailure: Failure("\(file): \(error.reason)", hint: "Nothing was stored.")
        case let error as StoreError:
            Failure("\(file): \(Failure(error).text)", hint: "Nothing was stored; run the import again.")
        default: error
        }
    }
}
