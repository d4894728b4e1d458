import Formats
import Rules
import Store

/// Starts a double opt-in: the same answer for every address, after the same time.
enum ConsentRequestAPI {
    static let routes = [
        Route(.post, "/v1/consents/request", .key([.write]), body: .single, ConsentRequestPages.ask) {
            call async throws(Problem) in try await ask(call)
        }
    ]

    private static func ask(_ call: Call) async throws(Problem) -> Answer {
        let start = ContinuousClock.now
        guard let links = call.links, let pages = call.pages else {
            throw Problem(
                .unavailable,
                "This service has no links set up, so nobody could confirm; the operator has to set them up.")
        }
        var fields = try call.fields()
        let address = try fields.address()
        let purposeName = try fields.requiredText("purpose")
        let language = try fields.text("language")
        let given = try fields.evidence()
        try fields.finish()
        let policy = try await call.policy()
        let purpose = try purpose(named: purposeName, in: policy)
        if let language, pages.languages[language] == nil {
            let known = pages.languages.all.map(\.language)
            throw Problem(
                .notAllowed,
                "“\(excerpt(language))” is no language here; allowed are \(known.joined(separator: ", ")).",
                at: "/language", known: known)
        }
        let request = ConsentRequest(of: address, for: purpose, evidence: given) { asked in
            letter(asked, to: address, for: purpose, language, pages, links.press)
        }
        let access = try call.access()
        do throws(StoreError) { try await call.store.run(.requestConsent(request), by: access) } catch {
            throw Problem(error)
        }
        await waitForStep(since: start)
        return .json(202) { writer in
            writer.member("accepted", true)
            writer.member("purpose", purpose.text)
        }
    }

    /// Only what a consent can open may be asked for.
    private static func purpose(named name: String, in policy: Policy) throws(Problem) -> Slug {
        let known = policy.purposes.filter { purpose in
            purpose.kind != .record && purpose.grounds.contains { $0.basis == .consent }
        }.map(\.id.text)
        guard let slug = Slug(name), policy.purpose(slug) != nil else {
            throw Problem(
                .unknownPurpose, "unknown purpose “\(excerpt(name))”; known are \(known.joined(separator: ", "))",
                at: "/purpose", known: known)
        }
        guard known.contains(name) else {
            throw Problem(
                .notAllowed, "“\(name)” rests on no consent; allowed are \(known.joined(separator: ", ")).",
                at: "/purpose", known: known)
        }
        return slug
    }

    private static func letter(
        _ asked: ConsentRequest.Asked, to address: Address, for purpose: Slug, _ language: String?, _ pages: Pages,
        _ press: LinkPress
    ) -> Letter? {
        let link = Link(
            .confirmation, controller: asked.controller.id, person: asked.person, purpose: purpose, mintedAt: asked.at)
        guard let url = press.url(of: link), let kind = Slug("confirmation") else { return nil }
        let group = asked.policy.controllers
        let frame = pages.frame(
            language: language, accept: nil, controller: group.first { $0.id == asked.controller.slug }, group: group)
        let text = pages.confirmationLetter(
            purpose: purpose, link: "\(url)?lang=\(frame.texts.language)",
            forgotten: asked.policy.doubleOptInKeep.end(from: asked.at), in: frame)
        do throws(LetterError) {
            return try Letter(
                to: address, purpose: kind, language: frame.texts.language, subject: text.subject, text: text.text,
                html: text.html)
        } catch {
            return nil
        }
    }
}
