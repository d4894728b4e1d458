import ArgumentParser

/// The command `bench seed`.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Fill an empty database with a seeded register.",
        discussion: """
            Migrates, applies the policy and makes keys by the product's own commands; then people and what happened to \
            them go into ledger and standings by COPY, so that 'maysend verify' finds nothing. A register that is there \
            already is taken as it is.

              bench seed --database postgresql://postgres@/bench?host=/tmp/pg --people 10000
            """)

    @OptionGroup var site: Site
    @Option(help: "How many people.")
    var people = Population.peopleStandard
    @Option(help: "The same seed makes the same people.")
    var seed = Population.seedStandard

    func validate() throws { try Self.validate(people: people) }

    static func validate(people: Int) throws {
        guard (1...1_000_000_000).contains(people) else { throw ValidationError("--people is 1 to 1000000000.") }
    }

    func run() async throws { _ = try await SeededRegister.open(site, people: people, seed: seed) }
}
