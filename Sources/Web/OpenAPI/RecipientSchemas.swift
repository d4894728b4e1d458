import Store

extension Schemas {
    private static let optionalText = #"{"type": ["string", "null"]}"#
    private static let optionalTime = #"{"type": ["string", "null"], "format": "date-time"}"#
    private static let count = #"{"type": "integer", "minimum": 0}"#

    static let recipients: [(name: String, json: String)] = [
        (
            "Recipients",
            ##"""
            {"type": "object", "additionalProperties": false, "required": ["recipients"], "properties": {
              "recipients": {"type": "array", "items": {"$ref": "#/components/schemas/Recipient"}}}}
            """##
        ),
        (
            "Recipient",
            #"""
            {"type": "object", "additionalProperties": false, "required": ["recipient", "kind", "url", "with-address", \#
            "state", "since", "failure", "failing-since", "waiting", "quarantined", "undeliverable", "delivered", "oldest"], \#
            "properties": {
              "recipient": {"type": "string"}, "kind": {"enum": [\#(words(Endpoint.Kind.self)), null]},
              "url": \#(optionalText), "with-address": {"type": "boolean"},
              "state": {"enum": [\#(words(EndpointState.State.self))], "description": "unset: nobody has said how it is \#
              reached; gone: it answered 410. Its notices wait."},
              "since": \#(optionalTime),
              "failure": {"type": ["string", "null"], "description": "Why nothing arrives there, a status or a sentence; \#
              null where it does, as far as is known."},
              "failing-since": \#(optionalTime), "waiting": \#(count), "quarantined": \#(count),
              "undeliverable": {"type": "integer", "minimum": 0, "description": "What it was not told and will not be."},
              "delivered": \#(count),
              "oldest": {"type": ["string", "null"], "format": "date-time", "description": "Since when the oldest that \#
              waits or is in quarantine is there."}}}
            """#
        ),
        (
            "Notices",
            ##"""
            {"type": "object", "additionalProperties": false, "required": ["notices", "next", "more"], "properties": {
              "notices": {"type": "array", "items": {"$ref": "#/components/schemas/Notice"}},
              "next": {"type": "integer", "description": "Ask on with this as “after”."},
              "more": {"type": "boolean", "description": "Whether there may be more now."}}}
            """##
        ),
        (
            "Notice",
            #"""
            {"type": "object", "additionalProperties": false, "required": ["notice", "webhook-id", "act", "event", \#
            "address-key", "state", "attempts", "answer", "posted-at", "settled-at"], "properties": {
              "notice": \#(count), "webhook-id": {"type": "string", "format": "uuid", "description": "The same however \#
              often it is sent."},
              "act": \#(count), "event": {"type": "string"}, "address-key": {"type": "string", "format": "uuid"},
              "state": {"enum": [\#(words(NoticeState.State.self))]}, "attempts": \#(count),
              "answer": {"type": ["string", "null"], "description": "What the recipient last answered, a status; of one \#
              that is undeliverable, why."},
              "posted-at": {"type": "string", "format": "date-time"}, "settled-at": \#(optionalTime)}}
            """#
        ),
        (
            "Discard",
            #"""
            {"type": "object", "additionalProperties": false, "required": ["discarded"], "properties": {"discarded": \#
            \#(count)}}
            """#
        ),
        (
            "Replay",
            #"""
            {"type": "object", "additionalProperties": false, "required": ["replayed"], "properties": {"replayed": \#
            \#(count)}}
            """#
        ),
    ]
}
