import Rules
import Store

/// The words of the page that shows a person everything held about them.
enum SubjectText: String, CaseIterable {
    case title, made, stored, nothing, address, name, position, phone, organisation, source
    case keptTitle, keptUntil, keptOpen, keptNot, keptHold, keptRestriction, keptPendingConsent, erasurePending
    case useTitle, used, usedUntil, notUsed, decidedTitle, decided
    case recipientsTitle, recipientsNone, outsideEEA, safeguard
    case rightsTitle, authority
    case actsTitle, actsNone, afterTitle, portableTitle, portable, notPortable
    case linkTitle, linkAsk, linkRectify, linkButton, linkDone, linkAnswered, linkNotUnderstood, linkNotFound
    case linkUnavailable, letterSubject, letterText, letterIgnore
}

/// One language of the page, complete; a test counts.
struct SubjectTexts: Sendable {
    /// BCP 47.
    let language: String
    let texts: [SubjectText: String]
    let events: [Event.Name: String]
    let rights: [PersonRight: String]
    let kept: [KeptAfterErasure.What: String]
    let bases: [Basis: String]

    /// Every language there is; the last is the one where no other fits.
    static let all = [norwegian, swedish, german, english]

    func callAsFunction(_ text: SubjectText, _ words: [String] = []) -> String {
        words.enumerated().reduce(texts[text] ?? "") { $0.replacing("{\($1.offset)}", with: $1.element) }
    }

    /// The language asked for, else the first of the company's that there is, else English.
    static func chosen(_ asked: String?, of company: [String]) -> SubjectTexts {
        for tag in ([asked].compactMap { $0 } + company) {
            let primary = tag.lowercased().split(separator: "-").first.map(String.init) ?? ""
            let near = ["no": "nb", "nn": "nb", "da": "nb"][primary] ?? primary
            if let found = all.first(where: { $0.language == near }) { return found }
        }
        return english
    }
}
