/// What the OpenAPI description says of the register.
enum RegisterPages {
    static let add = Documentation(
        id: "addOptOut", tag: "register", summary: "Record an opt-out",
        text:
            "Works for every address, also one that was never stored. `purpose`, `topic` and `scope` belong to reason "
            + "unsubscribed, `purpose` to consent-withdrawn (required) and objected, `scope` (controller or group) to imported and "
            + "domain-suppressed; with another reason they are refused. It counts from the earlier of `at` and now. Once this is "
            + "answered, no check says eligible where the entry stops it.",
        request: .init(
            "OptOut",
            [
                ("unsubscribed", #"{"address": "kari.nordmann@firma.example", "reason": "unsubscribed"}"#),
                (
                    "topic",
                    #"""
                    {"address": "kari.nordmann@firma.example", "reason": "unsubscribed", "scope": "topic", \#
                    "purpose": "newsletter", "topic": "events", "evidence": {"method": "link", "ip": "192.0.2.17"}}
                    """#
                ),
                ("domain", #"{"domain": "firma.example", "reason": "domain-suppressed"}"#),
                (
                    "withdrawn",
                    #"""
                    {"address": "kari.nordmann@firma.example", "reason": "consent-withdrawn", "purpose": \#
                    "newsletter", "at": "2026-05-01T12:00:00+02:00"}
                    """#
                ),
            ]),
        success: .init(
            status: 201, text: "It is recorded, and counts.",
            content: .init(
                "OptOutReceipt",
                [
                    (
                        "unsubscribed",
                        #"""
                        {"recorded": true, "act": 123, "reason": "unsubscribed", "scope": "controller", \#
                        "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", "recorded-at": \#
                        "2026-05-02T08:15:00.01Z", "stops": ["newsletter", "outreach"], "lifted": false}
                        """#
                    )
                ]), isReplayable: true),
        problems: [
            .invalidAddress, .invalidEvidence, .unknownPurpose, .unknownTopic, .notAllowed, .idempotencyKeyReused,
        ])

    static let lookup = Documentation(
        id: "lookUpEntries", tag: "register", summary: "Which entries bear on an address, and what each stops",
        text:
            "Entries on the address itself, on another address of its alias form, on its domain, and of the group. Needs no more "
            + "than scope check; who made the entry and what shows it are told to a key that has scope subject too.",
        request: .init("Lookup", [("one", #"{"address": "kari.nordmann@firma.example"}"#)]),
        success: .init(
            status: 200, text: "The entries, oldest first.",
            content: .init(
                "Entries",
                [
                    (
                        "one",
                        #"""
                        {"entries": [{"act": 123, "controller": "stratsys-ab", "address-key": \#
                        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "domain": null, "reason": "unsubscribed", \#
                        "scope": "controller", "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", \#
                        "recorded-at": "2026-05-02T08:15:00.01Z", "stops": ["newsletter", "outreach"], "via": \#
                        "address"}]}
                        """#
                    )
                ])),
        problems: [.invalidAddress])

    static let export = Documentation(
        id: "exportRegister", tag: "register", summary: "The register, page by page",
        text:
            "In the order of commits, so that whoever asks on with `next` misses nothing and gets nothing twice, however late a "
            + "transaction ends. `next` is always there: keep it and ask again later. Holds address keys and no addresses.",
        parameters: [
            #"""
            {"name": "after", "in": "query", "required": false, "description": "The `next` of an earlier page; \#
            without it from the beginning.", "schema": {"type": "string", "pattern": "^[0-9]{1,18}\\.[0-9]{1,18}$"}}
            """#,
            #"""
            {"name": "limit", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, \#
            "maximum": 1000, "default": 100}}
            """#,
        ],
        success: .init(
            status: 200, text: "A page.",
            content: .init(
                "Page",
                [
                    (
                        "one",
                        #"""
                        {"entries": [{"act": 123, "controller": "stratsys-ab", "address-key": \#
                        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "domain": null, "reason": "unsubscribed", \#
                        "scope": "controller", "purpose": null, "topic": null, "at": "2026-05-02T08:15:00Z", \#
                        "recorded-at": "2026-05-02T08:15:00.01Z", "stops": ["newsletter", "outreach"], "actor": \#
                        "key:ab23cd45", "evidence": {"method": "link"}}], "next": "745.123", "more": false}
                        """#
                    )
                ])))
}
