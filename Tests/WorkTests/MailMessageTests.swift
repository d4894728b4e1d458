import Harness
import Rules
import Store
import Testing

@testable import Work

@Suite struct MailMessageTests {
    @Test func theDateIsThatOfRFC5322() throws {
        #expect(MailMessage.date(try instant("2026-11-21T16:08:31.25Z")) == "Sat, 21 Nov 2026 16:08:31 +0000")
        #expect(MailMessage.date(try instant("1970-01-01T00:00:00Z")) == "Thu, 01 Jan 1970 00:00:00 +0000")
        #expect(MailMessage.date(try instant("1969-12-31T23:59:59Z")) == "Wed, 31 Dec 1969 23:59:59 +0000")
        #expect(MailMessage.date(try instant("2024-02-29T12:00:00Z")) == "Thu, 29 Feb 2024 12:00:00 +0000")
    }

    @Test func everyLineIsShortAndSevenBits() throws {
        let long = String(repeating: "Blåbærsyltetøy er godt. ", count: 400)
        let message = try message(subject: String(long.prefix(400)), text: long, html: "<p>\(long)</p>")
        #expect(message.bytes.allSatisfy { $0 < 0x80 })
        let lines = String(decoding: message.bytes, as: UTF8.self).components(separated: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.contains("\n") && !$0.contains("\r") })
    }

    @Test func nothingInALetterBeginsAHeader() throws {
        let name = "Evil\r\nBcc: all@firma.example\u{0}\n\nbody"
        let message = try message(subject: "Hei", text: "Hei\r\n.\r\nDATA\r\n", html: "x", name: name)
        let text = String(decoding: message.bytes, as: UTF8.self)
        let head = text.components(separated: "\r\n\r\n")[0]
        #expect(!head.contains("\r\nBcc"))
        #expect(head.components(separated: "\r\n").filter { $0.hasPrefix("From:") }.count == 1)
        // Only the end is a dot alone.
        let wire = String(decoding: message.dotStuffed, as: UTF8.self)
        #expect(wire.components(separated: "\r\n.\r\n").count == 2)
        #expect(wire.hasSuffix("\r\n.\r\n"))
    }

    @Test func quotedPrintableIsWhatRFC2045Says() {
        #expect(MailMessage.quotedPrintable("a=b") == "a=3Db")
        #expect(MailMessage.quotedPrintable("trail \ntab\t\n") == "trail=20\ntab=09\n")
        #expect(MailMessage.quotedPrintable("å") == "=C3=A5")
        #expect(
            MailMessage.quotedPrintable(String(repeating: "x", count: 80)).hasPrefix(
                String(repeating: "x", count: 75) + "=\n"))
        #expect(MailMessage.quotedPrintable(".") == ".")
    }

    @Test func aSubjectThatLooksEncodedIsEncoded() {
        #expect(MailMessage.unstructured("Plain words") == "Plain words")
        #expect(MailMessage.unstructured("=?utf-8?B?eA==?=").hasPrefix("=?utf-8?B?PT91"))
        #expect(MailMessage.phrase("A \"B\" \\ C") == "\"A \\\"B\\\" \\\\ C\"")
    }

    @Test func repliesAreReadWholeAndBounded() throws {
        var reader = SMTPReplyReader()
        for byte in "250-a\r\n250 5.1.1 b\r\n550 5.1.1 no\r\n".utf8 { reader.feed([byte]) }
        #expect(try reader.next()?.lines == ["a", "5.1.1 b"])
        let refusal = try #require(try reader.next())
        #expect(refusal.codes == "550 5.1.1")
        #expect(refusal.isNoSuchMailbox)
        #expect(try reader.next() == nil)
        for text in ["25\r\n", "abc\r\n", "250-a\r\n251 b\r\n", "199 x\r\n", "250x\r\n", "\r\n"] {
            var reader = SMTPReplyReader()
            reader.feed(text.utf8)
            #expect(throws: SMTPReplyError.malformed, "\(text)") { try reader.next() }
        }
        for text in [String(repeating: "x", count: 5_000), String(repeating: "250-a\r\n", count: 500)] {
            var reader = SMTPReplyReader()
            reader.feed(text.utf8)
            #expect(throws: SMTPReplyError.tooLarge) { try reader.next() }
        }
    }

    @Test(arguments: [
        "smtp://", "http://relay.example", "relay.example", "smtp://user:pass@relay.example", "smtp://relay.example:0",
        "smtp://relay.example:65536", "smtp://relay.example?tls=maybe", "smtps://relay.example?tls=none",
        "smtp://relay.example/path", "smtp://[::1", "smtp://re lay.example", "smtp://us%zz@relay.example",
    ])
    func whatIsNoRelayIsRefused(_ url: String) {
        #expect(throws: SMTPRelayError.self) { try SMTPRelay(url: url, password: url.contains("@") ? "x" : nil) }
    }

    @Test func aRelayElsewhereIsProtectedUnlessTheSettingSaysOtherwise() throws {
        #expect(try SMTPRelay(url: "smtp://relay.example", password: nil).protection == .required)
        #expect(try SMTPRelay(url: "smtp://relay.example", password: nil).port == 587)
        #expect(try SMTPRelay(url: "smtp://relay.example?tls=none", password: nil).protection == .none)
        #expect(try SMTPRelay(url: "smtps://relay.example", password: nil).protection == .immediate)
        #expect(try SMTPRelay(url: "smtp://127.0.0.1:25", password: nil).protection == .none)
        #expect(try SMTPRelay(url: "smtp://[::1]:25", password: nil).protection == .none)
        let relay = try SMTPRelay(url: "smtp://a%40b@relay.example", password: "secret")
        #expect(relay.user == "a@b")
        #expect("\(relay)" == "relay.example:587")
        #expect(throws: SMTPRelayError.self) { try SMTPRelay(url: "smtp://a@relay.example", password: nil) }
        #expect(throws: SMTPRelayError.self) { try SMTPRelay(url: "smtp://relay.example", password: "secret") }
    }

    private func message(
        subject: String, text: String, html: String, name: String = "Stratsys AB"
    ) throws -> MailMessage {
        let letter = try Letter(
            to: Address(parsing: "kari@firma.example"), purpose: slug("confirmation"), language: "nb", subject: subject,
            text: text, html: html)
        return MailMessage(
            letter, from: try Address(parsing: "post@mail.example"), name: name,
            messageID: "9b2c3d5e-0000-4000-8000-000000000000", at: try instant("2026-11-21T16:08:31Z"))
    }
}

extension String {
    fileprivate func components(separated by: String) -> [String] {
        split(separator: by, omittingEmptySubsequences: false).map(String.init)
    }
}
