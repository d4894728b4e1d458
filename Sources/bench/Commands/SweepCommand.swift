import ArgumentParser
import Foundation

/// The command `bench sweep`.
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Sweep a seeded register while checks go on: their latency before and meanwhile, time and memory.",
        discussion: """
            Seeds the database if it is empty and stores a contact for everybody; some 15 of a hundred are due. Puts an open \
            loop of checks on the service, alone and then beside 'maysend sweep'. A register is swept once: another run needs \
            another database.

              bench sweep --database postgresql://… --postmaster 4711 --people 7000000 --rate 5000
            """)

    @OptionGroup var site: Site
    @Option(help: ArgumentHelp("The process of the database's postmaster, whose work is counted.", valueName: "pid"))
    var postmaster: Int32
    @Option(help: "How many people.")
    var people = 7_000_000
    @Option(help: "The same seed makes the same people.")
    var seed = Population.seedStandard
    @Option(help: "Checks a second.")
    var rate = 5_000.0
    @Option(help: "Seconds of each measurement.")
    var seconds = 20.0
    @Option(help: "Connections that are open at a time.")
    var connections = 64

    func validate() throws {
        try SeedCommand.validate(people: people)
        guard seconds >= 1, rate > 0, rate.isFinite, (1...150).contains(connections) else {
            throw ValidationError("--seconds is at least 1, --rate more than 0, --connections 1 to 150.")
        }
    }

    func run() async throws {
        let register = try await SeededRegister.open(site, people: people, seed: seed)
        let due = try await SeededContacts.of(register, at: site).fill(url: site.database)
        // The server would do it meanwhile, and checks alone would not be alone.
        try await SeededRegister.seal(site)
        var run = SweepRun(site: site, register: register, postmaster: postmaster)
        (run.rate, run.seconds, run.connections) = (rate, seconds, connections)
        let result = try run.measure(due: due)
        Console.result(result.text)
        if result.ratio >= 2 { throw BenchFault("p99 of the checks more than doubled while the sweep went on") }
    }
}
