import Foundation
import Glibc
import Postgres
import Synchronization

/// A PostgreSQL of the tests' own: in a temporary folder, on a unix socket only, ended by its process id.
final class Cluster: Sendable {
    struct Failure: Error { let what: String }

    let folder: String
    /// Its other end reads until the test process ends, however it ends.
    private let lifeline = Pipe()
    private let process: Mutex<Process?>

    static let binaries = "/usr/lib/postgresql/15/bin"

    /// Makes the folder and starts the server in it.
    init() throws {
        var template = Array("/tmp/pgroom.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(what: "mkdtemp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        process = Mutex(nil)
        if getuid() == 0 {
            guard let entry = getpwnam("postgres"), chown(folder, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0
            else { throw Failure(what: "no user postgres") }
        }
        let initdb = try Self.launch("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"])
        initdb.waitUntilExit()
        guard initdb.terminationStatus == 0 else { throw Failure(what: "initdb") }
        try watch()
        try start()
    }

    /// Has a shell end the server and remove the folder once this process is gone.
    private func watch() throws {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        let pid = "$(head -n 1 \"$0/data/postmaster.pid\")"
        shell.arguments = ["-c", "cat; kill -QUIT \(pid) 2>/dev/null && sleep 1; rm -rf \"$0\"", folder]
        shell.standardInput = lifeline.fileHandleForReading
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
    }

    private var data: String { folder + "/data" }
    var socketPath: String { folder + "/.s.PGSQL.5432" }

    func url(database: String = "postgres", folder other: String? = nil) -> String {
        "host=\(other ?? folder) port=5432 user=postgres dbname=\(database)"
    }

    func start() throws {
        let started = try Self.launch(
            "postgres",
            [
                "-D", data, "-k", folder, "-p", "5432", "-c", "listen_addresses=", "-c", "fsync=off",
                "-c", "max_connections=60", "-c", "log_min_messages=fatal", "-c", "deadlock_timeout=50ms",
                "-c", "shared_buffers=16MB", "-c", "log_parameter_max_length=0",
            ])
        process.withLock { $0 = started }
    }

    enum Mode: Int32 {
        /// Ends every session (SIGINT).
        case fast = 2
        /// As a crash (SIGQUIT).
        case immediate = 3
    }

    /// Ends the server and waits until it has ended.
    func stop(_ mode: Mode) {
        process.withLock { (process: inout Process?) in
            guard let running = process else { return }
            kill(running.processIdentifier, mode.rawValue)
            running.waitUntilExit()
            process = nil
        }
    }

    /// The server refuses to run as root, so root takes on the user `postgres` (setpriv keeps the process id).
    private static func launch(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        if getuid() == 0 {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments =
                ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "\(binaries)/\(program)"] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: "\(binaries)/\(program)")
            process.arguments = arguments
        }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
        try process.run()
        return process
    }
}

/// The server that most tests share: the one the environment names, else one of our own.
enum Server {
    private static let own = Result { try Cluster() }

    static func url(database: String) throws -> String {
        guard let given = ProcessInfo.processInfo.environment["MAYSEND_TEST_DATABASE_URL"], !given.isEmpty else {
            return try own.get().url(database: database)
        }
        guard given.hasPrefix("postgres"), var parts = URLComponents(string: given) else {
            return given + " dbname=" + database
        }
        parts.path = "/" + database
        return parts.string ?? given
    }

    static func configuration(database: String = "postgres", connections: Int = 2) throws -> Configuration {
        var configuration = Configuration(url: try url(database: database))
        configuration.connections = connections
        configuration.urgentConnections = 0
        configuration.applicationName = "postgres-tests"
        return configuration
    }
}
