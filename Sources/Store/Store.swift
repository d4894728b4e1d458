public import Postgres
public import Rules
import Synchronization

/// Every statement of the product, offered as verbs, one transaction each.
public final class Store: Sendable {
    let checks: Database
    let writes: Database
    /// Where single checks wait for their query.
    let desk: CheckDesk
    /// Where opt-outs by link wait for their transaction.
    let optOuts = OptOutDesk()
    /// The live peppers.
    public let peppers: Peppers
    /// Shut while this instance holds opt-outs that are not in the register.
    public let gate = CheckGate()
    private let cached = Mutex<Catalogue?>(nil)
    private let load = CatalogueLoad()
    let isRestoring: Bool
    private let confirmation = Mutex(Confirmation.notNeeded)

    /// How the store reaches its database.
    public struct Configuration: Sendable {
        /// A conninfo string or a postgresql:// URL.
        public var url: String
        public var peppers: Peppers
        /// Connections that answer checks.
        public var checkConnections = 3
        /// Single checks that go out in one query.
        public var checksPerQueryMax = 1_000
        /// Queries of single checks under way at a time. One is best: what waits meanwhile shares the next.
        public var checkQueriesMax = 1
        /// Connections that write; opt-outs have one of their own among them.
        public var writeConnections = 4
        /// Beside those, how many lists and sweeps have to themselves; they have stepped back (``StepBackSQL``). Where there are
        /// none lists share the others.
        public var bulkCheckConnections = 2
        public var bulkWriteConnections = 2
        /// Whether it works on a database that was restored and is not checked yet: for `maysend restore-check` alone.
        public var isRestoring = false
        /// How long a job of each priority may wait and run.
        public var deadlines: @Sendable (Priority) -> Deadlines = { .standard(for: $0) }

        public init(url: String, peppers: Peppers) {
            self.url = url
            self.peppers = peppers
        }
    }

    /// Connects in the background. `random` draws from 0..<1 for the jitter of reconnecting; `observe` hears of
    /// connections that come and go.
    public init(
        _ configuration: Configuration, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        do throws(PostgresError) {
            checks = try Database(
                Self.database(
                    configuration, "maysend_check", configuration.checkConnections,
                    bulk: configuration.bulkCheckConnections), random: random, observe: observe)
            writes = try Database(
                Self.database(
                    configuration, "maysend_write", configuration.writeConnections,
                    bulk: configuration.bulkWriteConnections), random: random, observe: observe)
        } catch {
            throw StoreError(error)
        }
        peppers = configuration.peppers
        isRestoring = configuration.isRestoring
        desk = CheckDesk(
            checks, gate,
            CheckDesk.Limits(
                perQueryMax: max(configuration.checksPerQueryMax, 1), linesMax: max(configuration.checkQueriesMax, 1),
                waitMax: configuration.deadlines(.check).queue))
    }

    private static func database(
        _ store: Configuration, _ role: String, _ connections: Int, bulk: Int
    ) -> Postgres.Configuration {
        var configuration = Postgres.Configuration(url: store.url)
        configuration.role = role
        configuration.connections = connections + bulk
        configuration.bulkConnections = bulk
        configuration.stepBack = StepBackSQL.how
        configuration.applicationName = role
        configuration.settings = [
            Setting("search_path", "maysend"),
            // What these roles ask for often is a look-up by key, and a plan made while a table was empty is used long after.
            // To compile such a plan takes longer than to run it.
            Setting("enable_seqscan", "off"), Setting("jit", "off"),
        ]
        configuration.deadlines = store.deadlines
        return configuration
    }

    /// Waits for the first connections.
    public func ready(within limit: Duration) async throws(StoreError) {
        do throws(PostgresError) {
            try await checks.ready(within: limit)
            try await writes.ready(within: limit)
        } catch {
            throw StoreError(error)
        }
    }

    /// Refuses what comes, finishes what runs, then closes.
    public func shutdown(within limit: Duration) async {
        await writes.shutdown(within: limit)
        await checks.shutdown(within: limit)
    }

    /// The catalogue as the database has it now: the cached one where its edition still stands.
    public func catalogue() async throws(StoreError) -> Catalogue {
        let edition: Edition?
        do throws(PostgresError) {
            edition = try await checks.first(CatalogueSQL.edition, (), priority: .check)
        } catch {
            throw StoreError(error)
        }
        guard let edition else { throw .damaged("catalogue_epoch") }
        return try await catalogue(of: edition)
    }

    /// The catalogue in memory, however old, or the database's where there is none yet. Whoever uses it compares its edition
    /// with the one that comes with the data.
    func cachedCatalogue() async throws(StoreError) -> Catalogue {
        if let catalogueInMemory { return catalogueInMemory }
        return try await reloadCatalogue()
    }

    /// The catalogue as it was last read; nil before the first time.
    var catalogueInMemory: Catalogue? { cached.withLock { $0 } }

    /// The catalogue of that edition, or a newer one of the same database. Anything but the very edition that memory holds is
    /// read anew, and has the database looked at anew.
    func catalogue(of edition: Edition) async throws(StoreError) -> Catalogue {
        if let catalogueInMemory, catalogueInMemory.edition == edition { return catalogueInMemory }
        let loaded = try await reloadCatalogue()
        guard loaded.edition.follows(edition) else { throw .unsure("the database is another one than a moment ago") }
        return loaded
    }

    /// The catalogue as it is read after this call: by this one, or by another while this one waited for it.
    private func reloadCatalogue() async throws(StoreError) -> Catalogue {
        try await load.shared { () async throws(StoreError) -> Catalogue in
            let loaded = try await checks.read(.check) { tx throws(StoreError) in try self.loadFitting(tx) }
            remember(loaded)
            return loaded
        }
    }

    /// The catalogue inside a transaction that has begun.
    func catalogue(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Catalogue {
        try catalogue(of: tx.one(CatalogueSQL.edition, ()), in: tx)
    }

    /// The same where the transaction has read the edition.
    func catalogue(of edition: Edition, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Catalogue {
        if let catalogueInMemory, catalogueInMemory.edition == edition { return catalogueInMemory }
        let loaded = try loadFitting(tx)
        remember(loaded)
        return loaded
    }

    private func remember(_ loaded: Catalogue) {
        cached.withLock { held in
            if let other = held, other.edition.follows(loaded.edition) { return }
            held = loaded
        }
    }

    /// Has nothing answered from any run of the database before ``confirm(_:)`` names it: for whoever keeps a journal beside it.
    /// To be called before anything is asked.
    public func requireConfirmation() { confirmation.withLock { $0 = .needed(nil) } }

    /// The database in this run has all that it had.
    public func confirm(_ run: DatabaseRun) { confirmation.withLock { $0 = .needed(run) } }

    /// Whether whoever keeps a journal has found all of it in this run of the database; true where nobody does.
    func isConfirmed(_ run: DatabaseRun) -> Bool {
        switch confirmation.withLock({ $0 }) {
        case .notNeeded: true
        case .needed(let confirmed): confirmed == run
        }
    }

    private enum Confirmation {
        case notNeeded
        case needed(DatabaseRun?)
    }

    /// Every statement, for the census.
    public static let statements: [AnyStatement] =
        CatalogueSQL.all + LedgerSQL.all + StandingSQL.all + CheckSQL.all + ContactSQL.all + OrganisationSQL.all
        + RegisterSQL.all + IdempotencySQL.all + AdministrationSQL.all + VerificationSQL.all + ReadinessSQL.all
        + OutboxSQL.all + LetterQueueSQL.all + NoticeSQL.all + NoticeQueueSQL.all + EndpointSQL.all
        + InstanceSQL.statements + GroupLiftSQL.all + OptOutSQL.all + DueSQL.all + SweepSQL.all
        + SubjectSQL.all + PendingErasureSQL.all + RectificationSQL.all + SubjectRequestSQL.all + SubjectFileSQL.all
        + TraceSQL.all + ForecastSQL.all + PolicyTrialSQL.all + SealedActSQL.all + SealSQL.all + AuditSQL.all
        + StorySQL.all
        + JournalSQL.all + RestoreSQL.all
        + AliasStandingSQL.all + StepBackSQL.all + ImportSQL.all + DueNoticeSQL.all + SuppressionExportSQL.all
}
