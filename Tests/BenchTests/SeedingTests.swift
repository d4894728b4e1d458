import Harness
import Rules
import Store
import Testing

@testable import bench

@Suite struct SeedingTests {
    @Test func theSeededRegisterIsWhatItsLedgerSays() async throws {
        let database = try await TestDatabase.make()
        try await database.apply(policy: "stratsys")
        let population = Population(people: 400, seed: 5, now: try instant("2026-11-21T10:00:00Z"))
        let seeding = Seeding(
            population: population, peppers: database.peppers, controller: try slug("stratsys-ab"),
            newsletter: try slug("newsletter"))
        #expect(try await SeedMark.read(url: database.url) == nil)
        try await seeding.fill(url: database.url)

        let verifier = try Verifier(url: database.url, random: { 0.5 })
        try await verifier.ready(within: .seconds(30))
        let report = try await verifier.verify()
        await verifier.shutdown()
        #expect(report.compared == 400 + Population.suppressedCompanies.count)
        #expect(report.driftCount == 0)

        let mark = try #require(try await SeedMark.read(url: database.url))
        #expect(mark.fits(population))
        let later = population.now.advanced(byMicroseconds: 31 * 86_400_000_000)
        #expect(!mark.fits(Population(people: 400, seed: 5, now: later)))
        #expect(!mark.fits(Population(people: 401, seed: 5, now: population.now)))
        #expect(!mark.fits(Population(people: 400, seed: 6, now: population.now)))
    }

    @Test func verdictsAreThoseOfThePersonas() async throws {
        let database = try await TestDatabase.make()
        try await database.apply(policy: "stratsys")
        let population = Population(people: 400, seed: 5, now: WallClock.now())
        let newsletter = try slug("newsletter")
        try await Seeding(
            population: population, peppers: database.peppers, controller: try slug("stratsys-ab"),
            newsletter: newsletter
        ).fill(url: database.url)
        let store = try await database.store()
        let controller = try #require(try await store.catalogue().controllers.first)
        let addresses = try AddressList((1...400).map { try Address(parsing: population.book.address(of: $0)) })
        let access = Access(operator: "test", for: controller)
        let answers = try await store.verdicts(of: addresses, CheckTerms(purpose: newsletter), by: access, .prompt)
            .get()
        for (index, answer) in answers.enumerated() {
            let verdict = answer.verdict
            guard verdict.reason.code != "domain-suppressed" else { continue }
            #expect(verdict.reason.code == Self.reason(of: population.persona(of: index + 1)))
        }
        await store.shutdown(within: .seconds(5))
    }

    @Test func aSweepErasesWhatIsSeededAsDue() async throws {
        let database = try await TestDatabase.make()
        try await database.apply(policy: "stratsys")
        let population = Population(people: 400, seed: 5, now: WallClock.now())
        let (controller, newsletter) = (try slug("stratsys-ab"), try slug("newsletter"))
        try await Seeding(
            population: population, peppers: database.peppers, controller: controller, newsletter: newsletter
        ).fill(url: database.url)
        let contacts = SeededContacts(
            population: population, peppers: database.peppers,
            policy: try Policy(parsing: Checkout.text("deploy/policies/stratsys.yaml"), file: "stratsys.yaml"),
            controller: controller, newsletter: newsletter)
        let due = try await contacts.fill(url: database.url)
        #expect((30..<100).contains(due))
        let store = try await database.store()
        let access = Access(operator: "test", for: try #require(try await store.catalogue().controllers.first))
        let instance = SweepInstance(random: (1, 2))
        var erased: Int64?
        while erased == nil {
            if case .finished(let run) = try await store.run(.sweep(instance, since: population.now), by: access) {
                erased = run.erased
            }
        }
        #expect(erased == due)
        await store.shutdown(within: .seconds(5))
    }

    private static func reason(of persona: Population.Persona) -> String {
        switch persona {
        case .subscriber, .coldLead, .customer: "ground-holds"
        case .unsubscribed: "unsubscribed"
        case .restricted: "restricted"
        case .bounced: "bounced"
        case .lapsed: "retention-expired"
        }
    }

    @Test func theMixIsWhatItSaysAndAddressesAreTheirOwnAliasForm() throws {
        let population = Population(people: 20_000, seed: 1, now: try instant("2026-11-21T10:00:00Z"))
        #expect(Population.Persona.allCases.reduce(0) { $0 + $1.permille } == 1_000)
        var found: [Population.Persona: Int] = [:]
        var shared = 0
        for person in 1...20_000 {
            found[population.persona(of: person), default: 0] += 1
            let address = try Address(parsing: population.book.address(of: person))
            #expect(address.alias == address.canonical)
            if !address.domain.hasSuffix(".example") { shared += 1 }
        }
        for persona in Population.Persona.allCases {
            let share = Double(found[persona] ?? 0) / 20
            #expect(abs(share - Double(persona.permille)) < 20)
        }
        #expect(abs(shared - 13_000) < 400)
    }
}
