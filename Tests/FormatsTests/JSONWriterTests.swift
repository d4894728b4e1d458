import Formats
import Testing

@Suite struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func commasComeOfThemselves() {
        let text = written { writer in
            writer.beginObject()
            writer.member("eligible", true)
            writer.member("until", String?.none)
            writer.member("reason", "ground-holds")
            writer.key("basis")
            writer.beginArray()
            writer.value(1)
            writer.beginObject()
            writer.endObject()
            writer.raw(Array("[2]".utf8))
            writer.value(Int64.min)
            writer.endArray()
            writer.member("share", 0.5)
            writer.member("tree", JSON.array([.null]))
            writer.endObject()
        }
        let expected =
            #"{"eligible":true,"until":null,"reason":"ground-holds","basis":[1,{},[2],-9223372036854775808],"#
            + #""share":0.5,"tree":[null]}"#
        #expect(text == expected)
    }

    @Test func stringsAreEscapedWhereTheyMust() {
        let text = written { $0.value("\"\\/\u{0}\u{8}\u{c}\n\r\t\u{1f}\u{7f}æ\u{2027}\u{2028}\u{2029}\u{202a}😀") }
        #expect(text == #""\"\\/\u0000\b\f\n\r\t\u001f"# + "\u{7f}æ\u{2027}" + #"\u2028\u2029"# + "\u{202a}😀\"")
    }

    @Test func everyControlCharacterReadsBack() throws {
        for value in UInt8(1)...0x7F {
            let text = String(Unicode.Scalar(value))
            #expect(try JSON(parsing: JSON.string(text).encoded) == .string(text))
        }
    }

    @Test func numbersThatAreNotFiniteBecomeNull() {
        #expect(written { $0.value(Double.infinity) } == "null")
        #expect(written { $0.value(Double.nan) } == "null")
        #expect(written { $0.value(1e300) } == "1e+300")
    }

    @Test func linesOfNDJSONStandAlone() {
        let text = written { writer in
            for index in 0..<2 {
                writer.beginObject()
                writer.member("row", index)
                writer.endObject()
                writer.newline()
            }
        }
        #expect(text == "{\"row\":0}\n{\"row\":1}\n")
    }

    @Test func takingBeginsAnew() {
        var writer = JSONWriter()
        writer.value(1)
        #expect(writer.take() == [0x31])
        writer.value(2)
        #expect(writer.take() == [0x32])
    }
}
