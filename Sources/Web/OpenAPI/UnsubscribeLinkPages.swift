/// What the OpenAPI description says of the unsubscribe link.
enum UnsubscribeLinkPages {
    static let token =
        #"""
        {"name": "token", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 512}, \#
        "description": "Opaque and sealed: whom and what it stops. It never expires."}
        """#
    static let language =
        #"""
        {"name": "lang", "in": "query", "required": false, "schema": {"type": "string"}, "description": "The \#
        language of the page: nb, sv, en or de; without it the browser's."}
        """#

    private static let texts: [(status: Int, text: String)] = [
        (400, "The form says nothing that is known; nothing was changed."),
        (404, "The link opens nothing, whatever is wrong with it."),
        (409, "There is nothing that may be taken back any more."),
        (500, "The link is sound, and this service cannot record it; nothing was changed."),
        (503, "Nothing can be recorded now; nothing was changed."),
    ]

    static let show = Documentation(
        id: "showUnsubscribe", tag: "links", summary: "The page behind the link in a mail",
        text: "Says what stands and asks. GET and HEAD change nothing, whoever opens the link.",
        parameters: [token, language],
        success: .init(status: 200, text: "The page.", content: .init(nil, mediaType: LinkPageText.mediaType)),
        pages: texts.filter { $0.status == 404 })

    static let press = Documentation(
        id: "pressUnsubscribe", tag: "links", summary: "Stop the messages, in one click or on the page",
        text:
            "RFC 8058: the field `List-Unsubscribe` with the value `One-Click`, in either encoding, without a key, a cookie or "
            + "a redirect. 200 says that it is committed; pressing again is the same. The page's own buttons send `action` "
            + "(`stop`, with `scope` and `reason` if the person says so; `undo`; `narrow`).",
        parameters: [token, language],
        request: .init(
            "OneClick", mediaType: "application/x-www-form-urlencoded",
            [
                ("oneClick", #"{"List-Unsubscribe": "One-Click"}"#),
                ("page", #"{"action": "stop", "scope": "controller"}"#),
            ]),
        otherRequests: [
            .init("OneClick", mediaType: "multipart/form-data", [("oneClick", #"{"List-Unsubscribe": "One-Click"}"#)])
        ],
        success: .init(
            status: 200, text: "It is stopped: what, at which company, since when.",
            content: .init(nil, mediaType: LinkPageText.mediaType)),
        pages: texts)
}
