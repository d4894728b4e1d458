import ArgumentParser

/// The command `bench load`.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Put load on any HTTP server and show rate and latencies.",
        discussion: """
            Without --rate a closed loop: each connection sends its next request when the answer has come. With --rate an \
            open loop: so many a second are due, and a latency runs from when the request was due, however late it could be \
            sent. Answers other than 200, or without --expect in the body, count as errors and not as answers.

            In --body {n} is a random number from 1 to --people, {address} a seeded person's address, {addresses:1000} a \
            thousand of them, quoted.

              bench load http://127.0.0.1:8080/v1/eligibility --header "Authorization: Bearer $MAYSEND_API_KEY" \\
                --body '{"address":"{address}","purpose":"newsletter"}' --expect '"eligible":'
              bench load http://127.0.0.1:8098/check --body '{"email":"user{n}@example.no"}' --rate 5000
            """)

    @Argument(help: ArgumentHelp("Where to, as http://host:port/path.", valueName: "url"))
    var url: String
    @Option(help: "The body of a POST; without it a GET is sent.")
    var body: String?
    @Option(help: ArgumentHelp("A header line, as 'Name: value'; repeat for more.", valueName: "line"))
    var header: [String] = []
    @Option(help: ArgumentHelp("What the body of a right answer has.", valueName: "text"))
    var expect = ""
    @Option(help: ArgumentHelp("How often it must have it.", valueName: "count"))
    var expectTimes = 1
    @Option(help: "Connections that are open at a time.")
    var connections = 64
    @Option(help: "Seconds that are measured.")
    var seconds = 10.0
    @Option(help: ArgumentHelp("Seconds before that.", valueName: "seconds"))
    var warmup = 2.0
    @Option(help: ArgumentHelp("Requests a second of an open loop.", valueName: "per-second"))
    var rate: Double?
    @Option(help: "People among whom {n} and {address} choose.")
    var people = Population.peopleStandard
    @Option(help: "The seed of the choice, and of the addresses.")
    var seed = Population.seedStandard

    func validate() throws {
        guard (1...10_000).contains(connections), people > 0, expectTimes > 0 else {
            throw ValidationError("--connections is 1 to 10000; --people and --expect-times are at least 1.")
        }
        guard seconds > 0, warmup >= 0, rate.map({ $0 > 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--seconds and --rate are more than 0, --warmup is not less.")
        }
    }

    func run() throws {
        let target = try Target(parsing: url)
        let book = AddressBook(count: people, seed: seed)
        var order = LoadOrder(
            target, try RequestText(to: target, headers: header, body: body, people: book, seed: seed))
        order.expected = Sighting(of: expect, times: expectTimes)
        (order.connections, order.seconds, order.warmupSeconds) = (connections, seconds, warmup)
        order.pace = rate.map { .open(perSecond: $0) } ?? .closed
        var driver = try Driver(order)
        show(try driver.run())
    }

    private func show(_ result: LoadResult) {
        let summary = result.latencies.summary
        Console.result(
            """
            \(Figures.whole(result.perSecond))/s  p50 \(Figures.milliseconds(summary.p50)) ms  \
            p95 \(Figures.milliseconds(summary.p95)) ms  p99 \(Figures.milliseconds(summary.p99)) ms  \
            p99.9 \(Figures.milliseconds(summary.p999)) ms  max \(Figures.milliseconds(summary.max)) ms
            \(result.answered) right answers in \(seconds) s, \(result.errors) errors\
            \(result.errors > 0 ? " (\(result.errorText))" : "")
            driver \(Figures.microseconds(Double(result.driverNanoseconds) / 1_000 / Double(max(result.answered, 1)))) \
            µs of processor time a request
            """)
    }
}
