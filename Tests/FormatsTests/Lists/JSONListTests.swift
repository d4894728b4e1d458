import Formats
import Harness
import Testing

@Suite struct JSONListTests {
    @Test func objectsALineEach() {
        let reading = Reading(
            #"{"emailAddress":"a@b.example","reason":"BOUNCE"}"# + "\n\n" + #"{"emailAddress":"c@d.example"}"#)
        #expect(reading.headers == [["emailAddress", "reason"]])
        #expect(reading.rows == [["a@b.example", "BOUNCE"], ["c@d.example", ""]])
        #expect(reading.lines == [1, 3])
        #expect(reading.guesses == ["ndjson, utf-8"])
    }

    @Test func aNewNameIsAColumnMore() {
        let reading = Reading(#"[{"a":1},{"a":2,"b":{"c":true}},{"b":{"c":null,"d":[1]}}]"#)
        #expect(reading.headers == [["a"], ["a", "b.c"], ["a", "b.c", "b.d"]])
        #expect(reading.rows == [["1"], ["2", "true"], ["", "", "[1]"]])
        #expect(reading.guesses == ["json, utf-8"])
    }

    @Test(arguments: [
        #"{"Suppressions":[{"EmailAddress":"a@b.example"}]}"#,
        #"{"NextToken":"x","SuppressedDestinationSummaries":[{"EmailAddress":"a@b.example"}]}"#,
        #"{"paging":{"next":"[{"},"items":[{"EmailAddress":"a@b.example"}],"more":[{"x":1}]}"#,
        "{ \"data\" : {\n \"results\" : [\n {\"EmailAddress\" : \"a@b.example\"}\n ], \"total\" : 1 } }",
        #"{"data":{"EmailAddress":"a@b.example"}}"#,
        #"[[{"EmailAddress":"a@b.example"}]]"#,
    ]) func envelopes(_ text: String) {
        let reading = Reading(text)
        #expect(reading.headers == [["EmailAddress"]])
        #expect(reading.rows == [["a@b.example"]])
        #expect(reading.broken == [])
    }

    /// A row that holds an array under such a name is a row all the same once its address came before it.
    @Test func aRowIsNoEnvelope() {
        let reading = Reading(#"{"email":"a@b.example","data":[{"x":1}]}"#)
        #expect(reading.rows == [["a@b.example", #"[{"x":1}]"#]])
    }

    @Test(arguments: [
        ("[{\"a\":1},\n{\"a\":2\n{\"a\":3}]", [1, 3]),
        ("[{\"a\":1},\n{\"a\":\"2\n\"},\n{\"a\":3}]", [1, 4]),
        ("[{\"a\":1},\n{\"a\":2]},\n{\"a\":3}]", [1, 3]),
        ("[{\"a\":1},\n2,\n{\"a\":3}]", [1, 3]),
        ("[{\"a\":1},\n\"a@b.example\",\n{\"a\":3}]", [1, 3]),
        ("[{\"a\":1},\n{\"a\":1e},\n{\"a\":3}]", [1, 3]),
        ("{\"a\":1}\n{\"a\":2,\n{\"a\":3}\n", [1, 3]),
        ("{\"a\":1}\nnonsense\n{\"a\":3}\n", [1, 3]),
        ("{\"a\":1}\n{\"a\":1,\"a\":2}\n{\"a\":3}\n", [1, 3]),
        ("{\"a\":1}\n}\n{\"a\":3}\n", [1, 3]),
    ]) func aBrokenRowCostsNoOther(_ text: String, lines: [Int]) {
        let reading = Reading(text)
        #expect(reading.lines == lines)
        #expect(reading.broken.count == 1)
        #expect(reading.broken.allSatisfy { (2...3).contains($0.line) && $0.fault == .json })
    }

    @Test func aDocumentCutShortIsSaid() {
        for text in [#"[{"a":1}"#, #"[{"a":1},{"a":"#, #"{"items":[{"a":1}]"#] {
            let reading = Reading(text)
            #expect(reading.rows == [["1"]])
            #expect(
                reading.broken.map(\.detail) == ["the file ends inside an object or an array; it was not copied whole"])
        }
    }

    @Test func aTextOfAHundredMegabytesIsRefusedAndNothingElse() throws {
        var reader = ListReader()
        reader.feed(Array(#"[{"a":1},{"b":""#.utf8))
        let piece = [UInt8](repeating: 65, count: 1_024 * 1_024)
        var events: [ListEvent] = []
        for _ in 0..<100 {
            reader.feed(piece)
            while let event = try reader.next() { events.append(event) }
        }
        reader.feed(Array(#""},{"a":3}]"#.utf8))
        reader.finish()
        while let event = try reader.next() { events.append(event) }
        let rows = events.compactMap { if case .row(let row) = $0 { row.fields } else { nil } }
        let faults = events.compactMap { event -> CSVFault? in
            if case .broken(let broken) = event { broken.fault } else { nil }
        }
        #expect(rows == [["1"], ["3"]])
        #expect(faults == [.lineTooLong])
    }

    @Test func everyPieceGivesTheSame() {
        var generator = SeededGenerator(seed: 3)
        let parts = [
            "{", "}", "[", "]", "\"a\"", ":", ",", "1", "\n", " ", "\"data\"", "\"x@y.z\"", "\\", "\"", "{\"a\":1}",
            "null",
        ]
        for _ in 0..<3_000 {
            let text = "[{" + generator.text(of: parts, upTo: 40)
            let bytes = Array(text.utf8)
            #expect(Reading(bytes, tightOptions, cutBy: &generator) == Reading(bytes, tightOptions), "\(text)")
        }
    }
}
