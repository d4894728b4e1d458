/// What the OpenAPI description says of the checks.
enum EligibilityPages {
    static let check = Documentation(
        id: "checkEligibility", tag: "eligibility", summary: "May this message go to this person now?",
        text: "Answers from what was committed before the question came. A refusal is an answer (200) with its reason; 503 says "
            + "that nothing can be known, and then nothing may be sent.",
        request: .init(
            "Check",
            [
                ("newsletter", #"{"address": "kari.nordmann@firma.example", "purpose": "newsletter"}"#),
                (
                    "topic",
                    #"{"address": "kari.nordmann@firma.example", "purpose": "newsletter", "topic": "events", "campaign": "spring"}"#
                ),
            ]),
        success: .init(
            status: 200, text: "The verdict.",
            content: .init(
                "Verdict",
                [
                    (
                        "yes",
                        #"{"eligible": true, "reason": "ground-holds", "ground": "lead", "basis": {"article": "6(1)(f)", "kind": "legitimate-interest"}, "until": "2027-01-31T10:00:00Z", "entry": null, "policy": "stratsys@1", "at": "2026-05-02T08:15:00Z", "tracking": {"analytics": true, "profiling": true}}"#
                    ),
                    (
                        "no",
                        #"{"eligible": false, "reason": "unsubscribed", "ground": null, "basis": null, "until": null, "entry": {"scope": "controller", "since": "2026-05-01T12:00:00Z"}, "policy": "stratsys@1", "at": "2026-05-02T08:15:00Z", "tracking": {"analytics": false, "profiling": false}}"#
                    ),
                ])),
        problems: [.invalidAddress, .unknownPurpose, .unknownTopic, .purposeNotSendable, .atInThePast])

    static let batch = Documentation(
        id: "checkEligibilityBatch", tag: "eligibility", summary: "The same question for many addresses",
        text: "Verdicts come in the order of the addresses. An address that is none is answered in its place and is not "
            + "eligible; a wrong purpose, topic or time is an error of the whole.",
        request: .init(
            "Batch",
            [
                (
                    "two",
                    #"{"purpose": "newsletter", "addresses": ["kari.nordmann@firma.example", "not an address"]}"#
                )
            ]),
        success: .init(
            status: 200, text: "The verdicts.",
            content: .init(
                "Verdicts",
                [
                    (
                        "two",
                        #"{"verdicts": [{"eligible": false, "reason": "unknown-address", "ground": null, "basis": null, "until": null, "entry": null, "policy": "stratsys@1", "at": "2026-05-02T08:15:00Z", "tracking": {"analytics": false, "profiling": false}}, {"eligible": false, "reason": "invalid-address", "detail": "The address has no @; write it as name@example.com."}]}"#
                    )
                ])),
        problems: [.unknownPurpose, .unknownTopic, .purposeNotSendable, .atInThePast, .tooMany])
}

/// What the OpenAPI description says of the register.
enum RegisterPages {
    static let add = Documentation(
        id: "addOptOut", tag: "register", summary: "Record an opt-out",
        text: "Works for every address, also one that was never stored. `purpose`, `topic` and `scope` belong to reason "
            + "unsubscribed, `purpose` to consent-withdrawn (required) and objected, `scope` (controller or group) to imported and "
            + "domain-suppressed; with another reason they are refused. It counts from the earlier of `at` and now. Once this is "
            + "answered, no check says eligible where the entry stops it.",
        request: .init(
            "OptOut",
            [
                ("unsubscribed", #"{"address": "kari.nordmann@firma.example", "reason": "unsubscribed"}"#),
                (
                    "topic",
                    #"{"address": "kari.nordmann@firma.example", "reason": "unsubscribed", "scope": "topic", "purpose": "newsletter", "topic": "events", "evidence": {"method": "link", "ip": "192.0.2.17"}}"#
                ),
                ("domain", #"{"domain": "firma.example", "reason": "domain-suppressed"}"#),
                (
                    "withdrawn",
                    #"{"address": "kari.nordmann@firma.example", "reason": "consent-withdrawn", "purpose": "newsletter", "at": "2026-05-01T12:00:00+02:00"}"#
                ),
            ]),
        success: .init(
            status: 201, text: "It is recorded, and counts.",
            content: .init(
                "OptOutReceipt",
                [
                    (
                        "unsubscribed",
                        #"{"recorded": true, "act": 123, "reason": "unsubscribed", "scope": "controller", "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z", "stops": ["newsletter", "outreach"], "lifted": false}"#
                    )
                ]), isReplayable: true),
        problems: [
            .invalidAddress, .invalidEvidence, .unknownPurpose, .unknownTopic, .notAllowed, .idempotencyKeyReused,
        ])

    static let lookup = Documentation(
        id: "lookUpEntries", tag: "register", summary: "Which entries bear on an address, and what each stops",
        text: "Entries on the address itself, on another address of its alias form, on its domain, and of the group. Needs no more "
            + "than scope check; who made the entry and what shows it are told to a key that has scope subject too.",
        request: .init("Lookup", [("one", #"{"address": "kari.nordmann@firma.example"}"#)]),
        success: .init(
            status: 200, text: "The entries, oldest first.",
            content: .init(
                "Entries",
                [
                    (
                        "one",
                        #"{"entries": [{"act": 123, "controller": "stratsys-ab", "address-key": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "domain": null, "reason": "unsubscribed", "scope": "controller", "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z", "stops": ["newsletter", "outreach"], "via": "address"}]}"#
                    )
                ])),
        problems: [.invalidAddress])

    static let export = Documentation(
        id: "exportRegister", tag: "register", summary: "The register, page by page",
        text: "In the order of commits, so that whoever asks on with `next` misses nothing and gets nothing twice, however late a "
            + "transaction ends. `next` is always there: keep it and ask again later. Holds address keys and no addresses.",
        parameters: [
            #"{"name": "after", "in": "query", "required": false, "description": "The `next` of an earlier page; without it from the beginning.", "schema": {"type": "string", "pattern": "^[0-9]{1,18}\\.[0-9]{1,18}$"}}"#,
            #"{"name": "limit", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}}"#,
        ],
        success: .init(
            status: 200, text: "A page.",
            content: .init(
                "Page",
                [
                    (
                        "one",
                        #"{"entries": [{"act": 123, "controller": "stratsys-ab", "address-key": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "domain": null, "reason": "unsubscribed", "scope": "controller", "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z", "stops": ["newsletter", "outreach"], "actor": "key:ab23cd45", "evidence": {"method": "link"}}], "next": "745.123", "more": false}"#
                    )
                ])))
}

/// What the OpenAPI description says of consents.
enum ConsentPages {
    static let add = Documentation(
        id: "addConsent", tag: "relations", summary: "Record a consent with its evidence",
        text: "A consent by the person needs evidence with a method. Only double-opt-in and preference-page, recorded as it "
            + "happens, show the person's own act and lift an entry that stands against the purpose (`confirms`: objection, where "
            + "the page named the objection); without that a consent against a standing entry is refused with 409. A withdrawal "
            + "goes to /v1/register.",
        request: .init(
            "Consent",
            [
                (
                    "person",
                    #"{"address": "kari.nordmann@firma.example", "purpose": "newsletter", "evidence": {"method": "double-opt-in", "wording": "newsletter-2026-01", "ip": "192.0.2.17"}}"#
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
                        #"{"recorded": true, "act": 124, "purpose": "newsletter", "by": "person", "confirms": null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z"}"#
                    )
                ]), isReplayable: true),
        problems: [
            .invalidAddress, .invalidEvidence, .unknownPurpose, .notAllowed, .inTheFuture, .standingEntry, .idempotencyKeyReused,
        ])
}

/// What the OpenAPI description says of contacts.
enum ContactPages {
    static let collect = Documentation(
        id: "collectContact", tag: "relations", summary: "Hand over a contact",
        text: "Stored only where something keeps it: not where an entry stands against all that it could be used for, and not "
            + "where no ground of the policy would hold. Nothing here lifts an entry. What is left out stays as it was.",
        request: .init(
            "Contact",
            [
                (
                    "lead",
                    #"{"address": "kari.nordmann@firma.example", "name": "Kari Nordmann", "position": "CFO", "source": "company-register", "organisation": {"number": "556586-9848", "name": "Firma AS"}}"#
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
        text: "Named by its number, or without one by its name; one of the two is required. Its times move the windows of "
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
        text: "The events and fields of the scenarios: collected (source), consent-asked, consent-given, consent-withdrawn "
            + "(purpose, by, confirms), unsubscribed (scope, purpose, topic), topic-resumed (purpose, topic), objected (purpose), "
            + "bounced (kind: hard or soft), hold-placed (id, until), hold-released (id), suppressed (reason, scope); the others have "
            + "none. erased, swept, restricted, restriction-lifted, hold-placed and hold-released need scope subject.",
        request: .init(
            "Event",
            [
                ("demo", #"{"address": "kari.nordmann@firma.example", "event": "demo-booked"}"#),
                (
                    "bounce",
                    #"{"address": "kari.nordmann@firma.example", "event": "bounced", "kind": "soft", "evidence": {"status": "4.2.2"}}"#
                ),
            ]),
        success: .init(
            status: 201, text: "It is recorded, and counts.",
            content: .init(
                "EventReceipt",
                [
                    (
                        "demo",
                        #"{"recorded": true, "act": 126, "event": "demo-booked", "scope": null, "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", "recorded-at": "2026-05-02T08:15:00.01Z", "stops": [], "lifted": false}"#
                    )
                ]), isReplayable: true),
        problems: [
            .invalidAddress, .invalidEvidence, .unknownPurpose, .unknownTopic, .unknownEvent, .notAllowed, .inTheFuture,
            .standingEntry, .idempotencyKeyReused,
        ])
}

/// What the OpenAPI description says of operations and of itself.
enum OperationPages {
    static let health = Documentation(
        id: "health", tag: "operations", summary: "The process lives", text: "Looks at nothing but itself.",
        success: .init(status: 200, text: "It does.", content: .init("Health", [("alive", #"{"status": "alive"}"#)])))

    static let ready = Documentation(
        id: "ready", tag: "operations", summary: "The service may be asked",
        text: "Looks at the database's settings, schema, peppers and grants; what it finds is believed for a few seconds.",
        success: .init(
            status: 200, text: "It may.", content: .init("Ready", [("ready", #"{"ready": true, "notices": []}"#)])),
        problems: [.notReady])

    static let metrics = Documentation(
        id: "metrics", tag: "operations", summary: "Requests by route and status, and how long they took",
        text: "In Prometheus' text format.",
        success: .init(
            status: 200, text: "Counters since the start.", content: .init(nil, mediaType: Traffic.mediaType)))

    static let openAPI = Documentation(
        id: "openapi", tag: "operations", summary: "This description", text: "OpenAPI 3.1.",
        success: .init(status: 200, text: "The description.", content: .init("Description")))

    static let docs = Documentation(
        id: "docs", tag: "operations", summary: "This description, to be read",
        text: "One page without scripts, served from here alone.",
        success: .init(status: 200, text: "The page.", content: .init(nil, mediaType: DocsPage.mediaType)))

    static let style = Documentation(
        id: "docsStyle", tag: "operations", summary: "The page's style sheet", text: "Light and dark.",
        success: .init(status: 200, text: "The style sheet.", content: .init(nil, mediaType: DocsStyle.mediaType)))
}
