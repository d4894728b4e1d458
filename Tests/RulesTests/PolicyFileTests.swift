import Harness
import Rules
import Testing

@Suite("Policy files")
struct PolicyFileTests {
    @Test("the policy that the mistakes are made in is sound")
    func sound() throws {
        let policy = try Policy(parsing: PolicyMistake.sound, file: "sound.yaml")
        #expect(policy.label == "sound@1")
        #expect(policy.purposes.map(\.id.text) == ["newsletter", "analytics"])
        #expect(policy.doubleOptInKeep == Period(30, .days))
        #expect(policy.aliases == .suppress)
        #expect(policy.defaultPurpose.text == "newsletter")
    }

    @Test("a mistake is told with file, line, path and what is allowed", arguments: PolicyMistake.all)
    func mistake(_ mistake: PolicyMistake) throws {
        let error = try #require(throws: FileError.self) { try Policy(parsing: mistake.text, file: "bad.yaml") }
        #expect(error.file == "bad.yaml")
        #expect(error.line == mistake.line)
        #expect(error.path == mistake.path)
        #expect(error.problem.contains(mistake.word), "\(error)")
        let place = [error.line.map { "bad.yaml:\($0)" } ?? "bad.yaml"] + (error.path.isEmpty ? [] : [error.path])
        #expect(error.description == (place + [error.problem]).joined(separator: ": "))
    }

    @Test("no two mistakes are the same")
    func distinct() {
        #expect(PolicyMistake.all.count >= 40)
        #expect(Set(PolicyMistake.all.map(\.name)).count == PolicyMistake.all.count)
        #expect(Set(PolicyMistake.all.map(\.text)).count == PolicyMistake.all.count)
    }

    @Test("what may be written otherwise and means the same")
    func sameMeaning() throws {
        let sound = try Policy(parsing: PolicyMistake.sound, file: "sound.yaml")
        let texts = [
            "\u{FEFF}" + PolicyMistake.sound,
            PolicyMistake.sound.replacing("\n", with: "\r\n"),
            "---\n" + PolicyMistake.sound + "...\n",
            PolicyMistake.sound.replacing("3 months", with: "\"3 months\""),
            PolicyMistake.sound.replacing("newsletter:", with: "'newsletter':"),
            PolicyMistake.sound.replacing("default-scope:", with: "aliases: suppress\nrecipients2: ~\ndefault-scope:")
                .replacing("recipients2: ~\n", with: "default-purpose: ~\n"),
            PolicyMistake.sound.replacing("2024-01-01T00:00:00Z", with: "2024-01-01T01:00:00+01:00"),
        ]
        for text in texts { #expect(try Policy(parsing: text, file: "sound.yaml") == sound) }
    }

    /// A deeply nested text, told in a few words.
    struct Nesting: CustomTestStringConvertible {
        let text: String
        /// Where it goes too deep.
        let line: Int
        let testDescription: String

        private init(_ text: String, line: Int, _ description: String) {
            (self.text, self.line, testDescription) = (text, line, description)
        }

        static func repeating(_ part: String, _ count: Int, and end: String = "", line: Int = 1) -> Nesting {
            let text = String(repeating: part, count: count) + String(repeating: end, count: count)
            return Nesting(text, line: line, "\(count) times \(part.debugDescription) and \(end.debugDescription)")
        }

        static func indenting(_ part: String, line: Int = 1) -> Nesting {
            let text = (0..<1_200).map { String(repeating: " ", count: $0) + part }.joined()
            return Nesting(text, line: line, "1200 times \(part.debugDescription), each more indented")
        }
    }

    @Test(
        "a file that is nested too deep is refused with its line before anything recurses",
        arguments: [
            Nesting.repeating("[", 100_000), .repeating("{", 100_000), .repeating("- ", 100_000),
            .repeating("-", 100_000), .repeating("? ", 100_000), .repeating(": ", 100_000), .repeating("{a: ", 100_000),
            .repeating("[\n", 100_000, line: 25), .repeating("[", 50_000, and: "]"), .indenting("a:\n", line: 386),
        ])
    func deep(_ nesting: Nesting) throws {
        for comment in ["", "# a comment\n"] {
            let text = comment + nesting.text
            let error = try #require(throws: FileError.self) { try Policy(parsing: text, file: "deep.yaml") }
            #expect(error.problem == "is nested deeper than 24 levels")
            #expect(error.line == nesting.line + (comment.isEmpty ? 0 : 1))
        }
        #expect(throws: FileError.self) { try Policy(parsing: "policy: " + nesting.text, file: "deep.yaml") }
        #expect(throws: FileError.self) {
            try ScenarioFile(parsing: nesting.text, file: "deep.yaml") { _ throws(FileError) in
                throw FileError(file: "none", problem: "none")
            }
        }
    }

    @Test(
        "nesting that hides from the first look is refused by the parser",
        arguments: [
            Nesting.repeating("[\"]\",", 100_000), .repeating("[ # ]\n", 100_000), .indenting("-\r"),
            .indenting("-\u{2028}"), .repeating("[\"]\",", 900, and: "]"),
        ])
    func hidden(_ nesting: Nesting) throws {
        let error = try #require(throws: FileError.self) { try Policy(parsing: nesting.text, file: "deep.yaml") }
        #expect(error.problem != "is nested deeper than 24 levels" && !error.problem.contains("bytes"))
    }

    /// Nine lists of nine of the one before: 9^9 words.
    private static let laughs: String = {
        var text = "l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...9 {
            let alias = "*l\(level - 1)"
            text += "l\(level): &l\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        return text
    }()

    @Test("a billion laughs are an error, as a value and as a field's name")
    func laughter() throws {
        let asValue = try #require(throws: FileError.self) {
            try Policy(parsing: Self.laughs + "purposes: *l9\n", file: "laughs.yaml")
        }
        #expect(asValue.problem.contains("values"))
        for name in [
            "{*l9: 1}", "{*l9 : 1}", "{*l9}", "{[*l9, *l9]: 1}", "{[\n*l9\n]}", "[?*l9]", "{? [*l9]}", "{{a: *l9}: 1}",
        ] {
            #expect(throws: FileError.self, "\(name)") {
                try Policy(parsing: Self.laughs + "purposes: \(name)\n", file: "laughs.yaml")
            }
        }
    }

    @Test("one anchor may be used as often as wanted")
    func anchors() throws {
        let grounds = "[{id: a, basis: consent}]"
        var text = PolicyMistake.sound.replacing(
            "recipients:", with: "  p0: {kind: record, grounds: &g \(grounds)}\nrecipients:")
        for index in 1...200 {
            text = text.replacing("recipients:", with: "  p\(index): {kind: record, grounds: *g }\nrecipients:")
        }
        #expect(try Policy(parsing: text, file: "anchors.yaml").purposes.count == 203)
    }

    @Test("more than 256 of anything is refused with the count")
    func manyItems() throws {
        let ground = "{id: g, basis: consent}"
        let many = (0...256).map { "{id: g\($0), basis: consent}" }.joined(separator: ", ")
        let text = PolicyMistake.sound.replacing(
            "recipients:", with: "  p: {kind: record, grounds: [\(many)]}\nrecipients:")
        let error = try #require(throws: FileError.self) { try Policy(parsing: text, file: "many.yaml") }
        #expect(error.path == "purposes.p.grounds" && error.problem.contains("257") && error.problem.contains("256"))
        let purposes = (0...256).map { "  p\($0): {kind: record, grounds: [\(ground)]}\n" }.joined()
        let crowd = PolicyMistake.sound.replacing("recipients:", with: purposes + "recipients:")
        let second = try #require(throws: FileError.self) { try Policy(parsing: crowd, file: "many.yaml") }
        #expect(second.path == "purposes" && second.problem.contains("259"))
    }

    @Test("a question that would take too many steps is refused")
    func steps() throws {
        var purposes = ""
        for level in 0..<7 {
            let grounds = (0..<5).map {
                "{id: g\($0), basis: consent, while: \(level == 6 ? "newsletter" : "p\(level + 1)")}"
            }
            purposes += "  p\(level): {kind: tracking, grounds: [\(grounds.joined(separator: ", "))]}\n"
        }
        let text = PolicyMistake.sound.replacing("recipients:", with: purposes + "recipients:")
        let error = try #require(throws: FileError.self) { try Policy(parsing: text, file: "steps.yaml") }
        #expect(error.problem.contains("10000 steps"))
    }

    @Test("a file of more than a megabyte is refused, a long word too, whatever it is made of")
    func large() throws {
        let error = try #require(throws: FileError.self) {
            try Policy(
                parsing: PolicyMistake.sound + "#" + String(repeating: " ", count: 1_048_576), file: "large.yaml")
        }
        #expect(error.problem.contains("1048576 bytes"))
        let marks = String(repeating: "\u{301}\u{323}", count: 4_000)
        for text in ["policy: a\(marks)", "? a\(marks)\n: 1", "a\(marks): 1", "policy: [\(marks)]", "{a\(marks)}"] {
            #expect(throws: FileError.self) { try Policy(parsing: text, file: "marks.yaml") }
        }
    }
}
