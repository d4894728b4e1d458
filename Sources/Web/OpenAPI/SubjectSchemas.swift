import Rules
import Store

extension Schemas {
    private static func object(_ properties: [(String, String)], required: [String]? = nil) -> String {
        let members = properties.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        return
            #"""
            {"type": "object", "additionalProperties": false, "required": [\#(words(required ?? properties.map(\.0)))], \#
            "properties": {\#(members)}}
            """#
    }

    private static func ref(_ name: String) -> String { ##"{"$ref": "#/components/schemas/\##(name)"}"## }

    private static func text(_ bytesMax: Int) -> String {
        #"{"type": ["string", "null"], "minLength": 1, "maxLength": \#(bytesMax), "pattern": "^[^\\u0000]*$"}"#
    }

    /// A reason or note, which outlives an erasure.
    private static let note =
        #"{"type": "string", "minLength": 1, "maxLength": \#(Lead.textBytesMax), "pattern": "^[^@\\u0000]*$"}"#
    private static let method =
        #"{"type": "string", "minLength": 1, "maxLength": \#(wordBytesMax), "pattern": "^[^@\\u0000]*$"}"#
    private static let number = #"{"type": "integer", "minimum": 0}"#
    private static let time = #"{"type": "string", "format": "date-time"}"#
    private static let optionalTime = #"{"type": ["string", "null"], "format": "date-time"}"#
    private static let optionalText = #"{"type": ["string", "null"]}"#
    private static let kind = #"{"enum": [\#(words(RequestKind.self))]}"#
    private static let state = #"{"enum": [\#(words(SubjectRequest.State.self))]}"#

    private static let request: [(String, String)] = [
        ("request", number), ("kind", kind), ("article", #"{"type": "string"}"#), ("state", state),
        ("address-key", #"{"type": "string", "format": "uuid"}"#),
        ("language", optionalText), ("received-at", time), ("due-at", time),
        ("extended-months", #"{"type": "integer", "minimum": 0, "maximum": \#(RequestClock.extensionMonthsMax)}"#),
        ("closed-at", optionalTime),
    ]
    private static let shownRequest = request + [("address", optionalText)]

    static let subjects: [(name: String, json: String)] = [
        (
            "Subject",
            object(
                [("address", ref("Address")), ("evidence", ref("Evidence")), ("controller", ref("Controller"))],
                required: ["address"])
        ),
        (
            "SubjectAddress",
            object(
                [
                    ("address", ref("Address")),
                    (
                        "language",
                        #"{"type": ["string", "null"], "minLength": 1, "maxLength": \#(wordBytesMax), "pattern": "^[^\\u0000]*$", "description": "Of the page: nb, sv, en or de; else the person's or the company's."}"#
                    ),
                    ("controller", ref("Controller")),
                ], required: ["address"])
        ),
        (
            "Rectification",
            object(
                [
                    ("address", ref("Address")),
                    (
                        "to",
                        #"""
                        {
                          "type": "object", "additionalProperties": false, "minProperties": 1,
                          "properties": {
                            "address": {"type": ["string", "null"], "format": "idn-email", "maxLength": \#
                            \#(Address.inputOctetsMax)},
                            "name": \#(text(Lead.textBytesMax)), "position": \#(text(Lead.textBytesMax)),
                            "phone": \#(text(Lead.textBytesMax))
                          }
                        }
                        """#
                    ),
                    ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ], required: ["address", "to"])
        ),
        (
            "Restriction",
            object(
                [
                    ("address", ref("Address")),
                    ("ground", #"{"enum": [\#(words(SubjectAPI.RestrictionGround.self)), null]}"#),
                    ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ], required: ["address"])
        ),
        (
            "Objection",
            object(
                [
                    ("address", ref("Address")),
                    (
                        "purpose",
                        #"{"type": ["string", "null"], "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"}"#
                    ),
                    ("at", ref("OptionalTime")), ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ], required: ["address"])
        ),
        (
            "NewRequest",
            object(
                [
                    ("address", ref("Address")), ("kind", kind), ("language", text(35)),
                    ("received-at", ref("OptionalTime")),
                    (
                        "ask-identity",
                        #"{"type": ["boolean", "null"], "description": "Send a link to the address itself, at most one a day; whoever follows it has the request carried out."}"#
                    ),
                    ("controller", ref("Controller")),
                ], required: ["address", "kind"])
        ),
        (
            "RequestExtension",
            object(
                [
                    (
                        "months",
                        #"{"type": "integer", "minimum": 1, "maximum": \#(RequestClock.extensionMonthsMax), "description": "In all."}"#
                    ),
                    ("reason", note), ("controller", ref("Controller")),
                ], required: ["months", "reason"])
        ),
        (
            "RequestRefusal",
            object([("reason", note), ("controller", ref("Controller"))], required: ["reason"])
        ),
        (
            "RequestCompletion",
            object(
                [
                    (
                        "note",
                        #"{"type": ["string", "null"], "minLength": 1, "maxLength": \#(Lead.textBytesMax), "pattern": "^[^@\\u0000]*$"}"#
                    ),
                    ("controller", ref("Controller")),
                ], required: [])
        ),
        ("RequestTold", object([("method", method), ("controller", ref("Controller"))], required: ["method"])),
        (
            "RequestForm",
            object(
                [
                    ("action", #"{"const": "answer"}"#), ("name", #"{"type": "string"}"#),
                    ("position", #"{"type": "string"}"#), ("phone", #"{"type": "string"}"#),
                ], required: ["action"])
        ),
        ("SubjectExport", SubjectSchema.document),
        ("Schema", #"{"type": "object", "required": ["$schema", "$id", "properties"]}"#),
        (
            "ErasureReceipt",
            object([
                ("recorded", #"{"const": true}"#), ("act", number), ("at", time), ("recorded-at", time),
                (
                    "state",
                    #"{"enum": ["erased", "pending"], "description": "pending: a hold keeps the contact until it ends."}"#
                ),
                ("erased", #"{"type": "array", "items": {"enum": ["relations", "contact"]}}"#),
                ("stops", #"{"type": "array", "items": {"type": "string"}}"#), ("kept", SubjectSchema.keptList),
            ])
        ),
        (
            "RectificationReceipt",
            object([
                ("recorded", #"{"const": true}"#), ("act", number), ("at", time),
                ("corrected", #"{"type": "array", "items": {"enum": ["address", "name", "position", "phone"]}}"#),
                (
                    "inherited",
                    #"{"type": "array", "items": "#
                        + object([
                            ("act", number), ("of", number), ("event", #"{"enum": [\#(words(Event.Name.self))]}"#),
                        ])
                        + "}"
                ),
                (
                    "refused-as",
                    #"{"type": ["string", "null"], "description": "What refuses the policy's default purpose at the address now."}"#
                ),
            ])
        ),
        ("Request", object(shownRequest)),
        (
            "MovedRequest",
            object(
                request + [
                    (
                        "told",
                        #"{"enum": [\#(words(MovedRequest.Telling.self)), null], "description": "letter: a letter to the stored address is posted. staff: you have told them. not-yet: you must. null: there is nothing to tell."}"#
                    )
                ])
        ),
        (
            "Requests",
            object([
                ("requests", #"{"type": "array", "items": "# + ref("Request") + "}"), ("next", optionalText),
                ("more", #"{"type": "boolean"}"#),
            ])
        ),
        (
            "RequestFile",
            object(
                shownRequest + [
                    (
                        "history",
                        #"{"type": "array", "items": "#
                            + object([
                                ("step", #"{"enum": [\#(words(RequestStep.Kind.self))]}"#), ("at", time),
                                ("actor", #"{"type": "string"}"#), ("note", optionalText),
                            ]) + "}"
                    )
                ])
        ),
        (
            "RequestOpening",
            object([
                ("request", number), ("kind", kind), ("state", state), ("received-at", time), ("due-at", time),
                (
                    "new",
                    #"{"type": "boolean", "description": "False: one of the kind was open and goes on."}"#
                ),
            ])
        ),
    ]
}
