import Rules
import Store

/// The letter that brings a person the link with which they carry out their own request; it goes to the address itself and to
/// nobody else.
struct RequestLetter: Sendable {
    let press: LinkPress
    let controller: ControllerRecord
    /// Of the company, first its own.
    let languages: [String]
    let asked: String?
    let now: Instant

    /// How a request comes in for which this letter is sent.
    var origin: RequestOrigin { .page { opening, address in letter(opening, to: address) } }

    /// Nil where the cipher itself fails.
    private func letter(_ opening: RequestOpening, to address: Address) -> Letter? {
        let link = Link(
            .request, controller: controller.id, person: opening.person, reference: opening.id, mintedAt: now)
        guard let url = press.url(of: link), let purpose = Slug("request") else { return nil }
        let texts = SubjectTexts.chosen(asked, of: languages)
        let subject = texts(.letterSubject, [controller.name])
        let lead = texts(.letterText, [controller.name, texts.title(of: opening.kind)])
        let ignore = texts(.letterIgnore)
        var page = SubjectMarkup(letter: subject, language: texts.language)
        page.paragraph(lead)
        page.link(url)
        page.paragraph(ignore)
        do throws(LetterError) {
            return try Letter(
                to: address, purpose: purpose, language: texts.language, subject: subject,
                text: [lead, url, ignore, "-- \n" + controller.name].joined(separator: "\n\n") + "\n",
                html: String(decoding: page.end(), as: UTF8.self))
        } catch {
            return nil
        }
    }
}
