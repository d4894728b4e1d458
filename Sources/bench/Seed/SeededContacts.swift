import Foundation
import Postgres
import Rules
import Store

/// Stores a contact for everybody of a seeded register, with the due date that the rules give.
struct SeededContacts {
    let population: Population
    let peppers: Peppers
    let policy: Policy
    /// The controller's name in the policy.
    let controller: Slug
    let newsletter: Slug

    private static let copyDeadlines = Deadlines(
        queue: .seconds(60), statement: .seconds(3_600), transaction: .seconds(7_200))

    private struct Contact {
        let key: AddressKey
        let person: Int32
    }

    /// Of the people of a register that the site has.
    static func of(_ register: SeededRegister, at site: Site) throws -> SeededContacts {
        guard let controller = Slug(site.controller), let newsletter = Slug("newsletter") else {
            throw BenchFault("'\(site.controller)' is no controller's name")
        }
        return SeededContacts(
            population: register.population,
            peppers: try Peppers(
                parsing: String(contentsOfFile: site.pepperFile, encoding: .utf8), file: site.pepperFile),
            policy: try Policy(parsing: String(contentsOfFile: site.policy, encoding: .utf8), file: site.policy),
            controller: controller, newsletter: newsletter)
    }

    /// Fills the table unless that was done; how many contacts are due now.
    func fill(url: String) async throws -> Int64 {
        let database = try Seeding.database(url)
        do {
            try await database.ready(within: .seconds(30))
            if try await database.first(BenchSQL.contactCount, ()) == 0 {
                Console.progress("Copying \(Figures.whole(Double(population.book.count))) contacts")
                try await copy(into: database)
                try await database.run(
                    Script(reviewed: "vacuum (analyze) maysend.contact"), priority: .bulk, deadlines: Self.copyDeadlines
                )
            }
            let due = try await database.first(BenchSQL.dueCount, (), priority: .bulk, deadlines: Self.copyDeadlines)
            await database.shutdown(within: .seconds(5))
            return due ?? 0
        } catch {
            await database.shutdown(within: .zero)
            throw error
        }
    }

    private func copy(into database: Database) async throws {
        var contacts: [Contact] = []
        contacts.reserveCapacity(population.book.count)
        for person in 1...population.book.count {
            let address = try Address(parsing: population.book.address(of: person))
            contacts.append(Contact(key: peppers.key(for: address), person: Int32(person)))
        }
        // In the order of the key, so that the index grows at its end.
        let sorted = contacts.sorted { $0.key < $1.key }
        let suppressed = Set(Population.suppressedCompanies.map { AddressBook.domain(ofCompany: $0) })
        try await database.write(.bulk, deadlines: Self.copyDeadlines) { tx throws(PostgresError) in
            let holder = try tx.one(BenchSQL.holder, controller)
            let now = population.now
            try tx.copyIn(BenchSQL.contacts) { sink throws(PostgresError) in
                for contact in sorted {
                    let address = population.book.address(of: Int(contact.person))
                    var facts = Facts()
                    for act in population.acts(of: Int(contact.person), newsletter: newsletter) {
                        facts.own += act.act.facts(at: act.at) ?? []
                    }
                    let domain = address.split(separator: "@").last.map(String.init) ?? ""
                    if suppressed.contains(domain) {
                        facts.domain = population.suppression.act.facts(at: population.suppression.at) ?? []
                    }
                    let found = retention(facts, address: .named, under: policy, at: now)
                    try sink.send(
                        (holder, contact.key, address, facts.nextLook(after: now, found), found.ground))
                }
            }
            // Everything is reckoned: the sweep goes by the due dates alone.
            try tx.run(Script(reviewed: BenchSQL.tasksDone))
        }
    }
}
