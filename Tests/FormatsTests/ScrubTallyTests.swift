import Harness
import Testing

@testable import Formats

@Suite struct ScrubTallyTests {
    /// The answer to a list in which every second address is eligible.
    private func answer(_ list: String, _ options: ScrubOptions) throws -> (reader: ScrubReader, text: [UInt8]) {
        var reader = ScrubReader(options)
        try reader.feed(Array(list.utf8))
        try reader.finish()
        let opened = reader
        var text = reader.opening ?? []
        while let page = reader.page() {
            let verdicts = page.addresses.indices.map {
                $0.isMultiple(of: 2) ? SampleVerdicts.lead : SampleVerdicts.unknown
            }
            reader.writer?.append(page, verdicts, to: &text)
        }
        return (opened, text)
    }

    private func tally(
        _ answer: (reader: ScrubReader, text: [UInt8]), _ choice: ScrubChoice, piece: Int
    ) throws -> (wanted: String, counts: ScrubCounts) {
        var tally = try #require(ScrubTally(of: answer.reader, choosing: choice))
        var wanted: [UInt8] = []
        var rest = answer.text[...]
        while !rest.isEmpty {
            let next = rest.prefix(piece)
            rest = rest.dropFirst(next.count)
            try tally.take(Array(next), into: &wanted)
        }
        try tally.finish(into: &wanted)
        return (String(decoding: wanted, as: UTF8.self), tally.counts)
    }

    private static let until = "2027-04-14T08:00:00Z"

    @Test(arguments: [1, 7, 10_000])
    func theRowsToSendToComeOutAsTheyWere(_ piece: Int) throws {
        let list = "\u{FEFF}n;address\r\n\"a\nb\"\"\";a@b.example\r\n;c@b.example\r\n4\r\n5;no\r\n6;e@b.example\r\n"
        let answer = try answer(list, ScrubOptions(input: .csv, output: .csv))
        let eligible = try tally(answer, .eligible, piece: piece)
        #expect(eligible.wanted == "\u{FEFF}n;address\r\n\"a\nb\"\"\";a@b.example\r\n6;e@b.example\r\n")
        let refused = try tally(answer, .refused, piece: piece)
        #expect(
            refused.wanted
                == "\u{FEFF}n;address;eligible;reason;ground;until\r\n;c@b.example;false;unknown-address;;\r\n"
                + "4;;false;invalid-row;;\r\n5;no;false;invalid-address;;\r\n")
        #expect(try tally(answer, .all, piece: piece).wanted == String(decoding: answer.text, as: UTF8.self))
        #expect(eligible.counts.rows == 5 && eligible.counts.eligible == 2)
        #expect(eligible.counts.refused.map(\.reason) == ["invalid-address", "invalid-row", "unknown-address"])
    }

    @Test(arguments: [1, 7, 10_000])
    func objectsToo(_ piece: Int) throws {
        let list = #"{"address":"a@b.example","x":"\"eligible\":"}"# + "\n{}\n" + #"{ "email": "c@b.example" }"# + "\n"
        let answer = try answer(list, ScrubOptions(input: .ndjson, output: .ndjson))
        #expect(
            try tally(answer, .eligible, piece: piece).wanted == #"{"address":"a@b.example","x":"\"eligible\":"}"#
                + "\n")
        let refused = try tally(answer, .refused, piece: piece)
        #expect(
            refused.wanted == #"{"eligible":false,"reason":"invalid-row","ground":null,"until":null}"# + "\n"
                + #"{ "email": "c@b.example" ,"eligible":false,"reason":"unknown-address","ground":null,"until":null}"#
                + "\n")
        #expect(refused.counts.rows == 3 && refused.counts.eligible == 1)
    }

    @Test func anotherAnswerIsNotTaken() throws {
        let answer = try answer("address\na@b.example\n", ScrubOptions(input: .csv, output: .csv))
        for text in ["adresse,eligible,reason,ground,until\n", "address,eligible,reason,ground,until\nx\n", "address"] {
            var tally = try #require(ScrubTally(of: answer.reader, choosing: .all))
            #expect(throws: ScrubTally.Stray.self) {
                var wanted: [UInt8] = []
                try tally.take(Array(text.utf8), into: &wanted)
                try tally.finish(into: &wanted)
            }
        }
    }
}
