import Postgres
import Rules

/// Whether this program, with its peppers, may work on the database.
public enum Fitness: Hashable, Sendable {
    case fits
    /// `maysend migrate` cures it: an older schema, or none; or no pepper registered yet.
    case notYet(Finding)
    /// Nothing done here would be right: a newer schema, or keys made with another pepper.
    case never(Finding)
}

extension Store {
    /// Asks the database. A missing schema is an answer; throws where the database cannot be asked.
    public func fitness() async throws(StoreError) -> Fitness {
        do throws(StoreError) {
            return try await checks.read(.check, deadlines: .standard(for: .normal)) { tx throws(StoreError) in
                try self.fitness(tx)
            }
        } catch .database(.undefined) {
            return .notYet(Self.schema(nil))
        }
    }

    /// The same inside a transaction that has begun.
    func fitness(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Fitness {
        let version = (try tx.first(ReadinessSQL.schema, ()) ?? nil).map { Int($0) } ?? 0
        let schema = Self.schema(version)
        guard schema.level != .bad else { return version > schemaVersion ? .never(schema) : .notYet(schema) }
        let known = try tx.all(ReadinessSQL.peppers, ())
        let pepper = try Self.peppers(peppers, tx)
        guard pepper.level != .bad else { return known.isEmpty ? .notYet(pepper) : .never(pepper) }
        if !isRestoring, let finding = try restoreFinding(tx) { return .notYet(finding) }
        return .fits
    }

    /// Everything that is answered or recorded begins here, so a wrong pepper can neither miss an entry nor write one that
    /// nobody finds.
    func loadFitting(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Catalogue {
        switch try fitness(tx) {
        case .fits: return try Catalogue.load(tx, after: catalogueInMemory)
        case .notYet(let finding), .never(let finding): throw .schema("\(finding.subject): \(finding.text)")
        }
    }

    /// What a restore leaves to be done before anything may be answered; nil: nothing.
    func restoreFinding(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Finding? {
        // What somebody has to do comes before what will be over by itself.
        try ClusterState(tx.one(RestoreSQL.state, ())).finding ?? hold
    }
}
