import Foundation
import Postgres
import Testing

/// Connections that work on lists, and what sets them apart.
@Suite(.timeLimit(.minutes(10))) struct StepBackTests {
    /// Stands for `sql/step_back.sql`: it says that it was asked, where anybody can see it.
    private static let offered = StepBack(
        isOffered: Statement("test.is-offered", "select true as offered", in: (), out: ("offered", Bool.self)),
        ask: Script(reviewed: "set application_name = 'stepped-back'"))
    private static let absent = StepBack(
        isOffered: Statement("test.is-absent", "select false as offered", in: (), out: ("offered", Bool.self)),
        ask: Script(reviewed: "select no_such_function()"))
    private static let broken = StepBack(
        isOffered: Statement("test.is-broken", "select true as offered", in: (), out: ("offered", Bool.self)),
        ask: Script(reviewed: "select no_such_function()"))
    private static let fatal = StepBack(
        isOffered: Statement("test.is-fatal", "select true as offered", in: (), out: ("offered", Bool.self)),
        ask: Script(reviewed: "select pg_terminate_backend(pg_backend_pid())"))
    private static let name = Statement(
        "test.own-name", "select current_setting('application_name') as name", in: (), out: ("name", String?.self))

    @Test func onlyConnectionsOfBulkJobsStepBackAndOnlyBulkJobsRunThere() async throws {
        let configure = { (configuration: inout Configuration) in
            (configuration.bulkConnections, configuration.stepBack) = (2, Self.offered)
        }
        try await withDatabase(connections: 5, configure: configure) { database in
            let found = Log<(Priority, String?, Int32)>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 0..<200 {
                    let priority = Priority.allCases[round % Priority.allCases.count]
                    group.addTask {
                        try await database.read(priority, deadlines: patient) { tx throws(PostgresError) in
                            found.append((priority, try tx.one(Self.name, ()), threadNiceness()))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(found.items.count == 200)
            for (priority, name, niceness) in found.items {
                #expect((name == "stepped-back") == (priority == .bulk))
                #expect((niceness > processNiceness) == (priority == .bulk))
            }
        }
    }

    @Test(arguments: ["absent", "broken", "fatal"])
    func whereTheServerDoesNotTakeItAllWorksAndItIsSaid(_ word: String) async throws {
        let how = ["absent": Self.absent, "broken": Self.broken, "fatal": Self.fatal][word]
        let events = Log<StepBackOutcome>()
        let configure = { (configuration: inout Configuration) in
            (configuration.bulkConnections, configuration.stepBack) = (1, how)
        }
        let observe = { @Sendable (event: PoolEvent) in
            if case .steppedBack(let outcome) = event { events.append(outcome) }
        }
        try await withDatabase(connections: 2, configure: configure, observe: observe) { database in
            for priority in Priority.allCases {
                #expect(try await database.first(SQL.pid, (), priority: priority, deadlines: patient) != nil)
            }
            // Asked once, also where the connection was lost over it.
            let outcome = try #require(events.items.first)
            #expect(events.items.count == 1)
            switch (word, outcome) {
            case ("absent", .notOffered), ("broken", .failed(.undefined)), ("fatal", .failed(.connectionLost)): break
            default: Issue.record("\(word): \(outcome)")
            }
        }
    }

    @Test func aPoolOfBulkConnectionsAloneIsReadyAndEnds() async throws {
        var configuration = try Server.configuration(connections: 1)
        configuration.bulkConnections = 1
        let database = try open(configuration)
        try await database.ready(within: .seconds(20))
        let error = await failure { () async throws(PostgresError) in
            _ = try await database.first(SQL.pid, (), priority: .check, deadlines: patient)
        }
        #expect(error == .misuse(.noConnectionForPriority))
        await database.shutdown(within: .seconds(5))
    }
}

private func threadNiceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
private let processNiceness = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(getpid()))
