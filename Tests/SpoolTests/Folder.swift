import Foundation
import Spool

/// A folder for spools of one test, removed with it.
final class Folder {
    let url: URL

    init(in place: URL = FileManager.default.temporaryDirectory) throws {
        url = place.appendingPathComponent("maysend-spool-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(at: url) } catch {}
    }

    var path: String { url.appendingPathComponent("spool").path }
    var file: URL { url.appendingPathComponent("spool/opt-outs") }
    var damaged: Data? { FileManager.default.contents(atPath: path + "/damaged") }

    func open(bytesMax: Int = spoolBytesMax, identity: UInt8 = 7) throws(SpoolError) -> Spool {
        try Spool(folder: path, freshIdentity: [UInt8](repeating: identity, count: 16), bytesMax: bytesMax)
    }
}

extension Spool {
    /// All records, in order.
    func all() async throws -> [SpoolRecord] {
        var (all, place): ([SpoolRecord], Place) = ([], .start)
        while true {
            let (records, next) = try await records(after: place)
            guard !records.isEmpty else { return all }
            all += records
            place = next
        }
    }

    /// The place behind the last record.
    func end() async throws -> Place {
        var place = Place.start
        while true {
            let (records, next) = try await records(after: place)
            guard !records.isEmpty else { return next }
            place = next
        }
    }
}

func record(_ number: Int) -> SpoolRecord {
    SpoolRecord(
        receivedAt: Int64(number) * 1_000_003,
        token: Array("token-\(number)-\(String(repeating: "x", count: number % 40))".utf8))
}
