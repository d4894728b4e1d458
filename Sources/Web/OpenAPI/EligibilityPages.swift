/// What the OpenAPI description says of the checks.
enum EligibilityPages {
    static let check = Documentation(
        id: "checkEligibility", tag: "eligibility", summary: "May this message go to this person now?",
        text:
            "Answers from what was committed before the question came. A refusal is an answer (200) with its reason; 503 says "
            + "that nothing can be known, and then nothing may be sent.",
        request: .init(
            "Check",
            [
                ("newsletter", #"{"address": "kari.nordmann@firma.example", "purpose": "newsletter"}"#),
                (
                    "topic",
                    #"""
                    {"address": "kari.nordmann@firma.example", "purpose": "newsletter", "topic": "events", \#
                    "campaign": "spring"}
                    """#
                ),
            ]),
        success: .init(
            status: 200, text: "The verdict.",
            content: .init(
                "Verdict",
                [
                    (
                        "yes",
                        #"""
                        {"eligible": true, "reason": "ground-holds", "ground": "lead", "basis": {"article": \#
                        "6(1)(f)", "kind": "legitimate-interest"}, "until": "2027-01-31T10:00:00Z", "entry": \#
                        null, "policy": "stratsys@1", "at": "2026-05-02T08:15:00Z", "notice-due": null, \#
                        "tracking": {"analytics": \#
                        true, "profiling": true}, "headers": {"List-Unsubscribe": \#
                        "<https://opt.firma.example/u/AQABx7>, <mailto:stop@firma.example?subject=unsubscribe>", \#
                        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}, "links": {"unsubscribe": \#
                        "https://opt.firma.example/u/AQABx7", "preferences": "https://opt.firma.example/p/AQAB9k"}}
                        """#
                    ),
                    (
                        "no",
                        #"""
                        {"eligible": false, "reason": "unsubscribed", "ground": null, "basis": null, "until": \#
                        null, "entry": {"scope": "controller", "since": "2026-05-01T12:00:00Z"}, "policy": \#
                        "stratsys@1", "at": "2026-05-02T08:15:00Z", "notice-due": null, \#
                        "tracking": {"analytics": false, \#
                        "profiling": false}}
                        """#
                    ),
                ])),
        problems: [
            .invalidAddress, .unknownPurpose, .unknownTopic, .purposeNotSendable, .atInThePast, .peerMayHoldOptOuts,
            .drainingOptOuts,
        ])

    static let batch = Documentation(
        id: "checkEligibilityBatch", tag: "eligibility", summary: "The same question for many addresses",
        text:
            "Verdicts come in the order of the addresses. An address that is none is answered in its place and is not "
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
                        #"""
                        {"verdicts": [{"eligible": false, "reason": "unknown-address", "ground": null, "basis": \#
                        null, "until": null, "entry": null, "policy": "stratsys@1", "at": \#
                        "2026-05-02T08:15:00Z", "notice-due": null, "tracking": {"analytics": false, "profiling": false}}, \#
                        {"eligible": false, "reason": "invalid-address", "detail": "The address has no @; write \#
                        it as name@example.com."}]}
                        """#
                    )
                ])),
        problems: [
            .unknownPurpose, .unknownTopic, .purposeNotSendable, .atInThePast, .tooMany, .peerMayHoldOptOuts,
            .drainingOptOuts,
        ])
}
