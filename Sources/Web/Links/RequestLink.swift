import Rules
import Store

/// `/r/{token}`: where a person's own request is carried out. The link was sent to the address itself, so whoever follows it
/// has shown who they are (Article 12(6)).
enum RequestLink {
    static let path = "/r/{token}"

    static let routes = [
        Route(.get, path, .everybody, body: .page, RequestLinkPages.show) { call async throws(Problem) in
            try await show(call)
        },
        Route(.post, path, .everybody, body: .page, RequestLinkPages.answer) { call async throws(Problem) in
            try await answer(call)
        },
    ]

    /// What was asked for. Reads and changes nothing, and shows nothing of what is held, whoever opens the link.
    private static func show(_ call: Call) async throws(Problem) -> Answer {
        let opened = try PersonVisit.open(call, as: .request)
        guard case .success(let person) = opened else { return opened.answered }
        do throws(StoreError) {
            guard let access = try await call.store.access(of: person.link),
                let linked = try await call.store.request(of: person.link, by: access)
            else { return person.pages.invalid(in: person.frame(nil, nil)) }
            call.trail.note(controller: access.controller.slug.text)
            let frame = person.frame(linked.controller, linked.policy)
            return linked.request.isAnswerable
                ? person.pages.request(linked.request, in: frame) : person.pages.requestAnswered(in: frame)
        } catch {
            call.trail.note(cause: error.description)
            return person.pages.failed(in: person.frame(nil, nil))
        }
    }

    /// Carries it out.
    private static func answer(_ call: Call) async throws(Problem) -> Answer {
        let opened = try PersonVisit.open(call, as: .request)
        guard case .success(let person) = opened else { return opened.answered }
        let form: LinkForm?
        do throws(Problem) { form = try await person.visit.form() } catch { form = nil }
        var frame = person.frame(nil, nil)
        do throws(StoreError) {
            guard let access = try await call.store.access(of: person.link),
                let linked = try await call.store.request(of: person.link, by: access)
            else { return person.pages.invalid(in: frame) }
            call.trail.note(controller: access.controller.slug.text)
            frame = person.frame(linked.controller, linked.policy)
            guard let form, form["action"] == "answer", let correction = correction(form, linked.request.kind) else {
                return person.pages.unreadable(in: frame)
            }
            let evidence = person.evidence("request-link", "request")
            let answer = try await call.store.answer(
                person.link, correction: correction, evidence: evidence, by: access)
            return person.pages.requestDone(answer, in: frame)
        } catch {
            switch error {
            case .unknownRequest: return person.pages.invalid(in: frame)
            case .requestClosed: return person.pages.requestAnswered(in: frame)
            case .nothingStored: return person.pages.nothingToCorrect(in: frame)
            default:
                call.trail.note(cause: error.description)
                return person.pages.failed(in: frame)
            }
        }
    }

    /// Nil for a request to correct that says nothing, or too much.
    private static func correction(_ form: LinkForm, _ kind: RequestKind) -> Correction? {
        guard kind == .rectify else { return Correction() }
        let right = Correction(name: form["name"], position: form["position"], phone: form["phone"])
        let texts = [right.name, right.position, right.phone].compactMap { $0 }
        let fit = texts.allSatisfy { $0.utf8.count <= Lead.textBytesMax && !$0.utf8.contains(0) }
        return !texts.isEmpty && fit ? right : nil
    }
}
