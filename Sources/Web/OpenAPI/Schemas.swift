import Rules
import Store

/// The schemas of the OpenAPI description.
///
/// Sets of words come from the code that reads them.
enum Schemas {
    static let all: [(name: String, json: String)] = fields + requests + answers + recipients + subjects + imports

    /// Words as JSON strings with commas between them.
    static func words(_ words: [String]) -> String { words.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// The words of an enumeration.
    static func words<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> String where Word.RawValue == String {
        words(Word.allCases.map(\.rawValue))
    }

    private static let fields: [(name: String, json: String)] = [
        (
            "Address",
            #"""
            {
              "type": "string", "format": "idn-email", "maxLength": \#(Address.inputOctetsMax),
              "description": "An email address. Case, quotes that are not needed and the form of the domain count \#
              for nothing."
            }
            """#
        ),
        (
            "Name",
            #"""
            {
              "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$",
              "description": "A purpose or topic of the policy; the error for another one names them."
            }
            """#
        ),
        (
            "Controller",
            #"""
            {
              "type": ["string", "null"], "minLength": 1, "maxLength": \#(wordBytesMax), "pattern": "^[^\\u0000]*$",
              "description": "The key's own controller; need not be said. Any other is not found."
            }
            """#
        ),
        (
            "OptionalTime",
            #"""
            {
              "type": ["string", "null"], "format": "date-time", "maxLength": \#(timeBytesMax),
              "description": "RFC 3339 with an offset, years 0001 to 9999, to the microsecond. Absent or null: now."
            }
            """#
        ),
        (
            "Evidence",
            #"""
            {
              "type": ["object", "null"], "maxProperties": \#(Evidence.fieldsMax),
              "propertyNames": {"pattern": "^[A-Za-z0-9_-]{1,\#(Slug.charactersMax)}$"},
              "additionalProperties": {"type": "string", "maxLength": \#(Evidence.wordBytesMax), "pattern": \#
              "^[^\\u0000]*$"},
              "properties": {
                "method": {"type": "string", "maxLength": \#(Evidence.wordBytesMax), "pattern": "^[^\\u0000]*$", \#
                "description": "How the person acted. Only \#(Evidence.liftingMethods.joined(separator: " and ")) \#
                show the person's own act."},
                "ip": {"type": "string", "maxLength": \#(Evidence.wordBytesMax), "pattern": "^[^\\u0000]*$", \#
                "description": "Kept as its network: /24 or /48."},
                "message-id": {"type": "string", "maxLength": \#(Evidence.wordBytesMax), "pattern": "^[^\\u0000]*$", \#
                "description": "The one field that may have an @."}
              },
              "description": "What shows the act: words, kept for good, so none may hold an address."
            }
            """#
        ),
        (
            "Problem",
            #"""
            {
              "type": "object", "additionalProperties": false,
              "required": ["type", "title", "status", "code", "detail"],
              "properties": {
                "type": {"type": "string", "format": "uri-reference"},
                "title": {"type": "string"},
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "code": {"type": "string", "enum": [\#(words(Problem.Code.self))]},
                "detail": {"type": "string"},
                "pointer": {"type": "string", "description": "The field (RFC 6901); empty: the whole body."},
                "parameter": {"type": "string", "description": "The query parameter or header field."},
                "known": {"type": "array", "items": {"type": "string"}, "description": "What would have been allowed."},
                "findings": {
                  "type": "array",
                  "items": {
                    "type": "object", "additionalProperties": false, "required": ["subject", "text"],
                    "properties": {"subject": {"type": "string"}, "text": {"type": "string"}}
                  }
                }
              }
            }
            """#
        ),
    ]

    static let parameters = #"""
        {
          "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Makes sending again safe: the same key and body get the first answer again, for a month \#
            at least. Another body with the key is refused. It is kept, so it may hold no address.",
            "schema": {"type": "string", "pattern": "^[!-?A-~]{1,\#(Once.keyBytesMax)}$"}
          }
        }
        """#

    static let headers = #"""
        {
          "RequestId": {"description": "Names the request in our log.", "schema": {"type": "string"}},
          "IdempotentReplayed": {"description": "Present where the answer was given before.", "schema": {"type": \#
          "string", "enum": ["true"]}},
          "RetryAfter": {"description": "Seconds.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
          "WwwAuthenticate": {"description": "Bearer.", "schema": {"type": "string"}}
        }
        """#

    static let security = #"""
        {
          "key": {
            "type": "http", "scheme": "bearer", "bearerFormat": "msk_…",
            "description": "An API key. Its controller is the one that asks; its scopes (check, write, import, \#
            subject, admin) say what it may."
          }
        }
        """#
}
