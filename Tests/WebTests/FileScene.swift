import Testing

@testable import Rules
@testable import Store
@testable import Web

/// What the pages of a person's own request show, without a database.
enum FileScene {
    /// Every page of a request, by name.
    static func every(
        _ frame: PageFrame, _ policy: Policy, _ pages: Pages
    ) throws -> [(name: String, answer: Answer)] {
        let file = try file(under: policy)
        let receipt = try receipt(stopping: policy.purposes.filter { $0.kind == .marketing }.map(\.id))
        let hold = [KeptBy(reason: .hold(try PageScene.slug("accounting")), until: nil)]
        let erased = ErasureReceipt(receipt: receipt, hadContact: true, traces: traces(holds: []))
        let pending = ErasureReceipt(receipt: receipt, hadContact: true, traces: traces(holds: hold))
        let corrected = RectificationReceipt(
            act: 1, at: PageScene.now, corrected: ["name"], inherited: [], refusal: nil)
        return RequestKind.allCases.map { ("request-\($0.rawValue)", pages.request(request($0), in: frame)) } + [
            ("file", pages.requestDone(.exported(file), in: frame)),
            ("file-nothing", pages.file(try nothing(under: policy), in: frame)),
            ("request-erased", pages.requestDone(.erased(erased), in: frame)),
            ("request-erasure-pending", pages.requestDone(.erased(pending), in: frame)),
            ("request-corrected", pages.requestDone(.rectified(corrected), in: frame)),
            ("request-restricted", pages.requestDone(.restricted(receipt), in: frame)),
            ("request-objected", pages.requestDone(.objected(receipt), in: frame)),
            ("request-answered", pages.requestAnswered(in: frame)),
            ("request-nothing", pages.nothingToCorrect(in: frame)),
        ]
    }

    /// All that there can be of a person.
    private static func traces(holds: [KeptBy]) -> KeptAfterErasure.Traces {
        var traces = KeptAfterErasure.Traces()
        (traces.holds, traces.isMarked, traces.hasRequests) = (holds, true, true)
        (traces.hasImportLines, traces.hasUndelivered) = (true, true)
        return traces
    }

    static func request(_ kind: RequestKind) -> SubjectRequest {
        SubjectRequest(
            id: 7, key: AddressKey(high: 1, low: 2), address: nil, kind: kind, state: .identityAsked, language: "nb",
            receivedAt: PageScene.now, dueAt: PageScene.now, extendedMonths: 0, closedAt: nil)
    }

    private static func receipt(stopping purposes: [Slug]) throws -> Receipt {
        Receipt(
            id: 1, at: PageScene.now, recordedAt: PageScene.now, act: Act(.erased, scope: .controller),
            stops: purposes, isLifted: false)
    }

    private static func controller(of policy: Policy) -> ControllerRecord {
        let first = policy.controllers[0]
        return ControllerRecord(
            id: 1, slug: first.id, name: first.name, group: 2, groupSlug: first.id, hasDomains: false,
            groupHasPersons: false, groupHasDomains: false, hashes: [], groupHashes: [])
    }

    /// A restricted lead with an objection, whose name is the company's, and an event of every kind.
    static func file(under policy: Policy) throws -> SubjectFile {
        let earlier = PageScene.now.advanced(byMicroseconds: -86_400_000_000)
        let facts = Facts(own: [
            Fact(at: earlier, .collected), Fact(at: earlier, .restricted),
            Fact(at: earlier, .entry(Entry(.objected, .purpose(try PageScene.slug("analytics"))))),
        ])
        let contact = StoredContact(
            address: "kari@firma.example", name: policy.controllers[0].name, position: "CFO", phone: nil,
            source: "company-register", organisation: OrganisationName(number: "999", name: "Firma AS"),
            createdAt: earlier, updatedAt: PageScene.now)
        let held = StoredContact(
            address: "kari@firma.example", name: "Kari Hansen", position: nil, phone: "+47 900 00 000", source: nil,
            organisation: nil, createdAt: earlier, updatedAt: earlier)
        let others: [ActSubject] = [.digest, .alias, .domain("firma.example"), .organisation]
        let acts =
            Event.Name.allCases.enumerated().map { number, name in act(number, .person, Act(name), at: earlier) }
            + others.enumerated().map { number, of in
                act(100 + number, of, Act(.suppressed, scope: .controller, suppression: .imported), at: earlier)
            }
        let replaced = EarlierContact(
            name: "Karri", position: nil, phone: "+47 1", source: "fair",
            organisation: OrganisationName(number: "998", name: "Firma"), replacedAt: earlier)
        return SubjectFile(
            address: contact.address, key: AddressKey(high: 1, low: 2), controller: controller(of: policy),
            policy: policy, at: PageScene.now, facts: facts, contact: contact, held: held, earlier: [replaced],
            acts: acts, requests: [request(.export)], steps: [], addressClass: .named, traces: traces(holds: []))
    }

    private static func act(_ number: Int, _ of: ActSubject, _ act: Act, at: Instant) -> RecordedAct {
        RecordedAct(
            id: Int64(number), of: of, controller: 1, act: act, at: at, recordedAt: PageScene.now, actor: "link",
            evidence: nil)
    }

    private static func nothing(under policy: Policy) throws -> SubjectFile {
        SubjectFile(
            address: nil, key: AddressKey(high: 1, low: 2), controller: controller(of: policy), policy: policy,
            at: PageScene.now, facts: Facts(own: []), contact: nil, held: nil, earlier: [], acts: [], requests: [],
            steps: [], addressClass: .named, traces: KeptAfterErasure.Traces())
    }
}
