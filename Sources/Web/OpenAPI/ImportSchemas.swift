import Store

extension Schemas {
    private static let optionalText = #"{"type": ["string", "null"]}"#
    private static let optionalTime = #"{"type": ["string", "null"], "format": "date-time"}"#
    private static let number = #"{"type": "integer", "minimum": 0}"#

    private static func object(_ properties: [(String, String)]) -> String {
        let members = properties.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        return #"""
            {"type": "object", "additionalProperties": false, "required": [\#(words(properties.map(\.0)))], "properties": \#
            {\#(members)}}
            """#
    }

    private static let record: [(String, String)] = [
        ("id", #"{"type": "string", "format": "uuid"}"#), ("kind", #"{"enum": ["leads", "suppressions"]}"#),
        ("state", #"{"enum": [\#(words(ImportState.self))]}"#), ("name", optionalText), ("source", optionalText),
        ("collected", optionalTime), ("begun-at", #"{"type": "string", "format": "date-time"}"#),
        ("begun-by", #"{"type": "string"}"#), ("finished-at", optionalTime), ("failure", optionalText),
        ("same-as", #"{"type": ["string", "null"], "format": "uuid"}"#),
        (
            "understood",
            #"""
            {"type": ["object", "null"], "description": "How the list was understood: files, columns, headings of \#
            which no use is made, and of suppressions whose shape each file has."}
            """#
        ),
        ("lines", number), ("done", number), ("counts", object(ImportVerdict.allCases.map { ($0.rawValue, number) })),
        ("taken-back", number), ("left", number),
    ]

    static let imports: [(name: String, json: String)] = [
        ("Import", object(record)), ("ImportReceipt", object(record + [("repeated", #"{"type": "boolean"}"#)])),
        (
            "Imports",
            object([("imports", ##"{"type": "array", "items": {"$ref": "#/components/schemas/Import"}}"##)])
        ),
        (
            "DueNotices",
            object([
                (
                    "notices",
                    #"{"type": "array", "items": "#
                        + object([
                            ("address", #"{"type": "string"}"#), ("source", optionalText),
                            ("notice-due", #"{"type": "string", "format": "date-time"}"#),
                        ]) + "}"
                ), ("next", #"{"type": ["string", "null"], "format": "uuid"}"#),
            ])
        ),
    ]
}
