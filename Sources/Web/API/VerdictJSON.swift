public import Formats
import Rules
public import Store

extension CheckAnswer {
    /// Writes the members of a verdict as the API answers it, into an object that the caller has begun.
    public func write(to writer: inout JSONWriter) {
        let verdict = verdict
        writer.member("eligible", verdict.isEligible)
        writer.member("reason", verdict.reason.code)
        writer.member("ground", verdict.ground?.id.text)
        writer.key("basis")
        if let basis = verdict.basis {
            writer.beginObject()
            writer.member("article", basis.article)
            writer.member("kind", basis.rawValue)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.member("until", verdict.until)
        writer.key("entry")
        if let dated = verdict.entry {
            writer.beginObject()
            writer.member("scope", dated.entry.reach.scope.rawValue)
            writer.member("since", dated.at)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.member("policy", policy)
        writer.member("at", at)
        writer.member("notice-due", noticeDue)
        writer.key("tracking")
        writer.beginObject()
        for (purpose, isEligible) in tracking {
            writer.key(named: purpose.text)
            writer.value(isEligible)
        }
        writer.endObject()
    }

    /// Writes what a mail must carry, where one may go for marketing: the header fields of RFC 8058, and the links.
    func writeLinks(_ press: LinkPress, _ campaign: Campaign?, to writer: inout JSONWriter) {
        guard let unsubscribe = link(.unsubscribe, campaign: campaign).flatMap({ press.url(of: $0) }),
            let preferences = link(.preferences, campaign: campaign).flatMap({ press.url(of: $0) })
        else { return }
        let headers = press.issuer.headers(unsubscribe: unsubscribe)
        writer.key("headers")
        writer.beginObject()
        writer.member("List-Unsubscribe", headers.listUnsubscribe)
        writer.member("List-Unsubscribe-Post", headers.listUnsubscribePost)
        writer.endObject()
        writer.key("links")
        writer.beginObject()
        writer.member("unsubscribe", unsubscribe)
        writer.member("preferences", preferences)
        writer.endObject()
    }

    /// The answer to a single check.
    func answer(_ press: LinkPress?, _ campaign: Campaign?) -> Answer {
        .json(200) { writer in
            write(to: &writer)
            if let press { writeLinks(press, campaign, to: &writer) }
        }
    }
}
