import Harness
import Postgres
import Rules
import Synchronization
import Testing

@testable import Store

@Suite struct CheckDeskTests {
    /// Answers as they come.
    private final class Answers: Sendable {
        private let held = Mutex<[Result<CheckReading, StoreError>]>([])

        var all: [Result<CheckReading, StoreError>] { held.withLock { $0 } }

        func add(_ result: Result<CheckReading, StoreError>) { held.withLock { $0.append(result) } }

        func wait(for count: Int) async throws {
            while all.count < count { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private func places(_ address: String, _ scene: Scene) throws -> CheckPlaces {
        LookupKeys(try Address(parsing: address), scene.store.peppers, at: scene.access.controller)
            .checkPlaces(at: scene.access.controller)
    }

    @Test func whatWaitsGoesOutTogetherAndNeverJoinsAQueryThatWasSent() async throws {
        let scene = try await Scene.make()
        let desk = CheckDesk(
            scene.store.checks, CheckGate(), CheckDesk.Limits(perQueryMax: 1_000, linesMax: 1, waitMax: .seconds(60)))
        // The query cannot read the epoch until this transaction ends.
        let gate = try await scene.database.openTransaction(
            "lock table maysend.catalogue_epoch in access exclusive mode")
        let answers = Answers()
        desk.read(try places("kari@firma.example", scene), reply: answers.add)
        try await scene.database.waitForBlockedQuery()
        for number in 0..<20 { desk.read(try places("p\(number)@firma.example", scene), reply: answers.add) }
        #expect(answers.all.isEmpty)
        try await gate.commit()
        try await answers.wait(for: 21)
        let moments = try answers.all.map { try $0.get().now }
        #expect(Set(moments.dropFirst()).count == 1)
        #expect(moments[0] < moments[1])
        await scene.close()
    }

    @Test func aQueryTakesOnlySoMany() async throws {
        let scene = try await Scene.make()
        let desk = CheckDesk(
            scene.store.checks, CheckGate(), CheckDesk.Limits(perQueryMax: 3, linesMax: 1, waitMax: .seconds(60)))
        let gate = try await scene.database.openTransaction(
            "lock table maysend.catalogue_epoch in access exclusive mode")
        let answers = Answers()
        desk.read(try places("kari@firma.example", scene), reply: answers.add)
        try await scene.database.waitForBlockedQuery()
        for number in 0..<7 { desk.read(try places("p\(number)@firma.example", scene), reply: answers.add) }
        try await gate.commit()
        try await answers.wait(for: 8)
        #expect(Set(try answers.all.map { try $0.get().now }).count == 4)
        await scene.close()
    }

    @Test func whoWaitsTooLongIsRefused() async throws {
        let scene = try await Scene.make()
        let desk = CheckDesk(
            scene.store.checks, CheckGate(),
            CheckDesk.Limits(perQueryMax: 1_000, linesMax: 1, waitMax: .milliseconds(20)))
        let gate = try await scene.database.openTransaction(
            "lock table maysend.catalogue_epoch in access exclusive mode")
        let place = try places("kari@firma.example", scene)
        // On a busy machine the first of them may itself have waited for too long.
        let (early, late) = (Answers(), Answers())
        try await scene.database.waitForBlockedQuery { desk.read(place, reply: early.add) }
        desk.read(place, reply: late.add)
        try await Task.sleep(for: .milliseconds(40))
        try await gate.commit()
        try await late.wait(for: 1)
        #expect(throws: StoreError.self) { try late.all[0].get() }
        #expect(early.all.contains { if case .success = $0 { true } else { false } })
        await scene.close()
    }

    @Test func afterTheShutdownEverybodyIsRefused() async throws {
        let scene = try await Scene.make()
        await scene.close()
        let answers = Answers()
        for number in 0..<5 { scene.store.desk.read(try places("p\(number)@firma.example", scene), reply: answers.add) }
        try await answers.wait(for: 5)
        for answer in answers.all { #expect(throws: StoreError.self) { try answer.get() } }
    }
}
