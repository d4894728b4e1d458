import Rules
import Store

/// `/c/{token}`: confirms a double opt-in.
enum ConfirmationLink {
    static let path = "/c/{token}"

    static let routes = [
        Route(.get, path, .everybody, body: .page, PersonLinkPages.showConfirmation) { call async throws(Problem) in
            try await show(call)
        },
        Route(.post, path, .everybody, body: .page, PersonLinkPages.confirm) { call async throws(Problem) in
            try await confirm(call)
        },
    ]

    /// The words and a button. Reads and changes nothing.
    private static func show(_ call: Call) async throws(Problem) -> Answer {
        let opened = try PersonVisit.open(call, as: .confirmation)
        guard case .success(let person) = opened else { return opened.answered }
        do throws(StoreError) {
            return page(try await call.store.page(of: person.link), person)
        } catch {
            call.trail.note(cause: error.description)
            return person.pages.failed(in: person.frame(nil, nil))
        }
    }

    private static func page(_ standing: PersonStanding?, _ person: PersonVisit) -> Answer {
        guard let standing, let purpose = person.link.purpose, let confirmation = standing.confirmation else {
            return person.pages.invalid(in: person.frame(nil, nil))
        }
        let frame = person.frame(standing.controller, standing.policy)
        switch confirmation {
        case .given(let at): return person.pages.confirmed([purpose], at: at, in: frame)
        case .lapsed: return person.pages.lapsed(in: frame)
        case .barred(let reason): return person.pages.barred(by: reason, in: frame)
        case .open(let isObjected, let until):
            let words = frame.texts.current(.confirm).flatMap {
                frame.texts.wording($0, controller: frame.name, purposes: [purpose])
            }
            guard let words else { return person.pages.unreadable(in: frame) }
            return person.pages.confirmation(words, namesObjection: isObjected, forgotten: until, in: frame)
        }
    }

    /// The person's yes to the words that the page showed.
    private static func confirm(_ call: Call) async throws(Problem) -> Answer {
        let opened = try PersonVisit.open(call, as: .confirmation)
        guard case .success(let person) = opened else { return opened.answered }
        let form: LinkForm?
        do throws(Problem) { form = try await person.visit.form() } catch { form = nil }
        do throws(StoreError) {
            guard let access = try await call.store.access(of: person.link), let purpose = person.link.purpose,
                let before = try await call.store.page(of: person.link)
            else { return person.pages.invalid(in: person.frame(nil, nil)) }
            call.trail.note(controller: access.controller.slug.text)
            let frame = person.frame(before.controller, before.policy)
            let words = form?["wording"].flatMap {
                frame.texts.wording($0, controller: frame.name, purposes: [purpose])
            }
            guard let form, form["action"] == "confirm", let words,
                let evidence = person.evidence("double-opt-in", "confirmation", to: words)
            else { return person.pages.unreadable(in: frame) }
            let receipt = try await call.store.run(
                .confirm(person.link, namesObjection: form["confirms"] == "objection") { _ in evidence }, by: access)
            return page(receipt.standing, person)
        } catch {
            call.trail.note(cause: error.description)
            return person.pages.failed(in: person.frame(nil, nil))
        }
    }
}
