import Formats
import Rules
import Store

/// Organisations: since when a customer, until when, last contact.
enum OrganisationAPI {
    static let routes = [
        Route(.post, "/v1/organisations", .key([.write]), body: .single, OrganisationPages.report) {
            call async throws(Problem) in try await report(call)
        }
    ]

    private static func report(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let name = try fields.organisationName(at: "")
        var events: [(event: Event, at: Instant?)] = []
        for (field, event) in [
            ("customer-started", Event.customerStarted), ("customer-ended", .customerEnded),
            ("contacted", .organisationContacted),
        ] {
            if let at = try fields.time(field) { events.append((event, at)) }
        }
        let evidence = try fields.evidence()
        try fields.finish()
        let report = OrganisationReport(name, events: events, evidence: evidence)
        return try await call.perform(.report(report)) { receipt in
            .json(200) { writer in
                writer.member("recorded", true)
                writer.member("organisation", receipt.id)
                writer.key("acts")
                writer.beginArray()
                for act in receipt.acts { writer.value(act) }
                writer.endArray()
                writer.member("members", receipt.members)
            }
        }
    }
}
