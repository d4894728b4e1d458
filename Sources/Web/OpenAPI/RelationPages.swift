/// What the OpenAPI description says of consents.
enum ConsentPages {
    static let add = Documentation(
        id: "addConsent", tag: "relations", summary: "Record a consent with its evidence",
        text:
            "A consent by the person needs evidence with a method. Only double-opt-in and preference-page, recorded as it "
            + "happens, show the person's own act and lift an entry that stands against the purpose (`confirms`: objection, where "
            + "the page named the objection); without that a consent against a standing entry is refused with 409. A withdrawal "
            + "goes to /v1/register.",
        request: .init(
            "Consent",
            [
                (
                    "person",
                    #"""
                    {"address": "kari.nordmann@firma.example", "purpose": "newsletter", "evidence": {"method": \#
                    "double-opt-in", "wording": "newsletter-2026-01", "ip": "192.0.2.17"}}
                    """#
                ),
                ("claimed", #"{"address": "ola.nordmann@firma.example", "purpose": "newsletter", "by": "import"}"#),
            ]),
        success: .init(
            status: 201, text: "It is recorded.",
            content: .init(
                "ConsentReceipt",
                [
                    (
                        "person",
                        #"""
                        {"recorded": true, "act": 124, "purpose": "newsletter", "by": "person", "confirms": \#
                        null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z"}
                        """#
                    )
                ]), isReplayable: true),
        problems: [
            .invalidAddress, .invalidEvidence, .unknownPurpose, .notAllowed, .inTheFuture, .standingEntry,
            .idempotencyKeyReused,
        ])
}

/// What the OpenAPI description says of contacts.
enum ContactPages {
    static let collect = Documentation(
        id: "collectContact", tag: "relations", summary: "Hand over a contact",
        text:
            "Stored only where something keeps it: not where an entry stands against all that it could be used for, and not "
            + "where no ground of the policy would hold. Nothing here lifts an entry. What is left out stays as it was.",
        request: .init(
            "Contact",
            [
                (
                    "lead",
                    #"""
                    {"address": "kari.nordmann@firma.example", "name": "Kari Nordmann", "position": "CFO", \#
                    "source": "company-register", "organisation": {"number": "556586-9848", "name": "Firma AS"}}
                    """#
                )
            ]),
        success: .init(
            status: 200, text: "What became of it.",
            content: .init(
                "ContactAnswer",
                [
                    ("created", #"{"verdict": "created", "stored": true, "reason": null}"#),
                    ("suppressed", #"{"verdict": "suppressed", "stored": false, "reason": "unsubscribed"}"#),
                ]), isReplayable: true),
        problems: [.invalidAddress, .idempotencyKeyReused])
}

/// What the OpenAPI description says of organisations.
enum OrganisationPages {
    static let report = Documentation(
        id: "reportOrganisation", tag: "relations", summary: "Say what an organisation is to us",
        text:
            "Named by its number, or without one by its name; one of the two is required. Its times move the windows of "
            + "all its people in the same transaction.",
        request: .init(
            "Organisation",
            [
                (
                    "customer",
                    #"{"number": "556586-9848", "name": "Firma AS", "customer-started": "2026-01-01T00:00:00Z"}"#
                )
            ]),
        success: .init(
            status: 200, text: "It is recorded.",
            content: .init(
                "OrganisationReceipt",
                [("customer", #"{"recorded": true, "organisation": 7, "acts": [125], "members": 3}"#)]),
            isReplayable: true),
        problems: [.invalidEvidence, .idempotencyKeyReused])
}

/// What the OpenAPI description says of events.
enum EventPages {
    static let record = Documentation(
        id: "recordEvent", tag: "relations", summary: "Record that something happened",
        text:
            "The events and fields of the scenarios: collected (source), consent-asked, consent-given, consent-withdrawn "
            + "(purpose, by, confirms), unsubscribed (scope, purpose, topic), topic-resumed (purpose, topic), objected (purpose), "
            + "bounced (kind: hard or soft), hold-placed (id, until), hold-released (id), suppressed (reason, scope); the others have "
            + "none. collected with source “person” and notified (a message with the notice of Art. 14 went out) mean that no "
            + "notice is due. erased, swept, restricted, restriction-lifting-told (needs evidence), restriction-lifted, hold-placed "
            + "and hold-released need scope subject. swept is refused with 409 while a restriction or a hold stands. The source of a "
            + "collection is kept as evidence, and by a contact that has none.",
        request: .init(
            "Event",
            [
                ("demo", #"{"address": "kari.nordmann@firma.example", "event": "demo-booked"}"#),
                (
                    "bounce",
                    #"""
                    {"address": "kari.nordmann@firma.example", "event": "bounced", "kind": "soft", "evidence": \#
                    {"status": "4.2.2"}}
                    """#
                ),
            ]),
        success: .init(
            status: 201, text: "It is recorded, and counts.",
            content: .init(
                "EventReceipt",
                [
                    (
                        "demo",
                        #"""
                        {"recorded": true, "act": 126, "event": "demo-booked", "scope": null, "purpose": null, \#
                        "topic": null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z", \#
                        "stops": [], "lifted": false}
                        """#
                    )
                ]), isReplayable: true),
        problems: [
            .invalidAddress, .invalidEvidence, .unknownPurpose, .unknownTopic, .unknownEvent, .notAllowed, .inTheFuture,
            .standingEntry, .personNotTold, .mustBeKept, .idempotencyKeyReused,
        ])
}
