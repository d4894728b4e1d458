/// What the OpenAPI description says of the pages of a person.
enum PersonLinkPages {
    private static let html = Documentation.Content(nil, mediaType: LinkPageText.mediaType)
    private static let parameters = [UnsubscribeLinkPages.token, UnsubscribeLinkPages.language]
    private static let nothing = [
        (status: 404, text: "The link opens nothing, whatever is wrong with it."),
        (status: 503, text: "Nothing can be known or recorded now; nothing was changed."),
    ]
    private static let expired = (status: 410, text: "The link, or what it is about, is too old.")
    private static let unreadable = (status: 400, text: "The form says nothing that is known; nothing was changed.")
    private static let barred = (
        status: 409, text: "It is stopped by an entry that no page lifts; nothing was changed."
    )

    static let showPreferences = Documentation(
        id: "showPreferences", tag: "links", summary: "What may be sent to a person, and what it rests on",
        text: "The holder's own page, for 90 days. GET and HEAD change nothing, whoever opens the link.",
        parameters: parameters, success: .init(status: 200, text: "The page.", content: html),
        pages: [nothing[0], expired, nothing[1]])

    static let changePreferences = Documentation(
        id: "changePreferences", tag: "links", summary: "Change what may be sent",
        text:
            "The page's own form: `action` is `save` (with a field `on.PURPOSE` or `on.PURPOSE.TOPIC` for each ticked box, and in "
            + "`was` the boxes that were ticked when the page was shown), `stop` (with `scope`) or `ask` (with `right`, which sends a "
            + "link to the address itself). What differs is recorded in one transaction.",
        parameters: parameters,
        request: .init(
            "PageForm", mediaType: "application/x-www-form-urlencoded",
            [("stop", #"{"action": "stop", "scope": "controller"}"#)]),
        success: .init(status: 200, text: "What stands now.", content: html),
        pages: [unreadable, nothing[0], expired, nothing[1]])

    static let showConfirmation = Documentation(
        id: "showConfirmation", tag: "links", summary: "The words of a double opt-in, and a button",
        text: "GET and HEAD change nothing: a scanner that follows the link confirms nothing.", parameters: parameters,
        success: .init(status: 200, text: "The page.", content: html),
        pages: [unreadable, nothing[0], barred, expired, nothing[1]])

    static let confirm = Documentation(
        id: "confirmConsent", tag: "links", summary: "Confirm a double opt-in",
        text:
            "The page's own form: `action` is `confirm`, `wording` the version of the words that were shown, `confirms` is "
            + "`objection` where they name one. Records the consent with version, language and SHA-256 of the words, the time and "
            + "the network; and that the address is confirmed. Confirming again is the same.",
        parameters: parameters,
        request: .init(
            "PageForm", mediaType: "application/x-www-form-urlencoded",
            [("confirm", #"{"action": "confirm", "wording": "confirm-1"}"#)]),
        success: .init(status: 200, text: "It is confirmed, since when.", content: html),
        pages: [unreadable, nothing[0], barred, expired, nothing[1]])
}

/// What the OpenAPI description says of requests for a consent.
enum ConsentRequestPages {
    static let ask = Documentation(
        id: "requestConsent", tag: "relations", summary: "Start a double opt-in",
        text:
            "Sends the address a mail whose link asks for the yes; nothing is consented before that. The answer is the same for "
            + "every address, after the same time. A mail goes once a day to an address at most, and to nobody who objected or "
            + "complained, whose mail came back, or whose domain wants none. `evidence` says where it was asked, without any address.",
        request: .init(
            "ConsentRequest",
            [
                (
                    "signUp",
                    #"""
                    {"address": "kari.nordmann@firma.example", "purpose": "newsletter", "language": "nb", "evidence": \#
                    {"form": "footer", "ip": "192.0.2.17"}}
                    """#
                )
            ]),
        success: .init(
            status: 202, text: "It was taken in; whether a mail goes out is not said.",
            content: .init(
                "ConsentRequestAnswer", [("signUp", #"{"accepted": true, "purpose": "newsletter"}"#)])),
        problems: [.invalidAddress, .invalidEvidence, .unknownPurpose, .notAllowed])
}
