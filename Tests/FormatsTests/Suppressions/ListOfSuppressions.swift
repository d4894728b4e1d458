import Formats
import Foundation
import Harness
import Rules

/// All that a reader of suppression lists says of these bytes.
struct ListOfSuppressions: Equatable {
    var events: [SuppressionListEvent] = []
    var failure: SuppressionListError?

    init(_ bytes: [UInt8], _ dialect: SuppressionDialect? = nil, _ options: CSVOptions = CSVOptions()) {
        var reader = SuppressionReader(dialect, options)
        reader.feed(bytes)
        reader.finish()
        drain(&reader)
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ bytes: [UInt8], _ options: CSVOptions = CSVOptions(), cutBy generator: inout SeededGenerator) {
        var reader = SuppressionReader(nil, options)
        var start = 0
        while start < bytes.count {
            let most = [1, 9, 400, bytes.count][Int.random(in: 0..<4, using: &generator)]
            let end = min(bytes.count, start + Int.random(in: 1...max(1, most), using: &generator))
            reader.feed(Array(bytes[start..<end]))
            start = end
            drain(&reader)
        }
        reader.finish()
        drain(&reader)
    }

    private mutating func drain(_ reader: inout SuppressionReader) {
        guard failure == nil else { return }
        do throws(SuppressionListError) {
            while let event = try reader.next() { events.append(event) }
        } catch {
            failure = error
        }
    }

    var entries: [Suppression] { events.compactMap { if case .entry(_, let entry) = $0 { entry } else { nil } } }
    var dialects: [SuppressionDialect] {
        events.compactMap { if case .recognised(let dialect) = $0 { dialect } else { nil } }
    }
    var passedOver: [SuppressionPass] {
        events.compactMap { if case .passedOver(_, let why) = $0 { why } else { nil } }
    }
    var invalid: [SuppressionFault] {
        events.compactMap { if case .invalid(_, _, let fault) = $0 { fault } else { nil } }
    }

    /// The first letter of the address, or the kind of the digest, and the reason.
    var words: [String] {
        entries.map { entry in
            switch entry.subject {
            case .address(let address): address.localPart.prefix(1) + " " + entry.reason.rawValue
            case .hashed(let digest): digest.kind.rawValue + " " + entry.reason.rawValue
            }
        }
    }
}

/// A list of the examples folder.
func example(_ name: String) throws -> [UInt8] {
    let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: top.appendingPathComponent("deploy/examples/\(name)")))
}

/// The names of the lists in the examples folder.
func exampleNames() throws -> [String] {
    let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    return try FileManager.default.contentsOfDirectory(atPath: top.appendingPathComponent("deploy/examples").path)
        .filter { $0 != "README.md" }.sorted()
}
