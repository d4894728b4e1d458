/// The pages of the recipients' operations.
enum RecipientPages {
    private static let recipient = #"""
        {"name": "recipient", "in": "path", "required": true, "description": "The recipient's id in the policy.", \#
        "schema": {"type": "string"}}
        """#

    static let list = Documentation(
        id: "listRecipients", tag: "recipients", summary: "Every recipient, and what waits for it",
        text:
            "The third parties that the policy names. Each is told of opt-outs, withdrawals, objections, erasures, restrictions "
            + "and what retention forgets (Articles 19 and 21). Counts go back to the beginning of last month.",
        success: .init(
            status: 200, text: "The recipients, in the policy's order.",
            content: .init(
                "Recipients",
                [
                    (
                        "one",
                        #"""
                        {"recipients": [{"recipient": "hubspot", "kind": "hubspot", "url": "https://api.hubapi.com", \#
                        "with-address": true, "state": "live", "since": "2026-05-02T08:15:00Z", \#
                        "failure": "no answer", "failing-since": "2026-05-03T10:00:01Z", "waiting": 2, \#
                        "quarantined": 0, "undeliverable": 1, "delivered": 7, "oldest": "2026-05-03T10:00:00Z"}]}
                        """#
                    )
                ])))

    static let notices = Documentation(
        id: "listNotices", tag: "recipients", summary: "A recipient's notices, page by page",
        text:
            "Oldest first. A notice in quarantine was tried as often as it is, and those of the same person after it wait behind "
            + "it. One that is undeliverable is not told, and nothing waits behind it; `answer` says why. Holds address keys and "
            + "no addresses.",
        parameters: [
            recipient,
            #"""
            {"name": "state", "in": "query", "required": false, "schema": {"type": "string", "enum": ["waiting", \#
            "delivered", "quarantined", "undeliverable"]}}
            """#,
            #"""
            {"name": "after", "in": "query", "required": false, "description": "The `next` of an earlier page.", \#
            "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9223372036854775807}}
            """#,
            #"""
            {"name": "limit", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, \#
            "maximum": 1000, "default": 100}}
            """#,
        ],
        success: .init(
            status: 200, text: "A page.",
            content: .init(
                "Notices",
                [
                    (
                        "one",
                        #"""
                        {"notices": [{"notice": 17, "webhook-id": "5b0c1d2e-3f40-4152-8637-4859a0b1c2d3", "act": 123, \#
                        "event": "unsubscribed", "address-key": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "state": \#
                        "quarantined", "attempts": 10, "answer": "500", "posted-at": "2026-05-02T08:15:00Z", \#
                        "settled-at": "2026-05-05T20:15:00Z"}], "next": 17, "more": false}
                        """#
                    )
                ])),
        problems: [.notFound])

    static let replay = Documentation(
        id: "replayNotices", tag: "recipients", summary: "Send again what is in quarantine",
        text:
            "Every notice of the recipient that is in quarantine is tried from the first time on, and what waits behind it "
            + "follows.",
        parameters: [recipient],
        success: .init(
            status: 200, text: "How many.", content: .init("Replay", [("one", #"{"replayed": 3}"#)])),
        problems: [.notFound])

    static let discard = Documentation(
        id: "discardNotices", tag: "recipients", summary: "Settle what is in quarantine as never told",
        text:
            "The notice, or without one every notice of the recipient that is in quarantine, becomes undeliverable, and what "
            + "waits behind it goes out. The recipient hears nothing of it from here.",
        parameters: [
            recipient,
            #"""
            {"name": "notice", "in": "query", "required": false, "description": "The number of the notice.", \#
            "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 9223372036854775807}}
            """#,
        ],
        success: .init(
            status: 200, text: "How many.", content: .init("Discard", [("one", #"{"discarded": 3}"#)])),
        problems: [.notFound])
}
