import Rules
import Store

extension Schemas {
    private static func object(_ properties: [(String, String)], optional: [String] = []) -> String {
        let members = properties.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        let required = properties.map(\.0).filter { !optional.contains($0) }
        return
            #"""
            {"type": "object", "additionalProperties": false, "required": [\#(words(required))], "properties": \#
            {\#(members)}}
            """#
    }

    private static let text = #"{"type": "string"}"#
    private static let optionalText = #"{"type": ["string", "null"]}"#
    private static let time = #"{"type": "string", "format": "date-time"}"#
    private static let optionalTime = #"{"type": ["string", "null"], "format": "date-time"}"#
    private static let number = #"{"type": "integer", "minimum": 0}"#
    private static let truth = #"{"type": "boolean"}"#
    private static let yes = #"{"const": true}"#
    private static let names =
        #"{"type": "array", "items": {"type": "string"}, "description": "The purposes that it stops now."}"#
    private static let optionalScope = #"{"enum": [\#(words(Scope.self)), null]}"#

    private static let reasons =
        EntryReason.allCases.map(\.rawValue) + [
            "restricted", "left-organisation", "bounced", "ground-holds", "retention-expired", "consent-pending",
            "consent-missing", "no-ground", "unknown-address",
        ]

    private static let receipt: [(String, String)] = [
        ("scope", optionalScope), ("purpose", optionalText), ("topic", optionalText), ("at", time),
        ("recorded-at", time), ("stops", names),
        (
            "lifted",
            #"""
            {"type": "boolean", "description": "A newer act of the person has lifted it already: recorded, and \#
            stops nothing."}
            """#
        ),
    ]

    private static let entry: [(String, String)] = [
        ("act", number), ("controller", text),
        (
            "address-key",
            #"""
            {"type": "string", "format": "uuid", "description": "The keyed digest by which the person is known; \#
            there is no address."}
            """#
        ),
        ("domain", optionalText), ("reason", #"{"enum": [\#(words(EntryReason.self))]}"#),
        ("scope", #"{"enum": [\#(words(Scope.self))]}"#), ("purpose", optionalText), ("topic", optionalText),
        ("at", time),
        ("recorded-at", time), ("stops", names), ("actor", text),
        ("evidence", #"{"type": ["object", "null"], "additionalProperties": {"type": "string"}}"#),
    ]

    private static let groundCounts =
        #"{"type": "array", "items": \#(object([("ground", text), ("count", number)]))}"#

    private static let sweep: [(String, String)] = [
        ("sweep", number), ("policy", text), ("started-at", time), ("finished-at", optionalTime), ("looked", number),
        ("erased", number), ("grounds", #"{"type": "object", "additionalProperties": {"type": "integer"}}"#),
        ("digest", #"{"type": "string", "pattern": "^[0-9a-f]{64}$"}"#),
    ]

    static let answers: [(name: String, json: String)] = [
        (
            "Verdict",
            object(
                [
                    ("eligible", truth), ("reason", #"{"enum": [\#(words(reasons))]}"#),
                    ("ground", #"{"type": ["string", "null"], "description": "The ground that holds."}"#),
                    (
                        "basis",
                        #"""
                        {
                          "type": ["object", "null"], "additionalProperties": false, "required": ["article", "kind"],
                          "properties": {
                            "article": {"enum": [\#(words(Basis.allCases.map(\.article)))]}, "kind": {"enum": \#
                            [\#(words(Basis.self))]}
                          }
                        }
                        """#
                    ),
                    (
                        "until",
                        #"""
                        {"type": ["string", "null"], "format": "date-time", "description": "When eligibility lapses \#
                        if nothing else happens, null: no clock. Of retention-expired: when it lapsed."}
                        """#
                    ),
                    (
                        "entry",
                        #"""
                        {
                          "type": ["object", "null"], "additionalProperties": false, "required": ["scope", "since"],
                          "properties": {"scope": {"enum": [\#(words(Scope.self))]}, "since": \#(time)},
                          "description": "The register's entry that refuses."
                        }
                        """#
                    ),
                    ("policy", #"{"type": "string", "description": "The version that judged."}"#), ("at", time),
                    (
                        "notice-due",
                        #"""
                        {"type": ["string", "null"], "format": "date-time", "description": "By when the person is to be \#
                        told where the data comes from (Art. 14); null once `notified` was reported, or where none is due."}
                        """#
                    ),
                    (
                        "tracking",
                        #"""
                        {"type": "object", "additionalProperties": {"type": "boolean"}, "description": "What is not \#
                        listed is not allowed."}
                        """#
                    ),
                    (
                        "headers",
                        #"""
                        {
                          "type": "object", "additionalProperties": false,
                          "required": ["List-Unsubscribe", "List-Unsubscribe-Post"],
                          "properties": {"List-Unsubscribe": \#(text), "List-Unsubscribe-Post": \#(text)},
                          "description": "On a yes for marketing, where links are set up: the mail carries both fields as they \#
                          are, on one line each, and its DKIM signature covers both (RFC 8058)."
                        }
                        """#
                    ),
                    (
                        "links",
                        #"""
                        {
                          "type": "object", "additionalProperties": false, "required": ["unsubscribe", "preferences"],
                          "properties": {"unsubscribe": \#(text), "preferences": \#(text)},
                          "description": "With the fields: links of this one person, for the body of the mail."
                        }
                        """#
                    ),
                ], optional: ["headers", "links"])
        ),
        (
            "Verdicts",
            object([
                (
                    "verdicts",
                    ##"""
                    {
                      "type": "array", "maxItems": \##(batchAddressesMax),
                      "items": {"anyOf": [{"$ref": "#/components/schemas/Verdict"}, {"$ref": \##
                      "#/components/schemas/NoAddress"}]}
                    }
                    """##
                )
            ])
        ),
        (
            "NoAddress",
            object([("eligible", #"{"const": false}"#), ("reason", #"{"const": "invalid-address"}"#), ("detail", text)])
        ),
        (
            "OptOutReceipt",
            object(
                [("recorded", yes), ("act", number), ("reason", #"{"enum": [\#(words(RegisterAPI.Reason.self))]}"#)]
                    + receipt)
        ),
        (
            "EventReceipt",
            object(
                [("recorded", yes), ("act", number), ("event", #"{"enum": [\#(words(Event.Name.self))]}"#)] + receipt)
        ),
        ("ConsentRequestAnswer", object([("accepted", yes), ("purpose", text)])),
        (
            "ConsentReceipt",
            object([
                ("recorded", yes), ("act", number), ("purpose", text),
                (
                    "by",
                    #"""
                    {"enum": ["person", "import", "operator"], "description": "Whose word it counts as: a \#
                    consent by the person that nothing shows to be their own act, or of another time, counts as \#
                    the operator's claim."}
                    """#
                ),
                ("confirms", #"{"enum": ["objection", null]}"#), ("at", time), ("recorded-at", time),
            ])
        ),
        (
            "Entries",
            object([
                (
                    "entries",
                    ##"{"type": "array", "items": {"$ref": "#/components/schemas/FoundEntry"}}"##
                )
            ])
        ),
        (
            "FoundEntry",
            object(
                entry + [
                    (
                        "via",
                        #"{"enum": ["address", "alias", "domain", "hash"], "description": "How the entry meets the address."}"#
                    )
                ], optional: ["actor", "evidence"])
        ),
        (
            "Page",
            object([
                ("entries", ##"{"type": "array", "items": {"$ref": "#/components/schemas/Entry"}}"##),
                (
                    "next",
                    #"""
                    {"type": "string", "description": "Ask on with this as “after”, now or later: nothing is \#
                    missed and nothing comes twice."}
                    """#
                ),
                ("more", #"{"type": "boolean", "description": "Whether there may be more now."}"#),
            ])
        ),
        ("Entry", object(entry)),
        (
            "ContactAnswer",
            object([
                ("verdict", #"{"enum": ["created", "updated", "unchanged", "suppressed", "no-ground"]}"#),
                ("stored", truth),
                ("reason", #"{"type": ["string", "null"], "description": "Why it is not stored."}"#),
            ])
        ),
        (
            "OrganisationReceipt",
            object([
                ("recorded", yes), ("organisation", number),
                ("acts", #"{"type": "array", "items": {"type": "integer"}}"#),
                (
                    "members",
                    #"{"type": "integer", "minimum": 0, "description": "How many people's windows it moves."}"#
                ),
            ])
        ),
        (
            "RetentionForecast",
            object([
                ("at", time), ("reckoning", truth), ("overdue", groundCounts),
                (
                    "months",
                    #"{"type": "array", "items": \#(object([("month", text), ("total", number), ("grounds", groundCounts)]))}"#
                ),
                ("later", number), ("without-clock", number),
            ])
        ),
        (
            "Sweeps",
            object([
                (
                    "sweeps",
                    #"{"type": "array", "items": \#(object(sweep))}"#
                )
            ])
        ),
        ("Description", #"{"type": "object", "required": ["openapi", "info", "paths"]}"#),
        ("Health", object([("status", #"{"const": "alive"}"#)])),
        (
            "Ready",
            object([
                ("ready", yes),
                (
                    "notices",
                    ##"{"type": "array", "items": {"type": "string"}, "description": "What should be better."}"##
                ),
            ])
        ),
    ]
}
