import Postgres
import Rules
import Store

/// What a seeded database says of itself.
struct SeedMark: Equatable {
    let version: Int64
    let people: Int64
    let seed: Int64
    let madeAt: Instant

    /// Days after which a register is made anew, because leads lapse as time goes by.
    static let daysMax: Int64 = 30

    /// Nil where the database was not seeded; one that is half seeded does not exist.
    static func read(url: String) async throws -> SeedMark? {
        let database = try Seeding.database(url)
        do {
            try await database.ready(within: .seconds(30))
            var mark: SeedMark?
            if try await database.first(BenchSQL.isMarked, ()) == true {
                mark = try await database.first(BenchSQL.readMark, ())
            }
            await database.shutdown(within: .seconds(5))
            return mark
        } catch {
            await database.shutdown(within: .zero)
            throw error
        }
    }

    /// Whether the register is what would be made now.
    func fits(_ population: Population) -> Bool {
        version == Population.version && people == Int64(population.book.count)
            && seed == Int64(bitPattern: population.book.seed)
            && population.now < madeAt.advanced(byMicroseconds: Self.daysMax * 86_400_000_000)
    }
}
