import Formats
import Rules
import Store

/// Consents: recorded with what shows them.
enum ConsentAPI {
    static let routes = [
        Route(.post, "/v1/consents", .key([.write]), body: .single, ConsentPages.add) {
            call async throws(Problem) in try await add(call)
        }
    ]

    private static func add(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        var words: [String: String] = [:]
        for name in Event.Name.consentGiven.fields { words[name] = try fields.text(name) }
        let at = try fields.time("at")
        let evidence = try fields.evidence()
        try fields.finish()
        let event = try Event(.consentGiven, words: words, under: await call.policy())
        try requireEvidence(evidence, for: event)
        let report = Report(event, of: .address(address), at: at, evidence: evidence)
        return try await call.perform(.record(report)) { receipt in
            .json(201) { writer in
                writer.member("recorded", true)
                writer.member("act", receipt.id)
                writer.member("purpose", receipt.act.purpose?.text)
                writer.member("by", receipt.act.source?.word)
                writer.member("confirms", receipt.act.source == .person(confirmsObjection: true) ? "objection" : nil)
                writer.member("at", receipt.at)
                writer.member("recorded-at", receipt.recordedAt)
            }
        }
    }

    /// Article 7(1): whoever says that a person consented has to show it.
    static func requireEvidence(_ evidence: Evidence?, for event: Event) throws(Problem) {
        guard case .consentGiven(_, by: .person) = event else { return }
        guard let evidence else {
            throw Problem(
                .missingField,
                "A consent by the person needs “evidence” with a “method”; without any it is “by”: “import” "
                    + "or “operator”.", at: "/evidence")
        }
        guard evidence.method != nil else {
            throw Problem(.missingField, "The evidence needs a “method”.", at: "/evidence/method")
        }
    }
}
