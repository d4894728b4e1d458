import Store

/// What the OpenAPI description says of retention.
enum RetentionPages {
    static let forecast = Documentation(
        id: "forecastRetention", tag: "retention",
        summary: "How many contacts fall due in the coming months, by ground",
        text:
            "If nothing else happens. `overdue` is what the next sweep looks at and erases; those of the ground `\(Forecast.lookGround)` "
            + "are only looked at then, since something they rest on changes, and may well be kept. `reckoning` says that due dates are still being "
            + "reckoned anew after a change of policy, so that the figures will move. Months are in UTC, this one's rest first.",
        parameters: [
            #"""
            {"name": "months", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, \#
            "maximum": \#(Forecast.monthsMax), "default": \#(Forecast.monthsStandard)}}
            """#
        ],
        success: .init(
            status: 200, text: "The forecast.",
            content: .init(
                "RetentionForecast",
                [
                    (
                        "one",
                        #"""
                        {"at": "2026-05-02T08:15:00Z", "reckoning": false, "overdue": [{"ground": "unsubscribed", \#
                        "count": 12}], "months": [{"month": "2026-05", "total": 3, "grounds": [{"ground": \#
                        "newsletter/cold-lead", "count": 3}]}], "later": 40, "without-clock": 7}
                        """#
                    )
                ])))

    static let sweeps = Documentation(
        id: "listSweeps", tag: "retention", summary: "The reports of the latest sweeps",
        text:
            "Newest first. `grounds` counts what was erased by the reason that ended last; `digest` is SHA-256 chained over the "
            + "16 octets of each erased key, in the order of their acts, from 32 zero octets.",
        parameters: [
            #"""
            {"name": "limit", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, \#
            "maximum": \#(RetentionAPI.sweepsMax), "default": \#(RetentionAPI.sweepsStandard)}}
            """#
        ],
        success: .init(
            status: 200, text: "The reports.",
            content: .init(
                "Sweeps",
                [
                    (
                        "one",
                        #"""
                        {"sweeps": [{"sweep": 7, "policy": "stratsys@1", "started-at": "2026-05-02T03:00:04Z", \#
                        "finished-at": "2026-05-02T03:00:09Z", "looked": 15, "erased": 12, "grounds": {"unsubscribed": \#
                        12}, "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]}
                        """#
                    )
                ])))
}
