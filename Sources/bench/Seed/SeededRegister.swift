import Foundation
import Postgres
import Rules
import Store

/// A database with a policy, a key and a population in it.
struct SeededRegister {
    /// A secret key that may ask checks.
    let key: String
    let population: Population

    /// Takes the register that is there if it is the same; else makes it, by the product's own commands and one COPY.
    static func open(_ site: Site, people: Int, seed: UInt64) async throws -> SeededRegister {
        let population = Population(people: people, seed: seed, now: WallClock.now())
        try FileManager.default.createDirectory(atPath: site.folder, withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: site.pepperFile) {
            try site.maysend("pepper", "create", site.pepperFile)
        }
        try site.maysend("migrate")
        try await installStepBack(site)
        if let mark = try await SeedMark.read(url: site.database) {
            guard mark.fits(population) else {
                throw BenchFault(
                    "the database holds another seed, of \(mark.people) people made at \(mark.madeAt); "
                        + "remove \(site.folder) to have it made anew")
            }
            Console.progress("The register of \(Figures.whole(Double(people))) people is there already")
        } else {
            try await fill(site, population)
        }
        return SeededRegister(key: try key(site), population: population)
    }

    /// As `make run` has it.
    private static func installStepBack(_ site: Site) async throws {
        let database = try Seeding.database(site.database)
        try await database.ready(within: .seconds(30))
        try await database.run(Script(reviewed: String(contentsOfFile: "sql/step_back.sql", encoding: .utf8)))
        await database.shutdown(within: .seconds(5))
    }

    private static func fill(_ site: Site, _ population: Population) async throws {
        let begin = MonotonicClock.nanoseconds
        try site.maysend("policy", "apply", site.policy)
        let peppers = try Peppers(
            parsing: String(contentsOfFile: site.pepperFile, encoding: .utf8), file: site.pepperFile)
        guard let controller = Slug(site.controller), let newsletter = Slug("newsletter") else {
            throw BenchFault("'\(site.controller)' is no controller's name")
        }
        try await Seeding(population: population, peppers: peppers, controller: controller, newsletter: newsletter)
            .fill(url: site.database)
        let seconds = Double(MonotonicClock.nanoseconds - begin) / 1_000_000_000
        Console.progress("Seeded in \(Figures.whole(seconds)) s")
    }

    /// Seals all that is not sealed yet, which the servers would do meanwhile else: what was seeded, and what an earlier run
    /// has left.
    static func seal(_ site: Site) async throws {
        Console.progress("Sealing what is not sealed yet")
        let desk = try SealDesk(url: site.database, random: { 0.5 })
        try await desk.ready(within: .seconds(30))
        var sealed = 0
        while true {
            let step = try await desk.seal()
            sealed += step
            if step < actsPerSealStepMax { break }
        }
        await desk.shutdown()
        guard sealed > 0 else { return }
        let database = try Seeding.database(site.database)
        try await database.ready(within: .seconds(30))
        for table in ["seal", "ledger", "standing", "notice"] {
            try await database.run(
                Script(reviewed: "vacuum (analyze) maysend.\(table)"), priority: .bulk, deadlines: Seeding.copyDeadlines
            )
        }
        try await database.run(Script(reviewed: "checkpoint"), priority: .bulk, deadlines: Seeding.copyDeadlines)
        await database.shutdown(within: .seconds(5))
    }

    /// A key is shown once, so a new one is made for each run.
    private static func key(_ site: Site) throws -> String {
        let name = "bench-\(WallClock.now().microseconds)"
        return try site.maysend("key", "create", "--controller", site.controller, "--name", name, "--scope", "check")
    }
}
