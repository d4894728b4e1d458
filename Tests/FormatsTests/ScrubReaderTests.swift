import Foundation
import Harness
import Rules
import Testing

@testable import Formats

/// Reads a list in pieces of this size, or whole, and answers every address with the same verdict.
func scrub(_ list: [UInt8], _ options: ScrubOptions, piece: Int? = nil) throws -> String {
    var reader = ScrubReader(options)
    var out: [UInt8] = []
    var isOpen = false
    func drain() {
        if !isOpen, let opening = reader.opening {
            isOpen = true
            out += opening
        }
        while let page = reader.page() {
            reader.writer?.append(page, page.addresses.map { _ in SampleVerdicts.unknown }, to: &out)
        }
    }
    var rest = list[...]
    while !rest.isEmpty {
        let next = rest.prefix(piece ?? rest.count)
        rest = rest.dropFirst(next.count)
        try reader.feed(Array(next))
        drain()
    }
    try reader.finish()
    drain()
    return String(decoding: out, as: UTF8.self)
}

func scrub(_ list: String, _ options: ScrubOptions, piece: Int? = nil) throws -> String {
    try scrub(Array(list.utf8), options, piece: piece)
}

@Suite struct ScrubReaderTests {
    private static let csv = ScrubOptions(input: .csv, output: .csv)
    private static let ndjson = ScrubOptions(input: .ndjson, output: .ndjson)

    @Test func rowsComeOutAsTheyCameInWithTheFourBehindThem() throws {
        let out = try scrub(
            "name;E-post;n\r\n\"Nordmann; Kari\";kari@firma.example;1\r\nOla;ola(at)x;\"2\"\r\n", Self.csv)
        #expect(
            out == "name;E-post;n;eligible;reason;ground;until\r\n"
                + "\"Nordmann; Kari\";kari@firma.example;1;false;unknown-address;;\r\n"
                + "Ola;ola(at)x;\"2\";false;invalid-address;;\r\n")
    }

    /// Where the pieces were cut changes nothing.
    @Test(arguments: [1, 7, 200_000])
    func aRowWithoutAnAddressIsKnownByItsLine(_ piece: Int) throws {
        let csv = "n,address\r\n\"a\nb\",a@firma.example\r\n\r\nc,x\r\nd,e,f\r\ng,g@firma.example\r\nh,\r\n"
        #expect(
            try unread(csv, Self.csv, piece: piece) == [
                UnreadRow(line: 5, isBroken: false), UnreadRow(line: 6, isBroken: true),
                UnreadRow(line: 8, isBroken: false),
            ])
        let long = #"{"address": "\#(String(repeating: "x", count: scrubRowBytesMax))"}"#
        let lines = "{\"address\": \"a@firma.example\"}\n\n{\"address\": null}\n\(long)\n{\n{\"email\": \"x\"}\n"
        #expect(
            try unread(lines, Self.ndjson, piece: piece) == [
                UnreadRow(line: 3, isBroken: false), UnreadRow(line: 4, isBroken: true),
                UnreadRow(line: 5, isBroken: true), UnreadRow(line: 6, isBroken: false),
            ])
    }

    private func unread(_ list: String, _ options: ScrubOptions, piece: Int) throws -> [UnreadRow] {
        var reader = ScrubReader(options)
        var found: [UnreadRow] = []
        var rest = Array(list.utf8)[...]
        while !rest.isEmpty {
            let next = rest.prefix(piece)
            rest = rest.dropFirst(next.count)
            try reader.feed(Array(next))
            while let page = reader.page() { found += page.unread }
        }
        try reader.finish()
        while let page = reader.page() { found += page.unread }
        return found
    }

    @Test func aBrokenRowIsAnsweredInItsPlace() throws {
        let long = String(repeating: "x", count: csvFieldBytesMax + 1)
        let out = try scrub(
            "address,n\na@firma.example\nb@firma.example,2,3\n\"c\"x,3\n\(long),4\nd@firma.example,5\n", Self.csv)
        #expect(
            out
                == "address,n,eligible,reason,ground,until\na@firma.example,,false,invalid-row,,\n,,false,invalid-row,,\n"
                + ",,false,invalid-row,,\n,,false,invalid-row,,\nd@firma.example,5,false,unknown-address,,\n")
    }

    @Test func aFieldOfAHundredMegabytesIsOneBrokenRow() throws {
        for options in [Self.csv, Self.ndjson] {
            var reader = ScrubReader(options)
            let isCSV = options.input == .csv
            try reader.feed(Array((isCSV ? "address\na@firma.example\n\"" : "{\"address\": \"").utf8))
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1_024 * 1_024)
            var rows = 0
            var held = 0
            for _ in 0..<100 {
                try reader.feed(piece)
                while let page = reader.page() {
                    rows += page.rowCount
                    held = max(held, page.byteCount)
                }
            }
            try reader.feed(Array((isCSV ? "\nb@firma.example\n" : "\"}\n{\"address\": \"b@firma.example\"}\n").utf8))
            try reader.finish()
            var last = ScrubPage()
            while let page = reader.page() {
                rows += page.rowCount
                last = page
            }
            #expect(last.addresses.map(\.canonical) == ["b@firma.example"])
            #expect(rows == (isCSV ? 3 : 2))
            #expect(held < 1_000)
        }
    }

    @Test func linesOfJSONComeOutWithFourMembersMore() throws {
        let list = """
            {"address": "a@firma.example", "n": [1, {"x": null}]}
              {"email":"b@firma.example"}\r

            {"address": null}
            {"address": 7}
            {}
            {"address": "c@firma.example", "reason": "x"}
            ["d@firma.example"]
            {"address": "e@firma.example"
            {"address": "no"}
            {"E-post": "f@firma.example"}
            {"address": "g@firma.example", "email": "h@firma.example"}
            """
        let no = #""eligible":false,"reason":""#
        let end = "\",\"ground\":null,\"until\":null}\n"
        let expected = [
            #"{"address": "a@firma.example", "n": [1, {"x": null}],"# + no + "unknown-address",
            #"{"email":"b@firma.example","# + no + "unknown-address", #"{"address": null,"# + no + "invalid-address",
            #"{"address": 7,"# + no + "invalid-row", "{" + no + "invalid-row", "{" + no + "invalid-row",
            "{" + no + "invalid-row", "{" + no + "invalid-row", #"{"address": "no","# + no + "invalid-address",
            #"{"E-post": "f@firma.example","# + no + "unknown-address",
            // Which of the two is meant is nobody's guess.
            #"{"address": "g@firma.example", "email": "h@firma.example","# + no + "invalid-row",
        ]
        #expect(try scrub(list, Self.ndjson) == expected.map { $0 + end }.joined())
    }

    @Test func oneFormatBecomesTheOther() throws {
        let toJSON = ScrubOptions(input: .csv, output: .ndjson)
        #expect(
            try scrub("address\tsaid\na@firma.example\t\"x \"\"y\"\"\"\nb\n", toJSON)
                == #"{"address":"a@firma.example","said":"x \"y\"","eligible":false,"reason":"unknown-address","ground":null,"until":null}"#
                + "\n" + #"{"address":"b","eligible":false,"reason":"invalid-row","ground":null,"until":null}"# + "\n")
        let toCSV = ScrubOptions(input: .ndjson, output: .csv)
        #expect(
            try scrub(#"{"address": "\"a,b\"@firma.example", "n": 1}"# + "\nx\n{\"email\": \"c\"}", toCSV)
                == "address,eligible,reason,ground,until\n\"\"\"a,b\"\"@firma.example\",false,unknown-address,,\n"
                + ",false,invalid-row,,\nc,false,invalid-address,,\n")
    }

    @Test func noSpreadsheetCalculatesWhatComesOut() throws {
        let toCSV = ScrubOptions(input: .ndjson, output: .csv)
        let list = #"{"address":"=1+1"}"# + "\n" + #"{"address":"-a@b.example"}"# + "\n" + #"{"address":"@é"}"# + "\n"
        #expect(
            try scrub(list, toCSV) == "address,eligible,reason,ground,until\n'=1+1,false,invalid-address,,\n"
                + "'-a@b.example,false,unknown-address,,\n'@é,false,invalid-address,,\n")
    }

    /// Plain rows and lines are read in a quick way, and all others in a careful one: both say the same.
    @Test func howARowIsReadChangesNothing() throws {
        var random = SeededGenerator(seed: 11)
        let fields = [
            "a@b.example", "A@B.Example", "x", "", "\"a@b.example\"", "\"a\"\"b\"@c.example", "é@b.example", "a b",
            " c@d.example ",
            "'", "\"open", "mid\"quote@b.example", "\u{FF}", "0",
        ]
        for round in 0..<300 {
            var list = "address;n;m\(["\n", "\r\n", "\r"][round % 3])"
            for _ in 0..<12 {
                let count = Int.random(in: 1...4, using: &random)
                let row = (0..<count).map { _ in fields.randomElement(using: &random) ?? "" }.joined(separator: ";")
                list += row + (["\n", "\r\n", "\r", "\n\n"].randomElement(using: &random) ?? "")
            }
            let options = ScrubOptions(
                input: .csv, output: .csv, column: "address", header: .firstRow, delimiter: .semicolon, encoding: .utf8)
            // Fed byte by byte no row is ever at hand as a whole, so each is read in the careful way.
            #expect(try scrub(list, options) == scrub(list, options, piece: 1), "round \(round)")
        }
    }

    @Test func howALineIsWrittenChangesNothing() throws {
        let values = [
            "\"a@b.example\"", "\"a\"", "\"\"", "null", "true", "false", "nul", "truee", "0", "-0", "01", "-",
            "12345678901234567890",
            "1.5", "1e3", "{}", "[1]", "\"\\u0061@b.example\"", "\"é@b.example\"", "\"a\tb\"", "\"",
        ]
        let names = ["address", "Address", "email", "n", "eligible", "reason", "é", "n\\n", ""]
        var random = SeededGenerator(seed: 12)
        func pick(_ words: [String]) -> String { words.randomElement(using: &random) ?? "" }
        for column in [nil, "n", "address"] {
            let options = ScrubOptions(input: .ndjson, output: .ndjson, column: column)
            for _ in 0..<1_500 {
                let members = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    "\"\(pick(names))\"\(pick(["", " "])):\(pick(["", " ", "\t"]))\(pick(values))"
                }
                let line =
                    pick(["{", " {", "{ ", "[", ""]) + members.joined(separator: pick([",", ", ", ";", " ,"]))
                    + pick(["}", " }", "}", "", "},"])
                // A tail of a hundred spaces is trimmed; a newline before the brace is none of a line's.
                let plain = try scrub(line + "\n", options)
                #expect(plain == Self.careful(line, options), "\(line)")
            }
        }
    }

    /// What a line is answered by the words of the format alone, with the tree that ``JSON`` makes of it.
    private static func careful(_ line: String, _ options: ScrubOptions) -> String {
        let end = "\",\"ground\":null,\"until\":null}\n"
        let no = "\"eligible\":false,\"reason\":\""
        let line = line.trimmingCharacters(in: .whitespaces)
        if line.isEmpty { return "" }
        guard case .object(let object) = try? JSON(parsing: Array(line.utf8)),
            !object.members.contains(where: { ScrubColumns.names.contains($0.key) })
        else { return "{" + no + "invalid-row" + end }
        let addresses = object.members.filter { member in
            options.column.map { $0 == member.key } ?? ["address", "email"].contains(member.key.lowercased())
        }
        let lead = String(line.dropLast()) + (object.members.isEmpty ? "" : ",") + no
        guard addresses.count == 1 else { return lead + "invalid-row" + end }
        switch addresses[0].value {
        case .string(let text):
            return lead + ((try? Address(parsing: text)) == nil ? "invalid-address" : "unknown-address") + end
        case .null: return lead + "invalid-address" + end
        default: return lead + "invalid-row" + end
        }
    }

    @Test func theColumnIsFoundOrNamed() throws {
        func column(_ list: String, _ name: String? = nil, header: CSVHeaderRule = .guess) throws -> [String] {
            var reader = ScrubReader(ScrubOptions(input: .csv, output: .csv, column: name, header: header))
            try reader.feed(Array(list.utf8))
            try reader.finish()
            return reader.page()?.addresses.map(\.canonical) ?? []
        }
        #expect(try column("x,E-mail,address line\n1,a@b.example,x\n") == ["a@b.example"])
        #expect(try column("who,x\na@b.example,1\nc@b.example,2\n") == ["a@b.example", "c@b.example"])
        #expect(try column("who,x\na@b.example,c@b.example\n", "x") == ["c@b.example"])
        #expect(try column("who,x\na@b.example,c@b.example\n", "#2") == ["c@b.example"])
        #expect(try column("a@b.example,1\n", header: .none) == ["a@b.example"])
        #expect(try column("a@b.example,c@b.example\n", "#2", header: .none) == ["c@b.example"])
        let faults: [(String, String?, ScrubListError)] = [
            ("", nil, .empty), ("a@b.example,1\n", nil, .headerMissing),
            ("who,x\n1,2\n", nil, .columnNotFound(known: ["who", "x"])),
            ("who,x\na@b.example,c@b.example\n", nil, .columnAmbiguous(["who", "x"])),
            ("email,e-post\n", nil, .columnAmbiguous(["email", "e-post"])),
            ("address,Reason\n", nil, .columnTaken("Reason")),
        ]
        for (list, name, expected) in faults {
            #expect(throws: expected) { try column(list, name) }
        }
        #expect(throws: ScrubListError.self) { try column("who,x\n", "y") }
        var twice = ScrubReader(ScrubOptions(input: .csv, output: .ndjson))
        #expect(throws: ScrubListError.columnTwice("n")) {
            try twice.feed(Array("address,n,n\n".utf8))
            try twice.finish()
        }
    }

    @Test func otherEncodingsComeOutInUTF8() throws {
        let list: [UInt8] = Array("navn;e-post\nSk".utf8) + [0xE5] + Array("ne;a@firma.example\n".utf8)
        let out = try scrub(list, Self.csv)
        #expect(out.hasSuffix("Skåne;a@firma.example;false;unknown-address;;\n"))
        let marked = try scrub(Array("\u{FEFF}sep=;\r\ne-post;x\r\na@firma.example;\r\n".utf8), Self.csv)
        #expect(
            marked
                == "\u{FEFF}sep=;\r\ne-post;x;eligible;reason;ground;until\r\na@firma.example;;false;unknown-address;;\r\n"
        )
    }

    /// The answer, or why there is none.
    private func outcome(_ list: String, _ options: ScrubOptions, _ piece: Int?) -> String {
        do { return try scrub(list, options, piece: piece) } catch { return "\(error)" }
    }

    private static let pieces = [
        "a@firma.example", "b", ",", ";", "\"", "\"\"", "\n", "\r\n", "\n", "æ", " ", "{", "}", "\"address\":", "null",
        "{\"address\":\"a@firma.example\"}", "{\"email\":\"c@d.example\",\"n\":1}", "\"x\"", ",,", "\t",
    ]

    @Test func theSizesOfThePiecesChangeNothing() throws {
        var random = SeededGenerator(seed: 11)
        for round in 0..<2_000 {
            let input = random.pick(ScrubFormat.allCases)
            var options = ScrubOptions(input: input, output: random.pick(ScrubFormat.allCases))
            if Bool.random(using: &random) { (options.delimiter, options.encoding) = (.comma, .utf8) }
            let header = input == .csv ? "address,n\n" : ""
            let list = header + random.text(of: Self.pieces, upTo: 40)
            let one = outcome(list, options, nil)
            for piece in [1, 2, 7, 30] {
                #expect(outcome(list, options, piece) == one, "round \(round), pieces of \(piece): \(list)")
            }
        }
    }
}
