import Rules
import Store

/// The letter that brings a person the link with which they carry out their own request; it goes to the address itself and to
/// nobody else.
struct RequestLetter: Sendable {
    let press: LinkPress
    let pages: Pages
    /// The company that writes, and the language.
    let frame: PageFrame
    let controller: ControllerRecord
    let now: Instant

    /// How a request comes in for which this letter is sent.
    var origin: RequestOrigin { .page { opening, address in letter(opening, to: address) } }

    /// Nil where the cipher itself fails.
    private func letter(_ opening: RequestOpening, to address: Address) -> Letter? {
        let link = Link(
            .request, controller: controller.id, person: opening.person, reference: opening.id, mintedAt: now)
        guard let url = press.url(of: link), let purpose = Slug("request") else { return nil }
        let language = frame.texts.language
        let text = pages.rightLetter(opening.kind, link: "\(url)?lang=\(language)", in: frame)
        do throws(LetterError) {
            return try Letter(
                to: address, purpose: purpose, language: language, subject: text.subject, text: text.text,
                html: text.html)
        } catch {
            return nil
        }
    }
}
