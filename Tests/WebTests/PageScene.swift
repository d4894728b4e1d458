import Foundation
import Rules
import Testing

@testable import Web

/// Pages in every language, as the server has them, and what they show.
enum PageScene {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("deploy/texts")

    /// The shipped files, by name.
    static func files() throws -> [(name: String, text: String)] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted().map {
            ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
        }
    }

    static func languages() throws -> Languages { try Languages(files: files()) }

    static func pages() throws -> Pages { try Pages(languages(), PageCalendar { _, _ in 3_600 }) }

    static func recipientPages() throws -> WebServer.RecipientPages {
        try WebServer.RecipientPages(languages()) { _, _ in 3_600 }
    }

    static func policy(_ name: String = "stratsys") throws -> Policy {
        let path = folder.deletingLastPathComponent().appendingPathComponent("policies/\(name).yaml")
        return try Policy(parsing: String(contentsOf: path, encoding: .utf8), file: name)
    }

    /// A policy whose every name would be markup if it could.
    static func hostilePolicy() throws -> Policy {
        try Policy(
            parsing: """
                policy: hostile
                version: 1
                effective: 2020-01-01T00:00:00Z
                controllers:
                  - id: one
                    name: "\(hostile)"
                    number: "\(hostile)"
                    authority: "\(hostile)"
                    contact: {email: "\\"<b>'&\\"@one.example", address: "\(hostile)", url: "https://one.example/?a=1&b=2"}
                  - {id: two, name: "Two {topic} {{frame.language}} {{{style}}}"}
                default-scope: group
                purposes:
                  newsletter:
                    kind: marketing
                    topics: [events]
                    grounds: [{id: subscriber, basis: consent}]
                  analytics:
                    kind: tracking
                    grounds: [{id: consent, basis: consent, while: newsletter}]
                """, file: "hostile.yaml")
    }

    /// Ends text, attributes and elements where it is not escaped, the last by way of a quotation mark with an accent.
    static let hostile = #"</title><script>alert(1)</script>'\"\u0301 onfocus=alert(2) x=<\u0338img &amp;"#

    static func slug(_ text: String) throws -> Slug { try #require(Slug(text)) }
    static let now = Instant(microseconds: 1_795_276_800_000_000)

    /// Every page there is, by name, for a policy whose first purpose is the newsletter.
    static func every(_ frame: PageFrame, _ policy: Policy, _ pages: Pages) throws -> [(name: String, answer: Answer)] {
        let newsletter = try slug("newsletter")
        let topic = Entry.Reach.topic(try slug("events"), of: newsletter)
        let sent = policy.purposes.filter { $0.kind == .marketing || $0.kind == .tracking }.map(\.id)
        let version = try #require(frame.texts.current(.confirm))
        let wording = try #require(
            frame.texts.wording(version, controller: frame.name, purposes: [newsletter]))
        let more = StoppedView.Choices(
            undo: newsletter, narrowsTo: try slug("events"), wider: [.controller, .group])
        func stopped(_ reach: Entry.Reach, _ choices: StoppedView.Choices?, again: Bool = false, thanked: Bool = false)
            -> Answer
        {
            pages.stopped(
                StoppedView(
                    reach: reach, purposes: sent, since: now, isRepeated: again, choices: choices, isThanked: thanked),
                in: frame)
        }
        func preferences(_ facts: Facts, _ outcome: PreferenceOutcome? = nil) -> Answer {
            pages.preferences(
                Choices(of: facts, address: .named, under: policy, at: now), outcome: outcome, in: frame)
        }
        return try [
            (
                "ask",
                pages.ask(Stopping(reach: .controller, purposes: sent), newerConsent: nil, standing: nil, in: frame)
            ),
            ("ask-topic", pages.ask(Stopping(reach: topic, purposes: []), newerConsent: now, standing: nil, in: frame)),
            (
                "ask-purpose",
                pages.ask(
                    Stopping(reach: .purpose(newsletter), purposes: []), newerConsent: nil, standing: now, in: frame)
            ),
            (
                "ask-group",
                pages.ask(Stopping(reach: .group, purposes: sent), newerConsent: nil, standing: nil, in: frame)
            ),
            ("stopped", stopped(.controller, more)), ("stopped-group", stopped(.group, more, again: true)),
            ("stopped-topic", stopped(topic, more, thanked: true)),
            ("stopped-bare", stopped(.purpose(newsletter), nil)),
            ("undone", pages.undone(sent, at: now, in: frame)), ("too-late", pages.tooLate(in: frame)),
            ("invalid", pages.invalid(in: frame)), ("expired", pages.expired(in: frame)),
            ("noted", pages.noted(in: frame)), ("failed", pages.failed(in: frame)),
            ("broken", pages.broken(in: frame)), ("unreadable", pages.unreadable(in: frame)),
            ("link-sent", pages.linkSent(in: frame)),
            ("preferences", preferences(Facts(own: [Fact(at: now, .collected)]), .saved(at: now))),
            ("preferences-stopped", preferences(try stoppedFacts(), .unchanged)),
            ("confirm", pages.confirmation(wording, namesObjection: false, forgotten: now, in: frame)),
            ("confirm-objected", pages.confirmation(wording, namesObjection: true, forgotten: now, in: frame)),
            ("confirmed", pages.confirmed([newsletter], at: now, in: frame)), ("lapsed", pages.lapsed(in: frame)),
            ("barred", pages.barred(by: .complained, in: frame)),
        ] + FileScene.every(frame, policy, pages)
    }

    /// Of everything something is stopped, and the address came back.
    static func stoppedFacts() throws -> Facts {
        let newsletter = try slug("newsletter")
        let earlier = now.advanced(byMicroseconds: -86_400_000_000)
        return Facts(own: [
            Fact(at: earlier, .collected), Fact(at: earlier, .hardBounced),
            Fact(at: earlier, .entry(Entry(.complained, .purpose(newsletter)))),
            Fact(at: earlier, .entry(Entry(.unsubscribed, .topic(try slug("events"), of: newsletter)))),
            Fact(at: earlier, .entry(Entry(.objected, .purpose(try slug("analytics"))))),
        ])
    }
}
