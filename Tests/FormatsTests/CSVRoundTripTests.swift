import Formats
import Harness
import Testing

/// What must hold of any bytes at all, tried with a seed.
@Suite struct CSVRoundTripTests {
    private static let pieces = [
        "a", "kari@firma.example", "\"", "\"\"", ",", ";", "\t", "|", "\r", "\n", "\r\n", "æ", "😀", " ", "=", "+", "'",
        "sep=;", "\u{feff}", "x\"y", ",\"", "\"\n", "\",\"",
    ]

    @Test func whatIsWrittenReadsBack() {
        var random = SeededGenerator(seed: 3)
        for round in 0..<1_500 {
            let delimiter = random.pick(CSVDelimiter.allCases)
            var writer = CSVWriter(
                delimiter: delimiter, lineEnding: random.pick([.crlf, .lf]), mark: random.pick([.none, .utf8]))
            let width = Int.random(in: 1...5, using: &random)
            let rows = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                (0..<width).map { _ in random.text(of: Self.pieces, upTo: 5) }
            }
            for row in rows { writer.row(row) }
            let options = CSVOptions(delimiter: delimiter, encoding: .utf8, header: .none)
            let found = read(writer.bytes, options, piece: Int.random(in: 1...20, using: &random)).items
            let back = found.map { item -> [String] in
                guard case .row(let row) = item else { return ["\(item)"] }
                return row.fields
            }
            #expect(back == rows, "round \(round)")
        }
    }

    @Test func theSizesOfThePiecesChangeNothing() {
        var random = SeededGenerator(seed: 5)
        let limits = CSVLimits(fieldBytesMax: 12, lineBytesMax: 30, sampleBytesMax: 24, columnsMax: 6)
        for round in 0..<3_000 {
            var file = Array(random.text(of: Self.pieces, upTo: 40).utf8)
            if Bool.random(using: &random), !file.isEmpty {
                file[Int.random(in: 0..<file.count, using: &random)] = random.pick([0, 0xFF, 0xC3, 0x80, 0x0D, 0x22])
            }
            var options = CSVOptions(limits: limits)
            if Bool.random(using: &random) { options.delimiter = random.pick(CSVDelimiter.allCases) }
            if Bool.random(using: &random) { options.encoding = random.pick(CSVEncoding.allCases) }
            options.header = random.pick(CSVHeaderRule.allCases)
            let whole = read(file, options)
            for piece in [1, 2, 7] {
                let cut = read(file, options, piece: piece)
                #expect(cut.items == whole.items, "round \(round), pieces of \(piece): \(file)")
                #expect(cut.reader.dialect == whole.reader.dialect)
                #expect(cut.reader.emptyLines == whole.reader.emptyLines)
            }
        }
    }

    @Test func noBytesTrap() {
        var random = SeededGenerator(seed: 9)
        var seen = (rows: 0, broken: 0)
        for _ in 0..<5_000 {
            let file = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : random.pick([0x22, 0x0D, 0x0A, 0x2C, 0x3B, 0x61, 0])
            }
            let limits = CSVLimits(
                fieldBytesMax: Int.random(in: 1...9, using: &random),
                lineBytesMax: Int.random(in: 1...20, using: &random),
                sampleBytesMax: Int.random(in: 1...30, using: &random),
                columnsMax: Int.random(in: 1...4, using: &random))
            var last = 0
            for item in read(file, CSVOptions(limits: limits), piece: 5).items {
                switch item {
                case .row(let row), .header(let row):
                    seen.rows += 1
                    #expect(row.line > last)
                    last = row.line
                    #expect(row.fields.count <= limits.columnsMax)
                    #expect(row.fields.allSatisfy { $0.utf8.count <= limits.fieldBytesMax })
                case .broken(let broken):
                    seen.broken += 1
                    #expect(broken.rowLine > last)
                    last = broken.rowLine
                    #expect(broken.line >= broken.rowLine && broken.column >= 1)
                }
            }
        }
        #expect(seen.rows > 1_000 && seen.broken > 1_000)
    }

    @Test func theReaderKeepsNoMoreThanARow() {
        // Two mebibytes without a line end, then a row: the reader is past the fault long before the end.
        var reader = CSVReader(CSVOptions(delimiter: .comma, encoding: .utf8, header: .none))
        let piece = Array(repeating: UInt8(ascii: "x"), count: 10_000)
        var found: [CSVItem] = []
        for _ in 0..<200 {
            reader.feed(piece)
            while let item = reader.next() { found.append(item) }
            if found.isEmpty { continue }
            #expect(found.count == 1)
        }
        reader.feed(Array("\nkari,1".utf8))
        reader.finish()
        while let item = reader.next() { found.append(item) }
        #expect(found.count == 2)
        #expect(found.last == .row(CSVRow(line: 2, fields: ["kari", "1"])))
    }
}

@Suite struct CSVWriterTests {
    private func written(_ rows: [[String]], _ writer: CSVWriter) -> String {
        var writer = writer
        for row in rows { writer.row(row) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func fieldsAreQuotedWhereTheyMust() {
        let text = written(
            [["a", "b c", "d,e", "f;g", "h\"i", "j\nk", " l", "m\0n", ""], [""], ["sep=;"], ["\u{feff}x"]], CSVWriter())
        let expected =
            "a,b c,\"d,e\",\"f;g\",\"h\"\"i\",\"j\nk\",\" l\",\"m\u{FFFD}n\",\r\n\"\"\r\n\"sep=;\"\r\n\"\u{feff}x\"\r\n"
        #expect(Array(text.utf8) == Array(expected.utf8))
    }

    @Test func formulasAreMadeHarmlessOnlyWhenAsked() {
        let risky = ["=1+1", "+47 22", "-1", "@x", "\tx", "\rx", "a=b", ""]
        #expect(written([risky], CSVWriter(delimiter: .semicolon, lineEnding: .lf)).hasPrefix("=1+1;+47 22;-1;@x;"))
        let tame = written([risky], CSVWriter(delimiter: .semicolon, lineEnding: .lf, formulas: .neutralised))
        #expect(tame == "'=1+1;'+47 22;'-1;'@x;\"'\tx\";\"'\rx\";a=b;\n")
    }

    @Test func whatIsTakenIsGone() {
        var writer = CSVWriter(lineEnding: .lf, mark: .utf8)
        writer.row(["a"])
        #expect(writer.take() == [0xEF, 0xBB, 0xBF, 0x61, 0x0A])
        writer.row(["b"])
        #expect(writer.take() == [0x62, 0x0A])
    }
}
