import Formats
import Testing

private enum Kind: String, CaseIterable {
    case hard
    case soft
}

@Suite struct FieldReaderTests {
    private func fields(_ text: String) throws -> FieldReader {
        try FieldReader(try JSON(parsing: Array(text.utf8)))
    }

    /// The fault that `read` meets in the document, as path, code and sentence.
    private func fault(_ text: String, _ read: (inout FieldReader) throws -> Void) -> FieldError? {
        #expect(throws: FieldError.self) {
            var reader = try fields(text)
            try read(&reader)
        }
    }

    @Test func aRequestIsReadFieldByField() throws {
        var reader = try fields(
            """
            {"address": "kari@firma.example", "count": 3, "at": null, "tracking": false, "kind": "soft",
             "topics": ["events"], "evidence": {"ip": "::1"}, "items": [{"n": 1}, {"n": 2}], "purpose": "newsletter"}
            """)
        #expect(try reader.string("address") == "kari@firma.example")
        #expect(try reader.int("count", in: 0...3) == 3)
        #expect(try reader.optionalString("at") == nil)
        #expect(try reader.optionalInt("absent", in: 0...1) == nil)
        #expect(try reader.optionalBool("absent") == nil)
        #expect(try reader.bool("tracking") == false)
        #expect(try reader.word("kind", as: Kind.self) == .soft)
        #expect(try reader.word("purpose", among: ["newsletter", "outreach"]) == "newsletter")
        #expect(try reader.optionalWord("absent", as: Kind.self) == nil)
        #expect(try reader.strings("topics", countMax: 1) == ["events"])
        #expect(try reader.optionalStrings("absent", countMax: 1) == nil)
        var evidence = try reader.object("evidence")
        #expect(try evidence.parsed("ip", as: "an IP address") { $0 == "::1" ? 6 : nil } == 6)
        try evidence.finish()
        for (index, item) in try reader.objects("items", countMax: 2).enumerated() {
            var item = item
            #expect(try item.int("n", in: 1...2) == Int64(index + 1))
            try item.finish()
        }
        try reader.finish()
    }

    @Test func faultsSayWhereAndWhatIsAllowed() {
        let missing = fault("{}") { _ = try $0.string("address") }
        #expect(missing == FieldError(at: .root.appending("address"), .missing, "the field “address” is required"))

        let type = fault(#"{"address":7}"#) { _ = try $0.string("address") }
        #expect(type?.code == .wrongType)
        #expect(type?.detail == "“address” is a whole number; a string is expected")

        let range = fault(#"{"n":11}"#) { _ = try $0.int("n", in: 1...10) }
        #expect(range?.code == .outOfRange)
        #expect(range?.detail == "“n” is 11; 1 to 10 is allowed")

        let word = fault(#"{"kind":"sotf"}"#) { _ = try $0.word("kind", as: Kind.self) }
        #expect(word?.code == .notAllowed)
        #expect(
            word?.detail == "“kind” is “sotf”, which is not known; did you mean “soft”? allowed: hard, soft")

        let unknown = fault(#"{"adress":"x","purpose":"y"}"#) { reader in
            _ = try reader.optionalString("address")
            _ = try reader.string("purpose")
            try reader.finish()
        }
        #expect(unknown?.path == "/adress")
        #expect(unknown?.code == .unknownField)
        #expect(
            unknown?.detail
                == "the field “adress” is not known; did you mean “address”? allowed: address, purpose")
    }

    @Test(arguments: [
        (#"{"a":""}"#, FieldError.Code.empty), (#"{"a":null}"#, .wrongType), (#"{"a":"12345"}"#, .tooLong),
        (#"{"a":[]}"#, .wrongType), (#"{"b":"x"}"#, .missing),
    ])
    func aStringIsThereAndNotTooLong(_ text: String, _ code: FieldError.Code) {
        #expect(fault(text) { _ = try $0.string("a", bytesMax: 4) }?.code == code)
    }

    @Test(arguments: [#"{"a":1.0}"#, #"{"a":1e2}"#, #"{"a":"1"}"#, #"{"a":true}"#, #"{"a":null}"#])
    func aWholeNumberIsWrittenAsOne(_ text: String) {
        #expect(fault(text) { _ = try $0.int("a", in: 0...1_000) }?.code == .wrongType)
    }

    @Test func optionalFieldsAreStillJudged() {
        #expect(fault(#"{"a":1}"#) { _ = try $0.optionalString("a") }?.code == .wrongType)
        #expect(fault(#"{"a":2}"#) { _ = try $0.optionalInt("a", in: 0...1) }?.code == .outOfRange)
        #expect(fault(#"{"a":0}"#) { _ = try $0.optionalBool("a") }?.code == .wrongType)
        #expect(fault(#"{"a":"x"}"#) { _ = try $0.optionalWord("a", among: ["y"]) }?.code == .notAllowed)
        #expect(fault(#"{"a":"x"}"#) { _ = try $0.optionalObject("a") }?.code == .wrongType)
        #expect(fault(#"{"a":{}}"#) { _ = try $0.optionalArray("a", countMax: 1) }?.code == .wrongType)
        let unparsed = fault(#"{"a":"x"}"#) { _ = try $0.optionalParsed("a", as: "a number") { Int($0) } }
        #expect(unparsed?.code == .invalid)
        #expect(unparsed?.detail == "“a” is not a number")
    }

    @Test func pathsLeadIntoArraysAndObjects() {
        let element = fault(#"{"items":[{"address":"a"},{"address":1}]}"#) { reader in
            for item in try reader.objects("items", countMax: 10) {
                var item = item
                _ = try item.string("address")
            }
        }
        #expect(element?.path == "/items/1/address")
        #expect(fault(#"{"items":[{},3]}"#) { _ = try $0.objects("items", countMax: 9) }?.path == "/items/1")
        #expect(fault(#"{"items":["a",""]}"#) { _ = try $0.strings("items", countMax: 9) }?.path == "/items/1")
        #expect(fault(#"{"items":[1,2,3]}"#) { _ = try $0.array("items", countMax: 2) }?.code == .tooMany)
        let escaped = fault(#"{"a/b":{"c~d":1}}"#) { reader in
            var inner = try reader.object("a/b")
            _ = try inner.string("c~d")
        }
        #expect(escaped?.path == "/a~1b/c~0d")
        #expect(JSONPointer.root.appending("items").appending(3).appending("x").description == "/items/3/x")
        #expect(JSONPointer.root.description == "")
    }

    @Test func onlyAnObjectHasFields() {
        for text in ["[]", "null", "1", "\"x\""] { #expect(fault(text) { _ in }?.code == .wrongType) }
    }

    @Test func longUnknownNamesAreCut() {
        let name = String(repeating: "x", count: 5_000)
        let error = fault("{\"\(name)\":1}") { try $0.finish() }
        #expect(error?.code == .unknownField)
        #expect(error?.detail.hasSuffix("is not known; none is allowed here") == true)
        #expect((error?.detail.utf8.count ?? .max) < 200)
        #expect((error?.path.utf8.count ?? .max) < 100)
    }

    @Test func aLongWordIsRefusedByItsLength() {
        let word = String(repeating: "e\u{315}\u{300}", count: 2_000)
        #expect(fault("{\"kind\":\"\(word)\"}") { _ = try $0.word("kind", as: Kind.self) }?.code == .tooLong)
    }
}
