/// A way of opting out that the register knows.
enum OptOut: String, CaseIterable, Sendable {
    case unsubscribed
    case unsubscribedFromPurpose = "unsubscribed-from-purpose"
    case unsubscribedFromTopic = "unsubscribed-from-topic"
    case unsubscribedFromGroup = "unsubscribed-from-group"
    case objected
    case complained
    case consentWithdrawn = "consent-withdrawn"
    case domainSuppressed = "domain-suppressed"
    /// The form with a tag opts out, and the plain one must be refused.
    case aliasOptedOut = "alias-opted-out"
    /// The plain form opts out, and the one with a tag must be refused.
    case aliasRefused = "alias-refused"

    /// What the mail would be for: something that the opt-out stops whatever the policy's default scope is.
    var question: Question {
        switch self {
        case .unsubscribed, .complained, .consentWithdrawn, .aliasOptedOut, .aliasRefused: .newsletter
        case .unsubscribedFromTopic: .events
        case .unsubscribedFromPurpose, .unsubscribedFromGroup, .objected, .domainSuppressed: .outreach
        }
    }

    /// What is asked beside the address.
    enum Question: String, CaseIterable, Sendable {
        case newsletter = #""purpose":"newsletter""#
        case events = #""purpose":"newsletter","topic":"events""#
        case outreach = #""purpose":"outreach""#
    }
}

/// Somebody who may be written to, and then opts out.
struct Person: Sendable {
    let optOut: OptOut
    private let name: String

    /// `crowd` keeps the people of several tests apart.
    init(_ number: Int, of crowd: String, _ optOut: OptOut) {
        self.optOut = optOut
        name = "\(crowd)\(number)"
    }

    /// The address that checks ask about.
    var address: String {
        switch optOut {
        case .domainSuppressed: "kari@\(domain)"
        case .aliasRefused: "\(name)+liste@firma.example"
        default: "\(name)@firma.example"
        }
    }

    /// Whether a list brings the person; the others come by a consent of their own.
    var isLead: Bool { optOut != .consentWithdrawn }

    private var domain: String { "\(name).example" }

    /// The body that gives the consent.
    var consent: String {
        #"{"address":"\#(address)","purpose":"newsletter","by":"person","evidence":{"method":"double-opt-in"}}"#
    }

    /// The body that enters the opt-out in the register.
    var entry: String {
        switch optOut {
        case .unsubscribed: body("unsubscribed")
        case .unsubscribedFromPurpose: body("unsubscribed", #""scope":"purpose","purpose":"outreach""#)
        case .unsubscribedFromTopic: body("unsubscribed", #""scope":"topic","purpose":"newsletter","topic":"events""#)
        case .unsubscribedFromGroup: body("unsubscribed", #""scope":"group""#)
        case .objected: body("objected")
        case .complained: body("complained")
        case .consentWithdrawn: body("consent-withdrawn", #""purpose":"newsletter""#)
        case .domainSuppressed: #"{"domain":"\#(domain)","reason":"domain-suppressed"}"#
        case .aliasOptedOut: body("unsubscribed", from: "\(name)+nyheter@firma.example")
        case .aliasRefused: body("unsubscribed", from: "\(name)@firma.example")
        }
    }

    private func body(_ reason: String, _ members: String = "", from address: String? = nil) -> String {
        let more = members.isEmpty ? "" : "," + members
        return #"{"address":"\#(address ?? self.address)","reason":"\#(reason)"\#(more)}"#
    }

    /// The body of a check.
    var check: String { #"{"address":"\#(address)",\#(optOut.question.rawValue)}"# }

    /// The body of a check of many, this person among them.
    func check(before: ArraySlice<String>, after: ArraySlice<String>) -> String {
        let addresses = (before + [address] + after).map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"addresses":[\#(addresses)],\#(optOut.question.rawValue)}"#
    }
}
