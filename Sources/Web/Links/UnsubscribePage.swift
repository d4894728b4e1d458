import Rules
import Store

/// What the unsubscribe page has to say, before anybody has chosen its words.
struct UnsubscribePage: Sendable {
    let message: Message
    /// What stands, by the database; nil where it could not be asked or where the link opens nothing.
    let standing: LinkStanding?
    /// The token in the page's own path, for its forms.
    let token: String
    /// What the link says of its mail; nil where it opens nothing.
    let link: Link?
    /// The languages that the browser asks for.
    let acceptLanguage: String?
    /// The language that the person chose on the page.
    let chosenLanguage: String?
    /// Whether a program reads the answer, and no person.
    var isForMachine = false
    /// Whether the person has just said why.
    var isThanked = false

    /// What happened, or is asked.
    enum Message: Sendable {
        /// Nothing yet: whether to stop, and how much.
        case asks
        /// Nothing yet; and the person consented after the mail was sent, so the page says that first.
        case asksAgainstConsent(Instant)
        /// It is stopped: committed, or committed before.
        case stopped(LinkReceipt)
        /// It is durable here and will be recorded before anything more is sent; there is no receipt yet.
        case accepted
        /// The person came back.
        case cameBack(LinkReceipt)
        /// The topic alone is stopped instead.
        case narrowed(LinkReceipt)
        /// There is nothing that may be taken back any more.
        case nothingToUndo
        /// The form said nothing that is known here; nothing was changed.
        case notUnderstood
        /// The link opens nothing: whatever is wrong with it.
        case notFound
        /// Nothing can be recorded now, and nothing was.
        case unavailable
        /// The link is sound, and this service cannot record it: its operator has to.
        case broken

        /// The status of the answer: 200 is said of what was committed, or made durable, and of what merely asks.
        var status: Int {
            switch self {
            case .asks, .asksAgainstConsent, .stopped, .accepted, .cameBack, .narrowed: 200
            case .nothingToUndo: 409
            case .notUnderstood: 400
            case .notFound: 404
            case .broken: 500
            case .unavailable: 503
            }
        }
    }

    init(_ message: Message, _ standing: LinkStanding?, of link: Link?, at visit: Visit) {
        (self.message, self.standing, self.link, token) = (message, standing, link, visit.token)
        (acceptLanguage, chosenLanguage) = (visit.acceptLanguage, visit.query["lang"])
    }

    static let stoppedTitle = "You will get no more of these messages"

    /// The statuses that the page can have, for the description.
    static let statuses = [200, 400, 404, 409, 500, 503]

    /// The page as an answer: whatever it says, nobody may keep, frame or index it, and it loads nothing from elsewhere.
    ///
    /// Without `pages` in plain HTML and English. A machine that pressed for the person is told no more than that it is done.
    func answer(_ pages: Pages?) -> Answer {
        if isForMachine, case .stopped(let receipt) = message { return OneClick.answer(receipt) }
        if let pages { return answer(by: pages) }
        var headers = LinkPageText.headers
        if message.status == 503 { headers.append(("Retry-After", String(retryAfterSeconds))) }
        return Answer(
            message.status, LinkPageText.mediaType, Array(PlainUnsubscribePage(self).html.utf8), headers: headers)
    }
}

/// What every public page has in common.
enum LinkPageText {
    static let mediaType = "text/html; charset=utf-8"
    /// The token must not leave by a referrer; no search engine keeps it.
    static let headers = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow, noarchive"),
    ]

    /// Text that may stand in HTML, also in an attribute.
    ///
    /// By scalar: a quotation mark with an accent on it is still the end of an attribute to a browser.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return text }
        var html = ""
        html.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.unicodeScalars.append(scalar)
            }
        }
        return html
    }
}
