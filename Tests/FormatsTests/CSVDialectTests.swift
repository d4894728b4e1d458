import Formats
import Testing

@Suite struct CSVDialectTests {
    private func dialect(_ file: [UInt8], _ options: CSVOptions = CSVOptions()) -> CSVDialect? {
        read(file, options).reader.dialect
    }

    private func dialect(_ text: String) -> CSVDialect? { dialect(Array(text.utf8)) }

    private static let delimiters: [(String, CSVDelimiter)] = [
        ("email;name\na@b.example;Nordmann, Kari\n", .semicolon),
        ("email,name\na@b.example,\"Nordmann; Kari\"\n", .comma),
        ("email\tname\na@b.example\tNordmann, Kari; AS\n", .tab),
        ("email|name\na@b.example|Nordmann, Kari\n", .pipe),
        ("\"a,b,c\";\"d,e\"\n\"1,2,3\";\"4,5\"\n", .semicolon),
        ("name;amount\nA;1,5\nB;2,5\nC;3,5\n", .semicolon),
        ("Exported by Kari, 2026-01-31\n\nemail;name;phone\na@b.example;A;1\nb@b.example;B;2\n", .semicolon),
        ("a;b\n", .semicolon), ("email\na@b.example\nb@b.example\n", .comma), ("", .comma),
        ("Nordmann, Kari;kari@firma.example\n", .semicolon),
        ("email,name\na@b.example,\"Line; one\nLine; two; three\"\nb@b.example,B\n", .comma),
    ]

    @Test(arguments: delimiters)
    func theDelimiterIsFound(_ text: String, _ delimiter: CSVDelimiter) {
        #expect(dialect(text)?.delimiter == delimiter)
    }

    @Test(arguments: [
        ("a;b\nc;d\n", CSVLineEnding.lf), ("a;b\r\nc;d\r\n", .crlf), ("a;b\rc;d\r", .cr), ("a;b\r\nc;d\ne;f", .mixed),
        ("a;b", .none), ("a;\"x\ny\"\r\nc;d\r\n", .crlf), ("a\r\r\nb", .mixed),
    ])
    func theLineEndIsFound(_ text: String, _ ending: CSVLineEnding) {
        #expect(dialect(text)?.lineEnding == ending)
    }

    @Test func aSepLineIsObeyedAndIsNoRow() {
        for line in ["sep=|\r\n", "SEP=|\n", "sep=|\r"] {
            let (found, reader) = read(Array((line + "a,b|c,d\n1,2|3,4").utf8))
            #expect(reader.dialect?.delimiter == .pipe)
            #expect(reader.dialect?.hasSeparatorLine == true)
            #expect(
                found == [
                    .header(CSVRow(line: 2, fields: ["a,b", "c,d"])), .row(CSVRow(line: 3, fields: ["1,2", "3,4"])),
                ])
        }
        #expect(read(Array("sep=;".utf8)).items.isEmpty)
        #expect(dialect("sep=:\na;b\n")?.hasSeparatorLine == false)
        #expect(dialect("sep=;x\n")?.hasSeparatorLine == false)
        // Who names the delimiter is obeyed; the line is still no row.
        let given = read(Array("\u{feff}sep=;\r\na,b\r\n".utf8), CSVOptions(delimiter: .comma, encoding: .utf8))
        #expect(given.items == [.header(CSVRow(line: 2, fields: ["a", "b"]))])
    }

    private func utf16(_ text: String, little: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let bytes = [UInt8(truncatingIfNeeded: unit >> 8), UInt8(truncatingIfNeeded: unit)]
            return little ? bytes.reversed() : bytes
        }
    }

    @Test func everyEncodingGivesTheSameRows() {
        let text = "e-post;navn\r\nkari@firma.example;Kåre Ødegård – «€» 😀\r\n"
        let plain = "e-post;navn\r\nkari@firma.example;Kåre Ødegård – «€»\r\n"
        let table: [Character: UInt8] = ["å": 0xE5, "Ø": 0xD8, "–": 0x96, "«": 0xAB, "€": 0x80, "»": 0xBB]
        let windows = plain.flatMap { table[$0].map { [$0] } ?? Array(String($0).utf8) }
        let wanted = items(text)
        #expect(wanted.count == 2)
        let files: [([UInt8], CSVEncoding, Bool)] = [
            (Array(text.utf8), .utf8, false), (Array(("\u{feff}" + text).utf8), .utf8, true),
            (utf16(text, little: true), .utf16LittleEndian, false),
            (utf16(text, little: false), .utf16BigEndian, false),
            (utf16("\u{feff}" + text, little: true), .utf16LittleEndian, true),
            (utf16("\u{feff}" + text, little: false), .utf16BigEndian, true),
        ]
        for (file, encoding, mark) in files {
            for piece in [1, 3, Int.max] {
                let (found, reader) = read(file, piece: piece)
                #expect(found == wanted)
                #expect(reader.dialect?.encoding == encoding)
                #expect(reader.dialect?.hasByteOrderMark == mark)
            }
        }
        #expect(read(windows).items == items(plain))
        #expect(dialect(windows)?.encoding == .windows1252)
    }

    @Test func halfACharacterOfUTF16CostsItsRow() {
        let lone: [UInt8] = [0x61, 0, 0x3D, 0xD8, 0x0A, 0, 0x62, 0, 0x0A, 0, 0x00, 0xDC, 0x0A, 0, 0x63, 0, 0x3D]
        let found = read(lone, CSVOptions(delimiter: .comma, encoding: .utf16LittleEndian, header: .none)).items
        let seen = found.map { item in
            switch item {
            case .row(let row), .header(let row): row.fields.joined()
            case .broken(let broken): "\(broken.fault.rawValue) \(broken.line):\(broken.column)"
            }
        }
        #expect(seen == ["invalid-encoding 1:2", "b", "invalid-encoding 3:1", "invalid-encoding 4:2"])
    }

    @Test func everyByteOfWindows1252IsSomeCharacter() {
        let file = (UInt8(0x80)...0xFF).flatMap { [$0, Byte.newline] }
        let found = read(file, CSVOptions(delimiter: .comma, encoding: .windows1252, header: .none)).items
        let scalars = found.compactMap { item -> UInt32? in
            guard case .row(let row) = item else { return nil }
            return row.fields[0].unicodeScalars.first?.value
        }
        #expect(scalars.count == 128)
        #expect(Set(scalars).count == 128)
        #expect(scalars.first == 0x20AC)
        #expect(scalars.last == 0xFF)
    }

    @Test func aMarkWinsOverWhatWasSaid() {
        let file = [0xEF, 0xBB, 0xBF] + Array("e-post;fornavn\nå;ø\n".utf8)
        let found = read(file, CSVOptions(delimiter: .semicolon, encoding: .windows1252)).items
        #expect(found.last == .row(CSVRow(line: 2, fields: ["å", "ø"])))
    }

    @Test func aCharacterCutByTheEndOfTheSampleIsNoMisfit() {
        let file = Array("name\nKarl Øystein 😀\nB\n".utf8)
        for bytes in 1...file.count {
            let found = read(file, CSVOptions(limits: CSVLimits(sampleBytesMax: bytes)))
            #expect(found.reader.dialect?.encoding == .utf8, "sample of \(bytes)")
            #expect(found.items.count == 3)
        }
    }

    @Test func theSampleAloneDecides() {
        let people = (0..<200).map { "p\($0)@firma.example;Person \($0)" }.joined(separator: "\n")
        let file = Array("email;name\n\(people)\n".utf8) + [0xD8, 0x0A]
        let options = CSVOptions(limits: CSVLimits(sampleBytesMax: 100))
        let whole = read(file, options)
        #expect(whole.reader.dialect?.encoding == .utf8)
        guard case .broken(let broken) = whole.items.last else {
            Issue.record("not broken")
            return
        }
        #expect(broken.fault == .invalidEncoding)
        #expect(broken.line == 202)
    }

    @Test func rowsComeAtOnceWhereNothingHasToBeFoundOut() {
        var reader = CSVReader(CSVOptions(delimiter: .comma, encoding: .utf8, header: .none))
        reader.feed(Array("kari@firma.example,1\nola".utf8))
        #expect(reader.next() == .row(CSVRow(line: 1, fields: ["kari@firma.example", "1"])))
        #expect(reader.next() == nil)
    }

    @Test func aDialectShowsItself() {
        let text = dialect(Array("\u{feff}sep=;\r\nemail;name\r\n".utf8))?.description
        #expect(text == "utf-8 with mark, semicolon, sep line, header, crlf")
        #expect(CSVReader().dialect == nil)
    }
}

private enum Byte {
    static let newline: UInt8 = 0x0A
}
