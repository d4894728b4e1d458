import ArgumentParser
import Rules
import Store
import Work

/// The command `maysend audit …`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show that the ledger is the one that was recorded, and what happened to an address.",
        discussion: """
            Every act is chained to the one before it, and 'serve' signs the end of the chain each minute. Keep a head \
            outside, on paper or on another machine: against it any act that was changed, taken out, put in or cut off is found.

              maysend audit key create /etc/maysend/seal.key
              maysend audit head > head-2026-11-21
              maysend audit verify --head head-2026-11-21
              maysend audit show kari@firma.example
            """,
        subcommands: [AuditKey.self, AuditSeal.self, AuditHead.self, AuditVerify.self, AuditShow.self])
}

/// The command `maysend audit key …`.
struct AuditKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make the key that signs.", subcommands: [AuditKeyCreate.self])
}

/// The command `maysend audit key create FILE`.
struct AuditKeyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Write a new key to a new file, readable by its owner alone.")

    @Argument(help: "The file to make.", completion: .file())
    var file: String

    func run() async throws {
        let key = try SealKeyFiles.create(file)
        Terminal.line("made \(file), readable by its owner alone")
        Terminal.line("public key \(hexadecimal(key))")
        Terminal.note("Name it in MAYSEND_SEAL_KEY. Keep it apart from the database: who has both can forge a history.")
    }
}

/// The command `maysend audit seal`.
struct AuditSeal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal what is committed, and sign it if MAYSEND_SEAL_KEY is set, as 'serve' does by itself.")

    func run() async throws {
        let key = try SealKeyFiles.read()
        let (count, head) = try await Connections.withSealDesk { desk -> (Int, SealHead?) in
            let count = try await sealAll(desk)
            guard let key else { return (count, nil) }
            return (count, try await desk.sign(with: key))
        }
        Terminal.line("sealed \(count) acts")
        if let head { Terminal.line("signed up to position \(head.chain.position), as head \(head.number)") }
    }
}

/// The command `maysend audit head`.
struct AuditHead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "head", abstract: "Print the newest signed head, to be kept outside.")

    func run() async throws {
        guard let head = try await Connections.withAuditor({ try await $0.head() }) else {
            throw Failure(
                "nothing is signed yet",
                hint: "'serve' signs each minute where MAYSEND_SEAL_KEY names a key; 'maysend audit seal' does it now.")
        }
        Terminal.text(head.description)
    }
}

/// The command `maysend audit verify`.
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the chain over the ledger and compare; change nothing.",
        discussion: """
            Exit 0 if nothing is wrong, 1 if something is, 2 if it cannot be known. Without a kept head, what was cut off at \
            the end is not noticed. Every head must be signed by a key of the kept heads, or by one that --key names: where the \
            key was changed, keep a head of each or name them all.
            """)

    @Option(
        help: ArgumentHelp(
            "Heads that were kept outside: a file with one or several; may be given again.", valueName: "file"),
        completion: .file())
    var head: [String] = []
    @Option(
        help: ArgumentHelp(
            "The public half of a key that signed, as 'audit key create' and each head show it; may be given again.",
            valueName: "hex"))
    var key: [String] = []

    func run() async throws {
        var kept: [SealHead] = []
        for file in head { kept += try Self.heads(in: file) }
        let keys = Set(try key.map { text throws(Failure) in try Self.publicKey(text) })
        let bar = ProgressBar(total: 0)
        let report = try await Connections.withAuditor { auditor in
            try await auditor.verify(against: kept, keys: keys) { links in
                bar.advance(to: Int(clamping: links), "\(links) links compared")
            }
        }
        bar.clear()
        for tampering in report.tamperings { Terminal.line("\(words(tampering.place)): \(tampering.problem.rawValue)") }
        if report.tamperingCount > report.tamperings.count {
            Terminal.line("… and \(report.tamperingCount - report.tamperings.count) more")
        }
        Terminal.line(
            "\(report.links) sealed acts and \(report.heads) signed heads compared, \(report.tamperingCount) wrong; "
                + "\(report.waiting) acts wait to be sealed")
        if kept.isEmpty { Terminal.note("No kept head was given: acts cut off at the end would not be noticed.") }
        if report.tamperingCount > 0 { throw ExitCode(1) }
    }

    private static func heads(in file: String) throws(Failure) -> [SealHead] {
        let text: String
        do { text = try SystemFile.text(file) } catch { throw Failure("the kept head \(error.description)") }
        guard let heads = SealHead.all(parsing: text) else {
            throw Failure("\(file) is no head", hint: "It is what 'maysend audit head' prints, all of it.")
        }
        return heads
    }

    private static func publicKey(_ text: String) throws(Failure) -> [UInt8] {
        guard let key = octets(hexadecimal: text), key.count == SealKey.publicOctets else {
            throw Failure("--key: '\(text)' is no public key", hint: "It has 64 hexadecimal digits.")
        }
        return key
    }

    private func words(_ place: Tampering.Place) -> String {
        switch place {
        case .seal(let position, 0): "position \(position)"
        case .seal(let position, let act): "position \(position), act \(act)"
        case .act(let id): "act \(id)"
        case .head(let number): "head \(number)"
        case .chain: "the chain"
        }
    }
}
