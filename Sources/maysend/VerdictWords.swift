import Rules
import Store

/// A verdict for a person to read: the answer, what it rests on, and the path of rules that led to it.
struct VerdictWords {
    let check: Check
    let answer: CheckAnswer
    let explanation: Explanation
    /// What the register has on the address, its alias form and its domain.
    let entries: [RegisterEntry]

    var lines: [String] {
        var lines = [headline, ""]
        for (name, value) in summary { lines.append(Self.pad(name, 11) + value) }
        lines += ["", "The path, first rule that applies:"]
        for rule in 1...answer.verdict.reason.rule { lines += path(rule) }
        return lines
    }

    private var headline: String {
        let verdict = answer.verdict
        var text = verdict.isEligible ? "eligible" : "not eligible: \(verdict.reason.code)"
        text += " for \(check.terms.purpose)" + (check.terms.topic.map { ", topic \($0)" } ?? "")
        return text + (check.terms.at == nil ? " now" : " at \(answer.at)")
    }

    private var summary: [(String, String)] {
        let verdict = answer.verdict
        var parts: [(String, String)] = []
        if let ground = verdict.ground {
            parts.append(("ground", "\(ground.id), \(ground.basis.rawValue), Article \(ground.basis.article)"))
            parts.append(("until", verdict.until.map { "\($0), if nothing else happens" } ?? "no clock"))
        }
        if let entry = verdict.entry {
            parts.append(("entry", "\(Self.words(entry.entry.reach)), since \(entry.at)"))
        }
        if verdict.reason == .retentionExpired, let until = verdict.until { parts.append(("lapsed", "\(until)")) }
        parts.append(("policy", answer.policy))
        parts.append(("asked at", "\(answer.at)"))
        let tracking = answer.tracking.map { "\($0.purpose) \($0.isEligible ? "allowed" : "not allowed")" }
        if !tracking.isEmpty { parts.append(("tracking", tracking.joined(separator: ", "))) }
        parts.append(("kept", kept))
        if let due = answer.noticeDue { parts.append(("notice", "due by \(due) (Art. 14)")) }
        return parts
    }

    private var kept: String {
        switch answer.keeping {
        case .notKept: "no: nothing keeps the contact"
        case .kept(.some(let until)): "until \(until)"
        case .kept(until: nil): "yes, no clock"
        }
    }

    private func path(_ rule: Int) -> [String] {
        let isLast = rule == answer.verdict.reason.rule
        let name = Self.pad("  \(rule)  \(Self.names[rule - 1])", 42)
        switch rule {
        case 1:
            return [name + (isLast ? "yes: \(answer.verdict.reason.code)" : "no")] + entries.map(line)
        case 5:
            let width = explanation.grounds.map(\.ground.id.text.count).max() ?? 0
            let grounds = explanation.grounds.map { ground, standing in
                "       \(Self.pad(ground.id.text, width))  \(Self.words(standing)) (\(ground.terms))"
            }
            return [name + (isLast ? "yes: \(answer.verdict.ground?.id.text ?? "")" : "no")] + grounds
        default: return [name + (isLast ? "yes: \(answer.verdict.reason.code)" : "no")]
        }
    }

    private func line(_ entry: RegisterEntry) -> String {
        let place =
            switch entry.via {
            case .address: "on the address"
            case .alias: "on another address of its alias form"
            case .domain: "on its domain"
            case .hash: "on a digest of the address"
            }
        let stops =
            entry.stops.contains(check.terms.purpose)
            ? "stops \(check.terms.purpose)" : "does not stop \(check.terms.purpose) now"
        return
            "       \(place): \(entry.entry.reason.rawValue), \(Self.words(entry.entry.reach)), since \(entry.at), by"
            + " \(entry.actor); \(stops)"
    }

    /// In the order of the rules.
    private static let names = [
        "an entry of the register stands", "the contact is restricted", "the person left the organisation",
        "a hard bounce stands", "a ground holds", "a ground held and has lapsed", "a consent waits to be confirmed",
        "known, and no ground ever held", "nothing is known of the address",
    ]

    private static func words(_ standing: Explanation.Standing) -> String {
        switch standing {
        case .neverHeld: "never held"
        case .lapsed(let at): "lapsed at \(at)"
        case .holds(.some(let until)): "holds until \(until)"
        case .holds(until: nil): "holds, no clock"
        }
    }

    private static func words(_ reach: Entry.Reach) -> String {
        switch reach {
        case .topic(let topic, let purpose): "topic \(topic) of \(purpose)"
        case .purpose(let purpose): "purpose \(purpose)"
        case .controller: "all marketing and tracking of the controller"
        case .group: "all marketing and tracking of the group"
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
