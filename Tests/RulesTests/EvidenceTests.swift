import Foundation
import Rules
import Testing

@Suite("Evidence")
struct EvidenceTests {
    @Test(
        "an IP address is cut to its network, whatever the field is called",
        arguments: [
            ("ip", "192.0.2.77", "192.0.2.0/24"), ("client-ip", "10.1.2.3", "10.1.2.0/24"),
            ("IP_address", "255.255.255.255", "255.255.255.0/24"),
            ("ip", "2001:db8:12:34:56:78:9a:bc", "2001:db8:12::/48"), ("ip", "2001:db8::1", "2001:db8::/48"),
            ("ip", "::1", "::/48"),
            ("ip", "fe80::1%eth0", "fe80::/48"), ("ip", "192.0.2.256", "not an IP address"),
            ("ip", "192.0.2", "not an IP address"),
            ("ip", "kari nordmann", "not an IP address"), ("ip", "", "not an IP address"),
            ("ip", "kari:nordmann:x", "not an IP address"), ("ip", "1:2", "not an IP address"),
            ("ip", "2001:db8:0:1::5", "2001:db8::/48"), ("ip", "2001:db8:0:1:2:3:4:5", "2001:db8::/48"),
            ("ip", "::ffff:192.0.2.77", "192.0.2.0/24"), ("ip", "[2001:db8:9:8::1]:443", "2001:db8:9::/48"),
            ("ip", "192.0.2.77:51234", "192.0.2.0/24"), ("ip", "1:2:3:4:5:6:7:8:9", "not an IP address"),
            ("ip", "1::2::3", "not an IP address"), ("ip", "::192.0.2.1", "::/48"),
            ("zip", "192.0.2.77", "192.0.2.0/24"), ("address", "2001:db8:12:34::bc", "2001:db8:12::/48"),
            ("x-forwarded-for", "192.0.2.77, 2001:db8:1:2::3", "192.0.2.0/24, 2001:db8:1::/48"),
            ("remote", "fe80::1%eth0", "fe80::/48"),
            ("user-agent", "Agent/120.0.0.0 (rv:1.2.3)", "Agent/120.0.0.0 (rv:1.2.3)"),
            ("status", "4.2.2", "4.2.2"), ("time", "08:15:00", "08:15:00"), ("note", "a::b c", "a::/48 c"),
            ("word", "foo::bar", "foo::bar"), ("empty", "", ""),
        ])
    func network(_ name: String, _ word: String, _ kept: String) throws {
        let evidence = try Evidence([(name, word)])
        #expect(try Self.decoded(evidence) == [name: kept])
    }

    @Test(
        "no address is kept, in whatever spelling of the sign",
        arguments: ["kari@firma.example", "@", "a@\u{301}b.example", "<kari@firma.example>", "x @ y"])
    func addresses(_ word: String) throws {
        let error = #expect(throws: EvidenceError.self) { try Evidence([("note", word)]) }
        #expect(error?.field == "note" && error?.problem.contains("address") == true)
        #expect(try Self.decoded(Evidence([("message-id", word), ("message_id", word)])).count == 2)
    }

    @Test("every word comes back out of the JSON as it went in")
    func escapes() throws {
        var words = [
            "", "\"", "\\", "\\\"", "\n\r\t\u{8}\u{C}", "\u{1}\u{1F}", "/", "</script>", "æøå €", "😀", "e\u{301}",
            "\u{301}",
        ]
        words += [
            "\u{7F}\u{80}", "\u{2028}\u{2029}", "\u{FEFF}", "\u{10FFFF}", "\\u0041",
            String(repeating: "\"", count: 1_024),
        ]
        let fields = words.enumerated().map { (name: "w\($0)", word: $1) }
        let decoded = try Self.decoded(Evidence(fields))
        for field in fields {
            #expect(
                decoded[field.name].map { Array($0.unicodeScalars) } == Array(field.word.unicodeScalars),
                "\(field.name)")
        }
        #expect(try Evidence([]).json == "{}" && Evidence([]).method == nil)
        #expect(
            try Evidence([("method", "double-opt-in"), ("page", "7")]).json == #"{"method":"double-opt-in","page":"7"}"#
        )
    }

    private static func decoded(_ evidence: Evidence) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(evidence.json.utf8))
    }

    @Test("the method is what the person did")
    func method() throws {
        #expect(try Evidence([("method", "preference-page")]).method == "preference-page")
        #expect(try Evidence([("Method", "preference-page")]).method == nil)
        #expect(Evidence.liftingMethods == ["double-opt-in", "preference-page"])
    }

    @Test(
        "what is named or filled in another way is refused",
        arguments: [
            ([("", "x")], nil), ([("a b", "x")], nil), ([("å", "x")], nil), ([("a\"", "x")], nil),
            ([("a\0", "x")], nil),
            ([(String(repeating: "a", count: 65), "x")], nil), ([("a", String(repeating: "x", count: 1_025))], "a"),
            ([("a", "x\0")], "a"),
            ([("a", "1"), ("a", "2")], "a"), ((0...32).map { ("f\($0)", "x") }, nil),
        ] as [([(String, String)], String?)])
    func refused(_ fields: [(String, String)], _ field: String?) {
        let error = #expect(throws: EvidenceError.self) { try Evidence(fields.map { (name: $0.0, word: $0.1) }) }
        #expect(error?.field == field && error?.problem.isEmpty == false)
    }

    @Test("as many and as long as allowed")
    func most() throws {
        let fields = (0..<32).map { (name: "f\($0)", word: String(repeating: "\u{301}\u{323}", count: 256)) }
        #expect(try Self.decoded(Evidence(fields)).count == 32)
    }
}
