import Formats
import Harness

/// So little is held back to guess by, and so short are rows, that pieces and limits are met in small lists.
let tightOptions = CSVOptions(
    limits: CSVLimits(fieldBytesMax: 300, lineBytesMax: 1_000, sampleBytesMax: 48, columnsMax: 20))

/// All that a reader says of these bytes, fed in pieces that the generator cuts.
struct Reading: Equatable {
    var events: [ListEvent] = []
    var failure: UnpackError?

    init(_ bytes: [UInt8], _ options: CSVOptions = CSVOptions(), cutBy generator: inout SeededGenerator) {
        var reader = ListReader(options)
        var start = 0
        while start < bytes.count, failure == nil {
            let most = [1, 7, 300, 5_000, bytes.count][Int.random(in: 0..<5, using: &generator)]
            let end = min(bytes.count, start + Int.random(in: 1...max(1, most), using: &generator))
            reader.feed(Array(bytes[start..<end]))
            start = end
            drain(&reader)
        }
        reader.finish()
        drain(&reader)
    }

    init(_ bytes: [UInt8], _ options: CSVOptions = CSVOptions()) {
        var reader = ListReader(options)
        reader.feed(bytes)
        reader.finish()
        drain(&reader)
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    private mutating func drain(_ reader: inout ListReader) {
        guard failure == nil else { return }
        do throws(UnpackError) {
            while let event = try reader.next() { events.append(event) }
        } catch {
            failure = error
        }
    }

    var rows: [[String]] { events.compactMap { if case .row(let row) = $0 { row.fields } else { nil } } }
    var headers: [[String]] { events.compactMap { if case .header(let row) = $0 { row.fields } else { nil } } }
    var broken: [CSVBroken] { events.compactMap { if case .broken(let broken) = $0 { broken } else { nil } } }
    var lines: [Int] { events.compactMap { if case .row(let row) = $0 { row.line } else { nil } } }
    var files: [String] { events.compactMap { if case .file(let name) = $0 { name } else { nil } } }
    var guesses: [String] { events.compactMap { if case .end(let guess) = $0 { guess?.description } else { nil } } }
}
