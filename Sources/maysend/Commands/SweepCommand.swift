import ArgumentParser
import Rules
import Store
import Work

/// The command `maysend sweep`.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Erase the contacts that nothing keeps any more.",
        discussion: """
            Asks the rules about each contact that falls due, behind the person's lock: grounds, restrictions, holds and \
            requests for consent keep it, and then its due date moves. An erasure that a hold deferred is carried out when the hold \
            has ended; --dry-run does not list it. Steps are bounded, so it may run beside a busy server, \
            be ended at any time and be run again. Opt-outs stay. The service does the same by itself (MAYSEND_SWEEP).

              maysend sweep --dry-run
              maysend sweep
            """)

    @OptionGroup var controller: ControllerOption
    @Flag(help: "List what would go and why, and change nothing.")
    var dryRun = false
    @Flag(help: "With --dry-run: show the addresses, not only their keys.")
    var addresses = false
    @Flag(help: "Never rest between steps; checks get slower meanwhile.")
    var fullSpeed = false

    func validate() throws {
        guard !addresses || dryRun else { throw ValidationError("--addresses belongs to --dry-run.") }
    }

    func run() async throws {
        try await Operator.open(controller, for: .list) { operatorHere in
            if dryRun { try await list(operatorHere) } else { try await sweepNow(operatorHere) }
        }
    }

    private func list(_ here: Operator) async throws {
        var counts: [String: Int] = [:]
        var cursor = DueCursor.start as DueCursor?
        while let from = cursor {
            let page = try await here.store.duePage(after: from, by: here.access)
            for one in page.due {
                let reason = one.lapse.reason.description
                counts[reason, default: 0] += 1
                let since = one.lapse.since.map { " since \($0.wholeSecond)" } ?? ""
                Terminal.line("\(addresses ? one.address.canonical : one.key.description)  \(reason)\(since)")
            }
            cursor = page.next
        }
        for (reason, count) in counts.sorted(by: { $0.key < $1.key }) { Terminal.note("\(count) \(reason)") }
        Terminal.note("= \(counts.values.reduce(0, +)) would be erased; nothing was changed")
    }

    private func sweepNow(_ here: Operator) async throws {
        let bar = ProgressBar(total: 0)
        let work = Access(operator: Machine.user, for: here.access.controller)
        let instance = SweepInstance(random: Machine.randomNumbers())
        let run = try await Work.sweep(
            here.store, work, instance, since: Machine.now(),
            pace: fullSpeed ? .full : .shared,
            progress: { run in
                bar.advance(to: Int(clamping: run.looked), "\(run.looked) looked at, \(run.erased) erased")
            },
            damaged: { one in
                bar.clear()
                Terminal.note("\(one.key) is damaged (\(one.cause)) and was left alone")
            })
        bar.clear()
        guard let run else {
            throw Failure("another process is sweeping just now", hint: "Run the command again when it is done.")
        }
        Terminal.line("erased \(run.erased) of \(run.looked) contacts that were looked at")
        Terminal.line("by ground  \(run.grounds)")
        Terminal.line("policy     \(run.policy)")
        Terminal.line("digest     \(run.digest)")
        Terminal.line("report     sweep \(run.id) of \(run.controller)")
    }
}
