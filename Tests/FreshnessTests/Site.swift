import Foundation
import Harness
import Rules

/// Two instances of the service at one database, with a policy in effect and a key.
struct Site: Sendable {
    static let instanceCount = 2

    let database: TestDatabase
    let key: String
    private let instances: [Instance]
    private let folder: URL
    private let settings: [String: String]

    var ports: [UInt16] { instances.map(\.port) }

    /// Starts them, has the body use them, ends them and removes what was made.
    static func run(_ body: (Site) async throws -> Void) async throws {
        let site = try await Site()
        do {
            try await body(site)
        } catch {
            _ = site.stop()
            try await site.database.drop()
            throw error
        }
        let statuses = site.stop()
        try await site.database.drop()
        guard statuses.allSatisfy({ $0 == 0 }) else { throw SiteError.badEnd(statuses) }
    }

    private init() async throws {
        database = try await TestDatabase.make()
        try await database.apply(policyText: PolicyEdition.text(1))
        key = try await database.key(for: "stratsys-ab")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "maysend-freshness-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pepper = folder.appendingPathComponent("pepper")
        // The secret that every test database is registered with.
        let secret = Data((1...32).map { UInt8($0) &* 37 &+ 11 }).base64EncodedString()
        try Data("v1:\(secret)\n".utf8).write(to: pepper)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pepper.path)
        let settings = ["MAYSEND_DATABASE_URL": database.url, "MAYSEND_PEPPER_FILE": pepper.path]
        self.settings = settings
        instances = try (0..<Self.instanceCount).map { _ in try Instance(settings) }
    }

    private func stop() -> [Int32] {
        let statuses = instances.map { $0.stop() }
        try? FileManager.default.removeItem(at: folder)
        return statuses
    }

    /// Brings leads in by a list, collected today.
    func collect(_ addresses: [String]) throws {
        let list = folder.appendingPathComponent("leads-\(UInt64.random(in: 0 ... .max)).csv")
        try Data(("email\n" + addresses.joined(separator: "\n") + "\n").utf8).write(to: list)
        let today = String(Date().ISO8601Format().prefix("2023-03-21".count))
        let process = Program.process(["import", list.path, "--source", "fair", "--collected-at", today], settings)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SiteError.importFailed(process.terminationStatus) }
    }

    /// Waits until every instance says of the address that the message may go. On the thread that calls.
    func awaitEligible(_ address: String) throws {
        let check = request(
            "/v1/eligibility", key: key, #"{"address":"\#(address)",\#(OptOut.Question.newsletter.rawValue)}"#)
        for port in ports { _ = try answer(check, on: Wire(to: port)) { $0.isEligible() == true } }
    }

    /// How many of the addresses are eligible by the word of one instance. On the thread that calls.
    func eligibleCount(_ addresses: [String], _ question: OptOut.Question, on wire: Wire) throws -> Int {
        var count = 0
        for start in stride(from: 0, to: addresses.count, by: Self.addressesPerBatch) {
            let slice = addresses[start..<min(start + Self.addressesPerBatch, addresses.count)]
            let list = slice.map { "\"\($0)\"" }.joined(separator: ",")
            let body = #"{"addresses":[\#(list)],\#(question.rawValue)}"#
            count += try answer(request("/v1/eligibility/batch", key: key, body), on: wire).eligibleCount
        }
        return count
    }

    /// The acts of all entries that the register exports. On the thread that calls.
    func exportedActs() throws -> Set<Int> {
        let wire = Wire(to: ports[0])
        var acts: Set<Int> = []
        var after = ""
        while true {
            let page = try answer(getRequest("/v1/register?limit=\(Self.entriesPerPage)\(after)", key: key), on: wire)
            acts.formUnion(page.acts)
            guard !page.acts.isEmpty, let next = page.text(of: "next") else { return acts }
            after = "&after=\(next)"
        }
    }

    /// The answer, once it is right: 200 unless something else is asked for.
    private func answer(
        _ request: [UInt8], on wire: Wire, isRight: (Reply) -> Bool = { $0.status == 200 }
    ) throws -> Reply {
        let end = now() + Self.patienceSecondsMax * 1_000_000_000
        while true {
            let reply = wire.ask(request)
            if let reply, isRight(reply) { return reply }
            guard now() < end else { throw SiteError.noRightAnswer(reply?.status) }
            usleep(20_000)
        }
    }

    private static let patienceSecondsMax: UInt64 = 60
    private static let addressesPerBatch = 1_000
    private static let entriesPerPage = 1_000
}

/// The shipped policy as it is amended again and again: the versions differ in what they say, and every one of them makes
/// the people of these tests eligible until they opt out.
enum PolicyEdition {
    static func text(_ version: Int) throws -> String {
        let effective = Instant(
            microseconds: try instant("2023-03-21T00:00:00Z").microseconds + Int64(version) * 1_000_000)
        return try Checkout.text("deploy/policies/stratsys.yaml")
            .replacingOccurrences(of: "version: 1\n", with: "version: \(version)\n")
            .replacingOccurrences(of: "effective: 2023-03-21T00:00:00Z", with: "effective: \(effective)")
            .replacingOccurrences(
                of: "default-scope: controller", with: "default-scope: \(version % 2 == 0 ? "purpose" : "controller")"
            )
            .replacingOccurrences(of: "for: 3 months", with: "for: \(3 + version % 3) months")
    }
}
