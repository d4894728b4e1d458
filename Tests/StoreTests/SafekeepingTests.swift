import Postgres
import Rules
import Synchronization
import Testing

@testable import Store

/// What becomes of an opt-out that the database takes, or does not.
@Suite struct SafekeepingTests {
    /// What is found out in a moment is waited for; all else is said at once.
    @Test func anOptOutOutlastsDoubtAndNothingElse() async throws {
        var attempts = 0
        let outcome = try await outlastingDoubt { () async throws(StoreError) -> String in
            attempts += 1
            if attempts < 3 { throw .unsure("not compared with the database yet") }
            return "recorded"
        }
        #expect(outcome == "recorded" && attempts == 3)
        await #expect(throws: StoreError.schema("restore")) {
            try await outlastingDoubt { () async throws(StoreError) -> String in
                attempts += 1
                throw .schema("restore")
            }
        }
        #expect(attempts == 4)
    }

    private static let away = StoreError.unavailable(.unavailable)

    /// Answers in this order; the last one again and again.
    private final class Script<Step: Sendable>: Sendable {
        private let steps: Mutex<[Step]>
        init(_ steps: Step...) { self.steps = Mutex(steps) }
        func next() -> Step { steps.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
    }

    private func take(
        _ records: Script<Result<Int, StoreError>>, _ keeps: Script<Safekeeping.Outcome>
    ) async -> Result<Int?, StoreError> {
        let safekeeping = Safekeeping { _, _ in keeps.next() }
        do throws(StoreError) {
            let taken = try await safekeeping.take([1], receivedAt: Instant(microseconds: 0)) {
                () async throws(StoreError) -> Int in try records.next().get()
            }
            switch taken {
            case .recorded(let number): return .success(number)
            case .kept: return .success(nil)
            }
        } catch {
            return .failure(error)
        }
    }

    @Test func whatIsRecordedIsNotKept() async throws {
        #expect(await take(Script(.success(7)), Script(.kept)) == .success(7))
    }

    @Test func whatTheDatabaseCannotTakeIsKept() async throws {
        #expect(await take(Script(.failure(Self.away)), Script(.notYet, .notYet, .kept)) == .success(nil))
    }

    @Test func theDatabaseMayBeBackInBetween() async throws {
        #expect(await take(Script(.failure(Self.away), .success(7)), Script(.notYet)) == .success(7))
    }

    @Test func whatCannotBeKeptIsRefused() async throws {
        #expect(await take(Script(.failure(Self.away)), Script(.notYet, .refused("full"))) == .failure(Self.away))
    }

    /// A fault that another attempt does not cure is no reason to keep anything: nobody could record it later either.
    @Test func aFaultOfTheActIsNotKept() async throws {
        #expect(await take(Script(.failure(.tooMany(limit: 1))), Script(.kept)) == .failure(.tooMany(limit: 1)))
    }
}
