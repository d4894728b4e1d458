import ArgumentParser
import Rules
import Store

/// The command `maysend audit show ADDRESS`.
struct AuditShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tell the whole story of one address in words: every act, what stands now and why, what is due.",
        discussion: "At most \(actsPerStoryMax) acts at a time; where there are more, the end says how to go on.")

    @OptionGroup var controller: ControllerOption
    @Argument(help: "The address, or - to read it from standard input.")
    var address: String
    @Option(
        help: ArgumentHelp("Leave out what happened before this instant (RFC 3339).", valueName: "time"),
        transform: Words.instant)
    var from: Instant?

    func run() async throws {
        let address = try Words.address(address)
        let story = try await Operator.open(controller) { here in
            try await here.store.story(of: address, from: from ?? .min, by: here.access)
        }
        tell(story)
    }

    private func tell(_ story: Story) {
        Terminal.line("key \(story.key), as seen at \(story.at.wholeSecond) under \(story.policy.label)")
        Terminal.line()
        let since = from.map { " since \($0)" } ?? ""
        Terminal.line(
            story.acts.isEmpty
                ? from == nil ? "Nothing ever happened to this address." : "Nothing happened to this address\(since)."
                : "What happened\(since):")
        for told in story.acts {
            Terminal.line("  \(told.at)  \(ActWords.sentence(told))")
            Terminal.line("      recorded \(told.recordedAt) by \(ActWords.actor(told.actor)), act \(told.id)")
            if let evidence = told.evidence { Terminal.line("      evidence \(evidence)") }
        }
        if let more = story.moreFrom {
            Terminal.line("  … and more: these are the first \(story.acts.count). Go on with --from \(more).")
        }
        if !story.requests.isEmpty {
            Terminal.line()
            Terminal.line("What they asked for:")
            for request in story.requests { Terminal.line("  \(ActWords.sentence(request))") }
        }
        Terminal.line()
        Terminal.line("What stands now:")
        for (purpose, verdict) in story.verdicts { Terminal.line("  \(purpose.id): \(words(verdict))") }
        Terminal.line()
        Terminal.line(
            story.isStored
                ? "Their data are stored." : "No data of theirs are stored; only this key and the acts above are left.")
        Terminal.line("What is due: \(due(story))")
    }

    private func words(_ verdict: Verdict) -> String {
        if let ground = verdict.ground {
            return "may be sent, on '\(ground.id)', Article \(ground.basis.article)"
                + (verdict.until.map { ", until \($0)" } ?? ", without a clock")
        }
        var text = "may not be sent: \(verdict.reason.code)"
        if let entry = verdict.entry { text += " since \(entry.at)" }
        if let until = verdict.until { text += ", lapsed \(until)" }
        return text
    }

    private func due(_ story: Story) -> String {
        switch story.retention {
        case .kept(let until, let keeper):
            "nothing yet; '\(keeper)' keeps the data \(until.map { "until \($0)" } ?? "without a clock")"
        case .due(let lapse):
            (story.isStored ? "erasure by the next sweep: " : "nothing; ") + lapse.reason.description
                + (lapse.since.map { " since \($0)" } ?? "")
        }
    }
}
