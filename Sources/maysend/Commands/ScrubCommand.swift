import ArgumentParser
import Formats
import Foundation
import Rules
import Store
import UnixSignals
import Work

/// The command `maysend scrub LIST.csv --purpose P`.
struct ScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Ask of a whole list, of any length: who may be written to now?",
        discussion: """
            Every row comes out in its order with 'eligible, reason, ground, until' behind it. CSV with a header and any \
            delimiter, or an object on each line (NDJSON). With --only eligible the rows to send to come out as they were, \
            without the verdicts, so that they can be loaded where the list came from; with --only refused the others, with \
            the reason. A row that cannot be read is never eligible.

            Asks the database directly, as an operator; with --url another server, with the key in MAYSEND_API_KEY.

              maysend scrub list.csv --purpose newsletter --output scrubbed.csv
              maysend scrub list.csv --purpose newsletter --only eligible >send-to.csv
              maysend scrub list.csv --purpose newsletter --url https://maysend.firma.example

            Exit 0 if every row was answered, 2 if not; an output file is there only then.
            """)

    @Argument(
        help: "The list, or - for standard input.", completion: .file(extensions: ["csv", "txt", "ndjson", "jsonl"]))
    var list: String
    @Option(help: ArgumentHelp("What the message is for.", valueName: "id"), transform: Words.slug)
    var purpose: Slug
    @Option(help: ArgumentHelp("The topic of the message.", valueName: "id"), transform: Words.slug)
    var topic: Slug?
    @Option(
        help: ArgumentHelp("When it would go, as 2026-12-01T08:00:00Z; now or later.", valueName: "time"),
        transform: Words.instant)
    var at: Instant?
    @OptionGroup var shape: ScrubShape
    @Option(
        help: ArgumentHelp("Which rows: eligible or refused; without it all.", valueName: "rows"),
        completion: .list(["eligible", "refused"]), transform: { try Words.word($0, among: [.eligible, .refused]) })
    var only: ScrubChoice?
    @Option(help: ArgumentHelp("Where to; without it standard output.", valueName: "file"), completion: .file())
    var output: String?
    @Flag(help: "Replace the output file, once the new one is whole.")
    var force = false
    @OptionGroup var controller: ControllerOption
    @OptionGroup var remote: RemoteOption

    func validate() throws {
        if remote.url != nil, controller.controller != nil {
            throw ValidationError("--controller does not go with --url: the key has its own.")
        }
    }

    func run() async throws {
        let input = try InputFile(list)
        let server = try remote.server()
        var reader = ScrubReading(input)
        try await reader.begin(shape, list: list)
        // Trapped before the output begins, so that no signal finds a part without one who takes it away.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let output = try OutputFile(output, replacing: force ? .whenWhole : .never)
        try await leavingNoPart(of: output, on: signals) {
            guard let tally = ScrubTally(of: reader.reader, choosing: only ?? .all) else { throw Failure.noOpening }
            var result = ScrubResult(tally, output, of: input)
            let terms = CheckTerms(purpose: purpose, topic: topic, at: at)
            if let server {
                try await server.answer(reader, terms) { try result.take($0) }
            } else {
                try await Operator.open(controller, for: .questions) { person in
                    try await person.answer(reader, terms) { try result.take($0) }
                }
            }
            try result.finish()
            try output.finish()
            result.report(list)
        }
    }

    /// Does the work; whatever ends it early, a signal too, no part of the output stays.
    private func leavingNoPart(
        of output: OutputFile, on signals: UnixSignalsSequence, _ work: () async throws -> Void
    ) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await signal in signals {
                        output.discard()
                        Foundation.exit(128 + (signal == .sigint ? SIGINT : SIGTERM))
                    }
                }
                try await work()
                group.cancelAll()
            }
        } catch {
            output.discard()
            throw error
        }
    }
}

/// How the list is written, where it is not found out.
struct ScrubShape: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The heading or number (#3) of the column with the addresses; of NDJSON the member. Without it found out.",
            valueName: "name"))
    var column: String?
    @Option(
        help: ArgumentHelp("comma, semicolon, tab, pipe or the character; without it found out.", valueName: "word"),
        transform: Self.delimiter)
    var delimiter: CSVDelimiter?
    @Flag(help: "The first row is no header.")
    var noHeader = false
    @Option(
        help: ArgumentHelp("How the answer is written; without it like the list.", valueName: "csv|ndjson"),
        completion: .list(ScrubFormat.allCases.map(\.rawValue)),
        transform: { try Words.word($0, among: ScrubFormat.allCases) })
    var format: ScrubFormat?

    private static func delimiter(_ text: String) throws -> CSVDelimiter {
        let bytes = Array(text.utf8)
        if bytes.count == 1, let one = CSVDelimiter.allCases.first(where: { $0.byte == bytes[0] }) { return one }
        return try Words.word(text, among: CSVDelimiter.allCases)
    }

    /// What is known of a list that begins with these bytes.
    func options(_ beginning: [UInt8]) -> ScrubOptions {
        let first = beginning.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        let input: ScrubFormat = first == UInt8(ascii: "{") ? .ndjson : .csv
        return ScrubOptions(
            input: input, output: format ?? input, column: column, header: noHeader ? .none : .guess,
            delimiter: delimiter)
    }
}

/// Another server to ask.
struct RemoteOption: ParsableArguments {
    @Option(help: ArgumentHelp("Ask this server instead of the database.", valueName: "url"))
    var url: String?
    @Option(
        help: ArgumentHelp("A file with the key; without it MAYSEND_API_KEY.", valueName: "file"), completion: .file())
    var keyFile: String?

    /// Nil where the database is to be asked.
    func server() throws(Failure) -> RemoteScrub? {
        guard let url else { return nil }
        let server: RemoteScrub
        do {
            server = try RemoteScrub(url: url, key: try key())
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure("--url is no URL", hint: "Allowed is one such as https://maysend.firma.example")
        }
        if server.isInClear { Terminal.note("The key and the list cross the network unprotected: take https.") }
        return server
    }

    private func key() throws(Failure) -> String {
        var text: String?
        if let keyFile {
            do { text = try SystemFile.text(keyFile) } catch { throw Failure(error) }
        } else {
            text = try Settings.keyText()
        }
        guard let text else {
            throw Failure("MAYSEND_API_KEY is not set", hint: "It holds the API key; --key-file names a file with it.")
        }
        guard let key = APIKey(parsing: text.filter { !$0.isWhitespace }) else {
            throw Failure("that is no API key", hint: "A key is what 'maysend key create' printed: msk_…")
        }
        return key.secret
    }
}
