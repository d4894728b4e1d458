import Rules
import Store

/// What the page of a request has to say.
struct RequestPage: Sendable {
    let message: Message
    /// Nil where the link opens nothing.
    let linked: LinkedRequest?
    private let asked: String?

    /// What happened, or is asked.
    enum Message: Sendable {
        /// Nothing yet: whether to carry it out.
        case asks
        case done(RequestAnswer)
        /// It was answered before.
        case answered
        /// There is nothing to correct.
        case nothingStored
        /// The form said nothing that can be done; nothing was changed.
        case notUnderstood
        /// The link opens nothing, or its day has passed.
        case notFound
        case unavailable

        var status: Int {
            switch self {
            case .asks, .done: 200
            case .notUnderstood: 400
            case .notFound: 404
            case .answered, .nothingStored: 409
            case .unavailable: 503
            }
        }
    }

    init(_ message: Message, _ linked: LinkedRequest?, at visit: Visit) {
        (self.message, self.linked) = (message, linked)
        asked = visit.query["lang"] ?? linked?.request.language ?? visit.acceptLanguage.flatMap(Self.first)
    }

    /// The first language of the browser.
    private static func first(_ accept: String) -> String? {
        accept.split(whereSeparator: { $0 == "," || $0 == ";" }).first.map(String.init)
    }

    /// Nobody may keep, frame or index it, and it loads nothing from elsewhere.
    var answer: Answer {
        if case .done(.exported(let file)) = message {
            return Answer(200, SubjectPage.mediaType, SubjectPage.html(of: file, in: asked), headers: headers)
        }
        return Answer(message.status, LinkPageText.mediaType, html, headers: headers)
    }

    private var headers: [(String, String)] {
        let retry = message.status == 503 ? [("Retry-After", String(retryAfterSeconds))] : []
        return LinkPageText.headers + [("Cache-Control", "no-store")] + retry
    }

    private var html: [UInt8] {
        let controller = linked.flatMap { $0.policy.controller($0.controller.slug) }
        let texts = SubjectTexts.chosen(asked, of: controller?.languages ?? [])
        let title = linked.map { texts.title(of: $0.request.kind) } ?? texts(.linkTitle)
        var page = SubjectMarkup(language: texts.language, title: title)
        switch message {
        case .asks:
            guard let linked else { break }
            page.paragraph(
                texts(.linkAsk, [linked.controller.name, String(linked.request.receivedAt.description.prefix(10))]))
            let isRectification = linked.request.kind == .rectify
            if isRectification { page.paragraph(texts(.linkRectify)) }
            let fields: [(String, SubjectText)] = [("name", .name), ("position", .position), ("phone", .phone)]
            page.form(
                action: "answer", button: texts(.linkButton),
                fields: isRectification ? fields.map { ($0.0, texts($0.1)) } : [])
        case .done(let answer): say(answer, texts, &page)
        case .answered: page.paragraph(texts(.linkAnswered))
        case .nothingStored: page.paragraph(texts(.nothing))
        case .notUnderstood: page.paragraph(texts(.linkNotUnderstood))
        case .notFound: page.paragraph(texts(.linkNotFound))
        case .unavailable: page.paragraph(texts(.linkUnavailable))
        }
        return page.end()
    }

    private func say(_ answer: RequestAnswer, _ texts: SubjectTexts, _ page: inout SubjectMarkup) {
        page.paragraph(texts(.linkDone))
        switch answer {
        case .exported: break
        case .erased(let erased):
            if !erased.isCarriedOut { page.paragraph(texts(.erasurePending)) }
            page.section(texts(.afterTitle))
            page.list(
                KeptAfterErasure.all(holds: erased.holds).map { kept in
                    (texts.kept[kept.what] ?? "") + (kept.hold.map { " \($0)" } ?? "") + " (\(kept.exception))"
                })
        case .rectified: break
        case .restricted: page.paragraph(texts(.keptRestriction))
        case .objected(let receipt):
            page.list(receipt.stops.map(\.text))
        }
    }
}

extension SubjectTexts {
    /// What the person asked for.
    func title(of kind: RequestKind) -> String {
        let right: PersonRight =
            switch kind {
            case .export: .access
            case .rectify: .rectification
            case .erase: .erasure
            case .restrict: .restriction
            case .object: .objection
            }
        return rights[right] ?? kind.rawValue
    }
}
