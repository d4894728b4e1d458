import Harness
import Rules
import Store
import Testing

@testable import Web

/// The short way of a one-click: committed before it is answered, with the same words as the long way; all else untouched.
@Suite struct OneClickLaneTests {
    private static let body = "List-Unsubscribe=One-Click"
    private static let type = "application/x-www-form-urlencoded"
    private static let form = ("content-type", type)

    @Test func itIsRecordedOnceAndNotHandedOn() async throws {
        try await Lane.run { lane in
            let path = try await lane.path()
            let rows = try await lane.database.ledgerRows()
            try await lane.send(Self.body, uri: path, setting: Self.form)
            let first = try await lane.answer()
            #expect(first.status == 200)
            #expect(first.body.contains("since 20") && first.body.contains("at Stratsys AB."))
            #expect(!first.body.contains("<form"), "a machine is offered nothing")
            #expect(try await lane.database.ledgerRows() == rows + 1)
            for type in [Self.type, "Application/X-WWW-Form-URLEncoded"] {
                try await lane.send(Self.body, uri: path, setting: ("content-type", type))
                let again = try await lane.answer()
                #expect(again.status == 200 && again.body == first.body)
            }
            #expect(try await lane.database.ledgerRows() == rows + 1)
            #expect(lane.handedOn == [])
        }
    }

    @Test(arguments: [
        ("", ""), ("action=stop", ""), ("List%2DUnsubscribe=One-Click", ""), ("List-Unsubscribe=One-Click\r\n", ""),
        ("List-Unsubscribe=One-Click&a=b", ""), (body, "?lang=nb"), (body, "%20"), (body, "A"), (body, "/x"),
    ])
    func anUnusualPressIsHandedOnWhole(_ body: String, _ more: String) async throws {
        try await Lane.run { lane in
            let uri = try await lane.path() + more
            try await lane.send(body, uri: uri, setting: Self.form)
            try await lane.waitUntilHandedOn()
            #expect(lane.handedOn == ["POST " + uri, body, "end"].filter { !$0.isEmpty })
            #expect(
                try await lane.database.texts("select act as text from maysend.ledger where act = 'unsubscribed'") == []
            )
        }
    }

    @Test(arguments: [
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("content-type", "multipart/form-data; boundary=x"),
        ("content-type", "application/json"),
    ])
    func anotherMediaTypeIsHandedOnWhole(_ name: String, _ value: String) async throws {
        try await Lane.run { lane in
            let uri = try await lane.path()
            try await lane.send(Self.body, uri: uri, setting: (name, value))
            try await lane.waitUntilHandedOn()
            #expect(lane.handedOn == ["POST " + uri, Self.body, "end"])
        }
    }

    @Test func anAwayDatabaseSendsItTheLongWayWhichKeepsIt() async throws {
        try await Lane.run { lane in
            let uri = try await lane.path()
            await lane.store.shutdown(within: .zero)
            try await lane.send(Self.body, uri: uri, setting: Self.form)
            try await lane.waitUntilHandedOn(completed: true)
            #expect(lane.handedOnWithEnds == ["POST " + uri, Self.body, "end", "complete"])
        }
    }

    @Test func checksAndPressesInOneGoAreAnsweredInTheirOrder() async throws {
        try await Lane.run { lane in
            let check = #"{"address":"kari@firma.example","purpose":"newsletter"}"#
            try await lane.send(check)
            try await lane.send(Self.body, uri: lane.path(), setting: Self.form)
            try await lane.send(check)
            #expect(try await lane.answer().body.contains("ground-holds"))
            #expect(try await lane.answer().body.contains("<!doctype html>"))
            #expect(try await lane.answer().body.contains("unsubscribed"))
            #expect(lane.handedOn == [])
        }
    }

    @Test func theEvidenceIsThatOfTheLongWay() async throws {
        try await LiveService.run { service in
            var answers: [[String]] = []
            for (address, type) in [("a@firma.example", Self.type), ("b@firma.example", Self.type + "; charset=utf-8")]
            {
                let path = try await Lane.path(service.controller, address)
                let answer = try await service.exchange(
                    Array(
                        """
                        POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: \(Self.body.utf8.count)\r\n\
                        X-Forwarded-For: 198.51.100.9, 203.0.113.7:99\r\nUser-Agent: Mozilla/5.0 Firefox/120.0\r\n\r\n\(Self.body)
                        """.utf8))
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(answer)")
                answers.append(CheckLaneTests.comparable(answer).sorted())
            }
            #expect(answers[0] == answers[1])
            let evidence = try await service.database.texts(
                "select (evidence - 'link-day')::text as text from maysend.ledger where act = 'unsubscribed'")
            #expect(evidence.count == 2 && Set(evidence).count == 1)
            #expect(evidence[0].contains(#""ip": "203.0.113.0/24""#) && evidence[0].contains(#""agent": "firefox""#))
            let lines = service.log.text.split(separator: "\n").filter { $0.contains("/u/{token}") }
            #expect(lines.count == 2)
            for line in lines {
                #expect(line.contains(#""controller":"stratsys-ab""#) && line.contains(#""status":200"#))
            }
        }
    }
}

extension Lane {
    /// The path of an unsubscribe link of somebody.
    func path(_ address: String = "kari@firma.example") async throws -> String {
        try await Self.path(store.catalogue().controller(slug("stratsys-ab")).id, address)
    }

    static func path(_ controller: Int64, _ address: String) async throws -> String {
        let link = Link(
            .unsubscribe, controller: controller,
            person: try testPeppers().current.person(try Address(parsing: address)),
            purpose: try slug("newsletter"), mintedAt: systemNow())
        let token = try #require(
            TestLinks.issuer().ring.token(
                for: link, nonce: (0..<LinkToken.nonceOctets).map { _ in .random(in: 0 ... .max) }))
        return "/u/" + token
    }
}
