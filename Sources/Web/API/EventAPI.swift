import Formats
import Rules
import Store

/// Events about a person, by the names that scenarios use.
enum EventAPI {
    static let routes = [
        Route(.post, "/v1/events", .key([.write, .subject]), body: .single, EventPages.record) {
            call async throws(Problem) in try await record(call)
        }
    ]

    /// The rights of the person and what keeps data, which need scope `subject`.
    static let subjectEvents: [Event.Name] = [
        .erased, .swept, .restricted, .restrictionLifted, .restrictionLiftingTold, .holdPlaced, .holdReleased,
    ]

    /// What is recorded of a correction, which only the correction itself does.
    static let internalEvents: [Event.Name] = [.rectified, .addressCorrected]
    static let reportable = Event.Name.allCases.filter { !internalEvents.contains($0) }

    /// The fields of all events.
    static let eventFields = ["source", "purpose", "by", "confirms", "scope", "topic", "kind", "id", "until", "reason"]

    private static func record(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let name = try eventName(&fields)
        try Authentication.require([subjectEvents.contains(name) ? .subject : .write], of: call.access())
        var words: [String: String] = [:]
        for field in eventFields {
            guard let word = try fields.text(field, bytesMax: Lead.textBytesMax) else { continue }
            guard name.fields.contains(field) else {
                throw Problem(
                    .notAllowed, "“\(field)” does not belong to event “\(name.rawValue)”.", at: "/" + field,
                    known: name.fields)
            }
            words[field] = word
        }
        let at = try fields.time("at")
        var evidence = try fields.evidence()
        try fields.finish()
        if name == .collected, let source = words["source"] {
            evidence = try SubjectAPI.adding(("source", source), to: evidence)
        }
        let event = try Event(name, words: words, under: await call.policy())
        try ConsentAPI.requireEvidence(evidence, for: event)
        if event == .restrictionLiftingTold, evidence == nil {
            throw Problem(.missingField, "That the person was told needs evidence of how and when.", at: "/evidence")
        }
        var report = Report(event, of: .address(address), at: at, evidence: evidence)
        report.source = words["source"]
        return try await call.perform(.record(report)) { receipt in
            .json(201) { writer in
                receipt.write(to: &writer) { $0.member("event", name.rawValue) }
            }
        }
    }

    private static func eventName(_ fields: inout RequestFields) throws(Problem) -> Event.Name {
        let word = try fields.requiredText("event")
        guard let name = Event.Name(rawValue: word), reportable.contains(name) else {
            let known = reportable.map(\.rawValue)
            throw Problem(
                .unknownEvent, "unknown event “\(excerpt(word))”; known are \(known.joined(separator: ", "))",
                at: "/event",
                known: known)
        }
        return name
    }
}
