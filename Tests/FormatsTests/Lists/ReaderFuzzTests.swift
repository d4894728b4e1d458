import Formats
import Harness
import Testing

/// Random bytes and examples made worse, cut at random places: the readers end, without a trap, and say the same whatever
/// the pieces.
@Suite struct ReaderFuzzTests {
    private static let rounds = 400

    @Test func damagedExamplesDoNotDependOnThePieces() throws {
        var generator = SeededGenerator(seed: 2_026)
        let examples = try exampleNames().map { try example($0) }
        for round in 0..<Self.rounds {
            let bytes = Self.damaged(
                examples[round % examples.count], with: generator.pick(examples), using: &generator)
            let options = round.isMultiple(of: 4) ? CSVOptions() : tightOptions
            let whole = Reading(bytes, options)
            #expect(Reading(bytes, options, cutBy: &generator) == whole, "round \(round)")
            let list = ListOfSuppressions(bytes, nil, options)
            #expect(ListOfSuppressions(bytes, options, cutBy: &generator) == list, "round \(round)")
            #expect(Self.rowsAreAccountedFor(whole, list), "round \(round)")
        }
    }

    @Test func randomBytesDoNotDependOnThePieces() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<Self.rounds {
            let starts: [[UInt8]] = [
                [], [0x1F, 0x8B, 8, 0], [0x50, 0x4B, 3, 4], [0xFF, 0xFE], [0xFE, 0xFF], Array("[{".utf8),
            ]
            let count = Int.random(in: 0...300, using: &generator)
            let bytes = generator.pick(starts) + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Reading(bytes, tightOptions, cutBy: &generator) == Reading(bytes, tightOptions), "round \(round)")
        }
    }

    /// In text without quotation marks every line that has anything in it is a header, a row or a fault, and its number says
    /// which.
    @Test func everyLineOfATableIsAccountedFor() {
        var generator = SeededGenerator(seed: 99)
        let parts = ["a@b.example", ",", ";", "x", "ø", " ", "\n", "\r\n", "\r", "\n\n", "\0", "\t", "=1", "sep"]
        for round in 0..<2_000 {
            let text = "e-mail;name\n" + generator.text(of: parts, upTo: 60)
            let reading = Reading(text)
            var lines: [Int] = []
            for event in reading.events {
                switch event {
                case .header(let row), .row(let row): lines.append(row.line)
                case .broken(let broken): lines.append(broken.rowLine)
                case .file, .end: break
                }
            }
            #expect(lines == Self.filledLines(of: text), "round \(round): \(text.debugDescription)")
        }
    }

    /// The numbers of the lines that are not empty.
    private static func filledLines(of text: String) -> [Int] {
        var filled: [Int] = []
        var (line, isFilled): (Int, Bool) = (1, false)
        var before: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar == "\n", before == "\r" {
                before = scalar
                continue
            }
            if scalar == "\n" || scalar == "\r" {
                if isFilled { filled.append(line) }
                (line, isFilled) = (line + 1, false)
            } else {
                isFilled = true
            }
            before = scalar
        }
        return isFilled ? filled + [line] : filled
    }

    /// What the reader of lists found is what the reader of suppressions says something of, one for one.
    private static func rowsAreAccountedFor(_ reading: Reading, _ list: ListOfSuppressions) -> Bool {
        guard list.failure == nil else { return true }
        let rows = reading.rows.count + reading.broken.count
        let said = list.entries.count + list.passedOver.count + list.invalid.count
        // A header that is a digest is a row of a list of digests, so there may be one more for each file.
        return (rows...rows + reading.files.count).contains(said)
    }

    private static func damaged(
        _ bytes: [UInt8], with other: [UInt8], using generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = bytes
        let interesting: [UInt8] = [
            0, 0x0A, 0x0D, 0x22, 0x27, 0x2C, 0x3B, 0x40, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0xC3, 0xFF,
        ]
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[place] = generator.pick(interesting)
            case 1: bytes.insert(generator.pick(interesting), at: place)
            case 2: bytes.remove(at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + 40))
            case 4: bytes.insert(contentsOf: bytes[..<place].suffix(60), at: place)
            default: bytes.insert(contentsOf: other.prefix(Int.random(in: 0...200, using: &generator)), at: place)
            }
        }
        return bytes
    }
}
