import Formats
import Harness
import Testing

@Suite struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSON { try JSON(parsing: Array(text.utf8)) }

    private func fault(_ bytes: [UInt8], limits: JSONLimits = .standard) -> JSONError? {
        #expect(throws: JSONError.self) { try JSON(parsing: bytes, limits: limits) }
    }

    @Test func aRequestBodyIsRead() throws {
        let body = try parse(#"{"address":"kari@firma.example","purpose":"newsletter"}"#)
        #expect(body == .object(["address": .string("kari@firma.example"), "purpose": .string("newsletter")]))
    }

    @Test func membersKeepTheirOrderAndAreFoundByName() throws {
        guard case .object(let object) = try parse(#"{"b":1,"a":{"c":[]},"":null}"#) else {
            Issue.record("not an object")
            return
        }
        #expect(object.members.map(\.key) == ["b", "a", ""])
        #expect(object["b"] == .int(1))
        #expect(object[""] == .null)
        #expect(object["c"] == nil)
    }

    @Test(arguments: [
        ("0", JSON.int(0)), ("-0", .int(0)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("1.0", .double(1)), ("-0.0", .double(-0.0)), ("1e2", .double(100)), ("1E-2", .double(0.01)),
        ("123.456e+2", .double(12345.6)), ("1e-400", .double(0)), ("5e-324", .double(.leastNonzeroMagnitude)),
        (#""\ud83d\ude00""#, .string("😀")), (#""\u00e6\/\b\f\n\r\t\"\\""#, .string("æ/\u{8}\u{c}\n\r\t\"\\")),
        (" \t\r\n[ ] ", .array([])), ("\"\u{7f}\u{2028}\"", .string("\u{7f}\u{2028}")),
    ])
    func valuesAreRead(_ text: String, _ value: JSON) throws {
        #expect(try parse(text) == value)
    }

    private static let faults: [(String, JSONError.Kind, Int)] = [
        ("", .empty, 0), (" \n", .empty, 2), ("[", .unexpectedEnd, 1), ("[1,", .unexpectedEnd, 3),
        ("\"a", .unexpectedEnd, 2), ("\"\\", .unexpectedEnd, 2), ("\"\\u00", .unexpectedEnd, 5),
        ("-", .unexpectedEnd, 1),
        ("1e", .unexpectedEnd, 2), ("tru", .unexpectedEnd, 3), ("{\"a\"", .unexpectedEnd, 4),
        ("[1,]", .unexpectedByte, 3), ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
        ("[1 2]", .unexpectedByte, 3), ("{\"a\" 1}", .unexpectedByte, 5), ("'a'", .unexpectedByte, 0),
        ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0),
        ("\u{c}1", .unexpectedByte, 0), ("trux", .invalidLiteral, 0), ("nul!", .invalidLiteral, 0),
        ("01", .invalidNumber, 0), ("-00", .invalidNumber, 1), ("1.x", .invalidNumber, 2), ("-a", .invalidNumber, 1),
        ("9223372036854775808", .numberOutOfRange, 0), ("[-9223372036854775809]", .numberOutOfRange, 1),
        ("99999999999999999999999999", .numberOutOfRange, 0), ("1e999", .numberOutOfRange, 0),
        ("\"a\tb\"", .controlCharacter, 2), ("\"\0\"", .controlCharacter, 1), ("\"\\n\n\"", .controlCharacter, 3),
        ("\"\\x\"", .invalidEscape, 1), ("\"\\u00g0\"", .invalidEscape, 5), ("\"\\ud800\"", .loneSurrogate, 1),
        ("\"a\\udc00\"", .loneSurrogate, 2), ("\"\\ud800\\u0041\"", .loneSurrogate, 1),
        ("\"\\ud800\\n\"", .loneSurrogate, 1), ("\"\\ud800\\ue000\"", .loneSurrogate, 1),
        ("\"\\ud800\\udbff\"", .loneSurrogate, 1), ("\"\\u0000\"", .nul, 1), ("{\"\\u0000\":1}", .nul, 2),
        ("{\"a\":1,\"a\":2}", .duplicateKey, 7), ("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7),
        ("1 2", .trailingContent, 2), ("{}x", .trailingContent, 2), ("\u{feff}{}", .byteOrderMark, 0),
    ]

    @Test(arguments: faults)
    func faultsAreNamedWithTheirPlace(_ text: String, _ kind: JSONError.Kind, _ offset: Int) {
        let error = fault(Array(text.utf8))
        #expect(error?.kind == kind)
        #expect(error?.offset == offset)
    }

    private static let notUTF8: [([UInt8], Int)] = [
        ([0x22, 0xC0, 0x80, 0x22], 1), ([0x22, 0x61, 0xED, 0xA0, 0x80, 0x22], 2),
        ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1),
        ([0x22, 0xE2, 0x80, 0x22], 1), ([0x22, 0x80, 0x22], 1), ([0x22, 0xFF, 0x22], 1), ([0x22, 0xC3], 1),
        ([0x22, 0xF0, 0x80, 0x80, 0x80, 0x22], 1), ([0x22, 0xE0, 0x9F, 0xBF, 0x22], 1),
        ([0x22, 0x5C, 0x6E, 0xC3, 0x22], 3), ([0x22, 0xC3, 0x5C, 0x6E, 0xA9, 0x22], 1),
    ]

    @Test(arguments: notUTF8)
    func textThatIsNotUTF8IsRefused(_ bytes: [UInt8], _ offset: Int) {
        let error = fault(bytes)
        #expect(error?.kind == .invalidUTF8)
        #expect(error?.offset == offset)
    }

    @Test func byteOrderMarksOfUTF16AreCalledThat() {
        #expect(fault([0xFF, 0xFE, 0x7B, 0x00])?.kind == .byteOrderMark)
        #expect(fault([0xFE, 0xFF, 0x00, 0x7B])?.kind == .byteOrderMark)
    }

    @Test func linesAndColumnsAreCountedInCharacters() {
        let error = fault(Array("{\r\n \"æø\": 1,\r \"b\": x}".utf8))
        #expect(error?.line == 3)
        #expect(error?.column == 7)
        #expect(error?.description == "line 3, column 7: “x” stands where a value was expected")
    }

    @Test func sixtyFourLevelsAreReadAndNoMore() throws {
        let deep = { (count: Int) in
            Array(repeating: UInt8(ascii: "["), count: count) + Array(repeating: UInt8(ascii: "]"), count: count)
        }
        #expect(throws: Never.self) { try JSON(parsing: deep(jsonDepthMax)) }
        let error = fault(deep(jsonDepthMax + 1))
        #expect(error?.kind == .tooDeep)
        #expect(error?.offset == jsonDepthMax)
        #expect(fault(Array(repeating: 0x5B, count: 100_000))?.kind == .tooDeep)
        let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
        #expect(fault(objects)?.kind == .tooDeep)
        #expect(JSONLimits(depthMax: 1_000_000).depthMax == jsonDepthMax)
    }

    @Test func everyLimitIsKept() throws {
        #expect(fault([0x5B, 0x5D, 0x20], limits: JSONLimits(bytesMax: 2))?.kind == .tooLarge)
        #expect(fault(Array("[1,2,3]".utf8), limits: JSONLimits(valuesMax: 3))?.kind == .tooManyValues)
        #expect(throws: Never.self) { try JSON(parsing: Array("[1,2]".utf8), limits: JSONLimits(valuesMax: 3)) }
        let long = { (count: Int) in Array(("0." + String(repeating: "1", count: count - 2)).utf8) }
        #expect(throws: Never.self) { try JSON(parsing: long(jsonNumberBytesMax)) }
        #expect(fault(long(jsonNumberBytesMax + 1))?.kind == .numberOutOfRange)
    }

    @Test func aHundredThousandNamesAreComparedAndOneDoubleIsFound() throws {
        let names = (0..<100_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        guard case .object(let object) = try parse("{\(names)}") else {
            Issue.record("not an object")
            return
        }
        #expect(object.members.count == 100_000)
        #expect(object["k99999"] == .int(99_999))
        #expect(fault(Array("{\(names),\"k5\":0}".utf8))?.kind == .duplicateKey)
    }

    @Test func namesAreComparedByTheirBytesAlone() throws {
        // The two are canonically equivalent, and Swift's own comparison calls them equal.
        let object = JSONObject([
            .init(key: "\u{e9}", value: .int(1)), .init(key: "e\u{301}", value: .int(2)),
        ])
        #expect(try JSON(parsing: JSON.object(object).encoded) == .object(object))
        #expect(object["e\u{301}"] == .int(2))
        // Long runs of marks out of order: linear here, more than that for a comparison that normalises.
        let marks = String(repeating: "\u{315}\u{300}", count: 20_000)
        let members = (0..<40).map { "\"\(marks)\($0)\":0" }.joined(separator: ",")
        #expect(throws: Never.self) { try JSON(parsing: Array("{\(members)}".utf8)) }
    }

    @Test func judgementsAgreeWithPython() {
        var count = (accepted: 0, refused: 0)
        for line in jsonVectors.split(separator: "\n") {
            let parts = line.split(separator: " ")
            let document = bytes(hex: parts[1])
            let result = Result { () throws(JSONError) in try JSON(parsing: document) }
            switch result {
            case .success(let value):
                count.accepted += 1
                #expect(parts[0] == "Y", "accepted: \(line)")
                if parts[2] != "-" { #expect(value.encoded == bytes(hex: parts[2]), "\(line)") }
            case .failure(let error):
                count.refused += 1
                #expect(parts[0] == "N", "refused: \(line): \(error)")
            }
        }
        #expect(count.accepted > 150)
        #expect(count.refused > 700)
    }

    @Test func whatIsWrittenReadsBackEqual() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3_000 {
            let value = random.json(depth: 0)
            #expect(try JSON(parsing: value.encoded) == value)
        }
    }

    @Test func noBytesTrap() {
        var random = SeededGenerator(seed: 11)
        let pieces: [[UInt8]] = [
            [0x7B], [0x7D], [0x5B], [0x5D], [0x22], [0x5C], [0x2C], [0x3A], [0x2D], [0x2E], [0x45], Array("\\ud8".utf8),
            Array("\\u".utf8), Array("true".utf8), Array("0".utf8), [0xF0], [0xED, 0xA0], [0x80], [0x00], [0x0D],
        ]
        var refused = 0
        for _ in 0..<20_000 {
            let noise: [UInt8] = (0..<Int.random(in: 0...12, using: &random)).flatMap { _ in
                Bool.random(using: &random) ? random.pick(pieces) : [UInt8.random(in: 0...255, using: &random)]
            }
            let result = Result { () throws(JSONError) in try JSON(parsing: noise) }
            guard case .failure(let error) = result else { continue }
            refused += 1
            #expect((0...noise.count).contains(error.offset))
            #expect(error.line >= 1 && error.column >= 1)
        }
        #expect(refused > 15_000)
    }

    @Test func everyPrefixOfADocumentIsRefused() {
        let document = Array(#"{"a":[true,null,-1.5e3,"b\u00e6\n😀"],"c":{}}"#.utf8)
        for count in 0..<document.count { #expect(fault(Array(document.prefix(count))) != nil) }
        #expect(throws: Never.self) { try JSON(parsing: document) }
    }
}

extension SeededGenerator {
    fileprivate mutating func json(depth: Int) -> JSON {
        let texts = [
            "", "a", "kari@firma.example", "æ", "😀", "\"", "\\", "\n", "\u{1}", "\u{2028}", "\u{2029}", "/", "\u{7f}",
        ]
        switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .int(pick([0, -1, .max, .min, Int64(truncatingIfNeeded: next())]))
        case 3:
            let number = Double(bitPattern: next())
            return .double(number.isFinite ? number : 0.5)
        case 4: return .string(text(of: texts, upTo: 6))
        case 5, 6: return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in json(depth: depth + 1) })
        default:
            let members = (0..<Int.random(in: 0...4, using: &self)).map { index in
                JSONObject.Member(key: "\(index)" + text(of: texts, upTo: 3), value: json(depth: depth + 1))
            }
            return .object(JSONObject(members))
        }
    }
}
