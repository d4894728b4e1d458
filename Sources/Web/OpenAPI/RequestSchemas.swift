import Rules
import Store

extension Schemas {
    /// A member that refers to another schema.
    private static func ref(_ name: String) -> String { ##"{"$ref": "#/components/schemas/\##(name)"}"## }

    /// An optional text of at most so many bytes.
    private static func text(_ bytesMax: Int) -> String {
        #"{"type": ["string", "null"], "minLength": 1, "maxLength": \#(bytesMax), "pattern": "^[^\\u0000]*$"}"#
    }

    private static let optionalName =
        #"{"type": ["string", "null"], "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"}"#

    private static func optionalWord(_ words: String) -> String { #"{"enum": [\#(words), null]}"# }

    private static func object(required: [String], _ properties: [(String, String)]) -> String {
        let members = properties.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        return
            #"""
            {"type": "object", "additionalProperties": false, "required": [\#(words(required))], "properties": \#
            {\#(members)}}
            """#
    }

    static let requests: [(name: String, json: String)] = [
        (
            "Check",
            object(
                required: ["address", "purpose"],
                [("address", ref("Address"))] + question)
        ),
        (
            "Batch",
            object(
                required: ["addresses", "purpose"],
                [
                    (
                        "addresses",
                        #"""
                        {"type": "array", "maxItems": \#(batchAddressesMax), "items": {"type": "string", \#
                        "pattern": "^[^\\u0000]*$"}, "description": "One that is no address is answered in its \#
                        place."}
                        """#
                    )
                ] + question)
        ),
        (
            "OptOut",
            object(
                required: ["reason"],
                [
                    (
                        "address",
                        #"""
                        {"type": ["string", "null"], "format": "idn-email", "maxLength": \#
                        \#(Address.inputOctetsMax), "description": "Required, but for a domain."}
                        """#
                    ),
                    (
                        "domain",
                        #"""
                        {"type": ["string", "null"], "maxLength": \#(Address.inputOctetsMax), "description": \#
                        "Every address at it; for reason domain-suppressed alone, instead of an address."}
                        """#
                    ),
                    ("reason", #"{"enum": [\#(words(RegisterAPI.Reason.self))]}"#),
                    ("scope", optionalWord(words(Scope.self))), ("purpose", optionalName), ("topic", optionalName),
                    ("at", ref("OptionalTime")), ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ])
        ),
        (
            "Lookup",
            object(required: ["address"], [("address", ref("Address")), ("controller", ref("Controller"))])
        ),
        (
            "Consent",
            object(
                required: ["address", "purpose"],
                [
                    ("address", ref("Address")), ("purpose", ref("Name")),
                    ("by", optionalWord(words(["person", "import", "operator"]))),
                    ("confirms", optionalWord(words(["objection"]))), ("at", ref("OptionalTime")),
                    ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ])
        ),
        (
            "ConsentRequest",
            object(
                required: ["address", "purpose"],
                [
                    ("address", ref("Address")), ("purpose", ref("Name")), ("language", optionalName),
                    ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ])
        ),
        (
            "Contact",
            object(
                required: ["address"],
                [
                    ("address", ref("Address")), ("name", text(Lead.textBytesMax)),
                    ("position", text(Lead.textBytesMax)),
                    ("phone", text(Lead.textBytesMax)), ("source", text(Lead.textBytesMax)),
                    (
                        "organisation",
                        #"""
                        {
                          "type": ["object", "null"], "additionalProperties": false, "minProperties": 1,
                          "properties": {"number": \#(text(Lead.textBytesMax)), "name": \#(text(Lead.textBytesMax))}
                        }
                        """#
                    ),
                    ("collected-at", ref("OptionalTime")), ("contacted-at", ref("OptionalTime")),
                    ("controller", ref("Controller")),
                ])
        ),
        (
            "Organisation",
            object(
                required: [],
                [
                    ("number", text(Lead.textBytesMax)), ("name", text(Lead.textBytesMax)),
                    ("customer-started", ref("OptionalTime")), ("customer-ended", ref("OptionalTime")),
                    ("contacted", ref("OptionalTime")), ("evidence", ref("Evidence")),
                    ("controller", ref("Controller")),
                ])
        ),
        (
            "Event",
            object(
                required: ["address", "event"],
                [
                    ("address", ref("Address")),
                    ("event", #"{"enum": [\#(words(EventAPI.reportable.map(\.rawValue)))]}"#),
                    ("at", ref("OptionalTime")),
                ] + EventAPI.eventFields.map { ($0, $0 == "until" ? ref("OptionalTime") : text(Lead.textBytesMax)) } + [
                    ("evidence", ref("Evidence")), ("controller", ref("Controller")),
                ])
        ),
        ("OneClick", form), ("PageForm", pageForm),
    ]

    private static let form = #"""
        {
          "type": "object", "additionalProperties": {"type": "string"},
          "properties": {
            "List-Unsubscribe": {"const": "One-Click"}, "action": {"enum": ["stop", "undo", "narrow"]},
            "scope": {"enum": [\#(words(Scope.self))]}, "reason": {"enum": [\#(words(OptOutReason.self))]},
            "note": {"type": "string", "maxLength": \#(OptOutReason.noteBytesMax)}
          }
        }
        """#

    private static let pageForm = #"""
        {
          "type": "object", "additionalProperties": {"type": "string"},
          "properties": {
            "action": {"enum": ["save", "stop", "ask", "confirm"]}, "scope": {"enum": ["controller", "group"]},
            "right": {"enum": [\#(words(RequestKind.offered.map(\.rawValue)))]}, "confirms": {"enum": ["objection"]}
          }
        }
        """#

    private static let question: [(String, String)] = [
        ("purpose", ref("Name")), ("topic", optionalName),
        (
            "at",
            #"""
            {"type": ["string", "null"], "format": "date-time", "maxLength": \#(timeBytesMax), "description": \#
            "Now or later; absent or null: now."}
            """#
        ),
        (
            "campaign",
            #"""
            {"type": ["string", "null"], "minLength": 1, "maxLength": \#(Campaign.bytesMax), "pattern": \#
            "^[^\\u0000-\\u001f\\u007f@]*$", "description": "The mail tool's own word for the mailing: it goes into the \#
            links of a yes and is kept with the opt-outs that they cause. No address."}
            """#
        ),
        ("controller", ref("Controller")),
    ]
}
