import ArgumentParser
import Rules
import Store

/// The command `maysend instance …`.
struct InstanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance",
        abstract: "List the instances that have a spool, and forget one that does not come back.",
        discussion: """
            An instance with a spool (MAYSEND_SPOOL) may acknowledge opt-outs while it does not reach the database. One that \
            does not answer is waited for: until it has brought in what it holds, no check is answered.
            """,
        subcommands: [InstanceList.self, InstanceForget.self])
}

/// The command `maysend instance list`.
struct InstanceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List every instance that has a spool and has not ended in order.")

    func run() async throws {
        let instances = try await Connections.withAdministration { administration in
            try await administration.instances()
        }
        guard !instances.isEmpty else { return Terminal.note("There is no instance with a spool.") }
        Terminal.table(
            ["ID", "NAME", "LAST BEAT", "STATE"],
            instances.map { [$0.id.description, $0.name, $0.beatAt.wholeSecond.description, state(of: $0)] })
    }

    private func state(of instance: InstanceRecord) -> String {
        switch instance.state {
        case .live where instance.isLapsed: "does not answer; waited for, \(instance.secondsLeft) s at most"
        case .live: "live"
        case .absent: "absent: nobody waits for it; what it holds is unknown"
        case .forgotten: "forgotten"
        }
    }
}

/// The command `maysend instance forget ID`.
struct InstanceForget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Wait no more for an instance that does not come back.",
        discussion: """
            Checks are answered again. Opt-outs that it acknowledged and did not bring in are not heeded until its spool is \
            served again: start it once more if you can. Who forgot it is recorded.

              maysend instance forget 7c9e6679-7425-40de-944b-e07fc1f90ae7
            """)

    @Argument(help: "Its id; 'maysend instance list' shows it.")
    var id: String

    func run() async throws {
        guard let wanted = InstanceID(parsing: id) else {
            throw Failure("'\(id)' is no id of an instance", hint: "'maysend instance list' shows them.")
        }
        let (isForgotten, known) = try await Connections.withAdministration { administration in
            let isForgotten = try await administration.forget(wanted, by: Machine.user)
            return (isForgotten, try await administration.instances().first { $0.id == wanted })
        }
        guard let known else {
            throw Failure("there is no instance with that id", hint: "'maysend instance list' shows them.")
        }
        guard isForgotten || known.state == .forgotten else {
            throw Failure(
                "'\(known.name)' answers, so it is not forgotten", hint: "Stop it first: it then ends in order.",
                status: 1)
        }
        Terminal.line(isForgotten ? "forgot '\(known.name)'" : "'\(known.name)' was forgotten before")
    }
}
