import Formats
import Rules
public import Store

/// What Article 15 has a person see, and Article 20 has them carry elsewhere, as one JSON document; its schema is published
/// at ``SubjectSchema/path``.
public enum SubjectDocument {
    /// The document of the file.
    public static func json(of file: SubjectFile) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: 8 * 1_024)
        writer.beginObject()
        writer.member("$schema", SubjectSchema.path)
        writer.member("at", file.at)
        writer.member("address", file.address)
        writer.member("address-key", file.key.description)
        writer.member("policy", file.policy.label)
        writeController(file, to: &writer)
        writeData(file, to: &writer)
        writeKept(file, to: &writer)
        writePurposes(file, to: &writer)
        writer.list("recipients", file.policy.recipients) { recipient, writer in
            writer.member("recipient", recipient.id.text)
            writer.member("name", recipient.name)
            writer.member("country", recipient.country)
            writer.member("outside-eea", recipient.isOutsideEEA)
            writer.member("safeguard", recipient.safeguard)
        }
        writeDecisions(file, to: &writer)
        writer.list("rights", PersonRight.allCases) { right, writer in
            writer.member("right", right.rawValue)
            writer.member("article", right.article)
            writer.member("how", right.how)
        }
        writeActs(file, to: &writer)
        writeRequests(file, to: &writer)
        writePortability(file, to: &writer)
        writer.key("kept-after-erasure")
        writer.beginArray()
        for kept in file.keptAfterErasure { kept.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func writeController(_ file: SubjectFile, to writer: inout JSONWriter) {
        writer.key("controller")
        writer.beginObject()
        let stated = file.policy.controller(file.controller.slug)
        writer.member("id", file.controller.slug.text)
        writer.member("name", file.controller.name)
        writer.member("number", stated?.number)
        writer.member("country", stated?.country)
        writer.member("authority", stated?.authority)
        writer.list("group", file.policy.controllers.filter { $0.id != file.controller.slug }) { other, writer in
            writer.member("id", other.id.text)
            writer.member("name", other.name)
            writer.member("country", other.country)
        }
        writer.endObject()
    }

    private static func writeData(_ file: SubjectFile, to writer: inout JSONWriter) {
        write(file.contact, "contact", to: &writer)
        write(file.held, "held", to: &writer)
        writer.list("earlier", file.earlier) { earlier, writer in
            writer.member("name", earlier.name)
            writer.member("position", earlier.position)
            writer.member("phone", earlier.phone)
            writer.member("source", earlier.source)
            writer.organisation(earlier.organisation)
            writer.member("replaced-at", earlier.replacedAt)
        }
        writer.key("categories")
        writer.beginArray()
        for category in file.categories { writer.value(category.rawValue) }
        writer.endArray()
        writer.member("source", file.source)
    }

    private static func write(_ contact: StoredContact?, _ name: StaticString, to writer: inout JSONWriter) {
        writer.key(name)
        if let contact {
            writer.beginObject()
            writer.member("address", contact.address)
            writer.member("name", contact.name)
            writer.member("position", contact.position)
            writer.member("phone", contact.phone)
            writer.organisation(contact.organisation)
            writer.member("stored-since", contact.createdAt)
            writer.member("updated-at", contact.updatedAt)
            writer.endObject()
        } else {
            writer.null()
        }
    }

    private static func writeKept(_ file: SubjectFile, to writer: inout JSONWriter) {
        let reasons = file.keepReasons
        writer.key("kept")
        writer.beginObject()
        writer.member("kept", !reasons.isEmpty)
        writer.member("until", file.keptUntil)
        writer.list("because", reasons) { kept, writer in
            let (what, purpose, ground): (String, Slug?, Ground?) =
                switch kept.reason {
                case .hold(let id): ("hold:" + id.text, nil, nil)
                case .restriction: ("restriction", nil, nil)
                case .pendingConsent(let purpose): ("consent-asked", purpose, nil)
                case .ground(let id, let purpose):
                    ("ground", purpose, file.policy.purpose(purpose)?.grounds.first { $0.id == id })
                }
            writer.member("what", what)
            writer.member("purpose", purpose?.text)
            writer.member("ground", ground?.id.text)
            writer.member("basis", ground?.basis.rawValue)
            writer.member("article", ground?.basis.article)
            writer.member("terms", ground?.terms)
            writer.member("until", kept.until)
        }
        writer.member("erasure-pending", file.isErasurePending)
        writer.endObject()
    }

    private static func writePurposes(_ file: SubjectFile, to writer: inout JSONWriter) {
        writer.list("purposes", file.policy.purposes) { purpose, writer in
            let explanation = file.explanation(of: purpose.id)
            let verdict = explanation?.verdict
            writer.member("purpose", purpose.id.text)
            writer.member("kind", purpose.kind.rawValue)
            writer.member("used", verdict?.isEligible ?? false)
            writer.member("reason", verdict?.reason.code)
            writer.member("ground", verdict?.ground?.id.text)
            writer.member("basis", verdict?.basis?.rawValue)
            writer.member("article", verdict?.basis?.article)
            writer.member("until", verdict?.until)
            writer.key("topics")
            writer.beginArray()
            for topic in purpose.topics { writer.value(topic.text) }
            writer.endArray()
            writer.list("grounds", purpose.grounds) { ground, writer in
                writer.member("ground", ground.id.text)
                writer.member("basis", ground.basis.rawValue)
                writer.member("article", ground.basis.article)
                writer.member("terms", ground.terms)
            }
        }
    }

    private static func writeDecisions(_ file: SubjectFile, to writer: inout JSONWriter) {
        writer.list("tracking", file.policy.trackingPurposes) { purpose, writer in
            let verdict = file.explanation(of: purpose.id)?.verdict
            writer.member("purpose", purpose.id.text)
            writer.member("allowed", verdict?.isEligible ?? false)
            writer.member("reason", verdict?.reason.code)
            writer.member("objection", "21(2)")
        }
        writer.key("automated-decisions")
        writer.beginObject()
        writer.member("article-22", false)
        writer.member("logic", DecisionWords.logic)
        writer.endObject()
    }

    private static func writeRequests(_ file: SubjectFile, to writer: inout JSONWriter) {
        writer.list("requests", file.requests) { request, writer in
            writer.member("request", request.id)
            writer.member("kind", request.kind.rawValue)
            writer.member("state", request.state.rawValue)
            writer.member("received-at", request.receivedAt)
            writer.member("due-at", request.dueAt)
            writer.member("closed-at", request.closedAt)
        }
    }
}

extension SubjectDocument {
    private static func writeActs(_ file: SubjectFile, to writer: inout JSONWriter) {
        writer.list("acts", file.acts) { recorded, writer in
            let act = recorded.act
            writer.member("act", recorded.id)
            writer.member("of", recorded.of.word)
            writer.member("domain", recorded.of.domain)
            writer.member("event", act.name.rawValue)
            writer.member("at", recorded.at)
            writer.member("recorded-at", recorded.recordedAt)
            writer.member("purpose", act.purpose?.text)
            writer.member("topic", act.topic?.text)
            writer.member("scope", act.scope?.rawValue)
            writer.member("by", act.source?.word)
            writer.member("hold", act.hold?.text)
            writer.member("until", act.until)
            // By which way it came, and not by which employee: their name is data of their own.
            writer.member("actor", String(recorded.actor.prefix { $0 != ":" }))
            // Where another address of the alias form was opted out from is not this person's to be told.
            let evidence = recorded.of == .alias ? nil : recorded.evidence
            writer.key("evidence")
            if let evidence { writer.raw(Array(evidence.utf8)) } else { writer.null() }
        }
    }

    /// What the person gave and a computer handles on a consent or a contract: the part that Article 20 covers.
    private static func writePortability(_ file: SubjectFile, to writer: inout JSONWriter) {
        let grounds = file.portableGrounds
        writer.key("portability")
        writer.beginObject()
        writer.member("article", "20")
        writer.member("covered", !grounds.isEmpty)
        writer.list("rests-on", grounds) { one, writer in
            writer.member("purpose", one.purpose.id.text)
            writer.member("ground", one.ground.id.text)
            writer.member("basis", one.ground.basis.rawValue)
            writer.member("article", one.ground.basis.article)
        }
        writer.key("data")
        writer.beginArray()
        if !grounds.isEmpty {
            for place in ["/contact", "/acts"] { writer.value(place) }
        }
        writer.endArray()
        writer.member("not-covered", DecisionWords.notPortable)
        writer.endObject()
    }
}

extension JSONWriter {
    /// The organisation of a contact, or null.
    fileprivate mutating func organisation(_ organisation: OrganisationName?) {
        key("organisation")
        guard let organisation else {
            null()
            return
        }
        beginObject()
        member("number", organisation.number)
        member("name", organisation.name)
        endObject()
    }

    /// An array of objects.
    mutating func list<Element>(
        _ name: StaticString, _ elements: some Sequence<Element>, _ write: (Element, inout JSONWriter) -> Void
    ) {
        key(name)
        beginArray()
        for element in elements {
            beginObject()
            write(element, &self)
            endObject()
        }
        endArray()
    }
}
