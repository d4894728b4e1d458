/// What the OpenAPI description says of the rights of the person.
enum SubjectPages {
    static let export = Documentation(
        id: "exportSubject", tag: "subjects", summary: "Everything that is held about a person",
        text:
            "Articles 15 and 20: the data, what for and on which legal basis, who gets it, how long and why, every act, the "
            + "person's rights, and what would be kept after an erasure, all as of one instant. `held` is what a hold keeps of a "
            + "contact that was erased; `contact` is what is stored beside that, `earlier` what lists replaced in it. "
            + "`acts` has every entry that bears on the address: `of` says whether it is the person's, by a digest of the address, "
            + "of another address of its alias form (the entry alone), of the domain, or the organisation's. Changes nothing. "
            + "Its schema is published at \(SubjectSchema.path).",
        parameters: [
            #"""
            {"name": "as", "in": "query", "required": false, "description": "html: a page to be read, in the person's \#
            language; so too for an Accept that begins with text/html.", "schema": {"enum": ["json", "html"]}}
            """#
        ],
        request: .init(
            "SubjectAddress", [("person", #"{"address": "kari.nordmann@firma.example", "language": "nb"}"#)]),
        success: .init(
            status: 200, text: "All of it.", content: .init("SubjectExport"),
            otherContents: [.init(nil, mediaType: Pages.mediaType)]),
        problems: [.invalidAddress, .tooMany])

    static let erase = Documentation(
        id: "eraseSubject", tag: "subjects", summary: "Erase what is stored of a person",
        text:
            "Article 17. Every decision forgets the person at once and marketing is stopped; what is kept of this person, and under "
            + "which exception of 17(3) or on which legal basis, is part of the answer. Where a hold keeps the contact the state is "
            + "pending, and what was stored goes when the last hold ends, also of a person who has come back since. Sent again with "
            + "its key, it is done again where a contact is stored again.",
        request: .init(
            "Subject",
            [("person", #"{"address": "kari.nordmann@firma.example", "evidence": {"letter": "2026-114"}}"#)]),
        success: .init(
            status: 200, text: "It is recorded.",
            content: .init(
                "ErasureReceipt",
                [
                    (
                        "held",
                        #"""
                        {"recorded": true, "act": 127, "at": "2026-05-02T08:15:00Z", "recorded-at": \#
                        "2026-05-02T08:15:00.01Z", "state": "pending", "erased": ["relations"], "stops": \#
                        ["newsletter"], "kept": [{"what": "hold", "exception": "17(3)(b)", "why": "We keep what a \#
                        legal duty or a dispute needs, until that ends; it permits no mail.", "hold": "accounting", \#
                        "until": "2033-12-31T00:00:00Z"}]}
                        """#
                    )
                ]), isReplayable: true),
        problems: [.invalidAddress, .invalidEvidence, .idempotencyKeyReused])

    static let rectify = Documentation(
        id: "rectifySubject", tag: "subjects", summary: "Correct what is stored of a person",
        text:
            "Article 16. `to` says what is right; the rest stays. A corrected address inherits every opt-out, restriction, hold "
            + "and mark of the old one, also an opt-out by a digest of it or of its alias form, but none of its domain. The old one "
            + "keeps its own: its restriction is lifted apart from the new one's. A consent goes along as the operator's claim, and "
            + "nothing lifts anything. `inherited` names each new act and the one that it repeats. What lists replaced in the "
            + "contact is forgotten.",
        request: .init(
            "Rectification",
            [
                (
                    "address",
                    #"""
                    {"address": "kari.nordmann@firma.example", "to": {"address": "kari.hansen@firma.example", \#
                    "name": "Kari Hansen"}}
                    """#
                )
            ]),
        success: .init(
            status: 200, text: "It is corrected.",
            content: .init(
                "RectificationReceipt",
                [
                    (
                        "address",
                        #"""
                        {"recorded": true, "act": 130, "at": "2026-05-02T08:15:00Z", "corrected": ["address", \#
                        "name"], "inherited": [{"act": 128, "of": 123, "event": "unsubscribed"}], "refused-as": \#
                        "unsubscribed"}
                        """#
                    )
                ]), isReplayable: true),
        problems: [.invalidAddress, .invalidEvidence, .nothingStored, .sameAddress, .idempotencyKeyReused])

    static let restrict = Documentation(
        id: "restrictSubject", tag: "subjects", summary: "Store and do not use",
        text:
            "Article 18. From now on every check refuses, whatever it is for, and the sweep keeps the data. `ground` is the "
            + "letter of 18(1), for the record.",
        request: .init(
            "Restriction",
            [("contested", #"{"address": "kari.nordmann@firma.example", "ground": "accuracy-contested"}"#)]),
        success: recorded,
        problems: [.invalidAddress, .invalidEvidence, .notAllowed, .idempotencyKeyReused])

    static let unrestrict = Documentation(
        id: "unrestrictSubject", tag: "subjects", summary: "Lift a restriction, of which the person has been told",
        text:
            "Article 18(3): the person is told first. Without an event restriction-lifting-told after the restriction it is 409 "
            + "person-not-told.",
        request: .init("Subject", [("person", #"{"address": "kari.nordmann@firma.example"}"#)]), success: recorded,
        problems: [.invalidAddress, .invalidEvidence, .personNotTold, .idempotencyKeyReused])

    static let object = Documentation(
        id: "objectSubject", tag: "subjects", summary: "Object to direct marketing, or to one purpose",
        text:
            "Article 21(2) and (3): unconditional. Without `purpose` to all direct marketing and tracking of the controller, or "
            + "wider where the policy says so; with one to that alone, as profiling or analytics.",
        request: .init(
            "Objection",
            [
                ("all", #"{"address": "kari.nordmann@firma.example"}"#),
                ("profiling", #"{"address": "kari.nordmann@firma.example", "purpose": "profiling"}"#),
            ]), success: recorded,
        problems: [.invalidAddress, .invalidEvidence, .unknownPurpose, .idempotencyKeyReused])

    private static let recorded = Documentation.Success(
        status: 200, text: "It is recorded, and counts.", content: .init("EventReceipt"), isReplayable: true)

    static let schema = Documentation(
        id: "subjectExportSchema", tag: "subjects", summary: "The schema of a person's export",
        text: "JSON Schema 2020-12.",
        success: .init(status: 200, text: "The schema.", content: .init("Schema")))
}

/// What the OpenAPI description says of persons' requests.
enum RequestPages {
    static let list = Documentation(
        id: "listRequests", tag: "subjects", summary: "Open requests, what is due first at the top",
        text: "The address is there while a contact is stored.",
        parameters: [
            #"""
            {"name": "after", "in": "query", "required": false, "description": "The “next” of an earlier page.", \#
            "schema": {"type": "string", "pattern": "^-?[0-9]{1,18}\\.[0-9]{1,18}$"}}
            """#,
            #"""
            {"name": "limit", "in": "query", "required": false, "description": "Requests on the page.", "schema": \#
            {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}}
            """#,
        ],
        success: .init(status: 200, text: "A page.", content: .init("Requests")))

    static let open = Documentation(
        id: "openRequest", tag: "subjects", summary: "Take a request in that came by letter, mail or telephone",
        text:
            "Starts the clock of Article 12(3): one month from receipt, which `received-at` says. What is open of the same kind for "
            + "the same person goes on instead; where this one came earlier, that one is due earlier, and never later.",
        request: .init(
            "NewRequest",
            [
                ("access", #"{"address": "kari.nordmann@firma.example", "kind": "export", "language": "nb"}"#),
                (
                    "link",
                    #"""
                    {"address": "kari.nordmann@firma.example", "kind": "erase", "received-at": \#
                    "2026-05-01T00:00:00Z", "ask-identity": true}
                    """#
                ),
            ]),
        success: .init(
            status: 201, text: "It is taken in.",
            content: .init(
                "RequestOpening",
                [
                    (
                        "access",
                        #"""
                        {"request": 7, "kind": "export", "state": "received", "received-at": \#
                        "2026-05-02T08:15:00Z", "due-at": "2026-06-02T08:15:00Z", "new": true}
                        """#
                    )
                ]), isReplayable: true),
        problems: [.invalidAddress, .notAllowed, .idempotencyKeyReused])

    static let show = Documentation(
        id: "showRequest", tag: "subjects", summary: "A request with its history", text: "Who did what, when and why.",
        parameters: [number],
        success: .init(status: 200, text: "The request.", content: .init("RequestFile")), problems: [.unknownRequest])

    static let extend = Documentation(
        id: "extendRequest", tag: "subjects", summary: "Take longer, for a reason",
        text:
            "Article 12(3): by two further months at most in all, within a month of receipt. A letter with the reason goes to the "
            + "stored address, in the person's language; `told` is not-yet where none is, or where mail to it came back: then tell "
            + "them, and record that by /told.",
        parameters: [number],
        request: .init("RequestExtension", [("one", #"{"months": 1, "reason": "many requests at once"}"#)]),
        success: moved, problems: closing + [.outOfRange, .notExtendable])

    static let refuse = Documentation(
        id: "refuseRequest", tag: "subjects", summary: "Refuse, for a reason",
        text:
            "Article 12(4) and (5). A letter with the reason and the right to complain goes to the stored address, in the person's "
            + "language; `told` is not-yet where none is, or where mail to it came back: then tell them, and record that by /told.",
        parameters: [number],
        request: .init("RequestRefusal", [("identity", #"{"reason": "the person did not show who they are"}"#)]),
        success: moved, problems: closing)

    static let complete = Documentation(
        id: "completeRequest", tag: "subjects", summary: "Answered",
        text: "Ends the clock. What was done is recorded by the call that did it.", parameters: [number],
        request: .init("RequestCompletion", [("sent", #"{"note": "sent by letter"}"#)]), success: moved,
        problems: closing)

    static let told = Documentation(
        id: "toldRequest", tag: "subjects", summary: "Record that staff have told the person",
        text: "Of an extension or a refusal, by a letter of their own, by telephone; also once the request is closed.",
        parameters: [number],
        request: .init("RequestTold", [("phone", #"{"method": "phone"}"#)]), success: moved,
        problems: [.notAllowed, .unknownRequest, .idempotencyKeyReused])

    private static let closing: [Problem.Code] = [
        .notAllowed, .unknownRequest, .requestClosed, .idempotencyKeyReused,
    ]
    private static let moved = Documentation.Success(
        status: 200, text: "The request as it is now, without the address.", content: .init("MovedRequest"),
        isReplayable: true)
    private static let number =
        #"{"name": "id", "in": "path", "required": true, "schema": {"type": "integer", "minimum": 1}}"#
}
