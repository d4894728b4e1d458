import ArgumentParser
import Rules
import Store
import Web

/// The command `maysend subject …`.
struct SubjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subject",
        abstract: "The rights of a person: access, correction, erasure, restriction, objection, withdrawal.",
        discussion: """
              maysend subject export kari@firma.example
              maysend subject erase kari@firma.example --evidence letter=2026-114
              maysend subject rectify k@firma.example --new-address kari@firma.example
              maysend subject object kari@firma.example --purpose profiling

            An address of - is read from standard input.
            """,
        subcommands: [
            SubjectExport.self, SubjectErase.self, SubjectRectify.self, SubjectRestrict.self, SubjectTold.self,
            SubjectUnrestrict.self, SubjectObject.self, SubjectWithdraw.self,
        ])
}

/// Whose right it is, and what shows that it was asked for.
struct SubjectOptions: ParsableArguments {
    @Argument(help: "The address, or - to read it from standard input.")
    var address: String
    @Option(
        help: ArgumentHelp("What shows it; no address in it; repeat for more.", valueName: "name=word"),
        transform: Words.pair)
    var evidence: [Words.Pair] = []
    @OptionGroup var controller: ControllerOption

    /// Records the event about the address and says what was recorded.
    func record(_ make: (Policy) throws -> Event, adding more: [Words.Pair] = []) async throws {
        let address = try Words.address(address)
        let evidence = try Words.evidence(method: nil, evidence + more)
        try await Operator.open(controller) { person in
            let report = Report(try make(person.policy), of: .address(address), evidence: evidence)
            let receipt = try await person.store.run(.record(report), by: person.access)
            Terminal.line("recorded: \(receipt.words), counts from \(receipt.at) (ledger \(receipt.id))")
            if receipt.act.entry != nil {
                Terminal.line("stops: \(receipt.stops.map(\.text).joined(separator: ", "))")
            }
        }
    }
}

/// The command `maysend subject export ADDRESS`.
struct SubjectExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print everything that is held about a person (Articles 15 and 20), as JSON or a page.")

    @Argument(help: "The address, or - to read it from standard input.")
    var address: String
    @Flag(help: "As a page to be read.")
    var html = false
    @Option(help: ArgumentHelp("Of the page: nb, sv, en or de; else the person's or the company's.", valueName: "tag"))
    var language: String?
    @OptionGroup var controller: ControllerOption

    func run() async throws {
        let address = try Words.address(address)
        let pages = html ? try TextFiles.pages() : nil
        try await Operator.open(controller) { person in
            let file = try await person.store.subjectFile(of: address, by: person.access)
            let document = pages?.html(of: file, in: language) ?? SubjectDocument.json(of: file)
            Terminal.line(String(decoding: document, as: UTF8.self))
        }
    }
}

/// The command `maysend subject erase ADDRESS`.
struct SubjectErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Erase what is stored of a person, and say what is kept and why (Article 17).")

    @OptionGroup var subject: SubjectOptions

    func run() async throws {
        let address = try Words.address(subject.address)
        let evidence = try Words.evidence(method: nil, subject.evidence)
        try await Operator.open(subject.controller) { person in
            let erased = try await person.store.run(.erase(address, evidence: evidence), by: person.access)
            let stored = erased.hadContact ? "the contact is gone" : "no contact was stored"
            Terminal.line(
                erased.isCarriedOut
                    ? "erased: \(stored) (ledger \(erased.receipt.id))"
                    : "pending: a hold keeps the contact; every decision has forgotten the person (ledger \(erased.receipt.id))"
            )
            Terminal.line("stops: \(erased.receipt.stops.map(\.text).joined(separator: ", "))")
            for kept in erased.kept {
                let hold = kept.hold.map { " \($0)" } ?? ""
                let end = kept.until.map { ", until \($0)" } ?? ""
                Terminal.line("kept: \(kept.what.rawValue)\(hold), Article \(kept.exception)\(end)")
            }
        }
    }
}

/// The command `maysend subject rectify ADDRESS …`.
struct SubjectRectify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rectify", abstract: "Correct what is stored of a person (Article 16).",
        discussion: """
            A corrected address inherits every opt-out, restriction, hold and mark, also an opt-out by a digest or an alias \
            form; the old one keeps its own, and nothing lifts anything.

              maysend subject rectify k@firma.example --new-address kari@firma.example
            """)

    @OptionGroup var subject: SubjectOptions
    @Option(help: ArgumentHelp("The right address.", valueName: "address"))
    var newAddress: String?
    @Option(help: "The right name.")
    var name: String?
    @Option(help: "The right position.")
    var position: String?
    @Option(help: "The right phone number.")
    var phone: String?

    func validate() throws {
        guard [newAddress, name, position, phone].contains(where: { $0 != nil }) else {
            throw ValidationError("Say what is right: --new-address, --name, --position or --phone.")
        }
        for text in [name, position, phone] {
            guard let text else { continue }
            guard !text.isEmpty, text.utf8.count <= Lead.textBytesMax, !text.contains("\0") else {
                throw ValidationError("A text is 1 to \(Lead.textBytesMax) bytes.")
            }
        }
    }

    func run() async throws {
        let address = try Words.address(subject.address)
        let evidence = try Words.evidence(method: nil, subject.evidence)
        let right = try newAddress.map { text throws(Failure) in try Words.address(text) }
        let correction = Correction(address: right, name: name, position: position, phone: phone)
        try await Operator.open(subject.controller) { person in
            let done = try await person.store.run(
                .rectify(address, to: correction, evidence: evidence), by: person.access)
            Terminal.line("corrected: \(done.corrected.joined(separator: ", ")) (ledger \(done.act))")
            for one in done.inherited {
                Terminal.line("inherited: \(one.name.rawValue) (ledger \(one.act), repeats \(one.of))")
            }
            if let refusal = done.refusal {
                Terminal.line("refused for \(person.policy.defaultPurpose) now: \(refusal.code)")
            }
        }
    }
}

/// The command `maysend subject restrict ADDRESS`.
struct SubjectRestrict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restrict", abstract: "Store and do not use (Article 18).")

    @OptionGroup var subject: SubjectOptions

    func run() async throws { try await subject.record { _ in .restricted } }
}

/// The command `maysend subject told ADDRESS --method letter`.
struct SubjectTold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "told",
        abstract: "Record that the person was told that the restriction will be lifted (Article 18(3)).")

    @OptionGroup var subject: SubjectOptions
    @Option(help: ArgumentHelp("How, as letter, phone or mail.", valueName: "word"))
    var method: String

    func run() async throws {
        try await subject.record(
            { _ in .restrictionLiftingTold }, adding: [Words.Pair(name: "method", word: method)])
    }
}

/// The command `maysend subject unrestrict ADDRESS`.
struct SubjectUnrestrict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unrestrict",
        abstract: "Lift a restriction; the person must have been told ('maysend subject told').")

    @OptionGroup var subject: SubjectOptions

    func run() async throws { try await subject.record { _ in .restrictionLifted } }
}

/// The command `maysend subject object ADDRESS`.
struct SubjectObject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "object", abstract: "Record an objection to all direct marketing, or to one purpose (Article 21).")

    @OptionGroup var subject: SubjectOptions
    @Option(help: ArgumentHelp("One purpose alone, as profiling or analytics.", valueName: "id"))
    var purpose: String?

    func run() async throws { try await subject.record(.objected, purpose: purpose) }
}

/// The command `maysend subject withdraw ADDRESS --purpose newsletter`.
struct SubjectWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Record that the person takes a consent back (Article 7(3)).")

    @OptionGroup var subject: SubjectOptions
    @Option(help: ArgumentHelp("What they had consented to.", valueName: "id"))
    var purpose: String

    func run() async throws { try await subject.record(.consentWithdrawn, purpose: purpose) }
}

extension SubjectOptions {
    fileprivate func record(_ name: Event.Name, purpose: String?) async throws {
        try await record { policy in
            do throws(EventError) {
                return try Event(name, fields: purpose.map { ["purpose": $0] } ?? [:], under: policy)
            } catch {
                throw Failure("--\(error.field): \(error.problem)")
            }
        }
    }
}
