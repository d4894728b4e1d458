import Rules
import Store

/// `/p/{token}`: what a company may send the holder of the link, and what each rests on.
enum PreferenceLink {
    static let path = "/p/{token}"

    static let routes = [
        Route(.get, path, .everybody, body: .page, PersonLinkPages.showPreferences) { call async throws(Problem) in
            try await show(call)
        },
        Route(.post, path, .everybody, body: .page, PersonLinkPages.changePreferences) { call async throws(Problem) in
            try await change(call)
        },
    ]

    /// What stands. Reads and changes nothing.
    private static func show(_ call: Call) async throws(Problem) -> Answer {
        let opened = try PersonVisit.open(call, as: .preferences)
        guard case .success(let person) = opened else { return opened.answered }
        do throws(StoreError) {
            guard let standing = try await call.store.page(of: person.link) else {
                return person.pages.invalid(in: person.frame(nil, nil))
            }
            return page(standing, person, call)
        } catch {
            call.trail.note(cause: error.description)
            return person.pages.failed(in: person.frame(nil, nil))
        }
    }

    private static func page(
        _ standing: PersonStanding, _ person: PersonVisit, _ call: Call, outcome: PreferenceOutcome? = nil
    ) -> Answer {
        person.pages.preferences(
            standing.choices, outcome: outcome, in: person.frame(standing.controller, standing.policy))
    }

    private static func change(_ call: Call) async throws(Problem) -> Answer {
        let opened = try PersonVisit.open(call, as: .preferences)
        guard case .success(let person) = opened else { return opened.answered }
        let form: LinkForm?
        do throws(Problem) { form = try await person.visit.form() } catch { form = nil }
        let wish = form.flatMap(Wish.init)
        do throws(StoreError) {
            guard let access = try await call.store.access(of: person.link) else {
                return person.pages.invalid(in: person.frame(nil, nil))
            }
            call.trail.note(controller: access.controller.slug.text)
            switch wish {
            case .person(let wish): return try await act(wish, form, person, by: access, call)
            case .right(let right): return try await ask(right, person, by: access, call)
            case nil:
                return person.pages.unreadable(in: try await frame(person, call))
            }
        } catch {
            call.trail.note(cause: error.description)
            // What ticks mean depends on what stood, which only the database knows; the button means the same whatever stood.
            if case .person(.stop(let scope)) = wish, error.leavesToSpool, let links = call.links,
                await links.keep(scope, of: person.link, receivedAt: call.now)
            {
                return person.pages.noted(in: person.frame(nil, nil))
            }
            return person.pages.failed(in: person.frame(nil, nil))
        }
    }

    private static func frame(_ person: PersonVisit, _ call: Call) async throws(StoreError) -> PageFrame {
        let standing = try await call.store.page(of: person.link)
        return person.frame(standing?.controller, standing?.policy)
    }

    /// What the person wants, recorded with the words that the page showed them.
    private static func act(
        _ wish: PersonWish, _ form: LinkForm?, _ person: PersonVisit, by access: Access, _ call: Call
    ) async throws(StoreError) -> Answer {
        guard let before = try await call.store.page(of: person.link) else {
            return person.pages.invalid(in: person.frame(nil, nil))
        }
        let frame = person.frame(before.controller, before.policy)
        let version = form?["wording"] ?? ""
        let receipt = try await call.store.run(
            .choose(person.link, wish) { event in
                guard case .consentGiven(let purpose, _) = event else {
                    return person.evidence("preference-page", "preferences")
                }
                // Words that were not shown were not said: without them the act lifts nothing, and is not recorded.
                return frame.texts.wording(version, controller: frame.name, purposes: [purpose]).flatMap {
                    person.evidence("preference-page", "preferences", to: $0)
                }
            }, by: access)
        return page(receipt.standing, person, call, outcome: receipt.at.map { .saved(at: $0) } ?? .unchanged)
    }

    /// Takes the request in and has a link sent to the address itself; the answer is the same, after the same time, whether
    /// or not there is one.
    private static func ask(
        _ right: RequestKind, _ person: PersonVisit, by access: Access, _ call: Call
    ) async throws(StoreError) -> Answer {
        let frame = try await frame(person, call)
        guard let links = call.links else { return person.pages.unreadable(in: frame) }
        let start = ContinuousClock.now
        let letter = RequestLetter(
            press: links.press, pages: person.pages, frame: frame, controller: access.controller, now: call.now)
        _ = try await call.store.run(
            .openRequest(
                right, of: .link(person.link.person), language: frame.texts.language,
                from: .page(letter: letter.written)),
            by: access)
        await waitForStep(since: start)
        return person.pages.linkSent(in: frame)
    }

    /// What a form asks for.
    private enum Wish {
        case person(PersonWish)
        case right(RequestKind)

        /// Nil where it asks for nothing that is known here.
        init?(_ form: LinkForm) {
            switch form["action"] {
            case "save":
                let names = form.names.filter { $0.hasPrefix("on.") }.map { String($0.dropFirst("on.".count)) }
                self = .person(
                    .ticks(
                        Ticks(
                            shown: Self.words(form["was"]), sent: Set(names), objections: Self.words(form["objections"])
                        )
                    ))
            case "stop":
                guard let scope = form["scope"].flatMap({ Scope(rawValue: $0) }), scope >= .controller else {
                    return nil
                }
                self = .person(.stop(scope))
            case "ask":
                guard let right = form["right"].flatMap({ RequestKind(rawValue: $0) }),
                    RequestKind.offered.contains(right)
                else { return nil }
                self = .right(right)
            default: return nil
            }
        }

        private static func words(_ text: String?) -> Set<String> {
            Set((text ?? "").split(separator: " ").map(String.init))
        }
    }
}

extension Result<PersonVisit, PersonVisit.Answered> {
    /// The page that was answered in place of what was to follow.
    var answered: Answer {
        switch self {
        case .success(let person): person.pages.invalid(in: person.frame(nil, nil))
        case .failure(let answered): answered.answer
        }
    }
}
