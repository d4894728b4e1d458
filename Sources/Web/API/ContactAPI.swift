import Formats
import Rules
import Store

/// Contacts: a person as a tool hands them over.
enum ContactAPI {
    static let routes = [
        Route(.post, "/v1/contacts", .key([.write]), body: .single, ContactPages.collect) {
            call async throws(Problem) in try await collect(call)
        }
    ]

    private static func collect(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        var lead = Lead(address: try fields.address())
        lead.name = try fields.text("name", bytesMax: Lead.textBytesMax)
        lead.position = try fields.text("position", bytesMax: Lead.textBytesMax)
        lead.phone = try fields.text("phone", bytesMax: Lead.textBytesMax)
        lead.source = try fields.text("source", bytesMax: Lead.textBytesMax)
        if var organisation = try fields.object("organisation") {
            lead.organisation = try organisation.organisationName(at: "/organisation")
            try organisation.finish()
        }
        lead.collectedAt = try fields.time("collected-at")
        lead.contactedAt = try fields.time("contacted-at")
        try fields.finish()
        return try await call.perform(.collect([lead])) { verdicts in
            .json(200) { writer in
                guard let verdict = verdicts.first else { return }
                writer.member("verdict", verdict.word)
                writer.member("stored", verdict.reason == nil)
                writer.member("reason", verdict.reason)
            }
        }
    }
}

extension RequestFields {
    /// The number or name of an organisation, of which one is required.
    mutating func organisationName(at pointer: String) throws(Problem) -> OrganisationName {
        let number = try text("number", bytesMax: Lead.textBytesMax)
        let name = try text("name", bytesMax: Lead.textBytesMax)
        guard let organisation = OrganisationName(number: number, name: name) else {
            throw Problem(.missingField, "An organisation needs a “number” or a “name”.", at: pointer)
        }
        return organisation
    }
}
