import ArgumentParser
import Formats
import Foundation
import Rules
import Store
import Work

/// The command `maysend export --as ses`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write whom not to write to in the shape of another system.",
        discussion: """
            The register keeps no addresses, so they come from the contacts, or from a list: whoever on it must not be \
            written to is written out, with reason and date. What the shape has no place for is counted, and nothing is \
            made up. Fields that a spreadsheet would calculate are made harmless. Opt-outs from a single topic or purpose \
            are no reason to stop all mail elsewhere, and stay here.

              maysend export --as ses --output ses.csv
              maysend export --as sendgrid-unsubscribes --of everybody.csv --output unsubscribed.csv

            Shapes: \(SuppressionDialect.allCases.filter(\.isWritable).map(\.rawValue).joined(separator: ", ")).
            """)

    @Option(
        name: .customLong("as"), help: ArgumentHelp("The shape, such as ses or mailchimp-cleaned.", valueName: "shape"),
        transform: Self.shape)
    var dialect: SuppressionDialect
    @Option(
        name: .customLong("of"),
        help: ArgumentHelp("A list with the addresses to ask for; without it the contacts.", valueName: "file"),
        completion: .file())
    var list: String?
    @Option(help: ArgumentHelp("Where to; without it standard output.", valueName: "file"), completion: .file())
    var output: String?
    @Flag(help: "Replace the output file, once the new one is whole.")
    var force = false
    @OptionGroup var controller: ControllerOption

    private static func shape(_ text: String) throws -> SuppressionDialect {
        try Words.word(text, among: SuppressionDialect.allCases.filter(\.isWritable))
    }

    func run() async throws {
        guard let writer = SuppressionWriter(dialect) else { throw Failure("\(dialect.rawValue) is only read") }
        let input = try list.map { path throws(Failure) in try InputFile(path) }
        let output = try OutputFile(output, replacing: force ? .whenWhole : .never)
        do {
            try await Operator.open(controller, for: .list) { person in
                var export = Export(writer, output, person)
                if let input {
                    try await export.write(of: input)
                } else {
                    try await export.writeContacts()
                }
                try output.finish()
            }
        } catch {
            output.discard()
            throw error
        }
    }
}

/// A list of refusals on its way out.
private struct Export {
    private var writer: SuppressionWriter
    private let output: OutputFile
    private let person: Operator
    private var written = 0
    private var unread = 0

    init(_ writer: SuppressionWriter, _ output: OutputFile, _ person: Operator) {
        (self.writer, self.output, self.person) = (writer, output, person)
    }

    mutating func writeContacts() async throws {
        var after: AddressKey?
        repeat {
            let page = try await person.store.standingRefusals(ofContactsAfter: after, by: person.access)
            try take(page.refusals)
            after = page.next
        } while after != nil
        try end()
        let nameless = try await person.store.namelessRefusals(by: person.access)
        if nameless > 0 {
            Terminal.note("Of \(nameless) more people no address is kept; --of asks for the addresses of a list.")
        }
    }

    /// Asks for every address that stands anywhere in the list.
    mutating func write(of input: InputFile) async throws {
        var list = ListReader()
        var page: Set<Address> = []
        var isEnded = false
        do {
            while true {
                while let event = try list.next() {
                    switch event {
                    case .header(let row), .row(let row): page.formUnion(row.fields.compactMap(Self.address))
                    case .broken: unread += 1
                    case .file, .end: break
                    }
                    if page.count >= refusalAddressesMax - csvColumnsMax { try await ask(&page) }
                }
                if isEnded { break }
                if let piece = try input.piece() {
                    list.feed(piece)
                } else {
                    list.finish()
                    isEnded = true
                }
            }
        } catch let error as UnpackError {
            throw Failure("\(error)")
        } catch let error as ReadFailure {
            throw Failure(error.reason)
        }
        try await ask(&page)
        try end()
        if unread > 0 { Terminal.note("\(unread) rows could not be read, so nobody on them was asked for.") }
    }

    private static func address(_ field: String) -> Address? {
        guard field.utf8.contains(UInt8(ascii: "@")) else { return nil }
        do throws(AddressError) { return try Address(parsing: field) } catch { return nil }
    }

    private mutating func ask(_ page: inout Set<Address>) async throws {
        let addresses = page.sorted { $0.canonical < $1.canonical }
        page = []
        try take(try await person.store.standingRefusals(of: addresses, by: person.access))
    }

    private mutating func take(_ refusals: [StandingRefusal]) throws(Failure) {
        let before = writer.leftOut
        for refusal in refusals { writer.append(Suppression(refusal)) }
        written += refusals.count - (writer.leftOut - before)
        try output.write(writer.take())
    }

    private mutating func end() throws(Failure) {
        writer.finish()
        try output.write(writer.take())
        Terminal.note(
            "\(written) written as \(writer.dialect.rawValue), \(writer.leftOut) for which that has no place.")
    }
}

extension Suppression {
    /// The entry with the words of the list that it came by.
    fileprivate init(_ refusal: StandingRefusal) {
        var words: [SuppressionWord] = []
        if let text = refusal.words {
            do throws(JSONError) {
                if case .object(let object) = try JSON(parsing: Array(text.utf8)) {
                    for member in object.members where member.key != "import" {
                        if case .string(let word) = member.value { words.append(SuppressionWord(member.key, word)) }
                    }
                }
            } catch {}
        }
        self.init(.address(refusal.address), refusal.reason, at: refusal.at, evidence: words)
    }
}
