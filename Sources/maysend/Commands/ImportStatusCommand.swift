import ArgumentParser
import Formats
import Rules
import Store
import Work

/// The command `maysend import status`.
struct ImportStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the latest imports, or one of them.")

    @Argument(help: "The import's id; without it the latest are listed.", transform: ImportWords.id)
    var id: ImportID?
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        try await Operator.open(controller) { person in
            if let id { return show(try await ImportWords.record(id, person)) }
            let rows = try await person.store.imports(by: person.access).map { record in
                [
                    record.id.description, record.kind.rawValue, Self.word(record), String(record.lines),
                    String(record.counts.total), record.createdAt.wholeSecond.description, record.name ?? "",
                ]
            }
            Terminal.table(["IMPORT", "KIND", "STATE", "LINES", "DONE", "BEGUN", "NAME"], rows)
        }
    }

    /// A file that had come before is no failure.
    private static func word(_ record: ImportRecord) -> String {
        record.sameAs == nil ? record.state.rawValue : "same file"
    }

    private func show(_ record: ImportRecord) {
        Terminal.line(
            "\(record.kind.rawValue), \(record.state.rawValue), begun \(record.createdAt) by \(record.createdBy)")
        if let source = record.source { Terminal.line("source      \(source)") }
        if let collected = record.collectedAt { Terminal.line("collected   \(collected)") }
        if let guess = record.guess { Terminal.line("understood  \(guess)") }
        if let failure = record.failure { Terminal.line("failed      \(failure)") }
        if record.state == .undone || record.state == .undoing {
            Terminal.line("undone      \(record.takenBack) taken back, \(record.leftBehind) left")
        }
        ImportTexts.say(record, of: record.name ?? "the list")
    }
}

/// The command `maysend import rows ID`.
struct ImportRowsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rows", abstract: "Print what became of every line of an import, as CSV.")

    @Argument(help: "The import's id.", transform: ImportWords.id)
    var id: ImportID
    @Option(
        help: ArgumentHelp("Only lines with this verdict.", valueName: "verdict"),
        transform: { try Words.word($0, among: ImportVerdict.allCases) })
    var verdict: ImportVerdict?
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        try await Operator.open(controller) { person in
            let record = try await ImportWords.record(id, person)
            Terminal.line("line,verdict,reason,duplicate-of")
            try await ImportTexts.each(of: record, verdict, person) { row in
                var writer = CSVWriter(lineEnding: .lf)
                writer.row([
                    row.place.description, row.verdict.rawValue, row.reason ?? "", row.duplicateOf?.description ?? "",
                ])
                Terminal.text(String(decoding: writer.bytes, as: UTF8.self))
            }
        }
    }
}

/// The command `maysend import undo ID`.
struct ImportUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take back what an import of leads created and changed.",
        discussion: """
            Whom the import brought is forgotten, and a contact that it changed is as it was, as far as nobody acted on \
            them since; the others are left, and counted. What it entered into the register stays: an opt-out is lifted \
            by the person alone.
            """)

    @Argument(help: "The import's id.", transform: ImportWords.id)
    var id: ImportID
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        try await Operator.open(controller, for: .list) { person in
            let record = try await ImportWords.record(id, person)
            if record.state != .undoing { try await person.store.undoImport(record, by: person.access) }
            let importer = Importer(into: person.store, by: person.access, worker: Machine.workerName)
            let undone = try await ImportTexts.merge(id, importer)
            Terminal.line(
                "\(undone.takenBack) taken back, \(undone.leftBehind) left because somebody acted on them since")
        }
    }
}

/// Readers of what names an import.
enum ImportWords {
    static func id(_ text: String) throws -> ImportID {
        guard let id = ImportID(parsing: text) else {
            throw ValidationError("no id of an import; 'maysend import status' lists them")
        }
        return id
    }

    static func record(_ id: ImportID, _ person: Operator) async throws -> ImportRecord {
        guard let record = try await person.store.importRecord(id, by: person.access) else {
            throw Failure("there is no import \(id)", hint: "'maysend import status' lists them.")
        }
        return record
    }
}
