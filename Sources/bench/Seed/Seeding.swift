import Postgres
import Rules
import Store

/// Fills a migrated, empty database with a population: ledger and standings, as the service itself would have left them.
///
/// Both are copied in the order of the keys, so that every index grows at its end.
struct Seeding {
    let population: Population
    let peppers: Peppers
    /// The controller's name in its policy.
    let controller: Slug
    let newsletter: Slug

    static let copyDeadlines = Deadlines(
        queue: .seconds(60), statement: .seconds(3_600), transaction: .seconds(7_200))

    /// Whose key it is: a person's number, or a company's whose domain is suppressed.
    private enum Owner {
        case person(Int32)
        case company(Int32)
    }

    private struct Place {
        let key: AddressKey
        let owner: Owner
    }

    /// Copies everything in one transaction, and leaves the mark by which it is known again.
    func fill(url: String) async throws {
        let database = try Self.database(url)
        do {
            try await database.ready(within: .seconds(30))
            Console.progress("Making \(Figures.whole(Double(population.book.count))) keys")
            let places = try self.places()
            Console.progress("Copying standings and ledger")
            try await copy(places, into: database)
            Console.progress("Vacuum and checkpoint")
            for command in ["vacuum (analyze) maysend.standing", "vacuum (analyze) maysend.ledger", "checkpoint"] {
                try await database.run(Script(reviewed: command), priority: .bulk, deadlines: Self.copyDeadlines)
            }
            await database.shutdown(within: .seconds(5))
        } catch {
            await database.shutdown(within: .zero)
            throw error
        }
    }

    static func database(_ url: String) throws -> Database {
        var configuration = Postgres.Configuration(url: url)
        configuration.connections = 1
        configuration.applicationName = "maysend_bench"
        return try Database(configuration, random: { 0.5 })
    }

    private func places() throws -> [Place] {
        var places: [Place] = []
        places.reserveCapacity(population.book.count + Population.suppressedCompanies.count)
        for person in 1...population.book.count {
            let address = try Address(parsing: population.book.address(of: person))
            places.append(Place(key: peppers.key(for: address), owner: .person(Int32(person))))
        }
        for company in Population.suppressedCompanies {
            let domain = try Domain(parsing: AddressBook.domain(ofCompany: company))
            places.append(Place(key: peppers.domainKey(for: domain), owner: .company(Int32(company))))
        }
        places.sort { $0.key < $1.key }
        return places
    }

    private func acts(_ owner: Owner) -> [Population.DatedAct] {
        switch owner {
        case .person(let number): population.acts(of: Int(number), newsletter: newsletter)
        case .company: [population.suppression]
        }
    }

    private func copy(_ places: [Place], into database: Database) async throws {
        try await database.write(.bulk, deadlines: Self.copyDeadlines) { tx throws(PostgresError) in
            let holder = try tx.one(BenchSQL.holder, controller)
            let now = population.now
            try tx.copyIn(BenchSQL.standings) { sink throws(PostgresError) in
                for place in places {
                    var facts: [Fact] = []
                    for act in acts(place.owner) { facts += act.act.facts(at: act.at) ?? [] }
                    let bytes = FactsCode.encode(Facts.pruned(facts, at: now))
                    try sink.send((holder, place.key, Bytea(bytes), now))
                }
            }
            try tx.copyIn(BenchSQL.ledger) { sink throws(PostgresError) in
                for place in places {
                    for act in acts(place.owner) { try sink.send(row(place, act, holder)) }
                }
            }
            try tx.run(Script(reviewed: BenchSQL.markTable))
            try tx.run(
                BenchSQL.mark,
                (Population.version, Int64(population.book.count), Int64(bitPattern: population.book.seed), now))
        }
    }

    private func row(
        _ place: Place, _ dated: Population.DatedAct, _ holder: Int64
    ) -> (
        Int64, Int64, AddressKey, String?, Event.Name, Slug?, Scope?, String?, Event.Suppression?, Event.Bounce?,
        Instant,
        String, JSONB?
    ) {
        let act = dated.act
        let consent = act.source == nil ? nil : "person"
        var domain: String?
        if case .company(let number) = place.owner { domain = AddressBook.domain(ofCompany: Int(number)) }
        let evidence = act.source == nil ? nil : JSONB(#"{"method":"double-opt-in"}"#)
        return (
            holder, holder, place.key, domain, act.name, act.purpose, act.scope, consent, act.suppression, act.bounce,
            dated.at, "bench", evidence
        )
    }
}
