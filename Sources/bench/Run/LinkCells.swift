import Foundation
import Postgres
import Rules

extension BenchRun {
    /// Checks whose verdicts carry links; then one-clicks against what the database can commit at most, round after round.
    func links(_ register: SeededRegister, _ holder: Int64) async throws -> [Cell] {
        let mint = try LinkMint(site, holder: holder)
        let service = try start(
            CellName.linkedCheck, site.maysend, portVariable: "MAYSEND_PORT", with: site.linkSettings
        ) { _ in ["serve"] }
        defer { service.stop() }
        var checks = Cell(
            name: CellName.linkedCheck,
            meaning: "the same with links set up: each yes seals two and carries the fields of RFC 8058",
            unit: "checks")
        Console.progress(CellName.linkedCheck)
        checks.rounds = [try measure(checkOrder(service, register, seed: 1), service)]

        var optOuts = Cell(
            name: CellName.optOut,
            meaning:
                "POST /u/{token} as a mailbox provider presses it, each of another person, answered after its commit",
            unit: "opt-outs")
        var inserts = Cell(
            name: CellName.insert, meaning: "pgbench -M prepared: one small row inserted and committed", unit: "inserts"
        )
        try await makeInsertTable()
        let bench = PgBench(
            site: site, postmaster: postmaster, connections: plan.connections, seconds: plan.seconds)
        for round in 1...plan.rounds {
            Console.progress("\(CellName.optOut), round \(round) of \(plan.rounds)")
            let order = try optOutOrder(service, register, mint)
            optOuts.rounds.append(try measure(order, service))
            inserts.rounds.append(try bench.inserts())
        }
        return [checks, optOuts, inserts]
    }

    /// So many links are made that none is pressed twice, which would be answered without a commit of its own.
    private func optOutOrder(
        _ service: Service, _ register: SeededRegister, _ mint: LinkMint
    ) throws -> LoadOrder {
        let count = Int((plan.seconds + plan.warmupSeconds) * Self.optOutsPerSecondMax)
        let request = try RequestText(
            to: service.target, headers: ["Content-Type: application/x-www-form-urlencoded"],
            body: "List-Unsubscribe=One-Click", people: register.population.book, seed: 1, paths: mint.paths(count))
        var order = LoadOrder(service.target, request)
        order.expected = Sighting(of: "</html>", times: 1)
        (order.connections, order.seconds, order.warmupSeconds) = (plan.connections, plan.seconds, plan.warmupSeconds)
        return order
    }

    /// More than a machine of this kind commits.
    private static let optOutsPerSecondMax = 20_000.0

    private func makeInsertTable() async throws {
        let database = try Seeding.database(site.database)
        try await database.ready(within: .seconds(30))
        try await database.run(Script(reviewed: BenchSQL.insertTable), priority: .bulk)
        await database.shutdown(within: .seconds(5))
    }
}

/// Seals links of people who are not in the register.
struct LinkMint {
    private let ring: LinkKeyRing
    private let peppers: Peppers
    private let holder: Int64

    /// Reads the site's keys, which it makes the first time.
    init(_ site: Site, holder: Int64) throws {
        let file = site.linkKeysFile
        if !FileManager.default.fileExists(atPath: file) {
            try site.maysend("key", "rotate-links", "--first", with: site.linkSettings)
        }
        ring = try LinkKeyRing(parsing: String(contentsOfFile: file, encoding: .utf8), file: file)
        peppers = try Peppers(
            parsing: String(contentsOfFile: site.pepperFile, encoding: .utf8), file: site.pepperFile)
        self.holder = holder
    }

    /// The paths of so many links, each of a person of its own and none of an earlier call.
    func paths(_ count: Int) throws(BenchFault) -> [String] {
        let now = WallClock.now()
        var paths: [String] = []
        paths.reserveCapacity(count)
        for number in 0..<count {
            let address: Address
            do {
                address = try Address(parsing: "p\(number)-\(now.microseconds)@optout.example")
            } catch {
                throw BenchFault("an address of the bench is none: \(error.code)")
            }
            let link = Link(
                .unsubscribe, controller: holder, person: peppers.current.person(address),
                purpose: Slug("newsletter"), campaign: Campaign("bench"), mintedAt: now)
            let nonce = (0..<LinkToken.nonceOctets).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }
            guard let token = ring.token(for: link, nonce: nonce) else { throw BenchFault("a link cannot be sealed") }
            paths.append("/u/" + token)
        }
        return paths
    }
}
