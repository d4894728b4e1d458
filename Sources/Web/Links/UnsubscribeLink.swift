import Rules
import Store

/// `/u/{token}`: the one page that every recipient of every mail may open, and the one-click of their mailbox provider.
enum UnsubscribeLink {
    static let path = "/u/{token}"

    static let routes = [
        Route(.get, path, .everybody, body: .page, UnsubscribeLinkPages.show) { call async throws(Problem) in
            try await show(call).answer(call.pages)
        },
        Route(.post, path, .everybody, body: .page, UnsubscribeLinkPages.press) { call async throws(Problem) in
            try await press(call).answer(call.pages)
        },
    ]

    /// What stands. Reads and changes nothing, whoever asks and however often.
    static func show(_ call: Call) async throws(Problem) -> UnsubscribePage {
        let visit = try call.page()
        guard let link = open(visit, call) else { return UnsubscribePage(.notFound, nil, of: nil, at: visit) }
        let standing: LinkStanding?
        do throws(StoreError) {
            standing = try await call.store.standing(of: link)
        } catch {
            // The button needs no more than the token; pressing it says what can be promised.
            return UnsubscribePage(.asks, nil, of: link, at: visit)
        }
        guard let standing else { return UnsubscribePage(.notFound, nil, of: nil, at: visit) }
        if let consentedAt = standing.consentedAt, standing.entry == nil {
            return UnsubscribePage(.asksAgainstConsent(consentedAt), standing, of: link, at: visit)
        }
        return UnsubscribePage(.asks, standing, of: link, at: visit)
    }

    /// Does what the form says: RFC 8058's one-click, or a button of the page.
    static func press(_ call: Call) async throws(Problem) -> UnsubscribePage {
        let visit = try call.page()
        guard let link = open(visit, call) else { return UnsubscribePage(.notFound, nil, of: nil, at: visit) }
        let form: LinkForm?
        do throws(Problem) { form = try await visit.form() } catch { form = nil }
        guard let form, let wish = Wish(form) else { return UnsubscribePage(.notUnderstood, nil, of: link, at: visit) }
        do throws(StoreError) {
            guard let access = try await call.store.access(of: link) else {
                return UnsubscribePage(.notFound, nil, of: nil, at: visit)
            }
            call.trail.note(controller: access.controller.slug.text)
            return try await act(wish, link, visit, by: access, call, said: form["wording"])
        } catch {
            return try await page(for: error, wish, link, visit, call)
        }
    }

    private static func open(_ visit: Visit, _ call: Call) -> Link? {
        call.links?.link(in: visit.token, as: .unsubscribe)
    }

    private static func act(
        _ wish: Wish, _ link: Link, _ visit: Visit, by access: Access, _ call: Call, said version: String?
    ) async throws(StoreError) -> UnsubscribePage {
        let store = call.store
        switch wish {
        case .oneClick:
            let optOut = LinkOptOut(link, evidence: visit.evidence(OneClick.method, of: link))
            let receipt = try await store.unsubscribe(optOut, by: access)
            var page = UnsubscribePage(.stopped(receipt), nil, of: link, at: visit)
            page.isForMachine = true
            return page
        case .stop(let scope, let words):
            let optOut = LinkOptOut(
                link, scope: scope, evidence: visit.evidence("unsubscribe-page", of: link, words),
                saysMore: !words.isEmpty)
            let receipt = try await store.unsubscribe(optOut, by: access)
            var page = UnsubscribePage(.stopped(receipt), receipt.standing, of: link, at: visit)
            page.isThanked = !words.isEmpty
            return page
        case .undo, .narrow:
            guard let evidence = try await evidence(of: link, visit, call, said: version) else {
                return UnsubscribePage(.notUnderstood, nil, of: link, at: visit)
            }
            if case .undo = wish {
                let receipt = try await store.run(.comeBack(link, evidence: evidence), by: access)
                return UnsubscribePage(.cameBack(receipt), receipt.standing, of: link, at: visit)
            }
            let receipt = try await store.run(.narrow(link, evidence: evidence), by: access)
            return UnsubscribePage(.narrowed(receipt), receipt.standing, of: link, at: visit)
        }
    }

    /// What shows that the person came back: the words that the page showed them; nil where it showed others.
    private static func evidence(
        of link: Link, _ visit: Visit, _ call: Call, said version: String?
    ) async throws(StoreError) -> Evidence? {
        guard let pages = call.pages else {
            return visit.evidence("preference-page", of: link, [("page", "unsubscribe")])
        }
        guard let standing = try await call.store.standing(of: link) else { return nil }
        guard let purpose = standing.undo?.purpose else { throw .nothingToUndo }
        let person = PersonVisit(visit: visit, link: link, pages: pages)
        let frame = person.frame(standing.controller, standing.policy)
        return version.flatMap { frame.texts.wording($0, controller: frame.name, purposes: [purpose]) }.flatMap {
            person.evidence("preference-page", "unsubscribe", to: $0)
        }
    }

    /// What is said where the store did not commit: an opt-out is kept on disk if that can be, and nothing else is promised.
    private static func page(
        for error: StoreError, _ wish: Wish, _ link: Link, _ visit: Visit, _ call: Call
    ) async throws(Problem) -> UnsubscribePage {
        switch error {
        case .nothingToUndo:
            let standing: LinkStanding?
            do throws(StoreError) { standing = try await call.store.standing(of: link) } catch { standing = nil }
            return UnsubscribePage(.nothingToUndo, standing, of: link, at: visit)
        case _ where error.leavesToSpool:
            call.trail.note(cause: error.description)
            if wish.isOptOut, let spool = call.links?.spool, await spool(visit.token, wish.scope, call.now) {
                return UnsubscribePage(.accepted, nil, of: link, at: visit)
            }
            return UnsubscribePage(.unavailable, nil, of: link, at: visit)
        default:
            call.trail.note(cause: error.description)
            return UnsubscribePage(.broken, nil, of: link, at: visit)
        }
    }

    /// What a form asks for.
    private enum Wish {
        case oneClick
        /// From the page: how far (nil: the policy's default), and what the person said beside it.
        case stop(Scope?, words: [(name: String, word: String)])
        case undo
        case narrow

        /// Nil where it asks for nothing that is known here.
        init?(_ form: LinkForm) {
            if form.isOneClick {
                self = .oneClick
                return
            }
            switch form["action"] {
            case "stop":
                guard let word = form["scope"] else {
                    self = .stop(nil, words: OptOutReason.words(in: form))
                    return
                }
                guard let scope = Scope(rawValue: word) else { return nil }
                self = .stop(scope, words: OptOutReason.words(in: form))
            case "undo": self = .undo
            case "narrow": self = .narrow
            default: return nil
            }
        }

        /// Whether it stops something; what loosens waits for the database.
        var isOptOut: Bool {
            switch self {
            case .oneClick, .stop: true
            case .undo, .narrow: false
            }
        }

        /// The scope that the person chose; nil where they left it to the policy.
        var scope: Scope? { if case .stop(let scope, _) = self { scope } else { nil } }
    }
}

/// Why a person stopped, in a closed list; nobody has to say.
enum OptOutReason: String, CaseIterable {
    case tooMany = "too-many"
    case notRelevant = "not-relevant"
    case neverAsked = "never-asked"
    case newJob = "new-job"
    case other

    /// Bytes of what a person may add in words of their own.
    static let noteBytesMax = 300

    /// What the form says of it, fit to be kept as evidence: a known word, and a short text without an address in it.
    static func words(in form: LinkForm) -> [(name: String, word: String)] {
        var words: [(name: String, word: String)] = []
        if let reason = form["reason"].flatMap({ OptOutReason(rawValue: $0) }) {
            words.append((name: "reason", word: reason.rawValue))
        }
        if let note = form["note"].map({ kept($0) }), !note.isEmpty { words.append((name: "note", word: note)) }
        return words
    }

    /// The text without control characters and without words that have an @, cut to its limit at a character.
    private static func kept(_ text: String) -> String {
        var kept = ""
        for word in text.split(whereSeparator: { $0.isWhitespace || $0.isNewline }) {
            guard !word.contains("@"), word.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
            else { continue }
            let longer = kept.isEmpty ? String(word) : kept + " " + word
            guard longer.utf8.count <= noteBytesMax else { break }
            kept = longer
        }
        return kept
    }
}
