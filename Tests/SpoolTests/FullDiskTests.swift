import Foundation
import Glibc
import Spool
import Testing

/// A disk that has no room: a small one of its own in memory, where this machine lets a test mount one.
@Suite struct FullDiskTests {
    @Test func whatHasNoRoomIsRefusedAndDoesNotCount() async throws {
        let mountPoint = FileManager.default.temporaryDirectory.appendingPathComponent(
            "maysend-disk-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: mountPoint, withIntermediateDirectories: true)
        defer { rmdir(mountPoint.path) }
        guard mount("tmpfs", mountPoint.path, "tmpfs", 0, "size=64k") == 0 else {
            return
        }
        defer { umount2(mountPoint.path, Int32(MNT_DETACH)) }
        let folder = try Folder(in: mountPoint)
        let spool = try folder.open()
        let kept = await fill(spool)
        #expect(kept.count > 20)
        #expect(try await spool.all() == kept.map(record))
        // Room again: it goes on where it was.
        #expect(try await spool.clear(through: spool.end()))
        let more = await fill(spool)
        #expect(more.count > 20)
        await spool.close()
        let again = try folder.open()
        #expect(again.opening.cutBytes == 0 && again.opening.damagedBytes == 0)
        #expect(try await again.all() == more.map(record))
        await again.close()
    }

    /// Appends until the disk is full; the numbers that were acknowledged.
    private func fill(_ spool: Spool) async -> [Int] {
        var kept: [Int] = []
        for number in 0..<10_000 {
            do throws(SpoolError) {
                try await spool.append(record(number))
                kept.append(number)
            } catch {
                #expect(error == .diskFull)
                return kept
            }
        }
        Issue.record("the disk was never full")
        return kept
    }
}
