import Postgres
import Rules

/// Whether this program, with its peppers, may work on the database.
public enum Fitness: Hashable, Sendable {
    case fits
    /// It is not known yet whether this is the database that was served before; that is found out by itself.
    case unconfirmed
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
        try examined(tx).fitness
    }

    /// The catalogue of a database that fits.
    ///
    /// Everything that is answered or recorded begins here, so a wrong pepper can neither miss an entry nor write one that
    /// nobody finds.
    func loadFitting(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Catalogue {
        let (fitness, edition) = try examined(tx)
        switch fitness {
        case .fits: break
        case .unconfirmed: throw .unsure(Self.unconfirmed.text)
        case .notYet(let finding), .never(let finding): throw .schema("\(finding.subject): \(finding.text)")
        }
        guard let edition else { throw .damaged("catalogue_epoch") }
        return try Catalogue.load(edition, tx, after: catalogueInMemory)
    }

    /// With the edition that was looked at. It is read before all that moves it, so what changes meanwhile is another one.
    private func examined(
        _ tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (fitness: Fitness, edition: Edition?) {
        let version = (try tx.first(ReadinessSQL.schema, ()) ?? nil).map { Int($0) } ?? 0
        let schema = Self.schema(version)
        guard schema.level != .bad else { return (version > schemaVersion ? .never(schema) : .notYet(schema), nil) }
        let known = try tx.all(ReadinessSQL.peppers, ())
        let pepper = try Self.peppers(peppers, tx)
        guard pepper.level != .bad else { return (known.isEmpty ? .notYet(pepper) : .never(pepper), nil) }
        let former = catalogueInMemory?.edition
        let edition = try tx.one(CatalogueSQL.edition, ())
        if isRestoring { return (.fits, edition) }
        if let finding = try restoreFinding(edition, after: former, tx) { return (.notYet(finding), edition) }
        return (isConfirmed(edition.run) ? .fits : .unconfirmed, edition)
    }

    /// What a restore leaves to be done before anything may be answered; nil: nothing. `former` was in memory before the edition
    /// was read.
    func restoreFinding(
        _ edition: Edition, after former: Edition?, _ tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Finding? {
        if let finding = ClusterState(try tx.one(RestoreSQL.state, ())).finding { return finding }
        guard let former, edition.isBehind(former) else { return nil }
        return Finding(
            .bad, "restore", "the database has gone back in time: it was restored from a backup; \(ClusterState.cure)")
    }

    /// What is over by itself.
    static let unconfirmed = Finding(.bad, "journal", "not compared with the database yet")
}
