import Formats
import Harness
import Testing

@Suite struct ListReaderTests {
    private let table = Array("Email;Name\r\nkari@firma.example;Kari Nordmann\r\nola@firma.example;Ola\r\n".utf8)

    @Test func aPlainTable() {
        let reading = Reading(table)
        #expect(reading.files == [""])
        #expect(reading.headers == [["Email", "Name"]])
        #expect(reading.rows == [["kari@firma.example", "Kari Nordmann"], ["ola@firma.example", "Ola"]])
        #expect(reading.guesses == ["table, utf-8, semicolon, header, crlf"])
        #expect(reading.failure == nil)
    }

    @Test func nothingAtAllIsAFileWithoutAForm() {
        #expect(Reading([]).events == [.file(name: ""), .end(nil)])
    }

    @Test func gzipOfOneMemberAndOfSeveral() {
        let one = Reading(deflated(table, gzip: true))
        #expect(one.rows == Reading(table).rows)
        #expect(one.guesses == ["gzip, table, utf-8, semicolon, header, crlf"])
        let middle = table.count / 2
        let two = deflated(Array(table[..<middle]), gzip: true) + deflated(Array(table[middle...]), gzip: true)
        #expect(Reading(two).rows == Reading(table).rows)
        #expect(Reading(two + [0, 0, 0]).rows == Reading(table).rows)
        #expect(Reading(two + [0, 0, 0]).failure == nil)
    }

    @Test func gzipThatIsNotWhole() {
        let packed = deflated(table, gzip: true)
        #expect(Reading(Array(packed.dropLast())).failure == .truncated)
        #expect(Reading(packed + [1]).failure == .trailingBytes)
        var damaged = packed
        damaged[damaged.count - 6] ^= 0x55
        #expect(Reading(damaged).failure == .damaged("the compressed data"))
    }

    @Test(arguments: ZipMaker.Lengths.allCases, [false, true]) func zip(_ lengths: ZipMaker.Lengths, stored: Bool) {
        guard !stored || lengths == .before || lengths == .beforeIn64Bits else { return }
        var zip = ZipMaker()
        zip.add("../../etc/one.csv", table, stored: stored, lengths)
        zip.add("two.csv", Array("a@b.example\n".utf8), stored: stored, lengths)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20 {
            let reading = Reading(zip.finished(), cutBy: &generator)
            #expect(reading.failure == nil)
            #expect(reading.files == ["one.csv", "two.csv"])
            #expect(reading.rows == Reading(table).rows + [["a@b.example"]])
            #expect(reading.lines == [2, 3, 1])
            #expect(reading.guesses.first == "zip, “one.csv”, table, utf-8, semicolon, header, crlf")
        }
    }

    @Test func foldersAndAMacsSideFilesArePassedOver() {
        var zip = ZipMaker()
        zip.add("list/", [], stored: true)
        zip.add("list/a.csv", table)
        zip.add("__MACOSX/list/._a.csv", [0, 5, 22, 7])
        #expect(Reading(zip.finished()).files == ["a.csv"])
        #expect(Reading(zip.finished()).failure == nil)
    }

    @Test func zipThatIsRefused() {
        var encrypted = ZipMaker()
        encrypted.flags = 1
        encrypted.add("a.csv", table)
        #expect(Reading(encrypted.finished()).failure == .encrypted(file: "a.csv"))
        var stored = ZipMaker()
        stored.add("a.csv", table, stored: true, .behind)
        #expect(Reading(stored.finished()).failure == .lengthMissing(file: "a.csv"))
        var damaged = ZipMaker()
        damaged.checksumOffset = 1
        damaged.add("a.csv", table)
        #expect(Reading(damaged.finished()).failure == .damaged("“a.csv”"))
        var document = ZipMaker()
        document.add("[Content_Types].xml", table)
        #expect(Reading(document.finished()).failure == .spreadsheet)
        var picture = ZipMaker()
        picture.add("logo.png", table)
        #expect(Reading(picture.finished()).failure == .notAList(file: "logo.png"))
        var twice = ZipMaker()
        twice.add("a.csv", deflated(table, gzip: true))
        #expect(Reading(twice.finished()).failure == .packedTwice(file: "a.csv"))
        var many = ZipMaker()
        for index in 0...archiveFilesMax { many.add("\(index).csv", [65]) }
        #expect(Reading(many.finished()).failure == .tooManyFiles)
        var whole = ZipMaker()
        whole.add("a.csv", table)
        #expect(Reading(Array(whole.finished().dropLast())).failure == .truncated)
        #expect(Reading(whole.finished() + [7]).failure == .trailingBytes)
    }

    @Test func aBombIsStoppedEarly() {
        let bomb = deflated([UInt8](repeating: 65, count: 40 * 1_024 * 1_024), gzip: true)
        var reader = ListReader()
        reader.feed(bomb)
        reader.finish()
        #expect(throws: UnpackError.ratioMax) { while try reader.next() != nil {} }
        // And stays stopped.
        #expect(throws: UnpackError.ratioMax) { try reader.next() }
    }

    @Test func encodingsAreGuessedAndShown() {
        func utf16(_ text: String, bigEndian: Bool, mark: Bool) -> [UInt8] {
            ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap {
                bigEndian ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)]
            }
        }
        let text = "E-post;Navn\nkari@firma.example;Kåre Ødegård\n"
        for mark in [true, false] {
            for bigEndian in [true, false] {
                let reading = Reading(utf16(text, bigEndian: bigEndian, mark: mark))
                #expect(reading.rows == [["kari@firma.example", "Kåre Ødegård"]])
                let name = "utf-16" + (bigEndian ? "be" : "le") + (mark ? " with mark" : "")
                #expect(reading.guesses == ["table, \(name), semicolon, header, lf"])
            }
        }
        let latin = Array(text.unicodeScalars.map { UInt8($0.value) })
        #expect(Reading(latin).rows == [["kari@firma.example", "Kåre Ødegård"]])
        #expect(Reading(latin).guesses == ["table, windows-1252, semicolon, header, lf"])
        let json = #"{"email":"kari@firma.example"}"# + "\n"
        #expect(Reading(utf16(json, bigEndian: false, mark: true)).rows == [["kari@firma.example"]])
        #expect(Reading(utf16(json, bigEndian: false, mark: true)).guesses == ["ndjson, utf-16le"])
    }

    @Test func aFieldOfAHundredMegabytesIsRefusedInConstantMemory() throws {
        var reader = ListReader()
        reader.feed(Array("email;name\nola@firma.example;Ola\n".utf8))
        let piece = [UInt8](repeating: 65, count: 1_024 * 1_024)
        var events: [ListEvent] = []
        for _ in 0..<100 {
            reader.feed(piece)
            while let event = try reader.next() { events.append(event) }
        }
        reader.feed(Array("\nkari@firma.example;Kari\n".utf8))
        reader.finish()
        while let event = try reader.next() { events.append(event) }
        let rows = events.compactMap { if case .row(let row) = $0 { row.fields[0] } else { nil } }
        #expect(rows == ["ola@firma.example", "kari@firma.example"])
        let broken = events.compactMap { if case .broken(let broken) = $0 { broken } else { nil } }
        #expect(broken.map(\.fault) == [.fieldTooLong])
        #expect(broken.map(\.line) == [3])
    }

    @Test func nulIsRefused() {
        let reading = Reading("email;name\nola@firma.example;O\0la\nkari@firma.example;Kari\n")
        #expect(reading.broken.map(\.fault) == [.nul])
        #expect(reading.rows == [["kari@firma.example", "Kari"]])
    }

    @Test func eventsDoNotDependOnThePieces() {
        var generator = SeededGenerator(seed: 1)
        var zip = ZipMaker()
        zip.add("a.csv", table, .behind)
        zip.add(
            "b.json",
            Array(#"{"items":[{"address":"a@b.example"},{"address":"c@d.example","code":550}],"paging":{}}"#.utf8))
        let samples = [table, deflated(table, gzip: true), zip.finished()]
        for sample in samples {
            let whole = Reading(sample, tightOptions)
            for _ in 0..<50 { #expect(Reading(sample, tightOptions, cutBy: &generator) == whole) }
        }
    }
}
