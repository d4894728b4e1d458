import ArgumentParser
import Formats
import Rules
import Store
import Web

/// The command `maysend check ADDRESS --purpose P`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "May this message go to this person now, and on what ground?",
        discussion: """
            Prints the verdict with the path of rules that led to it; the first rule that applies answers. Asks the \
            database directly, with its pepper, as an operator.

              maysend check kari@firma.example --purpose newsletter
              echo kari@firma.example | maysend check - --purpose newsletter --json

            Exit 0 if eligible, 1 if not, 2 if it cannot be known.
            """)

    @Argument(help: "The address, or - to read it from standard input, where no list of processes shows it.")
    var address: String
    @Option(help: ArgumentHelp("What the message is for.", valueName: "id"), transform: Words.slug)
    var purpose: Slug
    @Option(help: ArgumentHelp("The topic of the message.", valueName: "id"), transform: Words.slug)
    var topic: Slug?
    @Option(
        help: ArgumentHelp("When it would go, as 2026-12-01T08:00:00Z; now or later.", valueName: "time"),
        transform: Words.instant)
    var at: Instant?
    @OptionGroup var controller: ControllerOption
    @Flag(help: "Print what the API would answer, as JSON.")
    var json = false

    func run() async throws {
        let address = try Words.address(address)
        let check = Check(address: address, purpose: purpose, topic: topic, at: at)
        let isEligible = try await Operator.open(controller) { person in
            let verdict = try await person.store.verdict(check, by: person.access)
            let answer: CheckAnswer
            switch verdict {
            case .success(let given): answer = given
            case .failure(let fault): throw Failure(fault)
            }
            if json {
                Terminal.line(answer.json)
            } else {
                try await explain(check, answer, person)
            }
            return answer.verdict.isEligible
        }
        if !isEligible { throw ExitCode(1) }
    }

    private func explain(_ check: Check, _ answer: CheckAnswer, _ person: Operator) async throws {
        let explanation = try await person.store.explanation(of: check, at: answer.at, by: person.access)
        guard explanation.verdict == answer.verdict else {
            throw Failure("the standing changed while it was read", hint: "Run the command again.")
        }
        let entries = try await person.store.entries(on: check.address, by: person.access)
        let words = VerdictWords(check: check, answer: answer, explanation: explanation, entries: entries)
        for line in words.lines { Terminal.line(line) }
    }
}

extension Failure {
    init(_ fault: CheckFault) {
        switch fault {
        case .unknownName(let name): self.init(name)
        case .notSendable(let purpose):
            self.init("'\(purpose)' is of kind record: it is kept and never sent, so there is nothing to ask")
        case .inThePast(let asked, let now):
            self.init("--at \(asked) is past; it is \(now.wholeSecond), now or later is allowed")
        case .noPolicy(let text): self.init(text, hint: "Put one into effect with 'maysend policy apply FILE'.")
        }
    }
}

extension CheckAnswer {
    /// The API's answer, with the number of the rule that answered.
    var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        write(to: &writer)
        writer.member("rule", verdict.reason.rule)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
