import Formats
import Rules
import Store

/// What the OpenAPI description says of imports.
enum ImportPages {
    private static let example = #"""
        "id": "7a3f5d9e-3b5c-4a0e-9a56-0f6a3b8c1d2e", "kind": "leads", "state": "\#(state)", "name": "fair.csv", "source": \#
        "fair-2026", "collected": "2026-05-04T00:00:00Z", "begun-at": "2026-05-05T08:15:00Z", "begun-by": "key:ab12cd34", \#
        "finished-at": null, "failure": null, "same-as": null, "understood": {"files": ["table, utf-8, semicolon, \#
        header, lf"], "columns": {"email": "E-post"}, "unused": [], "dialects": []}, "lines": 2, "done": 0, "counts": {"created": 0, "updated": 0, \#
        "unchanged": 0, "suppressed": 0, "no-ground": 0, "duplicate": 0, "invalid": 0, "empty": 0}, "taken-back": 0, "left": 0
        """#
    private static let state = ImportState.merging.rawValue
    private static let csv = #""E-post;Navn\nkari.nordmann@firma.example;Kari\nola.nordmann@firma.example;Ola\n""#
    private static let lines = #""{\"email\": \"kari.nordmann@firma.example\", \"name\": \"Kari\"}\n""#

    private static let id =
        #"{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}"#

    private static func parameter(_ name: String, _ text: String, _ schema: String = #"{"type": "string"}"#) -> String {
        #"{"name": "\#(name)", "in": "query", "required": false, "description": "\#(text)", "schema": \#(schema)}"#
    }

    static let receive = Documentation(
        id: "receiveImport", tag: "imports", summary: "Take in a list of any length",
        text:
            "The body is the list as it is: a table of any delimiter with a header, or JSON, plain, in gzip or zip. All of it is received before "
            + "anything is stored; then it is merged slice by slice, whatever happens to the connection, and every line gets a "
            + "verdict. Nothing in a list lifts an entry of the register. A lead that no ground would keep is not stored. The "
            + "same file a second time is recognised (`repeated`, and the first import is answered) unless `again` says so.",
        parameters: [
            parameter("kind", "What the lines are.", #"{"enum": ["leads", "suppressions"]}"#),
            parameter(
                "source", "Of leads: where the data comes from, for lines that do not say; “person” if they gave it.",
                #"{"type": "string", "minLength": 1, "maxLength": \#(Lead.textBytesMax)}"#),
            parameter("collected", "When, for lines that do not say: 2026-05-04, or a time with an offset."),
            parameter("map", "Which column holds a field: email=E-post,name=#2."),
            parameter(
                "name", "What to call it.",
                #"{"type": "string", "minLength": 1, "maxLength": \#(ImportOpening.nameBytesMax)}"#),
            parameter("consent", "Of leads: read the consent column as a claim of consent to this purpose."),
            parameter("scope", "Of suppressions: whom they bind.", #"{"enum": ["controller", "group"]}"#),
            parameter(
                "dialect", "Of suppressions: the shape of the list; found out without it.",
                #"{"enum": [\#(Schemas.words(SuppressionDialect.self))]}"#),
            parameter("again", "Take a file that was imported before.", #"{"enum": ["true", "false"]}"#),
            parameter(
                "delimiter", "Of CSV; found out without it.", #"{"enum": [\#(Schemas.words(CSVDelimiter.self))]}"#),
            parameter(
                "header", "Of CSV: whether the first row names the columns.", #"{"enum": ["present", "absent"]}"#),
        ],
        request: .init(nil, mediaType: ScrubAPI.csvMediaTypes[0], [("list", csv)]),
        otherRequests: ImportAPI.mediaTypes.dropFirst().map { type in
            let isJSON = type == "application/json" || ScrubAPI.ndjsonMediaTypes.contains(type)
            return .init(nil, mediaType: type, [isJSON ? ("lines", lines) : ("list", csv)])
        },
        success: .init(
            status: 202, text: "All of it is received, and is being merged.",
            content: .init("ImportReceipt", [("list", "{" + example + #", "repeated": false}"#)])),
        problems: [
            .malformedRequest, .requestTimeout, .unsupportedMediaType, .unknownPurpose, .invalidList,
            .importState, .tooManyStreams,
        ])

    static let list = Documentation(
        id: "listImports", tag: "imports", summary: "The latest imports", text: "Newest first, at most 100.",
        success: .init(
            status: 200, text: "The imports.",
            content: .init("Imports", [("one", #"{"imports": [{"# + example + "}]}")])))

    static let show = Documentation(
        id: "showImport", tag: "imports", summary: "How far an import is",
        text: "`finished` only when the counts add up to the lines.", parameters: [id],
        success: .init(status: 200, text: "The import.", content: .init("Import", [("merging", "{" + example + "}")])),
        problems: [.unknownImport])

    static let events = Documentation(
        id: "watchImport", tag: "imports", summary: "Watch an import",
        text:
            "Server-sent events: `progress` twice a second with the import as data, and `over` at the end. Ends after "
            + "\(importWatchSecondsMax) seconds at most; ask again then.",
        parameters: [id],
        success: .init(status: 200, text: "The events.", content: .init(nil, mediaType: ImportEvents.mediaType)),
        problems: [.unknownImport, .tooManyStreams])

    static let rows = Documentation(
        id: "importRows", tag: "imports", summary: "What became of every line",
        text:
            "Line, verdict and reason, in the order of the lines; no address. In an archive, a line behind the first file is "
            + "written as file:line.",
        parameters: [
            id,
            parameter("verdict", "Only lines with this one.", #"{"enum": [\#(Schemas.words(ImportVerdict.self))]}"#),
            parameter("as", "csv unless said otherwise.", #"{"enum": [\#(Schemas.words(ImportAPI.Form.self))]}"#),
        ],
        success: .init(
            status: 200, text: "The lines.",
            content: .init(nil, mediaType: ScrubAPI.mediaType(of: .csv)),
            otherContents: [.init(nil, mediaType: ScrubAPI.mediaType(of: .ndjson))]),
        problems: [.unknownImport])

    static let undo = Documentation(
        id: "undoImport", tag: "imports", summary: "Take an import of leads back",
        text:
            "Whom it brought is forgotten and a contact that it changed is as it was, as far as nobody acted on them since; "
            + "`taken-back` and `left` count them. What it entered into the register stays.",
        parameters: [id],
        success: .init(
            status: 202, text: "It is being undone.", content: .init("Import", [("undo", "{" + example + "}")])),
        problems: [.unknownImport, .importState])
}

/// What the OpenAPI description says of the notices of Article 14.
enum DueNoticePages {
    static let list = Documentation(
        id: "listDueNotices", tag: "imports", summary: "Who is due a notice (Art. 14)",
        text:
            "Whose data came from elsewhere is told where from, within a month. Report event `notified` for those who were. "
            + "A page looks through \(dueNoticeContactsPerPageMax) contacts; it may be empty and have a `next`.",
        parameters: [
            #"""
            {"name": "overdue", "in": "query", "required": false, "description": "true: only those who should have had it by \#
            now.", "schema": {"enum": ["true", "false"]}}
            """#,
            #"""
            {"name": "after", "in": "query", "required": false, "description": "The `next` of an earlier page.", "schema": \#
            {"type": "string", "format": "uuid"}}
            """#,
        ],
        success: .init(
            status: 200, text: "They.",
            content: .init(
                "DueNotices",
                [
                    (
                        "one",
                        #"""
                        {"notices": [{"address": "kari.nordmann@firma.example", "source": "fair-2026", "notice-due": \#
                        "2026-06-04T00:00:00Z"}], "next": null}
                        """#
                    )
                ])))
}
