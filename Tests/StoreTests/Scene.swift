import Harness
import Rules
import Store

/// One controller of a shipped policy on a database of its own, as its key sees it.
struct Scene {
    let database: TestDatabase
    let store: Store
    let access: Access

    static func make(_ policy: String = "stratsys", _ controller: String = "stratsys-ab") async throws -> Scene {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: policy)
        return Scene(
            database: database, store: store,
            access: Access(operator: "test", for: try await store.catalogue().controller(slug(controller))))
    }

    /// The same database, seen by another controller.
    func of(_ controller: String) async throws -> Scene {
        Scene(
            database: database, store: store,
            access: Access(operator: "test", for: try await store.catalogue().controller(slug(controller))))
    }

    @discardableResult
    func report(
        _ event: Event, _ address: String = "kari@firma.example", at: String? = nil, evidence: Evidence? = nil
    ) async throws -> Receipt {
        let report = Report(
            event, of: .address(try Address(parsing: address)), at: try at.map(instant), evidence: evidence)
        return try await store.run(.record(report), by: access)
    }

    func collect(_ leads: [Lead]) async throws -> [LeadVerdict] { try await store.run(.collect(leads), by: access) }

    func answer(
        _ address: String = "kari@firma.example", purpose: String = "newsletter", topic: String? = nil
    ) async throws -> CheckAnswer {
        let check = Check(
            address: try Address(parsing: address), purpose: try slug(purpose), topic: try topic.map(slug))
        return try await store.verdict(check, by: access).get()
    }

    func reason(
        _ address: String = "kari@firma.example", purpose: String = "newsletter", topic: String? = nil
    ) async throws -> String {
        try await answer(address, purpose: purpose, topic: topic).verdict.reason.code
    }

    /// Closes the store's connections.
    func close() async { await store.shutdown(within: .seconds(5)) }
}

func lead(
    _ address: String, name: String? = nil, collectedAt: String? = nil, contactedAt: String? = nil,
    organisation: OrganisationName? = nil
) throws -> Lead {
    var lead = Lead(address: try Address(parsing: address))
    lead.name = name
    lead.collectedAt = try collectedAt.map(instant)
    lead.contactedAt = try contactedAt.map(instant)
    lead.organisation = organisation
    return lead
}

let confirmed = [(name: "method", word: "double-opt-in"), (name: "wording", word: "v3")]
