public import Postgres
import Rules

/// One file of `sql/migrations`.
public struct Migration: Hashable, Sendable {
    /// Its number, from 1, without gaps.
    public let version: Int
    public let name: String
    public let text: String

    /// Reads `NNNN_name.sql`; nil for any other file name.
    public init?(file: String, text: String) {
        let parts = file.split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count == 4, let version = Int(parts[0]), version > 0,
            parts[1].hasSuffix(".sql")
        else { return nil }
        (self.version, self.name, self.text) = (version, String(parts[1].dropLast(4)), text)
    }
}

/// The version of the schema that this program is written for.
public let schemaVersion = 22

/// Brings a database's schema forward; never back.
public final class Migrator: Sendable {
    private let database: Database

    /// Connects with one connection, as the login itself: the schema's owner.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(
            url: url, role: nil, name: "maysend_migrate", random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the first connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    private static let deadlines = Deadlines(
        queue: .seconds(60), statement: .seconds(3_600), transaction: .seconds(7_200))

    /// Makes the roles and runs what is missing, each migration in a transaction of its own; returns what ran.
    ///
    /// Several at a time wait for each other. Throws `.schema` for a database that is newer than these files, and for a
    /// migration that was changed after it ran.
    public func migrate(_ migrations: [Migration], roles: String) async throws(StoreError) -> [Migration] {
        guard migrations.map(\.version) == Array(1...max(1, migrations.count)),
            migrations.last?.version == schemaVersion
        else {
            throw .schema("the migrations are not numbered 1 to \(schemaVersion) without gaps")
        }
        _ = try await step { tx throws(StoreError) in
            try tx.run(Script(reviewed: Self.setUp))
            try tx.run(Script(reviewed: roles))
        }
        try await refuseUnknown(migrations)
        var done: [Migration] = []
        for migration in migrations {
            let ran = try await step { tx throws(StoreError) in
                try tx.run(Script(reviewed: Self.setUp))
                try tx.run(Script(reviewed: "set local search_path = maysend"))
                if let digest = try tx.first(MigrationSQL.find, Int32(migration.version)) {
                    guard digest == migration.digest else {
                        throw StoreError.schema("migration \(migration.version) was changed after it ran")
                    }
                    return false
                }
                try tx.run(Script(reviewed: migration.text))
                try tx.run(MigrationSQL.add, (Int32(migration.version), migration.name, migration.digest))
                return true
            }
            if ran { done.append(migration) }
        }
        return done
    }

    private func refuseUnknown(_ migrations: [Migration]) async throws(StoreError) {
        let applied = try await step { tx throws(StoreError) in
            try tx.run(Script(reviewed: "set local search_path = maysend"))
            return try tx.first(MigrationSQL.last, ()) ?? nil
        }
        guard let applied, applied > Int32(migrations.count) else { return }
        throw .schema(
            "the database is at migration \(applied), newer than this program's \(migrations.count); use a newer program"
        )
    }

    private func step<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await database.write(.bulk, deadlines: Self.deadlines, body)
    }

    /// The schema and the list of what ran, behind a lock that only migrations take.
    private static let setUp = """
        select pg_advisory_xact_lock(hashtextextended('maysend.migrate', 0));
        create schema if not exists maysend;
        create table if not exists maysend.migration (
            version integer primary key, name text not null, digest text not null,
            applied_at timestamptz not null default now()
        );
        """
}

enum MigrationSQL {
    static let find = Statement(
        "migration.find", "select digest from migration where version = $1", in: (Int32.self),
        out: ("digest", String.self),
        into: { (digest: String) in digest })
    static let last = Statement(
        "migration.last", "select max(version) as version from migration", in: (), out: ("version", Int32?.self),
        into: { (version: Int32?) in version })
    static let add = Statement(
        "migration.add", "insert into migration (version, name, digest) values ($1, $2, $3)",
        in: (Int32.self, String.self, String.self))
}

extension Migration {
    /// SHA-256 of the text, in hexadecimal.
    fileprivate var digest: String { Digest(of: text).description }
}
