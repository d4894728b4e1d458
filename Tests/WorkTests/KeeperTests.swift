import Foundation
import Harness
import Logging
import Rules
import Spool
import Store
import Synchronization
import Testing
import Work

/// Opt-outs while the database is away, by two instances at one database, of which one is cut off from it.
@Suite struct KeeperTests {
    private static let question = "kari@firma.example"

    /// One is cut off and acknowledges; the other, which sees the database all the time, says from then on that nobody is
    /// eligible, until the first has come back and has brought in what it holds.
    @Test func nobodySaysEligibleAfterAnAcknowledgementFromTheSpool() async throws {
        try await Crew.run { crew in
            let (north, south) = (crew.north, crew.south)
            await north.keeper.tick()
            #expect(try await south.isEligible(Self.question))
            #expect(await north.keep(Self.question) == .notYet)
            // The other asks all the while, and is answered before anything is wrong.
            let asking = Asking()
            while asking.eligibleBefore == 0 {
                asking.note(try await south.isEligibleOrNil(Self.question), begun: asking.now)
            }
            try await crew.cutOff()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !asking.isOver {
                        asking.note(try await south.isEligibleOrNil(Self.question), begun: asking.now)
                    }
                }
                while await north.keep(Self.question) != .kept { await north.keeper.tick() }
                asking.acknowledge()
                for _ in 0..<20 { asking.note(try await south.isEligibleOrNil(Self.question), begun: asking.now) }
                asking.end()
                try await group.waitForAll()
            }
            #expect(asking.eligibleAfter == 0)
            #expect(asking.refusedAfter >= 20)
            // Cut off, it knows nothing either.
            #expect(try await north.isEligibleOrNil(Self.question) == nil)
            #expect(!north.keeper.isDrained)
            try crew.join()
            while !north.keeper.isDrained { await north.keeper.tick() }
            #expect(try await north.reason(Self.question) == "unsubscribed")
            #expect(try await south.reason(Self.question) == "unsubscribed")
            #expect(try await south.isEligible("ola@firma.example"))
            #expect(north.spool.bytes == 0)
            await north.keeper.end()
            #expect(try await crew.instances() == [])
        }
    }

    /// A process that is killed leaves its spool; the next one drains it before it answers, and records nothing twice.
    @Test func whatAKilledInstanceKeptIsDrainedBeforeAnythingElse() async throws {
        try await Crew.run { crew in
            await crew.north.keeper.tick()
            try await crew.cutOff()
            while await crew.north.keep(Self.question) != .kept { await crew.north.keeper.tick() }
            #expect(await crew.north.keep("ola@firma.example") == .kept)
            #expect(await crew.north.keep("no address") == .kept)
            await crew.north.spool.close()
            try crew.join()
            let again = try await crew.instance("north", folder: crew.northFolder)
            #expect(!again.keeper.isDrained)
            #expect(try await again.isEligibleOrNil("per@firma.example") == nil)
            while !again.keeper.isDrained { await again.keeper.tick() }
            for address in [Self.question, "ola@firma.example"] {
                #expect(try await again.reason(address) == "unsubscribed")
            }
            #expect(try await again.isEligible("per@firma.example"))
            #expect(again.spool.rejectedCount == 1)
            #expect(try await crew.entries() == 2)
            await again.close()
        }
    }

    /// Without the database ever having heard of it, an instance keeps nothing: nobody would wait for it.
    @Test func anInstanceThatNobodyKnowsKeepsNothing() async throws {
        try await Crew.run { crew in
            try await crew.cutOff()
            await crew.north.keeper.tick()
            guard case .refused = await crew.north.keep(Self.question) else {
                Issue.record("it kept an opt-out that nobody waits for")
                return
            }
            #expect(crew.north.spool.bytes == 0)
        }
    }

    /// An operator's word, or the end of patience, while it still holds: it beats no more until it has drained, then it is
    /// waited for as ever.
    @Test func whoWasForgottenDrainsAndIsWaitedForAgain() async throws {
        try await Crew.run { crew in
            await crew.north.keeper.tick()
            try await crew.cutOff()
            while await crew.north.keep(Self.question) != .kept { await crew.north.keeper.tick() }
            try await crew.database.run("delete from maysend.instance where name = 'north'")
            try crew.join()
            while !crew.north.keeper.isDrained { await crew.north.keeper.tick() }
            #expect(try await crew.south.reason(Self.question) == "unsubscribed")
            // A beat may be late on a busy machine; the next one comes.
            while try await crew.instances() != ["north live"] { await crew.north.keeper.tick() }
        }
    }
}

/// What the other instance said, in the order of the questions.
private final class Asking: Sendable {
    private struct State {
        var acknowledgedAt: ContinuousClock.Instant?
        var isOver = false
        var (eligibleBefore, eligibleAfter, refusedAfter) = (0, 0, 0)
    }

    private let state = Mutex(State())

    var now: ContinuousClock.Instant { ContinuousClock.now }
    var isOver: Bool { state.withLock { $0.isOver } }
    var eligibleBefore: Int { state.withLock { $0.eligibleBefore } }
    var eligibleAfter: Int { state.withLock { $0.eligibleAfter } }
    var refusedAfter: Int { state.withLock { $0.refusedAfter } }

    func acknowledge() { state.withLock { $0.acknowledgedAt = ContinuousClock.now } }
    func end() { state.withLock { $0.isOver = true } }

    func note(_ isEligible: Bool?, begun: ContinuousClock.Instant) {
        state.withLock { state in
            let isAfter = state.acknowledgedAt.map { begun > $0 } ?? false
            switch isEligible {
            case .some(true) where isAfter: state.eligibleAfter += 1
            case .some(true): state.eligibleBefore += 1
            case nil where isAfter: state.refusedAfter += 1
            default: break
            }
        }
    }
}

/// An instance without its HTTP.
private struct Member: Sendable {
    let store: Store
    let access: Access
    let spool: Spool
    let presence: Presence
    let keeper: Keeper
    /// Whose beats this one's checks wait for.
    var heart: Keeper

    func keep(_ address: String) async -> Safekeeping.Outcome {
        await keeper.keep(Array(address.utf8), receivedAt: Instant(microseconds: 1_790_000_000_000_000))
    }

    /// Nil where it does not know.
    func isEligibleOrNil(_ address: String) async throws -> Bool? {
        do throws(StoreError) { return try await verdict(address)?.isEligible } catch {
            guard error.isPassing else { throw error }
            return nil
        }
    }

    func isEligible(_ address: String) async throws -> Bool { try await known(address).isEligible }
    func reason(_ address: String) async throws -> String { try await known(address).reason.code }

    /// Asks until it knows.
    private func known(_ address: String) async throws -> Verdict {
        while true {
            do throws(StoreError) {
                if let verdict = try await verdict(address) { return verdict }
            } catch {
                guard error.isPassing else { throw error }
            }
            await heart.tick()
        }
    }

    private func verdict(_ address: String) async throws(StoreError) -> Verdict? {
        guard let address = try? Address(parsing: address), let purpose = Slug("newsletter") else { return nil }
        guard case .success(let answer) = try await store.verdict(Check(address: address, purpose: purpose), by: access)
        else { return nil }
        return answer.verdict
    }

    func close() async {
        await spool.close()
        await presence.shutdown()
        await store.shutdown(within: .seconds(5))
    }
}

extension StoreError {
    fileprivate var isPassing: Bool {
        switch self {
        case .unavailable, .heldBack, .draining: true
        default: false
        }
    }
}

/// Two instances; the first reaches the database by a way that can be cut.
private final class Crew: Sendable {
    let database: TestDatabase
    let north: Member
    let south: Member
    let northFolder: String
    private let folder: URL
    private let way: URL
    private let socket: String

    static func run(_ body: (Crew) async throws -> Void) async throws {
        let crew = try await Crew()
        try await body(crew)
        await crew.north.close()
        await crew.south.close()
        try FileManager.default.removeItem(at: crew.folder)
    }

    private init() async throws {
        database = try await TestDatabase.make()
        let store = try await database.store(policy: "stratsys")
        let access = Access(operator: "test", for: try #require(try await store.catalogue().controllers.first))
        let leads = try ["kari", "ola", "per"].map { Lead(address: try Address(parsing: $0 + "@firma.example")) }
        _ = try await store.run(.collect(leads), by: access)
        await store.shutdown(within: .seconds(5))
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "maysend-crew-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        northFolder = folder.appendingPathComponent("north").path
        let parts = try #require(URLComponents(string: database.url))
        let host = try #require(parts.queryItems?.first { $0.name == "host" }?.value)
        socket = host + "/.s.PGSQL.5432"
        way = folder.appendingPathComponent(".s.PGSQL.5432")
        try FileManager.default.createSymbolicLink(atPath: way.path, withDestinationPath: socket)
        north = try await Self.member(
            "north", of: database, url: Self.url(database.url, through: folder.path), northFolder)
        var other = try await Self.member(
            "south", of: database, url: database.url, folder.appendingPathComponent("south").path)
        other.heart = north.keeper
        south = other
    }

    func instance(_ name: String, folder: String) async throws -> Member {
        try await Self.member(name, of: database, url: database.url, folder)
    }

    private static func url(_ url: String, through folder: String) throws -> String {
        var parts = try #require(URLComponents(string: url))
        parts.queryItems = parts.queryItems?.map { $0.name == "host" ? URLQueryItem(name: "host", value: folder) : $0 }
        return try #require(parts.string)
    }

    private static func member(
        _ name: String, of database: TestDatabase, url: String, _ folder: String
    ) async throws -> Member {
        let store = try Store(Store.Configuration(url: url, peppers: database.peppers), random: { 0.5 })
        try await store.ready(within: .seconds(30))
        let access = Access(operator: "test", for: try #require(try await store.catalogue().controllers.first))
        let presence = try Presence(url: url, random: { 0.5 })
        try await presence.ready(within: .seconds(30))
        let spool = try Spool(
            folder: folder, freshIdentity: (0..<16).map { _ in UInt8.random(in: 0 ... .max) })
        let keeper = try #require(
            Keeper(
                .init(name: name, absenceSeconds: 900), spool: spool, presence: presence, gate: store.gate,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ) { record throws(StoreError) in
                let text = String(decoding: record.token, as: UTF8.self)
                guard let address = try? Address(parsing: text) else { return .unreadable }
                let report = Report(
                    .unsubscribed(scope: nil, purpose: nil, topic: nil), of: .address(address),
                    at: Instant(microseconds: record.receivedAt))
                let once = Once(key: "spool-\(text)", request: record.token)
                _ = try await store.run(.record(report), by: access, once: once) { _ in
                    StoredAnswer(status: 200, body: [])
                }
                return .recorded
            })
        return Member(
            store: store, access: access, spool: spool, presence: presence, keeper: keeper, heart: keeper)
    }

    /// The first instance reaches the database no more.
    func cutOff() async throws {
        try FileManager.default.removeItem(at: way)
        try await database.run(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and application_name like 'maysend%'
                and application_name <> 'maysend_test'
            """)
        try await south.store.ready(within: .seconds(30))
    }

    func join() throws {
        try FileManager.default.createSymbolicLink(atPath: way.path, withDestinationPath: socket)
    }

    func instances() async throws -> [String] {
        try await database.texts("select name || ' ' || state as text from maysend.instance order by name")
    }

    func entries() async throws -> Int {
        try await database.texts("select act as text from maysend.ledger where act = 'unsubscribed'").count
    }
}
