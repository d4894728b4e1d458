import Rules
import Testing

@Suite("Slug")
struct SlugTests {
    @Test(
        "a name is letters, digits and hyphens",
        arguments: ["a", "0", "newsletter", "event-evaluation", "a--b", "2024", String(repeating: "z", count: 64)])
    func name(_ text: String) {
        #expect(Slug(text)?.text == text)
        #expect(Slug(text)?.description == text)
    }

    @Test(
        "and nothing else",
        arguments: [
            "", "-", "-a", "a-", "A", "a_b", "a b", "a.b", "å", "a\u{301}", "а", "a\0", "a\n", "ａ",
            String(repeating: "z", count: 65),
            String(repeating: "\u{301}\u{323}", count: 200_000),
        ])
    func noName(_ text: String) {
        #expect(Slug(text) == nil)
    }

    @Test("names stand in the order of their text")
    func order() throws {
        let names = ["b", "a", "a-b", "a1", "ab"].compactMap { Slug($0) }
        #expect(names.sorted().map(\.text) == ["a", "a-b", "a1", "ab", "b"])
    }
}

@Suite("Question")
struct QuestionTests {
    @Test("an unknown purpose or topic is an error that names the known ones")
    func unknown() throws {
        let policy = try loadPolicy("stratsys")
        let (newsletter, outreach) = try (#require(Slug("newsletter")), #require(Slug("outreach")))
        let letters = try #require(Slug("letters"))
        let purpose = #expect(throws: UnknownName.self) {
            try Question(purpose: letters, address: .named, under: policy)
        }
        #expect(purpose?.what == .purpose && purpose?.name == "letters")
        #expect(purpose?.known == policy.purposes.map(\.id.text))
        #expect(purpose?.description.hasPrefix("unknown purpose 'letters'; known are newsletter, outreach, ") == true)
        let topic = #expect(throws: UnknownName.self) {
            try Question(purpose: newsletter, topic: letters, address: .named, under: policy)
        }
        #expect(topic?.description == "unknown topic 'letters' of purpose 'newsletter'; known are product-news, events")
        let none = #expect(throws: UnknownName.self) {
            try Question(purpose: outreach, topic: letters, address: .named, under: policy)
        }
        #expect(none?.description == "unknown topic 'letters' of purpose 'outreach'; there are none")
        let topicOfAnother = #expect(throws: UnknownName.self) {
            try Question(purpose: outreach, topic: Slug("events"), address: .named, under: policy)
        }
        #expect(topicOfAnother?.what == .topic(of: outreach))
    }

    @Test("a known one is asked as it was put")
    func known() throws {
        let policy = try loadPolicy("stratsys")
        let question = try Question(
            purpose: #require(Slug("newsletter")), topic: Slug("events"), address: .role, under: policy)
        #expect(
            question.purpose.id.text == "newsletter" && question.topic?.text == "events" && question.address == .role)
    }
}
