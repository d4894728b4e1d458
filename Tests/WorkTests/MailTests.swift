import Foundation
import Harness
import NIOCore
import Postgres
import Rules
import Testing

@testable import Store
@testable import Work

/// Letters from the outbox to a relay: aiosmtpd stands for one that is right, a script for one that is not.
@Suite struct MailTests {
    private static let sink = "Tests/WorkTests/Servers/smtp_sink.py"
    private static let faults = "Tests/WorkTests/Servers/smtp_faults.py"

    @Test func aLetterArrivesWholeOverAProtectedConnection() async throws {
        let certificate = try Certificate()
        let scene = try await CourierScene.make()
        let sink = try await PythonServer.start(
            Self.sink, ["--tls", certificate.file, certificate.key, "--auth", "maysend", "geheim:p%"])
        try await scene.post("kari@firma.example")
        let relay = try SMTPRelay(
            url: "smtp://maysend@localhost:\(sink.port)?tls=required", password: "geheim:p%",
            trustFile: certificate.file)
        let courier = try scene.courier(mail: Self.route(relay))
        #expect(await courier.sendLetters() == .more)
        let mail = try Self.mail(try await sink.lines(1)[0])
        #expect(mail.tls)
        #expect(mail.user == "maysend")
        #expect(mail.to == ["kari@firma.example"])
        #expect(mail.from == "post@mail.example")
        for wanted in [
            "From: \"Stratsys AB\" <post@mail.example>\r\n", "To: <kari@firma.example>\r\n",
            "Auto-Submitted: auto-generated\r\n", "Content-Language: nb\r\n",
            "Subject: =?utf-8?B?QmVrcmVmdCBww6VtZWxkaW5nZW4=?=\r\n", "Hei p=C3=A5 deg\r\n", "@mail.example>\r\n",
        ] { #expect(mail.text.contains(wanted), "\(wanted)") }
        try await scene.expect("select count(*) from letter where state = 'delivered' and content is null", is: 1)
        sink.stop()
        await scene.close()
    }

    @Test func withoutTrustOrWithoutSTARTTLSNothingIsSent() async throws {
        let certificate = try Certificate()
        let scene = try await CourierScene.make()
        let secure = try await PythonServer.start(Self.sink, ["--tls", certificate.file, certificate.key])
        let open = try await PythonServer.start(Self.sink)
        try await scene.post("kari@firma.example")
        for port in [secure.port, open.port] {
            let relay = try SMTPRelay(url: "smtp://localhost:\(port)?tls=required", password: nil)
            _ = await (try scene.courier(mail: Self.route(relay))).sendLetters()
        }
        #expect(try secure.lineCount() == 0)
        #expect(try open.lineCount() == 0)
        try await scene.expect("select count(*) from letter where state = 'waiting' and attempts = 2", is: 1)
        secure.stop()
        open.stop()
        await scene.close()
    }

    @Test func authByLOGINWorksWhereThereIsNoPLAIN() async throws {
        let scene = try await CourierScene.make()
        let sink = try await PythonServer.start(Self.sink, ["--auth", "user", "password", "--login-only"])
        try await scene.post("kari@firma.example")
        let relay = try SMTPRelay(url: "smtp://user@127.0.0.1:\(sink.port)", password: "password")
        _ = await (try scene.courier(mail: Self.route(relay))).sendLetters()
        #expect(try Self.mail(try await sink.lines(1)[0]).user == "user")
        sink.stop()
        await scene.close()
    }

    @Test func manyGoOverOneConnectionAndARefusedOneHindersNobody() async throws {
        let scene = try await CourierScene.make()
        let sink = try await PythonServer.start(
            Self.sink, ["--refuse", "gone@firma.example", "550 5.1.1 no such user gone@firma.example"])
        for name in ["a", "gone", "b"] { try await scene.post("\(name)@firma.example") }
        let relay = try SMTPRelay(url: "smtp://127.0.0.1:\(sink.port)", password: nil)
        #expect(await (try scene.courier(mail: Self.route(relay))).sendLetters() == .more)
        #expect(try await sink.lines(2).map { try Self.mail($0).to } == [["a@firma.example"], ["b@firma.example"]])
        try await scene.expect(
            "select count(*) from letter where state = 'given-up' and answer = '550 5.1.1 at RCPT' and content is null",
            is: 1)
        try await scene.expect(
            "select count(*) from ledger where act = 'bounced' and bounce = 'hard' and actor = 'courier'", is: 1)
        sink.stop()
        await scene.close()
    }

    @Test(arguments: [
        ("450 4.2.1 later", 1), ("421 4.3.2 gone for now", 1), ("550 5.7.1 not from you", 0), ("550 no", 0),
    ])
    func atTheAddress4xxComesAgainAnd5xxIsGivenUp(_ answer: String, _ arrived: Int) async throws {
        let scene = try await CourierScene.make()
        let sink = try await PythonServer.start(Self.sink, ["--fail-first", "1", answer])
        try await scene.post("kari@firma.example")
        let relay = try SMTPRelay(url: "smtp://127.0.0.1:\(sink.port)", password: nil)
        let courier = try scene.courier(mail: Self.route(relay))
        for _ in 0..<4 { _ = await courier.sendLetters() }
        let state = arrived == 1 ? "delivered" : "given-up"
        try await scene.expect("select count(*) from letter where state = '\(state)'", is: 1)
        #expect(try sink.lineCount() == arrived)
        // No word that there is no such mailbox: nothing is held against the address.
        try await scene.expect("select count(*) from ledger where act = 'bounced'", is: 0)
        sink.stop()
        await scene.close()
    }

    @Test(arguments: ["greeting", "ehlo", "from", "to", "data", "message"])
    func whateverBreaksAtAnyStageTheLetterComesAgain(_ stage: String) async throws {
        let scene = try await CourierScene.make()
        for fault in ["cut", "silent", "oversize", "garbage", "421 4.3.2 going down", "451 4.3.0 later"] {
            let relay = try await PythonServer.start(Self.faults, [stage, fault])
            try await scene.post("kari@firma.example")
            let route = try Self.route(SMTPRelay(url: "smtp://127.0.0.1:\(relay.port)", password: nil))
            var limits = SMTPLimits()
            (limits.reply, limits.accept) = (.milliseconds(300), .milliseconds(300))
            let courier = try scene.courier(mail: route, limits: limits)
            for _ in 0..<3 { _ = await courier.sendLetters() }
            try await scene.expect("select count(*) from letter where state <> 'delivered'", is: 0)
            #expect(try await relay.lines(1).count == 1, "\(stage) \(fault)")
            relay.stop()
        }
        await scene.close()
    }

    @Test func aRelayThatIsNotSetUpCostsNoLetter() async throws {
        let scene = try await CourierScene.make()
        let relay = try await PythonServer.start(Self.faults, ["from", "550 5.7.1 sender not allowed"])
        try await scene.post("kari@firma.example")
        let route = try Self.route(SMTPRelay(url: "smtp://127.0.0.1:\(relay.port)", password: nil))
        let courier = try scene.courier(mail: route)
        for _ in 0..<2 { _ = await courier.sendLetters() }
        try await scene.expect("select count(*) from letter where state = 'delivered'", is: 1)
        relay.stop()
        await scene.close()
    }

    @Test func anAddressOutsideASCIINeedsARelayThatTakesIt() async throws {
        let scene = try await CourierScene.make()
        let old = try await PythonServer.start(Self.sink, ["--no-utf8"])
        let new = try await PythonServer.start(Self.sink)
        try await scene.post("kåre@firma.example")
        _ = await (try scene.courier(mail: Self.route(SMTPRelay(url: "smtp://127.0.0.1:\(old.port)", password: nil))))
            .sendLetters()
        try await scene.expect("select count(*) from letter where state = 'given-up'", is: 1)
        try await scene.post("kåre@firma.example")
        _ = await (try scene.courier(mail: Self.route(SMTPRelay(url: "smtp://127.0.0.1:\(new.port)", password: nil))))
            .sendLetters()
        let mail = try Self.mail(try await new.lines(1)[0])
        #expect(mail.to == ["kåre@firma.example"])
        #expect(mail.options.contains("SMTPUTF8"))
        old.stop()
        new.stop()
        await scene.close()
    }

    static func route(_ relay: SMTPRelay) throws -> MailRoute {
        MailRoute(relay: relay, from: try Address(parsing: "post@mail.example"))
    }

    struct Mail: Decodable {
        let from: String
        let to: [String]
        let tls: Bool
        let user: String?
        let options: [String]
        let text: String
    }

    static func mail(_ line: String) throws -> Mail { try JSONDecoder().decode(Mail.self, from: Data(line.utf8)) }
}

/// A certificate of its own for localhost.
private struct Certificate {
    let file: String
    let key: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.path
        file = "\(folder)/certificate-\(UUID().uuidString).pem"
        key = file + ".key"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
            "-out",
            file, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

extension CourierScene {
    func post(_ address: String) async throws {
        let letter = try Letter(
            to: Address(parsing: address), purpose: slug("confirmation"), language: "nb",
            subject: "Bekreft påmeldingen", text: "Hei på deg\n.\n.. to\nSlutt\n", html: "<p>Hei på deg</p>\n")
        _ = try await store.run(
            Verb<Bool>(.normal) { scene, tx throws(StoreError) in
                try scene.post(letter, in: tx)
                return true
            }, by: access)
    }
}
