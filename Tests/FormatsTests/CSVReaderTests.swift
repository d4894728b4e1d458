import Formats
import Testing

/// Everything that a reader says of a file fed in pieces of so many bytes, taking items after each piece.
func read(
    _ file: [UInt8], _ options: CSVOptions = CSVOptions(), piece: Int = .max
) -> (items: [CSVItem], reader: CSVReader) {
    var reader = CSVReader(options)
    var items: [CSVItem] = []
    var start = 0
    while start < file.count {
        let end = file.count - start > piece ? start + piece : file.count
        reader.feed(Array(file[start..<end]))
        while let item = reader.next() { items.append(item) }
        start = end
    }
    reader.finish()
    while let item = reader.next() { items.append(item) }
    return (items, reader)
}

func items(_ text: String, _ options: CSVOptions = CSVOptions()) -> [CSVItem] {
    read(Array(text.utf8), options).items
}

/// The fields of the rows alone, for tables of how text is cut.
func rows(_ text: String, _ delimiter: CSVDelimiter = .comma) -> [[String]] {
    items(text, CSVOptions(delimiter: delimiter, encoding: .utf8, header: .none)).map { item in
        switch item {
        case .row(let row), .header(let row): row.fields
        case .broken(let broken): ["!", broken.fault.rawValue, "\(broken.line):\(broken.column)"]
        }
    }
}

@Suite struct CSVReaderTests {
    private static let texts: [(String, [[String]])] = [
        ("", []), ("\n\r\n\r", []), ("a", [["a"]]), ("a,b", [["a", "b"]]), ("a,b\n", [["a", "b"]]),
        ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]), ("a,b\rc,d", [["a", "b"], ["c", "d"]]),
        ("a\nb\rc\r\nd", [["a"], ["b"], ["c"], ["d"]]), ("a,,\n", [["a", "", ""]]), (",", [["", ""]]),
        ("\"a\"\n", [["a"]]), ("\"a,b\",c", [["a,b", "c"]]), ("\"a\"\"b\"", [["a\"b"]]), ("\"\"\"\"", [["\""]]),
        ("\"\"", [[""]]), ("\"\",\"\"\n", [["", ""]]), ("\"a\nb\r\nc\rd\",e", [["a\nb\r\nc\rd", "e"]]),
        ("a\"b,c\"\"d", [["a\"b", "c\"\"d"]]), (" \"a\"", [[" \"a\""]]), ("\"a\"  ,b", [["a", "b"]]),
        ("\"a\" \r\nb", [["a"], ["b"]]), (" a , b ", [[" a ", " b "]]), ("æ,😀", [["æ", "😀"]]),
        ("\n\na\n\n", [["a"]]), ("\"a\"\"\"\"b\",\"\"\"\"\"\"", [["a\"\"b", "\"\""]]),
    ]

    @Test(arguments: texts)
    func textIsCutIntoFields(_ text: String, _ expected: [[String]]) {
        #expect(rows(text) == expected)
    }

    private static let broken: [(String, [[String]])] = [
        // The quotation mark that is never closed costs its own line and no other.
        ("a,\"b\nc,d\ne,f", [["!", "unterminated-quote", "1:3"], ["c", "d"], ["e", "f"]]),
        ("a,b\n\"c,d\r\ne,f\r\n", [["a", "b"], ["!", "unterminated-quote", "2:1"], ["e", "f"]]),
        ("\"a", [["!", "unterminated-quote", "1:1"]]), ("\"", [["!", "unterminated-quote", "1:1"]]),
        ("\"a\"b,c\nd,e", [["!", "text-after-quote", "1:4"], ["d", "e"]]),
        ("\"a\" \"b\"\nd", [["!", "text-after-quote", "1:5"], ["d"]]),
        ("x,\"a\ny,\"b\"\nz,c", [["!", "text-after-quote", "2:4"], ["y", "b"], ["z", "c"]]),
        ("a\0b,c\nd", [["!", "nul", "1:2"], ["d"]]), ("\"a\0b\"\nd", [["!", "nul", "1:3"], ["d"]]),
        ("æ\"x\",\0\0\0\n\0", [["!", "nul", "1:6"], ["!", "nul", "2:1"]]),
        ("\"a\"\0\rd", [["!", "nul", "1:4"], ["d"]]),
    ]

    @Test(arguments: broken)
    func aBrokenRowDoesNotStopTheFile(_ text: String, _ expected: [[String]]) {
        #expect(rows(text) == expected)
    }

    @Test func rowsCarryTheLineOnWhichTheyBegin() {
        let text = "\n\"a\n\nb\"\r\n\r\nc\rd\n\"e\r\rf\"\ng"
        let lines = items(text, CSVOptions(delimiter: .comma, encoding: .utf8, header: .none)).map { item in
            guard case .row(let row) = item else { return -1 }
            return row.line
        }
        #expect(lines == [2, 6, 7, 8, 11])
        #expect(read(Array(text.utf8)).reader.emptyLines == 2)
    }

    @Test func shortAndLongRowsAreSaidToBe() {
        let found = items("email;name;phone\na@b.example;A;1\nb@b.example\n;;;;\n")
        #expect(
            found == [
                .header(CSVRow(line: 1, fields: ["email", "name", "phone"])),
                .row(CSVRow(line: 2, fields: ["a@b.example", "A", "1"])),
                .row(CSVRow(line: 3, fields: ["b@b.example"], shape: .short(missing: 2))),
                .row(CSVRow(line: 4, fields: ["", "", "", "", ""], shape: .long(extra: 2))),
            ])
        guard case .row(let last) = found[3], case .row(let second) = found[1] else {
            Issue.record("not rows")
            return
        }
        #expect(last.isBlank)
        #expect(!second.isBlank)
    }

    @Test func theFirstRowIsAHeaderUnlessItHoldsAnAddress() {
        #expect(read(Array("kari@firma.example,BOUNCE\nola@firma.example,BOUNCE".utf8)).reader.header == nil)
        #expect(items("kari@firma.example,BOUNCE").count == 1)
        #expect(
            read(Array("Email,@handle,Twitter @\na@b.example,x,y".utf8)).reader.header == [
                "Email", "@handle", "Twitter @",
            ])
        let forced = read(Array("a@b.example,x".utf8), CSVOptions(header: .firstRow))
        #expect(forced.reader.header == ["a@b.example", "x"])
        let none = read(Array("Email,Name".utf8), CSVOptions(header: .none))
        #expect(none.reader.header == nil)
        #expect(none.reader.dialect?.hasHeader == false)
    }

    @Test func noRowBecomesAHeaderBehindABrokenOne() {
        let found = items("Email\0,Name\nKari,Nordmann\n", CSVOptions(header: .firstRow))
        guard found.count == 2, case .broken(let broken) = found[0], case .row(let row) = found[1] else {
            Issue.record("\(found)")
            return
        }
        #expect(broken.fault == .nul)
        #expect(broken.rowLine == 1)
        #expect(row.fields == ["Kari", "Nordmann"])
    }

    @Test func aFieldHasALimitAndTheNextLineIsRead() {
        let limits = CSVLimits(fieldBytesMax: 8, lineBytesMax: 30)
        let options = CSVOptions(delimiter: .comma, encoding: .utf8, header: .none, limits: limits)
        #expect(items("12345678,\"12345678\"\n", options).count == 1)
        #expect(items("12345678,\"12345678\"", options) == [.row(CSVRow(line: 1, fields: ["12345678", "12345678"]))])
        #expect(faults("a,123456789\nb", options) == ["field-too-long 1:3"])
        #expect(faults("a,\"123456789\"\nb", options) == ["field-too-long 1:4"])
        #expect(faults("a,\"1\n2\n3\n4\n5\n6", options) == ["unterminated-quote 1:3"])
        #expect(faults("12345678,12345678,12345678,123\n", options) == [])
        #expect(faults("12345678,12345678,12345678,1234\nb", options) == ["line-too-long 1:31"])
        #expect(faults("12345678,12345678,12345678,12345678\nb", options) == ["line-too-long 1:31"])
        #expect(faults("12345678,12345678,12345678,\"12\"\nb", options) == ["line-too-long 1:31"])
        #expect(faults(",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\nb", options) == ["line-too-long 1:31"])
        let columns = CSVOptions(delimiter: .comma, encoding: .utf8, header: .none, limits: CSVLimits(columnsMax: 3))
        #expect(faults("1,2,3\n1,2,3,4\n1,2,3\n", columns) == ["too-many-columns 2:6"])
    }

    private func faults(_ text: String, _ options: CSVOptions) -> [String] {
        items(text, options).compactMap { item in
            guard case .broken(let broken) = item else { return nil }
            return "\(broken.fault.rawValue) \(broken.line):\(broken.column)"
        }
    }

    @Test func whatAnUnclosedQuoteRanOverIsReadAgain() {
        let people = (0..<20_000).map { "p\($0)@firma.example,Person \($0)" }
        let text = (["\"stray,quote"] + people).joined(separator: "\n")
        let found = items(text, CSVOptions(delimiter: .comma, encoding: .utf8, header: .none))
        #expect(found.count == 20_001)
        guard case .broken(let broken) = found[0], case .row(let last) = found[20_000] else {
            Issue.record("not as expected")
            return
        }
        #expect(broken.fault == .unterminatedQuote)
        #expect(broken.line == 1 && broken.column == 1)
        #expect(last.line == 20_001)
        #expect(last.fields.first == "p19999@firma.example")
    }

    @Test func textBehindAQuoteNamesTheLineOfTheQuote() {
        let found = items("a,b\nx,\"stray\nc,\"d\"\n", CSVOptions(delimiter: .comma, encoding: .utf8, header: .none))
        guard found.count == 3, case .broken(let broken) = found[1] else {
            Issue.record("\(found)")
            return
        }
        let said = "the quoted field begun on line 2 is followed by text; inside it, quotation marks are written twice"
        #expect(broken.description == "line 3, column 4: \(said)")
        #expect(broken.rowLine == 2)
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func lineNumbersHoldBehindAnUnclosedQuote(_ end: String) {
        let text = ["a,b", "x,\"stray", "c,d", "e,f", "g,\"h\(end)i\"", "j,k"].joined(separator: end)
        for piece in [1, Int.max] {
            let file = Array(text.utf8)
            let found = read(file, CSVOptions(delimiter: .comma, encoding: .utf8, header: .none), piece: piece)
            let lines = found.items.map { item in
                switch item {
                case .row(let row), .header(let row): row.line
                case .broken(let broken): -broken.rowLine
                }
            }
            #expect(lines == [1, -2, 3, 4, 5, 7])
            #expect(found.reader.emptyLines == 0)
        }
    }

    @Test func theNamedLimitsHold() {
        let options = CSVOptions(delimiter: .comma, encoding: .utf8, header: .none)
        let field = String(repeating: "x", count: csvFieldBytesMax)
        #expect(items(field, options).count == 1)
        #expect(faults(field, options) == [])
        #expect(faults(field + "x\n", options) == ["field-too-long 1:1"])
        let row = Array(repeating: field, count: 17).joined(separator: ",")
        #expect(faults(row + "\nb", options) == ["line-too-long 1:\(csvLineBytesMax + 1)"])
        #expect(faults(String(repeating: ",", count: csvColumnsMax - 1), options) == [])
        #expect(
            faults(String(repeating: ",", count: csvColumnsMax), options) == ["too-many-columns 1:\(csvColumnsMax)"])
    }

    @Test func aDamagedCharacterCostsItsRow() {
        let file = Array("navn\nBjørn\nK".utf8) + [0xE5] + Array("re\nÅse\nØyvind\n".utf8)
        let found = read(file).items
        #expect(found.count == 5)
        guard case .broken(let broken) = found[2] else {
            Issue.record("\(found)")
            return
        }
        #expect(broken.fault == .invalidEncoding)
        #expect(broken.line == 3 && broken.column == 2)
        #expect(found[4] == .row(CSVRow(line: 5, fields: ["Øyvind"])))
    }
}
