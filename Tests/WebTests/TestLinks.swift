import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// Links as the tests make them: fixed keys, an HTTPS name that leads to the service under test.
enum TestLinks {
    static let origin = "https://opt.firma.example"

    /// What every service under test has unless it says otherwise.
    static let standard: LinkService? = {
        do { return try service() } catch { return nil }
    }()

    static func issuer() throws -> LinkIssuer {
        let key = try LinkKey(number: 1, secret: (0..<32).map { UInt8($0) &* 7 &+ 5 })
        let base = try #require(PublicURL(origin))
        let mailbox = try Address(parsing: "stop@firma.example")
        return try #require(LinkIssuer(ring: LinkKeyRing(key), base: base, mailbox: mailbox))
    }

    static func service(spool: LinkService.Spool? = nil) throws -> LinkService {
        LinkService(issuer: try issuer(), random: { UInt64.random(in: 0 ... .max) }, spool: spool)
    }
}

/// A person whom a mail may go to, and the link in it.
struct Subscriber: Sendable {
    let address: String
    let link: Link
    let token: String

    var path: String { "/u/" + token }
}

extension Service {
    /// Makes a person whom the newsletter may go to, and takes the link from the verdict.
    func subscriber(_ address: String, topic: String? = nil, campaign: String? = nil) async throws -> Subscriber {
        _ = try await post("/v1/events", #"{"address": "\#(address)", "event": "contacted"}"#)
        var members = [#""address": "\#(address)""#, #""purpose": "newsletter""#]
        if let topic { members.append(#""topic": "\#(topic)""#) }
        if let campaign { members.append(#""campaign": "\#(campaign)""#) }
        let yes = try await post("/v1/eligibility", "{" + members.joined(separator: ", ") + "}")
        let url = try #require(yes["links"]?["unsubscribe"]?.string)
        let token = String(try #require(url.split(separator: "/").last))
        return Subscriber(
            address: address, link: try TestLinks.issuer().ring.link(in: token, as: .unsubscribe), token: token)
    }

    /// As a mailbox provider does it: nothing but the pair.
    func press(_ path: String, _ body: String = "List-Unsubscribe=One-Click") async throws -> Reply {
        try await send(
            .post, path, bytes: Array(body.utf8), headers: ["Content-Type": "application/x-www-form-urlencoded"])
    }
}
