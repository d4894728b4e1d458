import Harness
import Rules
import Testing

/// The policies in deploy/policies, by name.
func shippedPolicy(_ name: String) throws -> Policy {
    try Policy(parsing: Checkout.text("deploy/policies/\(name).yaml"), file: "deploy/policies/\(name).yaml")
}

@Suite("Shipped policies")
struct ShippedPolicyTests {
    /// The four as published: purpose, kind, topics, then each ground with its basis, relation, window and what is given.
    private static let published = [
        "stratsys": """
        stratsys@1 scope controller purpose newsletter controllers stratsys-ab
        newsletter marketing [product-news events]
          subscriber consent
          customer legitimate-interest while customer
          former-customer legitimate-interest 12 months from customer-ended
          demo legitimate-interest 12 months from last-contact given demo-booked
          lead legitimate-interest 12 months from last-contact given warm
          cold-lead legitimate-interest 3 months from collected given cold
        outreach marketing []
          demo legitimate-interest 12 months from last-contact given demo-booked
          lead legitimate-interest 12 months from last-contact given warm
          cold-lead legitimate-interest 3 months from collected given cold
        event-evaluation marketing []
          attendee legitimate-interest 12 months from event-attended
        survey marketing []
          user legitimate-interest while customer
        service-notice service []
          user legitimate-interest while customer
        analytics tracking []
          consent consent while newsletter given subscriber
          legitimate-interest legitimate-interest while newsletter given not-subscriber
        profiling tracking []
          legitimate-interest legitimate-interest while newsletter
        contact-form record []
          open-question legitimate-interest while open-question
          answered legitimate-interest 12 months from question-answered
        event-record record []
          attendee legitimate-interest 12 months from event-attended
        """,
        "hydac": """
        hydac@1 scope group purpose newsletter controllers hydac-verwaltung
        newsletter marketing []
          subscriber consent
        analytics tracking []
          consent consent while newsletter
        service-notice service []
          contract contract while customer
        registration record []
          consent consent
          contract contract while customer
        contact-form record []
          open-question legitimate-interest while open-question
        """,
        "consent-first": """
        consent-first@1 scope controller purpose newsletter controllers operator
        newsletter marketing []
          subscriber consent
        analytics tracking []
          consent consent while newsletter
        service-notice service []
          contract contract while customer
        contact-form record []
          open-question contract while open-question
          answered contract 6 months from question-answered
        """,
        "infobric": """
        infobric@1 scope group purpose newsletter controllers infobric-ab infobric-as infobric-time-as blastmanager-as
        newsletter marketing []
          subscriber consent
          customer legitimate-interest while customer
          former-customer legitimate-interest 12 months from customer-ended
          lead legitimate-interest 12 months from last-contact given warm
          cold-lead legitimate-interest 3 months from collected given cold
        offers marketing []
          subscriber consent
          customer legitimate-interest while customer
          former-customer legitimate-interest 12 months from customer-ended
          lead legitimate-interest 12 months from last-contact given warm
          cold-lead legitimate-interest 3 months from collected given cold
        survey marketing []
          user legitimate-interest while customer
        service-notice service []
          user contract while customer
        analytics tracking []
          legitimate-interest legitimate-interest while newsletter
        profiling tracking []
          legitimate-interest legitimate-interest while newsletter
        event-record record []
          attendee legitimate-interest 12 months from event-attended
        contact-form record []
          open-question legitimate-interest while open-question
          answered legitimate-interest 12 months from question-answered
        """,
    ]

    @Test(
        "a shipped policy says what was published, in that order",
        arguments: ["stratsys", "hydac", "consent-first", "infobric"])
    func saysWhatWasPublished(_ name: String) throws {
        let policy = try shippedPolicy(name)
        #expect(Self.outline(policy) == Self.published[name])
        #expect(policy.doubleOptInKeep == Period(30, .days))
        #expect(policy.aliases == .suppress)
    }

    @Test("the companies are the ones that the documents name")
    func companies() throws {
        let companies = try ["stratsys", "hydac", "infobric"].flatMap { try shippedPolicy($0).controllers }
        #expect(
            companies.map { "\($0.name) \($0.number ?? "-") \($0.country ?? "-")" } == [
                "Stratsys AB 556586-9848 SE", "HYDAC Verwaltung GmbH - DE", "Infobric AB 556646-2940 SE",
                "Infobric AS 996 878 546 NO", "Infobric Time AS 984 406 509 NO", "BlastManager AS 989 474 278 NO",
            ])
        #expect(try shippedPolicy("stratsys").effective == Instant(parsing: "2023-03-21T00:00:00Z"))
        #expect(try shippedPolicy("stratsys").recipients.map(\.safeguard) == ["scc-module-2"])
    }

    private static func outline(_ policy: Policy) -> String {
        let controllers = policy.controllers.map(\.id.text).joined(separator: " ")
        var lines = [
            "\(policy.label) scope \(policy.defaultScope.rawValue) purpose \(policy.defaultPurpose) controllers \(controllers)"
        ]
        for purpose in policy.purposes {
            let topics = purpose.topics.map(\.text).joined(separator: " ")
            lines.append("\(purpose.id) \(purpose.kind.rawValue) [\(topics)]")
            for ground in purpose.grounds { lines.append("  " + outline(ground)) }
        }
        return lines.joined(separator: "\n")
    }

    private static func outline(_ ground: Ground) -> String {
        var words = [ground.id.text, ground.basis.rawValue]
        switch ground.condition {
        case nil: break
        case .customer: words += ["while", "customer"]
        case .openQuestion: words += ["while", "open-question"]
        case .purpose(let id): words += ["while", id.text]
        }
        if let window = ground.window { words += [window.period.description, "from", window.from.rawValue] }
        if !ground.given.isEmpty { words += ["given"] + ground.given.map(\.rawValue) }
        return words.joined(separator: " ")
    }
}
