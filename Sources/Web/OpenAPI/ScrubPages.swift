import Formats

/// What the OpenAPI description says of the stream.
enum ScrubPages {
    private static let list = #""email;name\nkari.nordmann@firma.example;Kari\nnot an address;Ola\n""#
    private static let lines = #""{\"address\": \"kari.nordmann@firma.example\"}\n{\"address\": \"not an address\"}\n""#
    private static let listAnswer =
        #"""
        "email;name;eligible;reason;ground;until\nkari.nordmann@firma.example;Kari;true;ground-holds;lead;\#
        2027-01-31T10:00:00Z\nnot an address;Ola;false;invalid-address;;\n"
        """#
    private static let linesAnswer =
        #"""
        "{\"address\": \"kari.nordmann@firma.example\",\"eligible\":true,\"reason\":\"ground-holds\",\#
        \"ground\":\"lead\",\"until\":\"2027-01-31T10:00:00Z\"}\n{\"address\": \"not an address\",\#
        \"eligible\":false,\"reason\":\"invalid-address\",\"ground\":null,\"until\":null}\n"
        """#

    static let scrub = Documentation(
        id: "scrub", tag: "eligibility", summary: "The same question for a list of any length",
        text:
            "A stream: rows go in, and the same rows come out in the same order with `eligible, reason, ground, until` behind "
            + "them, while the list is still coming. Read while you send: a client that only sends is waited for. CSV needs a header; "
            + "its rows come out byte for byte as they came in (in UTF-8). NDJSON has an object on each line with the address under "
            + "`address` or `email`. A row that cannot be read is answered in its place: not eligible, `invalid-row` or "
            + "`invalid-address`. The answer is CSV or NDJSON, by Accept; without a wish, like the list. Where it cannot be answered "
            + "to its end (database away for more than ten seconds, key revoked, purpose gone, a client that stalls), the connection is "
            + "cut without the final chunk: what came is right, and it is not the whole.",
        parameters: [
            #"""
            {"name": "purpose", "in": "query", "required": true, "schema": {"$ref": "#/components/schemas/Name"}}
            """#,
            #"""
            {"name": "topic", "in": "query", "required": false, "schema": {"$ref": "#/components/schemas/Name"}}
            """#,
            #"""
            {"name": "at", "in": "query", "required": false, "description": "Now or later; without it now, which is when each row is \#
            asked.", "schema": {"type": "string", "format": "date-time"}}
            """#,
            #"""
            {"name": "column", "in": "query", "required": false, "description": "The heading or number (#3) of the column with the \#
            addresses, or the name of the member; without it found by its heading, or in the first rows.", "schema": {"type": "string", \#
            "minLength": 1, "maxLength": \#(leadHeadingBytesMax)}}
            """#,
            #"""
            {"name": "delimiter", "in": "query", "required": false, "description": "Of CSV; found out without it. With it and a \#
            charset, the answer begins at once instead of after \#(scrubSampleBytesMax) bytes.", "schema": {"enum": \#
            [\#(Schemas.words(CSVDelimiter.self))]}}
            """#,
            #"""
            {"name": "header", "in": "query", "required": false, "description": "Of CSV: whether the first row names the columns. A list \#
            without a header is refused unless this says so.", "schema": {"enum": ["present", "absent"]}}
            """#,
        ],
        request: .init(nil, mediaType: ScrubAPI.csvMediaTypes[0], [("list", list)]),
        otherRequests: ScrubAPI.ndjsonMediaTypes.map { .init(nil, mediaType: $0, [("lines", lines)]) },
        success: .init(
            status: 200, text: "The rows with their verdicts, as far as they go; whole where the last chunk came.",
            content: .init(nil, mediaType: ScrubAPI.mediaType(of: .csv), [("list", listAnswer)]),
            otherContents: [.init(nil, mediaType: ScrubAPI.mediaType(of: .ndjson), [("lines", linesAnswer)])]),
        problems: [
            .malformedRequest, .notAcceptable, .requestTimeout, .unsupportedMediaType, .unknownPurpose, .unknownTopic,
            .purposeNotSendable, .atInThePast, .invalidList, .tooManyStreams, .protocolVersion,
        ])
}
