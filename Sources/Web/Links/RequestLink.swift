import Rules
import Store

/// `/r/{token}`: where a person's own request is carried out. The link was sent to the address itself, so whoever follows it
/// has shown who they are (Article 12(6)).
enum RequestLink {
    static let path = "/r/{token}"

    static let routes = [
        Route(.get, path, .everybody, body: .page, RequestLinkPages.show) { call async throws(Problem) in
            try await show(call).answer
        },
        Route(.post, path, .everybody, body: .page, RequestLinkPages.answer) { call async throws(Problem) in
            try await answer(call).answer
        },
    ]

    /// What was asked for. Reads and changes nothing, whoever opens the link.
    private static func show(_ call: Call) async throws(Problem) -> RequestPage {
        let visit = try call.page()
        guard let link = open(visit, call) else { return RequestPage(.notFound, nil, at: visit) }
        do throws(StoreError) {
            guard let access = try await call.store.access(of: link),
                let linked = try await call.store.request(of: link, by: access)
            else { return RequestPage(.notFound, nil, at: visit) }
            call.trail.note(controller: access.controller.slug.text)
            let isOpen = linked.request.state.isOpen || linked.request.kind == .export
            return RequestPage(isOpen ? .asks : .answered, linked, at: visit)
        } catch {
            call.trail.note(cause: error.description)
            return RequestPage(.unavailable, nil, at: visit)
        }
    }

    /// Carries it out.
    private static func answer(_ call: Call) async throws(Problem) -> RequestPage {
        let visit = try call.page()
        guard let link = open(visit, call) else { return RequestPage(.notFound, nil, at: visit) }
        let form: LinkForm?
        do throws(Problem) { form = try await visit.form() } catch { form = nil }
        guard let form, form["action"] == "answer" else { return RequestPage(.notUnderstood, nil, at: visit) }
        var linked: LinkedRequest?
        do throws(StoreError) {
            guard let access = try await call.store.access(of: link) else {
                return RequestPage(.notFound, nil, at: visit)
            }
            call.trail.note(controller: access.controller.slug.text)
            linked = try await call.store.request(of: link, by: access)
            guard let correction = correction(form, linked?.request.kind) else {
                return RequestPage(.notUnderstood, linked, at: visit)
            }
            let evidence = visit.evidence("request-link", of: link)
            let answer = try await call.store.run(
                .answer(link, correction: correction, evidence: evidence), by: access)
            return RequestPage(.done(answer), linked, at: visit)
        } catch {
            switch error {
            case .unknownRequest: return RequestPage(.notFound, nil, at: visit)
            case .requestClosed: return RequestPage(.answered, linked, at: visit)
            case .nothingStored: return RequestPage(.nothingStored, linked, at: visit)
            default:
                call.trail.note(cause: error.description)
                return RequestPage(.unavailable, nil, at: visit)
            }
        }
    }

    /// Nil for a request to correct that says nothing, or too much.
    private static func correction(_ form: LinkForm, _ kind: RequestKind?) -> Correction? {
        guard kind == .rectify else { return Correction() }
        let right = Correction(name: form["name"], position: form["position"], phone: form["phone"])
        let texts = [right.name, right.position, right.phone].compactMap { $0 }
        let fit = texts.allSatisfy { $0.utf8.count <= Lead.textBytesMax && !$0.utf8.contains(0) }
        return !texts.isEmpty && fit ? right : nil
    }

    /// The link, while its day lasts.
    private static func open(_ visit: Visit, _ call: Call) -> Link? {
        guard let links = call.links else { return nil }
        do throws(LinkRefusal) {
            let link = try links.press.issuer.ring.link(in: visit.token, as: .request)
            return link.isExpired(at: call.now) ? nil : link
        } catch {
            return nil
        }
    }
}
