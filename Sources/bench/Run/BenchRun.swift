import Postgres
import Rules

/// Measures everything in one run, on one register, so that figures can be compared.
struct BenchRun {
    let site: Site
    let plan: BenchPlan
    let postmaster: Int32
    /// The file of this very program, for the servers that it starts of itself.
    let program: String

    private static let checkBody = #"{"address":"{address}","purpose":"newsletter"}"#
    private static let rightAnswer = #""eligible":"#

    func run() async throws -> BenchResult {
        let register = try await SeededRegister.open(site, people: plan.people, seed: plan.seed)
        let (holder, postgres) = try await askDatabase()
        var result = BenchResult(
            machine: .here(swift: swiftVersion(), postgres: postgres), people: plan.people, seconds: plan.seconds,
            connections: plan.connections)
        try await SeededRegister.seal(site)
        let echo = try start(CellName.echo, program) { ["echo", "--port", "\($0)"] }
        defer { echo.stop() }
        let oneQuery = try start(CellName.oneQuery, program) { ["serve", "--port", "\($0)"] }
        defer { oneQuery.stop() }
        let real = try start(CellName.real, site.maysend, portVariable: "MAYSEND_PORT") { _ in ["serve"] }
        defer { real.stop() }

        if plan.parts.contains(.checks) { result.cells = try compare([echo, oneQuery, real], register) }
        if plan.parts.contains(.lists) {
            result.cells.append(try batch(real, register, CellName.batch, addresses: 1_000, connections: 4))
            result.cells.append(try batch(real, register, CellName.largeBatch, addresses: 10_000, connections: 2))
            try stream(real, register, into: &result)
        }
        if plan.parts.contains(.database) { result.cells += try database(holder) }
        if plan.parts.contains(.links) { result.cells += try await links(register, holder) }
        if plan.parts.contains(.latency) {
            result.steps = try latencyAgainstRate(real, register, closed: result[CellName.real]?.median?.perSecond ?? 0)
        }
        return result
    }

    func start(
        _ name: String, _ program: String, portVariable: String? = nil, with settings: [String: String] = [:],
        _ arguments: (UInt16) -> [String]
    ) throws -> Service {
        let log = site.folder + "/" + name.replacing(" ", with: "-") + ".log"
        let environment = site.environment.merging(settings) { _, more in more }
        return try Service.start(
            name, program, arguments, environment: environment, portVariable: portVariable, log: log)
    }

    /// Round after round, each measuring all of them one after another.
    private func compare(_ services: [Service], _ register: SeededRegister) throws -> [Cell] {
        var cells = services.map { Cell(name: $0.name, meaning: Self.meaning(of: $0.name), unit: "checks") }
        for round in 1...plan.rounds {
            for (index, service) in services.enumerated() {
                Console.progress("\(service.name), round \(round) of \(plan.rounds)")
                let order = try checkOrder(service, register, seed: UInt64(round))
                cells[index].rounds.append(try measure(order, service))
            }
        }
        return cells
    }

    private static func meaning(of name: String) -> String {
        switch name {
        case CellName.echo: "POST with the same JSON in and out on a bare router; no key, no database, no log line"
        case CellName.oneQuery:
            "the service with each check a query of its own, on a pool of \(Knobs().checkConnections)"
        default: "POST /v1/eligibility of 'maysend serve', as it is shipped: key, verdict, log line to a file"
        }
    }

    func checkOrder(_ service: Service, _ register: SeededRegister, seed: UInt64) throws(BenchFault)
        -> LoadOrder
    {
        try order(service.target, register, body: Self.checkBody, expected: 1, seed: seed)
    }

    private func order(
        _ target: Target, _ register: SeededRegister, body: String, expected: Int, seed: UInt64
    ) throws(BenchFault) -> LoadOrder {
        let request = try RequestText(
            to: target, headers: ["Authorization: Bearer \(register.key)"], body: body,
            people: register.population.book,
            seed: seed)
        var order = LoadOrder(target, request)
        order.expected = Sighting(of: Self.rightAnswer, times: expected)
        (order.connections, order.seconds, order.warmupSeconds) = (plan.connections, plan.seconds, plan.warmupSeconds)
        return order
    }

    /// One measurement; each request asks for so many of what is counted.
    func measure(_ order: LoadOrder, _ service: Service, each: Int = 1) throws -> Cell.Round {
        let meter = Meter(server: service.child.pid, postmaster: postmaster)
        var readings: [Meter.Reading] = []
        service.emptyLog()
        ProcessFiles.resetPeak(of: service.child.pid)
        var driver = try Driver(order)
        let result = try driver.run { _ in readings.append(meter.read()) }
        guard service.child.isAlive else { throw BenchFault("\(service.name) ended by itself under load") }
        guard let before = readings.first, let after = readings.last else { throw BenchFault("nothing was measured") }
        let count = Double(max(1, result.answered * each))
        return Cell.Round(
            perSecond: result.perSecond * Double(each), latencies: result.latencies.summary,
            serverMicroseconds: Double(after.server - before.server) / 1_000 / count,
            databaseMicroseconds: Double(after.database - before.database) / 1_000 / count,
            driverMicroseconds: Double(result.driverNanoseconds) / 1_000 / count,
            peakBytes: ProcessFiles.peakBytes(of: service.child.pid), errors: result.errors, errorText: result.errorText
        )
    }

    private func batch(
        _ service: Service, _ register: SeededRegister, _ name: String, addresses: Int, connections: Int
    ) throws -> Cell {
        Console.progress(name)
        let body = #"{"purpose":"newsletter","addresses":[{addresses:\#(addresses)}]}"#
        var order = try order(
            service.target.at("/v1/eligibility/batch"), register, body: body, expected: addresses, seed: 7)
        order.connections = connections
        var cell = Cell(
            name: name,
            meaning:
                "POST /v1/eligibility/batch, \(connections) at a time; rate and µs are of addresses, latencies of batches",
            unit: "addresses")
        cell.rounds = [try measure(order, service, each: addresses)]
        return cell
    }

    private func database(_ holder: Int64) throws -> [Cell] {
        let bench = PgBench(
            site: site, postmaster: postmaster, connections: plan.connections, seconds: plan.seconds)
        Console.progress(CellName.standingSelect)
        var standing = Cell(
            name: CellName.standingSelect,
            meaning:
                "pgbench -M prepared: one standing of the same register by its primary key; a check reads up to four",
            unit: "selects")
        standing.rounds = [try bench.standings(holder: holder)]
        Console.progress(CellName.accountSelect)
        try bench.makeAccounts()
        var accounts = Cell(
            name: CellName.accountSelect,
            meaning: "pgbench -S -M prepared: PostgreSQL's own test, one of a million small rows", unit: "selects")
        accounts.rounds = [try bench.accounts()]
        return [standing, accounts]
    }

    private func latencyAgainstRate(
        _ service: Service, _ register: SeededRegister, closed perSecond: Double
    ) throws -> [RateStep] {
        guard perSecond > 0 else { return [] }
        return try plan.rateShares.enumerated().map { index, share in
            let offered = (perSecond * share).rounded()
            Console.progress("latency at \(Figures.whole(offered)) checks a second")
            var order = try checkOrder(service, register, seed: 100 + UInt64(index))
            order.pace = .open(perSecond: offered)
            order.warmupSeconds = min(1, plan.warmupSeconds)
            return RateStep(offered: offered, round: try measure(order, service))
        }
    }

    private func askDatabase() async throws -> (holder: Int64, version: String) {
        guard let controller = Slug(site.controller) else { throw BenchFault("'\(site.controller)' is no name") }
        let database = try Seeding.database(site.database)
        try await database.ready(within: .seconds(30))
        let holder = try await database.first(BenchSQL.holder, controller)
        let version = try await database.first(BenchSQL.serverVersion, ())
        await database.shutdown(within: .seconds(5))
        guard let holder, let version else { throw BenchFault("the database knows no controller '\(site.controller)'") }
        return (holder, "PostgreSQL " + version.prefix { $0 != " " })
    }

    private func swiftVersion() -> String {
        let output = site.folder + "/swift.out"
        do throws(BenchFault) {
            _ = try Child("swift", ["--version"], environment: site.environment, output: output).wait()
        } catch {
            return "Swift"
        }
        let match = (ProcessFiles.read(output) ?? "").firstMatch(of: /Swift version (\S+)/)
        return match.map { "Swift " + $0.1 } ?? "Swift"
    }
}
