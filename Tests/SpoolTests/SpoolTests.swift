import Foundation
import Spool
import Testing

/// What an append promises, and what is there after a restart.
@Suite struct SpoolTests {
    @Test func whatWasAppendedIsThereInOrderAfterAReopening() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        #expect(spool.bytes == 0)
        for number in 0..<50 { try await spool.append(record(number)) }
        #expect(spool.bytes > 0)
        await spool.close()
        let again = try folder.open(identity: 9)
        #expect(again.opening.recordCount == 50)
        #expect(again.opening.cutBytes == 0 && again.opening.damagedBytes == 0)
        #expect(again.identity == [UInt8](repeating: 7, count: 16))
        #expect(try await again.all() == (0..<50).map(record))
        await again.close()
    }

    @Test func manyAppendsAtOnceAreAllThere() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2_000 { group.addTask { try await spool.append(record(number)) } }
            try await group.waitForAll()
        }
        await spool.close()
        let again = try folder.open()
        let found = try await again.all()
        #expect(found.count == 2_000)
        #expect(Set(found) == Set((0..<2_000).map(record)))
        await again.close()
    }

    @Test func twoNeverShareAFolder() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        #expect(throws: SpoolError.inUse(folder: folder.path)) { _ = try folder.open() }
        await spool.close()
        let again = try folder.open()
        await again.close()
    }

    @Test func clearingTakesOutOnlyWhatWasRead() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        try await spool.append(record(1))
        let end = try await spool.end()
        try await spool.append(record(2))
        #expect(try await spool.clear(through: end) == false)
        #expect(try await spool.all() == [record(1), record(2)])
        let last = try await spool.end()
        #expect(try await spool.clear(through: last))
        #expect(spool.bytes == 0)
        #expect(try await spool.all() == [])
        try await spool.append(record(3))
        await spool.close()
        let again = try folder.open()
        #expect(try await again.all() == [record(3)])
        await again.close()
    }

    @Test func aFullSpoolRefusesAndKeepsWhatItHas() async throws {
        let folder = try Folder()
        let spool = try folder.open(bytesMax: 400)
        var kept = 0
        while true {
            do throws(SpoolError) {
                try await spool.append(record(kept))
                kept += 1
            } catch {
                #expect(error == .full(bytesMax: 400))
                break
            }
        }
        #expect(kept > 3)
        // Of a group that does not fit as one, what fits is taken.
        #expect(try await spool.clear(through: spool.end()))
        let taken = await withTaskGroup(of: Int?.self) { group in
            for number in 0..<64 {
                group.addTask {
                    do { try await spool.append(record(number)) } catch { return nil }
                    return number
                }
            }
            return await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
        }
        #expect(!taken.isEmpty && taken.count < 64)
        await spool.close()
        let again = try folder.open()
        #expect(Set(try await again.all()) == Set(taken.map(record)))
        await again.close()
    }

    @Test func aTokenThatIsNoneIsRefused() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        for token in [[], [UInt8](repeating: 1, count: spoolTokenBytesMax + 1)] {
            await #expect(throws: SpoolError.badToken) {
                try await spool.append(SpoolRecord(receivedAt: 1, token: token))
            }
        }
        try await spool.append(SpoolRecord(receivedAt: .min, token: [UInt8](repeating: 1, count: spoolTokenBytesMax)))
        #expect(try await spool.all().map(\.receivedAt) == [.min])
        await spool.close()
        await #expect(throws: SpoolError.closed) { try await spool.append(record(1)) }
        await #expect(throws: SpoolError.closed) { _ = try await spool.all() }
    }

    @Test func whatIsRejectedIsCountedOverRestarts() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        try await spool.reject(record(1))
        try await spool.reject(record(2))
        #expect(spool.rejectedCount == 2 && spool.bytes == 0)
        await spool.close()
        let again = try folder.open()
        #expect(again.rejectedCount == 2)
        #expect(again.opening.recordCount == 0)
        await again.close()
    }

    @Test func theMarkOfRegistrationIsRemembered() async throws {
        let folder = try Folder()
        let spool = try folder.open()
        #expect(spool.opening.registeredSecondsAgo == nil)
        try await spool.note(isRegistered: true)
        await spool.close()
        let second = try folder.open()
        #expect(second.opening.registeredSecondsAgo != nil)
        try await second.note(isRegistered: false)
        try await second.note(isRegistered: false)
        await second.close()
        let third = try folder.open()
        #expect(third.opening.registeredSecondsAgo == nil)
        await third.close()
    }

    @Test func aFolderThatCannotBeHadIsNamed() throws {
        #expect(throws: SpoolError.system("making the folder", path: "/nowhere/spool", code: ENOENT)) {
            _ = try Spool(folder: "/nowhere/spool", freshIdentity: [UInt8](repeating: 1, count: 16))
        }
    }
}
