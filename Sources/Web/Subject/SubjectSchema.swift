import Rules
import Store

/// The published schema of the document that a person gets: JSON Schema 2020-12.
enum SubjectSchema {
    /// Where it is served.
    static let path = "/schemas/subject-export.json"

    static let routes = [
        Route(.get, path, .everybody, SubjectPages.schema) { _ throws(Problem) in
            Answer(200, "application/json", Array(published.utf8))
        }
    ]

    static let published =
        #"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "\#(path)", "title": "Subject export", "#
        + document.dropFirst()

    /// The same as a schema of the description.
    static let document = object([
        ("$schema", text), ("at", time), ("address", optionalText),
        ("address-key", #"{"type": "string", "format": "uuid"}"#),
        ("policy", text),
        (
            "controller",
            object([
                ("id", text), ("name", text), ("number", optionalText), ("country", optionalText),
                ("authority", optionalText),
                ("group", list([("id", text), ("name", text), ("country", optionalText)])),
            ])
        ),
        ("contact", contact), ("held", contact),
        (
            "earlier",
            list([
                ("name", optionalText), ("position", optionalText), ("phone", optionalText), ("source", optionalText),
                ("organisation", organisation), ("replaced-at", time),
            ])
        ),
        ("categories", #"{"type": "array", "items": {"enum": [\#(Schemas.words(DataCategory.self))]}}"#),
        ("source", optionalText),
        (
            "kept",
            object([
                ("kept", truth), ("until", optionalTime),
                (
                    "because",
                    list([
                        ("what", text), ("purpose", optionalText), ("ground", optionalText), ("basis", optionalBasis),
                        ("article", optionalText), ("terms", optionalText), ("until", optionalTime),
                    ])
                ),
                ("erasure-pending", truth),
            ])
        ),
        (
            "purposes",
            list([
                ("purpose", text), ("kind", #"{"enum": [\#(Schemas.words(Purpose.Kind.self))]}"#), ("used", truth),
                ("reason", optionalText), ("ground", optionalText), ("basis", optionalBasis),
                ("article", optionalText), ("until", optionalTime),
                ("topics", #"{"type": "array", "items": {"type": "string"}}"#),
                (
                    "grounds",
                    list([
                        ("ground", text), ("basis", #"{"enum": [\#(Schemas.words(Basis.self))]}"#), ("article", text),
                        ("terms", text),
                    ])
                ),
            ])
        ),
        (
            "recipients",
            list([
                ("recipient", text), ("name", text), ("country", optionalText), ("outside-eea", truth),
                ("safeguard", optionalText),
            ])
        ),
        ("tracking", list([("purpose", text), ("allowed", truth), ("reason", optionalText), ("objection", text)])),
        ("automated-decisions", object([("article-22", #"{"const": false}"#), ("logic", text)])),
        (
            "rights",
            list([("right", #"{"enum": [\#(Schemas.words(PersonRight.self))]}"#), ("article", text), ("how", text)])
        ),
        (
            "acts",
            list([
                ("act", number), ("of", #"{"enum": ["person", "digest", "alias", "domain", "organisation"]}"#),
                ("domain", optionalText), ("event", #"{"enum": [\#(Schemas.words(Event.Name.self))]}"#), ("at", time),
                ("recorded-at", time), ("purpose", optionalText), ("topic", optionalText), ("scope", optionalText),
                ("by", optionalText), ("hold", optionalText), ("until", optionalTime), ("actor", text),
                ("evidence", #"{"type": ["object", "null"], "additionalProperties": {"type": "string"}}"#),
            ])
        ),
        (
            "requests",
            list([
                ("request", number), ("kind", #"{"enum": [\#(Schemas.words(RequestKind.self))]}"#),
                ("state", #"{"enum": [\#(Schemas.words(SubjectRequest.State.self))]}"#), ("received-at", time),
                ("due-at", time), ("closed-at", optionalTime),
            ])
        ),
        (
            "portability",
            object([
                ("article", #"{"const": "20"}"#), ("covered", truth),
                ("rests-on", list([("purpose", text), ("ground", text), ("basis", text), ("article", text)])),
                ("data", #"{"type": "array", "items": {"enum": ["/contact", "/acts"]}}"#), ("not-covered", text),
            ])
        ),
        ("kept-after-erasure", keptList),
    ])

    private static let contact = object(
        [
            ("address", text), ("name", optionalText), ("position", optionalText), ("phone", optionalText),
            ("organisation", object([("number", optionalText), ("name", optionalText)], type: nullableObject)),
            ("stored-since", time), ("updated-at", time),
        ], type: nullableObject)

    static let keptList =
        #"{"type": "array", "items": "#
        + object(
            [
                ("what", #"{"enum": [\#(Schemas.words(KeptAfterErasure.What.self))]}"#), ("exception", text),
                ("why", text), ("hold", text), ("until", optionalTime),
            ], optional: ["hold", "until"]) + "}"

    private static let text = #"{"type": "string"}"#
    private static let optionalText = #"{"type": ["string", "null"]}"#
    private static let time = #"{"type": "string", "format": "date-time"}"#
    private static let optionalTime = #"{"type": ["string", "null"], "format": "date-time"}"#
    private static let number = #"{"type": "integer", "minimum": 0}"#
    private static let truth = #"{"type": "boolean"}"#
    private static let optionalBasis = #"{"enum": [\#(Schemas.words(Basis.self)), null]}"#
    private static let nullableObject = #"["object", "null"]"#

    private static let organisation = object(
        [("number", optionalText), ("name", optionalText)], type: nullableObject)

    private static func list(_ properties: [(String, String)]) -> String {
        #"{"type": "array", "items": "# + object(properties) + "}"
    }

    private static func object(
        _ properties: [(String, String)], type: String = #""object""#, optional: [String] = []
    ) -> String {
        let members = properties.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        let required = Schemas.words(properties.map(\.0).filter { !optional.contains($0) })
        return
            #"{"type": \#(type), "additionalProperties": false, "required": [\#(required)], "properties": {\#(members)}}"#
    }
}
