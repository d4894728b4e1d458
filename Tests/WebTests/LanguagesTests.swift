import Foundation
import Rules
import Testing

@testable import Web

@Suite struct LanguagesTests {
    @Test func theShippedLanguagesAreTheFour() throws {
        #expect(try PageScene.languages().all.map(\.language) == ["de", "en", "nb", "sv"])
    }

    /// Every text of one language is there in every other, with the same words to be filled in.
    @Test func allLanguagesHaveTheSameNamesAndPlaces() throws {
        let files = try PageScene.files().map { try WordFile(parsing: $0.text, file: $0.name) }
        let first = try #require(files.first)
        func places(_ text: String) -> [String] { text.matches(of: /\{[a-z]+\}/).map { String($0.0) }.sorted() }
        for file in files.dropFirst() {
            #expect(Set(file.lines.map(\.name)) == Set(first.lines.map(\.name)), "\(file.file)")
            for line in file.lines {
                let other = first.lines.first { $0.name == line.name }
                #expect(Set(places(line.text)) == Set(places(other?.text ?? "")), "\(file.file): \(line.name)")
            }
        }
    }

    /// What the shipped policies send has a name in every language.
    @Test func everyShippedPurposeHasANameEverywhere() throws {
        let files = try PageScene.files().map { try WordFile(parsing: $0.text, file: $0.name) }
        for name in ["stratsys", "infobric", "hydac", "consent-first"] {
            for purpose in try PageScene.policy(name).purposes {
                let names = ["purposes.\(purpose.id)"] + purpose.topics.map { "topics.\($0)" }
                for file in files {
                    for name in names { #expect(file.lines.contains { $0.name == name }, "\(file.file): \(name)") }
                }
            }
        }
    }

    /// No text is the same in two languages by oversight: only names are.
    @Test func everyTextIsTranslated() throws {
        let files = try PageScene.files().map { try WordFile(parsing: $0.text, file: $0.name) }
        let english = try #require(files.first { $0.file == "en.yaml" })
        for file in files where file.file != "en.yaml" {
            for line in file.lines where line.text.split(separator: " ").count > 3 {
                #expect(english.lines.first { $0.name == line.name }?.text != line.text, "\(file.file): \(line.name)")
            }
        }
    }

    @Test(arguments: [
        ("the whole text of a name", "  button: Stop it\n", "", "ask.button", "is missing"),
        (
            "a name that nothing shows", "  button: Stop it\n", "  button: Stop it\n  butto: x\n", "ask.butto",
            "unknown name"
        ),
        (
            "a word in braces left out", "\"Stop mail from {controller}?\"", "Stop mail?", "ask.title",
            "lacks {controller}"
        ),
        ("another word in braces", "  button: Stop it\n", "  button: Stop {it}\n", "ask.button", "has {it}"),
        ("an empty text", "  button: Stop it\n", "  button: ''\n", "ask.button", "words on one line"),
        ("a text on two lines", "  button: Stop it\n", "  button: \"Stop\\nit\"\n", "ask.button", "words on one line"),
        ("a list", "  button: Stop it\n", "  button: [Stop]\n", "ask.button", "must be a word, not a list"),
        ("eleven months", " December", "", "date.months", "12 months"),
        ("a wording of no kind", "  resume-1:", "  other-1:", "wordings.other-1", "confirm-NUMBER or resume-NUMBER"),
        (
            "a wording without a number", "  resume-1:", "  resume:", "wordings.resume",
            "confirm-NUMBER or resume-NUMBER"
        ),
        ("no wording to resume by", "  resume-1:", "  confirm-2:", "wordings.resume-1", "is missing"),
    ]) func aFaultIsToldWithFileAndName(
        _ fault: (name: String, old: String, new: String, path: String, problem: String)
    ) throws {
        let english = try #require(try PageScene.files().first { $0.name == "en.yaml" }).text
        #expect(english.components(separatedBy: fault.old).count == 2, "\(fault.name)")
        let text = english.replacing(fault.old, with: fault.new)
        let error = try #require(throws: FileError.self) { try Languages(files: [("texts/en.yaml", text)]) }
        #expect(error.file == "texts/en.yaml")
        #expect(error.path == fault.path)
        #expect(error.problem.contains(fault.problem), "\(error)")
    }

    @Test func aWordingIsInAllLanguagesOrInNone() throws {
        var files = try PageScene.files()
        let place = try #require(files.firstIndex { $0.name == "nb.yaml" })
        files[place].text += "\n"
        files[place].text = files[place].text.replacing(
            "  resume-1:", with: "  resume-2: \"Ja, {controller}: {purposes}\"\n  resume-1:")
        let error = try #require(throws: FileError.self) { try Languages(files: files) }
        #expect(error.path == "wordings.resume-2")
        #expect(error.problem.contains("nb.yaml has it"))
    }

    @Test func aFileIsNamedByItsLanguage() throws {
        let english = try #require(try PageScene.files().first { $0.name == "en.yaml" }).text
        #expect(throws: FileError.self) { try Languages(files: [("Norsk bokmål.yaml", english)]) }
        #expect(throws: FileError.self) { try Languages(files: []) }
    }

    /// RFC 9110 12.5.4 and 12.4.2: weights, wildcards, what is not wanted, and fields that are none.
    @Test(
        arguments: [
            (nil, "sv"), ("", "sv"), ("de", "de"), ("nb-NO", "nb"), ("no", "nb"), ("nn-NO,nn;q=0.9", "nb"),
            ("da", "nb"),
            ("fr, de;q=0.5, en;q=0.7", "en"), ("en;q=0.5, de;q=0.5", "en"), ("de;q=0.5, en;q=0.5", "de"),
            ("de;q=0, en;q=0.1", "en"), ("fr", "sv"), ("*", "sv"), ("fr, *;q=0.5", "sv"), ("*;q=0.5, de", "de"),
            ("DE-de-1996", "de"), ("de;q=1.001, en;q=0.2", "en"), ("de;q=x, en", "en"), ("de;q=0.8 , en;q=0.9", "en"),
            ("de ; q=0.2, en", "en"), ("de_DE, en;q=0.1", "en"), (";;;,,,q=1", "sv"), ("en;q=0.0001, de;q=0.001", "de"),
            ("<script>, en", "en"), ("de;q=0", "sv"),
        ] as [(String?, String)]) func theBrowsersBestLanguageIsTaken(_ pair: (field: String?, tag: String)) throws
    {
        let chosen = try PageScene.languages().chosen(nil, accept: pair.field, of: ["sv", "nb", "en"])
        #expect(chosen.language == pair.tag, "\(pair.field ?? "nothing")")
    }

    @Test func aSwitchOnThePageGoesBeforeTheBrowser() throws {
        let languages = try PageScene.languages()
        #expect(languages.chosen("nb", accept: "de", of: ["sv"]).language == "nb")
        #expect(languages.chosen("xx", accept: "de", of: ["sv"]).language == "de")
        #expect(languages.chosen(nil, accept: nil, of: ["fi", "xx"]).language == "en")
        let field = String(repeating: "x;q=0.1,", count: 10_000) + "de"
        #expect(languages.chosen(nil, accept: field, of: []).language == "en")
    }

    /// What was shown and what is recorded are the same text, and so the same digest.
    @Test func aWordingIsNamedByItsVersionAndDigest() throws {
        let texts = try #require(try PageScene.languages()["en"])
        let wording = try #require(
            texts.wording("confirm-1", controller: "Stratsys AB", purposes: [try PageScene.slug("newsletter")]))
        #expect(wording.text.hasPrefix("Yes, Stratsys AB may send me this by email: Newsletter."))
        #expect(wording.digest == Digest(of: wording.text).description)
        #expect(wording.digest.count == 64)
        #expect(texts.wording("confirm-9", controller: "Stratsys AB", purposes: []) == nil)
        #expect(texts.current(.confirm) == "confirm-1")
    }
}
