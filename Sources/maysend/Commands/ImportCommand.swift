import ArgumentParser
import Formats
import Foundation
import Rules
import Store
import Work

/// The command `maysend import FILE.csv`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a list of leads from a CSV file with a header, of any length.",
        discussion: """
            A lead that no ground of the policy would keep is not stored, nor one who is in the unsubscribe register; \
            nothing here lifts an opt-out, and a row whose own opt-out column says yes goes into the register. The same \
            file again is harmless. Encoding, delimiter and columns are found out; --dry-run shows how they are understood.

              maysend import leads.csv --source fair --collected-at 2026-05-04 --dry-run
              maysend import leads.csv --source fair --collected-at 2026-05-04

            Prints a line for each row that was not stored, then a summary that adds up to the rows. Exit 0 if every row \
            was answered, 2 if the file cannot be read to its end or the database is away.

            Fields for --map: \(LeadField.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @Argument(help: "The file, or - for standard input.", completion: .file(extensions: ["csv", "txt"]))
    var file: String
    @OptionGroup var controller: ControllerOption
    @Option(
        help: ArgumentHelp("Where the data comes from (Art. 14 GDPR), for rows that do not say.", valueName: "name"))
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
    @Flag(help: "Show how the file is understood; store nothing and ask no database.")
    var dryRun = false
    @Flag(help: "Print addresses in the verdicts; without it only lines.")
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
    }

    func run() async throws {
        let now = Machine.now()
        if let collectedAt, collectedAt > now {
            throw Failure("--collected-at \(collectedAt) lies in the future; it is \(now.wholeSecond)")
        }
        let order = ImportOrder(source: source, collectedAt: collectedAt, overrides: map)
        let input = try InputFile(file)
        if dryRun { return try ImportPreview(order, now: now, showAddresses: showAddresses).run(input) }
        try await Operator.open(controller) { person in
            try await run(order, input, person, now: now)
        }
    }

    private func run(_ order: ImportOrder, _ input: InputFile, _ person: Operator, now: Instant) async throws {
        var importer = Importer(order, into: person.store, by: person.access, now: now)
        let bar = ProgressBar(total: input.byteCount)
        var rows = 0
        do throws(ImportError) {
            let summary = try await importer.run(
                read: { () throws(ReadFailure) in
                    bar.advance(to: input.bytesRead, "\(rows) rows")
                    return try input.piece()
                },
                planned: { plan in say(plan, bar) },
                answered: { answer in
                    rows += 1
                    say(answer, bar)
                })
            bar.clear()
            ImportTexts.say(summary, of: file)
        } catch {
            bar.clear()
            throw ImportTexts.failure(error, file: file)
        }
    }

    private func say(_ plan: ListPlan, _ bar: ProgressBar) {
        bar.clear()
        for doubt in plan.columns.ambiguous { Terminal.note("not used: \(doubt)") }
        for field in plan.unusedFields {
            Terminal.note("not used: the column for \(field.rawValue); a list's word is no evidence of a person's act")
        }
    }

    private func say(_ answer: RowAnswer, _ bar: ProgressBar) {
        guard let reason = answer.verdict.reason else { return }
        let between = if case .duplicate = answer.verdict { " " } else { ": " }
        let address = showAddresses ? answer.address.map { " (\($0.canonical))" } ?? "" : ""
        bar.clear()
        Terminal.line("line \(answer.line): \(answer.verdict.word)\(between)\(reason)\(address)")
    }
}

/// The words of an import.
enum ImportTexts {
    static func say(_ summary: ImportSummary, of file: String) {
        let width = String(summary.rows).count
        for (word, count) in summary.parts {
            let digits = String(count)
            Terminal.line("  " + String(repeating: " ", count: width - digits.count) + digits + " " + meaning(word))
        }
        Terminal.line("= \(summary.rows) rows of \(file)")
    }

    private static func meaning(_ word: String) -> String {
        switch word {
        case "suppressed": "suppressed: in the unsubscribe register, not stored"
        case "no-ground": "no ground: nothing would keep them, not stored"
        case "duplicate": "duplicate: the address of an earlier row"
        case "invalid": "invalid: not stored"
        default: word
        }
    }

    static func failure(_ error: ImportError, file: String) -> Failure {
        switch error {
        case .list(let error):
            Failure("\(file): \(error)", hint: "Nothing was stored; --dry-run shows how the file is understood.")
        case .unreadable(let reason, let progress): Failure("\(file): \(reason)", hint: hint(progress))
        case .stopped(let error, let progress):
            Failure("\(file): stopped at line \(progress.nextLine): \(Failure(error).text)", hint: hint(progress))
        }
    }

    private static func hint(_ progress: ImportProgress) -> String {
        let stored = progress.summary.rows
        return "\(stored) rows were answered and stay as they are. Run the import again: it goes on from line"
            + " \(progress.nextLine) and calls what is stored unchanged."
    }
}
