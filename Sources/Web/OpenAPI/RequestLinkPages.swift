/// What the OpenAPI description says of the link with which a person carries out their own request.
enum RequestLinkPages {
    private static let token =
        #"""
        {"name": "token", "in": "path", "required": true, "schema": {"type": "string", "maxLength": 512}, \#
        "description": "Opaque and sealed: whose request. It opens for 24 hours."}
        """#

    private static let texts: [(status: Int, text: String)] = [
        (400, "The form says nothing that can be done; nothing was changed."),
        (404, "The link opens nothing, whatever is wrong with it."),
        (410, "Its day has passed."),
        (409, "It was answered before, or there is nothing to correct."),
        (503, "Nothing can be done now; nothing was changed."),
    ]

    static let show = Documentation(
        id: "showRequestLink", tag: "links", summary: "The page behind the link that was sent to the address itself",
        text:
            "Says what was asked for, and nothing of what is held. GET and HEAD change nothing, whoever opens the link.",
        parameters: [token, UnsubscribeLinkPages.language],
        success: .init(status: 200, text: "The page.", content: .init(nil, mediaType: LinkPageText.mediaType)),
        pages: texts.filter { $0.status != 400 })

    static let answer = Documentation(
        id: "answerRequestLink", tag: "links", summary: "Carry the person's own request out",
        text:
            "Following the link shows who asks (Article 12(6)). `action` is `answer`; a request to correct has `name`, `position` "
            + "or `phone`. An export is shown as long as the link opens; everything else is done once.",
        parameters: [token, UnsubscribeLinkPages.language],
        request: .init(
            "RequestForm", mediaType: "application/x-www-form-urlencoded",
            [("answer", #"{"action": "answer"}"#), ("correct", #"{"action": "answer", "name": "Kari Nordmann"}"#)]),
        otherRequests: [
            .init("RequestForm", mediaType: "multipart/form-data", [("answer", #"{"action": "answer"}"#)])
        ],
        success: .init(
            status: 200, text: "It is done, and what was done.",
            content: .init(nil, mediaType: LinkPageText.mediaType)),
        pages: texts)
}
