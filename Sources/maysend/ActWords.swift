import Rules
import Store

/// Acts as sentences, for a person to read.
enum ActWords {
    static func sentence(_ told: Story.Told) -> String {
        var text = what(told.act)
        switch told.of {
        case .person: break
        case .digest: text += " (by a digest of the address)"
        case .alias: text += " (on another address of the same alias form)"
        case .domain(let domain): text += " (the whole domain \(domain))"
        case .organisation: text += " (of their organisation, for all its people)"
        }
        if told.isOfGroup { text += ", at \(told.controller), for the whole group" }
        return text
    }

    /// A request of the person as a sentence.
    static func sentence(_ request: SubjectRequest) -> String {
        let end = request.closedAt.map { "closed \($0)" } ?? "due \(request.dueAt)"
        return
            "\(request.receivedAt)  request \(request.id), \(request.kind.rawValue): \(request.state.rawValue), \(end)"
    }

    /// Who did it, as the ledger names them.
    static func actor(_ name: String) -> String {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        return switch (parts.first, parts.last) {
        case ("key"?, .some(let prefix)): "the API key \(prefix)"
        case ("cli"?, .some(let user)): "\(user) at the command line"
        default: "the service itself (\(name))"
        }
    }

    private static func what(_ act: Act) -> String {
        let purpose = act.purpose.map { " for '\($0)'" } ?? ""
        switch act.name {
        case .collected: return "their data were collected"
        case .notified: return "they were told where their data came from (Article 14)"
        case .contacted: return "they were in contact with us"
        case .organisationContacted: return "their organisation was in contact with us"
        case .demoBooked: return "they booked a demo"
        case .customerStarted: return "their organisation became a customer"
        case .customerEnded: return "their organisation ceased to be a customer"
        case .leftOrganisation: return "they left the organisation: every ground ended"
        case .joinedOrganisation: return "they joined the organisation again"
        case .eventAttended: return "they attended an event"
        case .questionAsked: return "they asked a question"
        case .questionAnswered: return "their question was answered"
        case .consentAsked: return "their consent\(purpose) was asked for"
        case .consentGiven:
            return switch act.source {
            case .person(let confirms):
                "they gave their consent\(purpose)" + (confirms ? ", and said so of their objection" : "")
            case .import: "a list claimed their consent\(purpose)"
            default: "an employee claimed their consent\(purpose)"
            }
        case .consentWithdrawn: return "they withdrew their consent\(purpose)"
        case .unsubscribed: return "they unsubscribed\(purpose)\(topic(act)): \(reach(act))"
        case .topicResumed: return "they resumed\(topic(act))\(purpose)"
        case .objected: return "they objected\(purpose): \(reach(act))"
        case .complained: return "they complained of a message: \(reach(act))"
        case .bounced: return "a message came back, \(act.bounce == .hard ? "for good" : "for a while")"
        case .addressConfirmed: return "their address was confirmed"
        case .restricted: return "their data were restricted (Article 18)"
        case .restrictionLiftingTold: return "they were told that the restriction will be lifted (Article 18(3))"
        case .restrictionLifted: return "the restriction was lifted"
        case .rectified: return "what is stored of them was corrected (Article 16)"
        case .addressCorrected: return "their address was corrected to another, where what was known goes on"
        case .holdPlaced:
            return "a hold '\(act.hold?.text ?? "?")' was placed" + (act.until.map { ", until \($0)" } ?? "")
        case .holdReleased: return "the hold '\(act.hold?.text ?? "?")' was released"
        case .erased: return "they were erased at their request (Article 17): \(reach(act))"
        case .swept: return "they were forgotten: nothing kept their data any more"
        case .suppressed:
            return act.suppression == .imported
                ? "a list of opt-outs named them: \(reach(act))" : "their domain was suppressed: \(reach(act))"
        }
    }

    private static func topic(_ act: Act) -> String { act.topic.map { " topic '\($0)'" } ?? "" }

    private static func reach(_ act: Act) -> String {
        switch act.scope {
        case .topic: "that topic stops"
        case .purpose: "that purpose stops"
        case .controller: "all marketing of the company stops"
        case .group: "all marketing of the group stops"
        case nil: "nothing stops"
        }
    }
}
