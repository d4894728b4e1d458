import Rules
import Store

/// A visit at one of the pages of a person, once its link is open.
struct PersonVisit: Sendable {
    let visit: Visit
    let link: Link
    let pages: Pages

    /// The link in the page's path. Throws the page that says what is wrong with it.
    static func open(_ call: Call, as type: LinkType) throws(Problem) -> Result<PersonVisit, Answered> {
        let visit = try call.page()
        guard let links = call.links, let pages = call.pages else {
            throw .ours("a page of a service that has no links or no texts")
        }
        guard let link = links.link(in: visit.token, as: type) else {
            return .failure(Answered(pages.invalid(in: visit.frame(pages))))
        }
        let opened = PersonVisit(visit: visit, link: link, pages: pages)
        // Of an old confirmation link the request is asked, since the policy says how long one waits.
        guard type == .confirmation || !link.isExpired(at: call.now) else {
            return .failure(Answered(pages.expired(in: visit.frame(pages))))
        }
        return .success(opened)
    }

    /// An answer in place of what was to follow.
    struct Answered: Error, Sendable {
        let answer: Answer

        init(_ answer: Answer) { self.answer = answer }
    }

    /// What surrounds the answer, where the company is known.
    func frame(_ controller: ControllerRecord?, _ policy: Policy?) -> PageFrame {
        visit.frame(pages, controller, policy)
    }

    /// How the person's act is shown later: on what page, to what words, in which language.
    func evidence(_ method: String, _ page: String, to wording: Wording? = nil) -> Evidence? {
        var more = [(name: "page", word: page)]
        if let wording {
            more += [
                (name: "wording", word: wording.version), (name: "wording-language", word: wording.language),
                (name: "wording-sha256", word: wording.digest),
            ]
        }
        return visit.evidence(method, of: link, more)
    }
}

extension Visit {
    /// What surrounds an answer, in the language that the person chose or their browser asks for.
    func frame(_ pages: Pages, _ controller: ControllerRecord? = nil, _ policy: Policy? = nil) -> PageFrame {
        let group = policy?.controllers ?? []
        return pages.frame(
            language: query["lang"], accept: acceptLanguage,
            controller: controller.flatMap { record in group.first { $0.id == record.slug } }, group: group)
    }
}
