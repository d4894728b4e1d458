import Formats
import Rules
import Store

/// The unsubscribe register: an opt-out goes in, is looked up, is exported.
enum RegisterAPI {
    static let routes = [
        Route(.post, "/v1/register", .key([.write]), body: .single, RegisterPages.add) {
            call async throws(Problem) in try await add(call)
        },
        Route(.get, "/v1/register", .key([.subject]), query: ["after", "limit"], RegisterPages.export) {
            call async throws(Problem) in try await export(call)
        },
        Route(.post, "/v1/register/lookup", .key([.check]), body: .single, RegisterPages.lookup) {
            call async throws(Problem) in try await lookUp(call)
        },
    ]

    /// Why somebody is entered by this operation.
    ///
    /// Erasure is no such reason: it is an event, and needs another scope.
    enum Reason: String, CaseIterable {
        case unsubscribed
        case consentWithdrawn = "consent-withdrawn"
        case objected, complained
        case domainSuppressed = "domain-suppressed"
        case imported

        var event: Event.Name {
            switch self {
            case .unsubscribed: .unsubscribed
            case .consentWithdrawn: .consentWithdrawn
            case .objected: .objected
            case .complained: .complained
            case .domainSuppressed, .imported: .suppressed
            }
        }

        /// The fields that say what the entry stops.
        var fields: [String] {
            switch self {
            case .unsubscribed: ["scope", "purpose", "topic"]
            case .consentWithdrawn, .objected: ["purpose"]
            case .complained: []
            case .domainSuppressed, .imported: ["scope"]
            }
        }
    }

    private static func add(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let reason: Reason = try fields.word("reason")
        let subject = try subject(&fields, reason)
        var words: [String: String] = [:]
        for name in ["scope", "purpose", "topic"] {
            guard let word = try fields.text(name) else { continue }
            guard reason.fields.contains(name) else {
                throw Problem(
                    .notAllowed, "“\(name)” does not belong to reason “\(reason.rawValue)”.", at: "/" + name,
                    known: reason.fields)
            }
            words[name] = word
        }
        if reason.event == .suppressed { words["reason"] = reason.rawValue }
        let at = try fields.time("at")
        let evidence = try fields.evidence()
        try fields.finish()
        let event = try Event(reason.event, words: words, under: await call.policy())
        let report = Report(event, of: subject, at: at, evidence: evidence)
        return try await call.perform(.record(report)) { receipt in
            .json(201) { writer in
                receipt.write(to: &writer) { $0.member("reason", reason.rawValue) }
            }
        }
    }

    private static func subject(
        _ fields: inout RequestFields, _ reason: Reason
    ) throws(Problem) -> Report.Subject {
        switch (try fields.optionalAddress(), try fields.optionalDomain()) {
        case (.some(let address), nil): return .address(address)
        case (nil, .some(let domain)) where reason == .domainSuppressed: return .domain(domain)
        case (nil, .some):
            throw Problem(
                .notAllowed, "“domain” belongs to reason “domain-suppressed” alone; give an “address”.", at: "/domain")
        case (.some, .some): throw Problem(.notAllowed, "Give an “address” or a “domain”, not both.", at: "/domain")
        case (nil, nil):
            let allowed = reason == .domainSuppressed ? "the field “address” or “domain” is required" : nil
            throw Problem(.missingField, allowed ?? "the field “address” is required", at: "/address")
        }
    }

    private static func lookUp(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        try fields.finish()
        let access = try call.access()
        let entries: [RegisterEntry]
        do throws(StoreError) {
            entries = try await call.store.entries(on: address, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.key("entries")
            writer.beginArray()
            for entry in entries {
                // Who entered it and what shows it is for those who answer to the person.
                let isOpen = access.scopes.contains(.subject) && entry.controller == access.controller.slug
                writer.beginObject()
                entry.write(to: &writer, withEvidence: isOpen)
                writer.member("via", entry.via.rawValue)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func export(_ call: Call) async throws(Problem) -> Answer {
        let cursor = try cursor(call.query["after"])
        let limit = try limit(call.query["limit"])
        let access = try call.access()
        let page: RegisterPage
        do throws(StoreError) {
            page = try await call.store.registerPage(after: cursor, limit: limit, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.key("entries")
            writer.beginArray()
            for entry in page.entries {
                writer.beginObject()
                entry.write(to: &writer, withEvidence: true)
                writer.endObject()
            }
            writer.endArray()
            writer.member("next", (page.next ?? cursor).description)
            writer.member("more", page.entries.count == limit)
        }
    }

    private static func cursor(_ text: String?) throws(Problem) -> RegisterCursor {
        guard let text else { return .start }
        guard let cursor = RegisterCursor(parsing: text) else {
            throw Problem(.invalidParameter, "“after” is a “next” of an earlier page.", parameter: "after")
        }
        return cursor
    }

    private static func limit(_ text: String?) throws(Problem) -> Int {
        guard let text else { return registerPageEntriesStandard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let limit = Int(text),
            (1...registerPageEntriesMax).contains(limit)
        else {
            throw Problem(
                .invalidParameter, "“limit” is a whole number from 1 to \(registerPageEntriesMax).", parameter: "limit")
        }
        return limit
    }
}

extension RegisterEntry {
    fileprivate func write(to writer: inout JSONWriter, withEvidence: Bool) {
        writer.member("act", id)
        writer.member("controller", controller.text)
        writer.member("address-key", key.description)
        writer.member("domain", domain)
        writer.member("reason", entry.reason.rawValue)
        writer.member("scope", entry.reach.scope.rawValue)
        let (purpose, topic): (Slug?, Slug?) =
            switch entry.reach {
            case .topic(let topic, let purpose): (purpose, topic)
            case .purpose(let purpose): (purpose, nil)
            case .controller, .group: (nil, nil)
            }
        writer.member("purpose", purpose?.text)
        writer.member("topic", topic?.text)
        writer.member("at", at)
        writer.member("recorded-at", recordedAt)
        writer.write("stops", stops)
        guard withEvidence else { return }
        writer.member("actor", actor)
        writer.key("evidence")
        if let evidence { writer.raw(Array(evidence.utf8)) } else { writer.null() }
    }
}
