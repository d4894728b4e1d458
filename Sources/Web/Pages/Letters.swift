import Rules
import Store

/// A mail that the service writes itself, to one address.
struct LetterText: Hashable, Sendable {
    let subject: String
    let text: String
    let html: String
}

/// The mails that the service writes itself; each asks the reader of an inbox to open a link.
extension Pages {
    /// Asks for a consent to be confirmed. `forgotten` is when the request runs out.
    func confirmationLetter(purpose: Slug, link: String, forgotten: Instant, in frame: PageFrame) -> LetterText {
        let texts = frame.texts
        let words: [TextKey.Word: String] = [.purpose: texts.purpose(purpose), .controller: frame.name]
        return letter(
            subject: texts(.mailConfirmSubject, words), lead: texts(.mailConfirmLead, words),
            ask: texts(.mailConfirmAsk), button: texts(.mailConfirmButton),
            ignore: texts(.mailConfirmIgnore, [.date: frame.day(forgotten)]), link: link, in: frame)
    }

    /// Brings the link with which a person goes on with a right of theirs.
    func rightLetter(_ right: RequestKind, link: String, in frame: PageFrame) -> LetterText {
        let texts = frame.texts
        return letter(
            subject: texts(.mailRightsSubject, [.controller: frame.name]),
            lead: texts(.mailRightsLead, [.controller: frame.name, .right: texts(right.textKey)]),
            ask: texts(.mailRightsAsk), button: texts(.mailRightsButton), ignore: texts(.mailRightsIgnore), link: link,
            in: frame)
    }

    /// Says that a request takes longer or is refused, why, and where one may complain; nil of any other move.
    func moveLetter(_ request: SubjectRequest, _ move: RequestMove, in frame: PageFrame) -> LetterText? {
        let texts = frame.texts
        let said: String
        switch move {
        case .extend(_, let reason):
            said = texts(.mailExtended, [.date: frame.day(request.dueAt), .reason: reason])
        case .refuse(let reason): said = texts(.mailRefused, [.reason: reason])
        case .complete: return nil
        }
        let lead = texts(
            .mailMovedLead,
            [
                .controller: frame.name, .date: frame.day(request.receivedAt),
                .right: texts(request.kind.textKey),
            ])
        let complaint =
            frame.controller?.authority.map { texts(.footerAuthority, [.authority: $0]) } ?? texts(.footerAnyAuthority)
        let subject = texts(.mailRightsSubject, [.controller: frame.name])
        let more = [said, complaint + " " + texts(.mailCourt)]
        let html = letter(["subject": subject, "lead": lead, "more": more], frame)
        return LetterText(subject: subject, text: Self.plain([lead] + more + ["-- \n" + sender(frame)]), html: html)
    }

    private func letter(
        subject: String, lead: String, ask: String, button: String, ignore: String, link: String, in frame: PageFrame
    ) -> LetterText {
        let html = letter(
            ["subject": subject, "lead": lead, "ask": ask, "button": button, "ignore": ignore, "link": link], frame)
        let paragraphs = [lead, ask + ":", link, ignore, "-- \n" + sender(frame)]
        return LetterText(subject: subject, text: Self.plain(paragraphs), html: html)
    }

    private static func plain(_ paragraphs: [String]) -> String { paragraphs.joined(separator: "\n\n") + "\n" }

    private func sender(_ frame: PageFrame) -> String {
        let contact = frame.controller?.contact
        let number = frame.controller?.number.map { frame.texts(.footerNumber, [.number: $0]) }
        return [frame.name, number, contact?.address, contact?.email, contact?.privacyPolicy].compactMap { $0 }
            .joined(separator: "\n")
    }
}
