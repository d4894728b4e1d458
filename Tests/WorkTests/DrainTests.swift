import Foundation
import Harness
import Logging
import Rules
import Spool
import Store
import Synchronization
import Testing
import Work

/// A spool of more than one reading, taken out by a database that fails in the middle.
@Suite struct DrainTests {
    private static let recordCount = 600
    private static let failingAt = 450

    @Test func aDrainGoesOnWhereItBrokeOff() async throws {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: "stratsys")
        let presence = try Presence(url: database.url, random: { 0.5 })
        try await presence.ready(within: .seconds(30))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "maysend-drain-\(UInt64.random(in: 0 ... .max))")
        let spool = try Spool(folder: folder.path, freshIdentity: (1...16).map { UInt8($0) })
        for number in 0..<Self.recordCount {
            // Long ones, so that the spool is read in three parts.
            let token = Array("\(number)".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
            try await spool.append(SpoolRecord(receivedAt: Int64(number), token: token))
        }
        let drained = Mutex([Int](repeating: 0, count: Self.recordCount))
        let hasFailed = Mutex(false)
        let keeper = try #require(
            Keeper(
                .init(name: "north", absenceSeconds: 900), spool: spool, presence: presence, gate: store.gate,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ) { record throws(StoreError) in
                let number = Int(record.receivedAt)
                let isFailing =
                    number == Self.failingAt
                    && hasFailed.withLock { isOver in
                        defer { isOver = true }
                        return !isOver
                    }
                if isFailing { throw .draining }
                drained.withLock { $0[number] += 1 }
                return .recorded
            })
        await keeper.tick()
        #expect(!keeper.isDrained && hasFailed.withLock { $0 })
        while !keeper.isDrained { await keeper.tick() }
        let counts = drained.withLock { $0 }
        #expect(counts.allSatisfy { $0 >= 1 })
        // The first reading was in the register when the second failed.
        #expect(counts.prefix(200).allSatisfy { $0 == 1 }, "\(counts.prefix(200))")
        #expect(spool.bytes == 0)
        await keeper.end()
        await presence.shutdown()
        await store.shutdown(within: .seconds(5))
        try FileManager.default.removeItem(at: folder)
    }

    /// What a power failure may leave of a first write, which nobody was told of: no instance may hold that for ever.
    @Test func aSpoolOfDamageAloneIsDrainedAndToldOf() async throws {
        let database = try await TestDatabase.make()
        let store = try await database.store(policy: "stratsys")
        let presence = try Presence(url: database.url, random: { 0.5 })
        try await presence.ready(within: .seconds(30))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "maysend-drain-\(UInt64.random(in: 0 ... .max))")
        let identity = (1...16).map { UInt8($0) }
        let made = try Spool(folder: folder.path, freshIdentity: identity)
        await made.close()
        let file = try FileHandle(forWritingTo: folder.appendingPathComponent("opt-outs"))
        try file.seekToEnd()
        try file.write(contentsOf: Data(count: 236))
        try file.close()
        let spool = try Spool(folder: folder.path, freshIdentity: identity)
        let keeper = try #require(
            Keeper(
                .init(name: "north", absenceSeconds: 900), spool: spool, presence: presence, gate: store.gate,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ) { _ throws(StoreError) in .recorded })
        #expect(!keeper.isDrained)
        while !keeper.isDrained { await keeper.tick() }
        #expect(spool.bytes == 0)
        #expect(keeper.damage?.text.contains("236 bytes") == true)
        await keeper.end()
        await presence.shutdown()
        await store.shutdown(within: .seconds(5))
        try FileManager.default.removeItem(at: folder)
    }
}
