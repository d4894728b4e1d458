public import Foundation
import Postgres
public import Rules
public import Store

/// A database of its own for one test: migrated, empty, on the throw-away cluster that `make test` starts.
public struct TestDatabase: Sendable {
    /// Connects as the cluster's superuser.
    public let url: String
    /// The peppers it was registered with.
    public let peppers: Peppers

    /// The environment variable that names the cluster.
    public static let variable = "MAYSEND_TEST_DATABASE_URL"

    /// Copies the migrated template; the first call makes it.
    public static func make() async throws -> TestDatabase {
        let cluster = try clusterURL()
        let template = try await Template.shared.name(cluster)
        let name = "t_\(UInt64.random(in: 0 ... .max))"
        try await run("create database \(name) template \(template)", at: cluster)
        return TestDatabase(url: url(of: name, at: cluster), peppers: try testPeppers())
    }

    /// An empty database without a schema.
    public static func makeEmpty() async throws -> TestDatabase {
        let cluster = try clusterURL()
        let name = "t_\(UInt64.random(in: 0 ... .max))"
        try await run("create database \(name)", at: cluster)
        return TestDatabase(url: url(of: name, at: cluster), peppers: try testPeppers())
    }

    /// Removes the database, whoever is still connected.
    public func drop() async throws {
        try await Self.run("drop database \(name) with (force)", at: Self.clusterURL())
    }

    /// A copy of it as it is now, as a backup would be; while it is made nobody may be connected.
    public func backup() async throws -> TestDatabase {
        let name = "t_\(UInt64.random(in: 0 ... .max))"
        try await Self.run("create database \(name) template \(self.name)", at: Self.clusterURL())
        return TestDatabase(url: Self.url(of: name, at: try Self.clusterURL()), peppers: peppers)
    }

    /// Puts a backup in its place, under whoever is connected.
    public func restore(_ backup: TestDatabase) async throws {
        try await drop()
        try await Self.run("alter database \(backup.name) rename to \(name)", at: Self.clusterURL())
    }

    private var name: String { url.split(separator: "=").last.map(String.init) ?? "" }

    /// A store on this database, connected. Its deadlines are for a machine that runs many tests at once.
    public func store(peppers other: Peppers? = nil) async throws -> Store {
        var configuration = Store.Configuration(url: url, peppers: other ?? peppers)
        configuration.deadlines = { _ in Self.patient }
        let store = try Store(configuration, random: { 0.5 })
        try await store.ready(within: .seconds(30))
        return store
    }

    /// Registers a second pepper, under which everything is written from now on; both are live.
    public func rotatePepper() async throws -> Peppers {
        let second = try Pepper(version: 2, secret: (1...32).map { UInt8($0) &* 5 &+ 1 })
        let both = try Peppers(current: second, older: [peppers.current])
        let administration = try Administration(url: url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        try await administration.register(both, note: nil)
        await administration.shutdown()
        return both
    }

    /// A store with a shipped policy in effect.
    public func store(policy name: String) async throws -> Store {
        try await apply(policy: name)
        return try await store()
    }

    /// Puts a shipped policy into effect.
    public func apply(policy name: String) async throws {
        try await apply(policyText: Checkout.text("deploy/policies/\(name).yaml"))
    }

    /// Puts a policy into effect.
    public func apply(policyText text: String) async throws {
        let administration = try Administration(url: url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        _ = try await administration.apply(Policy(parsing: text, file: "test.yaml"), source: text, by: "test")
        await administration.shutdown()
    }

    /// Makes a key of a controller and returns its secret.
    public func key(
        for controller: String, scopes: Set<AccessScope> = Set(AccessScope.allCases), expiresAt: Instant? = nil
    ) async throws -> String {
        let administration = try Administration(url: url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        let key = APIKey(random: (0..<APIKey.randomOctets).map { _ in UInt8.random(in: 0 ... .max) })
        try await administration.add(
            key, named: "test", for: slug(controller), scopes: scopes, expiresAt: expiresAt, by: "test")
        await administration.shutdown()
        return key.secret
    }

    /// Runs text as the superuser, outside the product's roles.
    public func run(_ text: String) async throws { try await Self.run(text, at: url) }

    private static func run(_ text: String, at url: String) async throws {
        let database = try database(url)
        try await database.ready(within: .seconds(60))
        try await database.run(Script(reviewed: text), deadlines: patient)
        await database.shutdown(within: .seconds(5))
    }

    static let patient = Deadlines(queue: .seconds(60), statement: .seconds(120), transaction: .seconds(180))

    private static func database(_ url: String) throws -> Database {
        var configuration = Postgres.Configuration(url: url)
        configuration.connections = 1
        configuration.applicationName = "maysend_test"
        return try Database(configuration, random: { 0.5 })
    }

    private static func url(of name: String, at cluster: String) -> String {
        cluster + (cluster.contains("?") ? "&" : "?") + "dbname=" + name
    }

    private static func clusterURL() throws -> String {
        guard let url = ProcessInfo.processInfo.environment[variable] else { throw HarnessError.noCluster }
        return url
    }

    /// The migrated database that the others are copies of; made once a process.
    private actor Template {
        static let shared = Template()
        private var making: Task<String, any Error>?

        func name(_ cluster: String) async throws -> String {
            if let making { return try await making.value }
            let task = Task { try await Self.make(cluster) }
            making = task
            return try await task.value
        }

        private static func make(_ cluster: String) async throws -> String {
            let name = "template_\(UInt64.random(in: 0 ... .max))"
            try await TestDatabase.run("create database \(name)", at: cluster)
            let database = TestDatabase(url: TestDatabase.url(of: name, at: cluster), peppers: try testPeppers())
            try await database.migrate()
            return name
        }
    }

    /// Migrates this database and registers its pepper.
    public func migrate() async throws {
        let migrator = try Migrator(url: url, random: { 0.5 })
        _ = try await migrator.migrate(Checkout.migrations(), roles: Checkout.text("sql/roles.sql"))
        await migrator.shutdown()
        let administration = try Administration(url: url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        try await administration.register(peppers, note: nil)
        await administration.shutdown()
    }
}

/// Why a test cannot begin.
public enum HarnessError: Error, CustomStringConvertible {
    case noCluster
    case noName(String)

    public var description: String {
        switch self {
        case .noCluster: "\(TestDatabase.variable) is not set: run the tests by 'make test', which starts a cluster"
        case .noName(let text): "'\(text)' is no name"
        }
    }
}

/// The files of the checkout that the tests are built from.
public enum Checkout {
    /// The top of the checkout.
    public static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of a file, by its path from the top.
    public static func text(_ path: String) throws -> String {
        try String(contentsOf: top.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every migration, in order.
    public static func migrations() throws -> [Migration] {
        let folder = top.appendingPathComponent("sql/migrations")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap { file in
            Migration(file: file, text: try text("sql/migrations/" + file))
        }
    }
}

/// A fixed pepper: it must be the same for every test of a run, since the template knows it.
public func testPeppers() throws -> Peppers {
    try Peppers(current: Pepper(version: 1, secret: (1...32).map { UInt8($0) &* 37 &+ 11 }))
}

/// A name that is one.
public func slug(_ text: String) throws -> Slug {
    guard let slug = Slug(text) else { throw HarnessError.noName(text) }
    return slug
}

/// An instant that is one.
public func instant(_ text: String) throws -> Instant {
    guard let instant = Instant(parsing: text) else { throw HarnessError.noName(text) }
    return instant
}

extension TestDatabase {
    /// The rows of a query with the one column `text`, as the superuser.
    public func texts(_ query: StaticString) async throws -> [String] {
        let database = try Self.database(url)
        try await database.ready(within: .seconds(60))
        let statement = Statement("test.texts", query, in: (), out: ("text", String.self))
        let texts = try await database.all(statement, (), deadlines: Self.patient)
        await database.shutdown(within: .seconds(5))
        return texts
    }
}

extension TestDatabase {
    /// A transaction on a connection of its own that has written and stays open until `commit`.
    public final class OpenTransaction: Sendable {
        private let database: Database
        private let release = DispatchSemaphore(value: 0)
        private let done: Task<Void, any Error>

        fileprivate init(_ text: String, _ database: Database) async throws {
            self.database = database
            try await database.ready(within: .seconds(60))
            let (opened, isOpen) = AsyncStream.makeStream(of: Void.self)
            let release = release
            done = Task {
                defer { isOpen.finish() }
                try await database.write(.bulk, deadlines: TestDatabase.patient) { tx throws(PostgresError) in
                    try tx.run(Script(reviewed: text))
                    isOpen.yield()
                    release.wait()
                }
            }
            for await _ in opened { break }
        }

        /// Commits and closes.
        public func commit() async throws {
            release.signal()
            try await done.value
            await database.shutdown(within: .seconds(5))
        }
    }

    /// Returns once a query waits for a lock; what makes one is done again and again until then.
    public func waitForBlockedQuery(_ make: () -> Void = {}) async throws {
        let blocked = Statement(
            "test.blocked",
            """
            select count(*) as blocked from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
            """, in: (), out: ("blocked", Int64.self))
        let database = try Self.database(url)
        repeat {
            make()
            try await Task.sleep(for: .milliseconds(5))
        } while try await database.first(blocked, (), deadlines: Self.patient) == 0
        await database.shutdown(within: .seconds(5))
    }

    /// How many acts the ledger has.
    public func ledgerRows() async throws -> Int64 {
        try await count(
            Statement("test.ledger-rows", "select count(*) as n from maysend.ledger", in: (), out: ("n", Int64.self)))
    }

    /// In how many transactions they were written.
    public func ledgerTransactions() async throws -> Int64 {
        try await count(
            Statement(
                "test.ledger-transactions", "select count(distinct tx) as n from maysend.ledger", in: (),
                out: ("n", Int64.self)))
    }

    /// The evidence of the latest consent, as JSON; empty without one.
    public func consentEvidence() async throws -> String {
        let database = try Self.database(url)
        let statement = Statement(
            "test.consent-evidence",
            "select evidence::text as e from maysend.ledger where act = 'consent-given' order by id desc limit 1",
            in: (), out: ("e", String?.self))
        let text = try await database.first(statement, (), deadlines: Self.patient) ?? nil
        await database.shutdown(within: .seconds(5))
        return text ?? ""
    }

    private func count(_ statement: Statement<Void, Int64>) async throws -> Int64 {
        let database = try Self.database(url)
        let count = try await database.first(statement, (), deadlines: Self.patient)
        await database.shutdown(within: .seconds(5))
        return count ?? 0
    }

    /// Begins a transaction with this text and leaves it open.
    public func openTransaction(_ text: String) async throws -> OpenTransaction {
        try await OpenTransaction(text, Self.database(url))
    }
}
