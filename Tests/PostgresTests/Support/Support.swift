import Dispatch
import Postgres
import Synchronization
import Testing

/// Longer than any test, so that what ends sooner was ended by something else.
let hour = Deadlines(queue: .seconds(3_600), statement: .seconds(3_600), transaction: .seconds(3_600))
let patient = Deadlines(queue: .seconds(60), statement: .seconds(60), transaction: .seconds(60))

/// Opens a pool on a database made for this test alone, and removes both afterwards.
func withDatabase(
    connections: Int = 2, setUp: String = "", configure: (inout Configuration) -> Void = { _ in },
    observe: @escaping @Sendable (PoolEvent) -> Void = { _ in },
    _ body: (Database) async throws -> Void
) async throws {
    await turnstile.enter()
    defer { turnstile.leave() }
    let admin = try open(try Server.configuration(connections: 1))
    let name = "t_\(UInt64.random(in: 0 ... .max))"
    try await admin.ready(within: .seconds(20))
    try await admin.run(Script(reviewed: "create database \(name)"), deadlines: patient)
    var configuration = try Server.configuration(database: name, connections: connections)
    configure(&configuration)
    let database = try open(configuration, observe: observe)
    do {
        try await eventually { database.health.connections == connections }
        if !setUp.isEmpty { try await database.run(Script(reviewed: setUp), deadlines: patient) }
        try await body(database)
    } catch {
        await database.shutdown(within: .seconds(5))
        try await admin.run(Script(reviewed: "drop database \(name) with (force)"), deadlines: patient)
        await admin.shutdown(within: .seconds(5))
        throw error
    }
    await database.shutdown(within: .seconds(5))
    try await admin.run(Script(reviewed: "drop database \(name) with (force)"), deadlines: patient)
    await admin.shutdown(within: .seconds(5))
}

func open(
    _ configuration: Configuration, observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
) throws -> Database {
    try Database(configuration, random: { Double.random(in: 0..<1) }, observe: observe)
}

/// Lets few tests at a time use the shared server, whose connections are limited.
private let turnstile = Turnstile(places: 6)

private final class Turnstile: Sendable {
    private let state: Mutex<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(places: Int) {
        state = Mutex((places, []))
    }

    func enter() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let mayEnter = state.withLock { state -> Bool in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayEnter { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}

struct NeverHappened: Error {}

/// Waits until `condition` holds; fails the test if it does not within `limit`.
func eventually(
    within limit: Duration = .seconds(20), _ condition: @Sendable () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    throw NeverHappened()
}

/// Holds threads up until it is opened.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    func pass() {
        semaphore.wait()
        semaphore.signal()
    }
}

/// A list that several threads append to.
final class Log<Item: Sendable>: Sendable {
    private let list = Mutex<[Item]>([])

    var items: [Item] { list.withLock { $0 } }

    func append(_ item: Item) { list.withLock { $0.append(item) } }
}

/// The error that `work` throws, or nil.
func failure(_ work: () async throws(PostgresError) -> Void) async -> PostgresError? {
    do throws(PostgresError) {
        try await work()
        return nil
    } catch {
        return error
    }
}

enum TestError: PostgresFailure, Equatable {
    case database(PostgresError)
    case mine

    init(_ error: PostgresError) { self = .database(error) }
}

enum SQL {
    static let pid = Statement("test.pid", "select pg_backend_pid() as pid", in: (), out: ("pid", Int32.self))
    static let sleep = Statement(
        "test.sleep", "select pg_sleep($1)::text as done", in: (Double.self), out: ("done", String.self))
    static let terminate = Statement(
        "test.terminate", "select pg_terminate_backend($1) as done", in: (Int32.self), out: ("done", Bool.self))
    static let sleepers = Statement(
        "test.sleepers",
        """
        select pid from pg_stat_activity
        where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()
        """,
        in: (), out: ("pid", Int32.self))
    static let isAlive = Statement(
        "test.is_alive", "select count(*) = 1 as alive from pg_stat_activity where pid = $1", in: (Int32.self),
        out: ("alive", Bool.self))
    static let add = Statement(
        "test.add", "insert into item (id, name) values ($1, $2)", in: (Int64.self, String.self))
    static let items = Statement(
        "test.items", "select id, name from item order by id", in: (), out: ("id", Int64.self), ("name", String.self))
    static let count = Statement(
        "test.count", "select count(*) as count from item", in: (), out: ("count", Int64.self))
    static let numbers = Statement(
        "test.numbers", "select generate_series(1::bigint, $1) as n", in: (Int64.self),
        out: ("n", Int64.self))
    static let rename = Statement(
        "test.rename", "update item set name = $2 where id = $1", in: (Int64.self, String.self))
}

let itemTable = "create table item (id bigint primary key, name text not null unique)"
