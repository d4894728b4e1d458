import Harness
import Rules
import Testing

@Suite("Known words")
struct KnownWordsTests {
    @Test(
        "the word that was probably meant is named, and only where it is near",
        arguments: [
            ("suppres", "'suppress'"), ("supress", "'suppress'"), ("ingore", "'ignore'"), ("ignored", "'ignore'"),
            ("ignoring", nil),
            ("no", nil), ("xy", nil), ("", nil), (String(repeating: "s", count: 3_000), nil),
        ] as [(String, String?)])
    func suggestion(_ word: String, _ meant: String?) throws {
        let text = PolicyMistake.sound.replacing("default-scope:", with: "aliases: \"\(word)\"\ndefault-scope:")
        let error = try #require(throws: FileError.self) { try Policy(parsing: text, file: "x.yaml") }
        #expect(error.problem.contains("known are suppress, ignore"))
        #expect(error.problem.contains("did you mean \(meant ?? "")") == (meant != nil))
    }
}
