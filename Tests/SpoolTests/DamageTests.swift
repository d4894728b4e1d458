import Foundation
import Spool
import Testing

/// What is found of a file that a crash cut short or a disk damaged.
@Suite struct DamageTests {
    private static let count = 8

    /// A file with some records, and the place at which each ends.
    private static func make(_ folder: Folder) async throws -> (bytes: Data, ends: [Int]) {
        let spool = try folder.open()
        var ends: [Int] = []
        for number in 0..<count {
            try await spool.append(record(number))
            ends.append(spool.bytes)
        }
        await spool.close()
        return (try Data(contentsOf: folder.file), ends)
    }

    /// A write that was cut short at any byte loses the record it was writing and none before, without an alarm.
    @Test func cutAtEveryByte() async throws {
        let folder = try Folder()
        let (bytes, ends) = try await Self.make(folder)
        for length in 0...bytes.count {
            try bytes.prefix(length).write(to: folder.file)
            let spool = try folder.open()
            let whole = ends.filter { $0 <= length }.count
            #expect(try await spool.all() == (0..<whole).map(record), "cut at \(length)")
            #expect(spool.opening.damagedBytes == 0, "cut at \(length)")
            #expect(spool.opening.recordCount == whole)
            // What is appended then follows the last whole record.
            try await spool.append(record(99))
            await spool.close()
            let again = try folder.open()
            #expect(try await again.all() == (0..<whole).map(record) + [record(99)], "cut at \(length)")
            #expect(again.opening.cutBytes == 0)
            await again.close()
        }
        #expect(folder.damaged == nil)
    }

    /// A byte that was flipped is an alarm wherever it is, loses at most the record it is in, and is kept aside.
    @Test func flippedAtEveryByte() async throws {
        let folder = try Folder()
        let (bytes, ends) = try await Self.make(folder)
        for place in 0..<bytes.count {
            for flip: UInt8 in [0x01, 0x80, 0xFF] {
                var flipped = bytes
                flipped[place] ^= flip
                try flipped.write(to: folder.file)
                let spool = try folder.open()
                let hit = place < 16 ? nil : ends.firstIndex { place < $0 }
                let expected = (0..<Self.count).filter { $0 != hit }.map(record)
                #expect(try await spool.all() == expected, "\(flip) at \(place)")
                #expect(spool.opening.damagedBytes > 0, "\(flip) at \(place)")
                #expect(spool.opening.cutBytes == 0, "\(flip) at \(place)")
                #expect(try await spool.clear(through: spool.end()))
                await spool.close()
                let cleared = try folder.open()
                #expect(cleared.opening.damagedBytes == 0 && cleared.opening.recordCount == 0)
                await cleared.close()
            }
        }
        #expect((folder.damaged?.count ?? 0) >= bytes.count)
    }

    /// Blocks that never reached the disk are zeros: never taken for records, never in the way of those behind them.
    @Test func zerosInTheMiddleAndAtTheEnd() async throws {
        let folder = try Folder()
        let (bytes, ends) = try await Self.make(folder)
        var holed = bytes
        holed.replaceSubrange(ends[2]..<ends[4], with: Data(count: ends[4] - ends[2]))
        try (holed + Data(count: 4_096)).write(to: folder.file)
        let spool = try folder.open()
        #expect(try await spool.all() == [0, 1, 2, 5, 6, 7].map(record))
        #expect(spool.opening.damagedBytes == ends[4] - ends[2] + 4_096)
        #expect(try await spool.clear(through: spool.end()))
        await spool.close()
        // It is told at every start until somebody has looked.
        let again = try folder.open()
        #expect(again.opening.damagedBytes == 0 && again.damagedBytes == ends[4] - ends[2] + 4_096)
        try FileManager.default.removeItem(atPath: again.path + "/damaged")
        #expect(again.damagedBytes == 0)
        await again.close()
    }

    /// Records beyond what is read at a time, with damage on the seams.
    @Test func aLargeFileIsReadInParts() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        let numbers = 0..<6_000
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in numbers { group.addTask { try await spool.append(record(number)) } }
            try await group.waitForAll()
        }
        let order = try await spool.all()
        await spool.close()
        var bytes = try Data(contentsOf: folder.file)
        #expect(bytes.count > 256 * 1_024)
        for place in stride(from: 256 * 1_024 - 40, to: 256 * 1_024 + 40, by: 1) { bytes[place] ^= 0x55 }
        try bytes.write(to: folder.file)
        let again = try folder.open()
        let found = try await again.all()
        #expect(again.opening.damagedBytes >= 80)
        #expect(found.count >= order.count - 4 && found.count < order.count)
        #expect(Set(found).isSubset(of: Set(order)))
        await again.close()
    }
}
