import ArgumentParser
import Rules
import Store

/// The command `maysend migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema and roles to what this program needs.",
        discussion: """
            Runs what is missing, each migration in a transaction of its own, and says what ran; again is harmless. \
            MAYSEND_DATABASE_URL must name the schema's owner, who needs CREATEROLE the first time. Where \
            MAYSEND_PEPPER_FILE is set, the database also learns which pepper it is filled with.

              MAYSEND_DATABASE_URL=postgresql://owner@localhost/maysend maysend migrate
            """)

    func run() async throws {
        let files = try SQLFiles.read()
        let peppers = try Settings.pepperPath().map { path throws(Failure) in try PepperFiles.read(path) }
        let done = try await Connections.withMigrator { migrator in
            try await migrator.migrate(files.migrations, roles: files.roles)
        }
        for migration in done { Terminal.line("ran migration \(migration.version) \(migration.name)") }
        Terminal.line("the database is at migration \(schemaVersion)\(done.isEmpty ? "; nothing to run" : "")")
        guard let peppers else {
            Terminal.note("No pepper is registered: set MAYSEND_PEPPER_FILE and run this again before the first use.")
            return
        }
        try await Connections.withAdministration { administration in
            try await administration.register(peppers, note: nil)
        }
        Terminal.line("pepper v\(peppers.current.version) is registered")
    }
}
