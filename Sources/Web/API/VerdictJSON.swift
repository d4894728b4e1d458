public import Formats
import Rules
public import Store

extension CheckAnswer {
    /// Writes the members of a verdict as the API answers it, into an object that the caller has begun.
    public func write(to writer: inout JSONWriter) {
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
        writer.key("tracking")
        writer.beginObject()
        for (purpose, isEligible) in tracking { writer.member(purpose.text, isEligible) }
        writer.endObject()
    }

    /// The answer to a single check.
    var answer: Answer { .json(200) { writer in write(to: &writer) } }
}
