import Foundation
import FoundationNetworking
import Harness
import Testing

/// The built program, run as anybody runs it: arguments and an environment in, a status and two streams out.
struct Program {
    /// The settings that every run of it gets.
    var settings: [String: String]
    let folder: URL

    /// How a run ended.
    struct Ending {
        let status: Int32
        let out: String
        let err: String

        var lines: [String] { out.split(separator: "\n").map(String.init) }
    }

    /// With nothing set but what is given, in a folder of its own.
    init(_ settings: [String: String] = [:]) throws {
        self.settings = settings
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "maysend-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Removes the folder.
    func clean() throws { try FileManager.default.removeItem(at: folder) }

    /// The path of a file in the folder, written with the text where one is given.
    func file(_ name: String, _ text: String? = nil) throws -> String {
        let url = folder.appendingPathComponent(name)
        if let text { try Data(text.utf8).write(to: url) }
        return url.path
    }

    /// Sets it up to mint and take links, with a key of its own.
    mutating func makeLinks() async throws {
        settings["MAYSEND_LINK_KEYS"] = folder.appendingPathComponent("link-keys").path
        settings["MAYSEND_PUBLIC_URL"] = "https://opt.firma.example"
        let made = try await run("key", "rotate-links", "--first")
        #expect(made.status == 0, "\(made.err)")
    }

    func run(_ arguments: String..., input: String = "") async throws -> Ending {
        let running = try start(arguments, input: input)
        return try await running.end()
    }

    /// Starts it and leaves it running.
    func start(_ arguments: [String], input: String = "") throws -> Running {
        let process = Process()
        process.executableURL = Self.binary
        process.arguments = arguments
        process.environment = settings.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        process.currentDirectoryURL = folder
        let number = UInt64.random(in: 0 ... .max)
        let (out, err) = (try file("\(number).out", ""), try file("\(number).err", ""))
        process.standardInput = FileHandle(forReadingAtPath: try file("\(number).in", input))
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        return try Running(process, out: out, err: err)
    }

    private static let binary: URL = {
        let path = ProcessInfo.processInfo.environment["MAYSEND_TEST_BINARY"]
        return path.map { URL(fileURLWithPath: $0) } ?? Checkout.top.appendingPathComponent(".build/debug/maysend")
    }()
}

/// A run that has not ended.
struct Running {
    let process: Process
    private let ended: AsyncStream<Int32>
    private let out: String
    private let err: String

    init(_ process: Process, out: String, err: String) throws {
        (self.process, self.out, self.err) = (process, out, err)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        ended = stream
        process.terminationHandler = { process in
            continuation.yield(
                process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
            continuation.finish()
        }
        try process.run()
    }

    /// Waits for the end. A status below 0 is the signal that ended it.
    func end() async throws -> Program.Ending {
        var status: Int32 = .min
        for await one in ended { status = one }
        return Program.Ending(status: status, out: try text(out), err: try text(err))
    }

    /// The first line on standard error that has the words, waited for while the program runs.
    func line(with words: String) async throws -> String? {
        while true {
            let isRunning = process.isRunning
            if let line = try text(err).split(separator: "\n").first(where: { $0.contains(words) }) {
                return String(line)
            }
            guard isRunning else { return nil }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Where a server that was started at port 0 listens.
    func port() async throws -> Int {
        let line = try #require(try await line(with: #""message":"listening""#))
        let match = try #require(line.firstMatch(of: /"port":(\d+)/))
        return try #require(Int(match.1))
    }

    static func text(of path: String, _ port: Int) async throws -> String {
        String(decoding: try await get(path, port).0, as: UTF8.self)
    }

    static func status(of path: String, _ port: Int) async throws -> Int? {
        (try await get(path, port).1 as? HTTPURLResponse)?.statusCode
    }

    private static func get(_ path: String, _ port: Int) async throws -> (Data, URLResponse) {
        try await URLSession.shared.data(from: try #require(URL(string: "http://127.0.0.1:\(port)/\(path)")))
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

/// A migrated database with its pepper file, and the program set up for it.
struct Site {
    let database: TestDatabase
    let program: Program

    init(policy: String? = "stratsys") async throws {
        database = try await TestDatabase.make()
        if let policy { try await database.apply(policy: policy) }
        var program = try Program()
        let pepper = try program.file("pepper", "v1:\(testPepperSecret.base64EncodedString())\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pepper)
        program.settings = [
            "MAYSEND_DATABASE_URL": database.url, "MAYSEND_PEPPER_FILE": pepper,
            "MAYSEND_SQL": Checkout.top.appendingPathComponent("sql").path,
            "MAYSEND_POLICIES": Checkout.top.appendingPathComponent("deploy/policies").path,
        ]
        self.program = program
    }
}

/// The secret of the pepper that every test database is registered with.
let testPepperSecret = Data((1...32).map { UInt8($0) &* 37 &+ 11 })

extension Checkout {
    /// The text of a shipped policy.
    static func shipped(_ name: String) throws -> String { try text("deploy/policies/\(name).yaml") }
}
