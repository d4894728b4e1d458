import Rules

/// Pages that say one thing.
extension Pages {
    /// A page of a heading and paragraphs, with a button that posts or a link that asks again, or neither.
    func notice(
        _ title: String, _ paragraphs: [String], role: Role = .status, status: Int = 200, notes: [String] = [],
        button: (name: String, fields: [(name: String, value: String)])? = nil, link: String? = nil,
        in frame: PageFrame
    ) -> Answer {
        var content: [String: Any] = [
            "role": role.rawValue, "paragraphs": paragraphs, "notes": notes, "button": false, "link": false,
        ]
        if let button {
            content["button"] = button.name
            content["fields"] = button.fields.map { ["name": $0.name, "value": $0.value] }
        }
        if let link { content["link"] = link }
        return page(.notice, content, title: title, status: status, frame)
    }

    /// How urgently a reader's program says it.
    enum Role: String { case status, alert }

    /// Whatever is wrong with a link: the same page for all of it.
    func invalid(in frame: PageFrame) -> Answer {
        notice(frame.texts(.invalidTitle), [frame.texts(.invalidText)], role: .alert, status: 404, in: frame)
    }

    /// A link whose time has passed.
    func expired(in frame: PageFrame) -> Answer {
        notice(frame.texts(.expiredTitle), [frame.texts(.expiredText)], role: .alert, status: 410, in: frame)
    }

    /// An opt-out that is on disk and not yet in the database: said only when it is.
    func noted(in frame: PageFrame) -> Answer {
        notice(frame.texts(.notedTitle), [frame.texts(.notedText)], in: frame)
    }

    /// Nothing was done, because nothing could be.
    func failed(in frame: PageFrame) -> Answer {
        var answer = notice(
            frame.texts(.failedTitle), [frame.texts(.failedText)], role: .alert, status: 503,
            link: frame.texts(.failedButton), in: frame)
        answer.headers.append(("Retry-After", String(pageRetrySeconds)))
        return answer
    }

    /// Nothing was done, because this service cannot do it: its operator has to.
    func broken(in frame: PageFrame) -> Answer {
        notice(frame.texts(.failedTitle), [frame.texts(.failedBroken)], role: .alert, status: 500, in: frame)
    }

    /// Nothing was done, because the form does not say what.
    func unreadable(in frame: PageFrame) -> Answer {
        notice(
            frame.texts(.failedTitle), [frame.texts(.failedUnreadable)], role: .alert, status: 400,
            link: frame.texts(.failedButton), in: frame)
    }

    /// It is too late to undo an opt-out by its own page.
    func tooLate(in frame: PageFrame) -> Answer {
        notice(
            frame.texts(.doneTitle), [frame.texts(.undoneLate, [.controller: frame.name])], role: .alert, status: 409,
            in: frame)
    }

    /// The same whether or not there was anybody to send the link to.
    func linkSent(in frame: PageFrame) -> Answer {
        notice(frame.texts(.rightsSent), [frame.texts(.rightsSentText)], in: frame)
    }
}

/// Seconds after which a page asks to be tried again when the database is away.
let pageRetrySeconds = 120
