import ArgumentParser
import Foundation

extension BenchPart: ExpressibleByArgument {}

/// The command `bench run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure everything in one run: table, JSON and chart.",
        discussion: """
            Seeds the database if it is empty, starts the servers and puts load on them: the bare echo route, one query \
            per check, the service as it is, batches, a stream, and pgbench as the database's own limit; then latency \
            against rate. The table goes to standard output; result.json and latency.svg into the folder.

              bench run --database postgresql://… --postmaster 4711 --people 3000000 --seconds 10
            """)

    @OptionGroup var site: Site
    @Option(help: ArgumentHelp("The process of the database's postmaster, whose work is counted.", valueName: "pid"))
    var postmaster: Int32
    @Option(help: "How many people.")
    var people = Population.peopleStandard
    @Option(help: "The same seed makes the same people.")
    var seed = Population.seedStandard
    @Option(help: "Seconds of one cell.")
    var seconds = BenchPlan().seconds
    @Option(help: ArgumentHelp("Seconds before them.", valueName: "seconds"))
    var warmup = BenchPlan().warmupSeconds
    @Option(help: "Connections that are open at a time.")
    var connections = BenchPlan().connections
    @Option(help: "Rounds of what is compared.")
    var rounds = BenchPlan().rounds
    @Option(help: ArgumentHelp("Measure this alone: \(Self.parts); may be given several times.", valueName: "part"))
    var only: [BenchPart] = []
    @Option(help: ArgumentHelp("Rows of the stream.", valueName: "count"))
    var streamRows = BenchPlan().streamRows

    private static let parts = BenchPart.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        try SeedCommand.validate(people: people)
        guard seconds >= 1, warmup >= 0, (1...150).contains(connections), rounds >= 1, streamRows >= 1 else {
            throw ValidationError(
                "--seconds, --rounds and --stream-rows are at least 1, --warmup at least 0, --connections 1 to 150.")
        }
        guard only.isEmpty || !only.contains(.latency) || only.contains(.checks) else {
            throw ValidationError("latency is measured at shares of what checks reach: give --only checks as well.")
        }
    }

    func run() async throws {
        var plan = BenchPlan()
        (plan.people, plan.seed, plan.seconds, plan.warmupSeconds) = (people, seed, seconds, warmup)
        (plan.connections, plan.rounds, plan.streamRows) = (connections, rounds, streamRows)
        if !only.isEmpty { plan.parts = Set(only) }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let result = try await BenchRun(site: site, plan: plan, postmaster: postmaster, program: program).run()
        Console.result(ResultTable(result: result).text)
        try write(Data(ResultDocument(result: result).bytes), "result.json")
        try write(Data(LatencyChart(result: result).svg.utf8), "latency.svg")
        Console.progress("Written: \(site.folder)/result.json and \(site.folder)/latency.svg")
    }

    private func write(_ data: Data, _ name: String) throws {
        try data.write(to: URL(fileURLWithPath: site.folder + "/" + name), options: .atomic)
    }
}
