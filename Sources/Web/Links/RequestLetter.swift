public import Rules
public import Store

/// The letter that brings a person the link with which they carry out their own request; it goes to the address itself and to
/// nobody else.
struct RequestLetter: Sendable {
    let press: LinkPress
    let pages: Pages
    /// The company that writes, and the language.
    let frame: PageFrame
    let controller: ControllerRecord
    let now: Instant

    /// The letter for whatever request is opened.
    var written: IdentityLetter { { opening, address in letter(opening, to: address) } }

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

/// The letter that tells a person that their request takes longer or is refused, and why: Article 12(3) and (4).
struct MoveNotice: Sendable {
    let move: RequestMove
    let pages: Pages
    let controller: ControllerRecord
    let policy: Policy

    /// The letter for the request as it was moved.
    var written: MoveLetter { { request, address in letter(request, to: address) } }

    /// In the person's language; nil of an answer, which is no letter of ours.
    private func letter(_ request: SubjectRequest, to address: Address) -> Letter? {
        let frame = pages.frame(
            language: nil, accept: request.language, controller: policy.controller(controller.slug),
            group: policy.controllers)
        guard let text = pages.moveLetter(request, move, in: frame), let purpose = Slug("request") else { return nil }
        do throws(LetterError) {
            return try Letter(
                to: address, purpose: purpose, language: frame.texts.language, subject: text.subject, text: text.text,
                html: text.html)
        } catch {
            return nil
        }
    }
}

extension WebServer.RecipientPages {
    /// Writes the letter with the link of a request, in the language asked for as in a browser's Accept-Language.
    public func identityLetter(
        _ issuer: LinkIssuer, random: @escaping @Sendable () -> UInt64, of controller: ControllerRecord,
        under policy: Policy, in language: String?, at now: Instant
    ) -> IdentityLetter {
        let frame = pages.frame(
            language: nil, accept: language, controller: policy.controller(controller.slug), group: policy.controllers)
        return RequestLetter(
            press: LinkPress(issuer: issuer, random: random), pages: pages, frame: frame, controller: controller,
            now: now
        ).written
    }

    /// Writes the letter that tells a person of the move.
    public func moveLetter(
        _ move: RequestMove, of controller: ControllerRecord, under policy: Policy
    ) -> MoveLetter {
        MoveNotice(move: move, pages: pages, controller: controller, policy: policy).written
    }
}
