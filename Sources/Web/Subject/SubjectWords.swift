import Rules
import Store

/// The kinds of data that can be held about a person: Article 15(1)(b).
enum DataCategory: String, CaseIterable {
    case address, name, position, phone, organisation, relations, consents
    case optOuts = "opt-outs"
    case marks, requests
}

/// A right of the person and the article that grants it.
enum PersonRight: String, CaseIterable {
    case withdraw, access, rectification, erasure, restriction, recipients, portability, objection
    case humanLook = "human-look"
    case complaint

    var article: String {
        switch self {
        case .withdraw: "7(3)"
        case .access: "15"
        case .rectification: "16"
        case .erasure: "17"
        case .restriction: "18"
        case .recipients: "19"
        case .portability: "20"
        case .objection: "21"
        case .humanLook: "22"
        case .complaint: "77"
        }
    }

    var how: String {
        switch self {
        case .withdraw:
            "Withdraw a consent at any time, by the link in every mailing; what was done before stays lawful."
        case .access: "Ask for this document again at any time."
        case .rectification: "Have what is wrong corrected; a corrected address keeps every opt-out."
        case .erasure: "Have the data erased; what is kept then, and why, is listed under kept-after-erasure."
        case .restriction: "Have the data stored and not used; you are told before that ends."
        case .recipients: "Be told who has been given the data; each is told of a correction, erasure or restriction."
        case .portability: "Carry what rests on your consent or a contract elsewhere, in this form."
        case .objection: "Object to direct marketing, to profiling and to tracking, each at any time, without a reason."
        case .humanLook: "Have a person look at a decision; none that has legal effect is made by a computer alone."
        case .complaint: "Complain to the supervisory authority."
        }
    }
}

/// Sentences of the document that say how things are done.
enum DecisionWords {
    static let logic =
        "Before each mailing a computer checks, by fixed rules that are the same for everybody, whether it may be sent: first "
        + "the opt-outs, then restrictions and marks, then whether a legal basis of the published policy holds at that time. It "
        + "decides about sending mail alone and scores nobody, so it is no decision of Article 22 with legal or similarly "
        + "significant effect."
    static let notPortable =
        "What rests on a legal obligation (the unsubscribe register) or on legitimate interest is shown here, and is not what "
        + "Article 20 covers."
}

extension KeptAfterErasure.What {
    /// Why it is kept, in a sentence.
    var why: String {
        switch self {
        case .addressDigest:
            "We keep a keyed digest of your address, and not the address, because without it we could not recognise and "
                + "refuse it when it comes in again."
        case .register:
            "We keep that marketing to you is stopped, because the law on marketing obliges us to honour it without end."
        case .marks:
            "We keep the mark that you left the organisation or that the address bounces, because it is in our interest and yours "
                + "that no old list revives you; it permits nothing."
        case .ledger:
            "We keep what was done and when, without your address, because we must be able to show it and to answer claims."
        case .requests:
            "We keep what you asked for and what we did, without your address, because we must be able to show that we answered."
        case .importLines:
            "Of the lists that we took in we keep for 13 months what became of each line, a line with your address among them by the "
                + "digest alone, because we must be able to show it."
        case .undelivered:
            "We keep your address, sealed, in the notices to those who were given your data and in mail to you, until each is "
                + "delivered; then it is wiped."
        case .hold: "We keep what a legal duty or a dispute needs, until that ends; it permits no mail."
        }
    }
}

extension Recipient {
    /// Whether the data leaves the European Economic Area; true too where no country is known.
    var isOutsideEEA: Bool { country.map { !Self.eea.contains($0) } ?? true }

    private static let eea: Set = [
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU",
        "MT",
        "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO",
    ]
}

extension SubjectFile {
    /// Where the data comes from, as far as it was said: Article 15(1)(g).
    var source: String? { contact?.source ?? held?.source }

    /// The end of what keeps the data; nil where nothing does, or where there is no clock.
    var keptUntil: Instant? {
        let ends = keepReasons.map(\.until)
        return ends.contains(nil) ? nil : ends.compactMap { $0 }.max()
    }

    /// Whether the person was erased and a hold keeps what was stored then; also of whoever has come back since.
    var isErasurePending: Bool { held != nil }

    var categories: [DataCategory] {
        var found: [DataCategory] = []
        let stored = [contact, held].compactMap { $0 }
        if !stored.isEmpty { found.append(.address) }
        func holds(_ now: (StoredContact) -> Bool, _ before: (EarlierContact) -> Bool) -> Bool {
            stored.contains(where: now) || earlier.contains(where: before)
        }
        if holds({ $0.name != nil }, { $0.name != nil }) { found.append(.name) }
        if holds({ $0.position != nil }, { $0.position != nil }) { found.append(.position) }
        if holds({ $0.phone != nil }, { $0.phone != nil }) { found.append(.phone) }
        if holds({ $0.organisation != nil }, { $0.organisation != nil }) { found.append(.organisation) }
        let names = Set(acts.filter { $0.of == .person || $0.of == .organisation }.map(\.act.name))
        if !names.isDisjoint(with: Self.relations) { found.append(.relations) }
        if !names.isDisjoint(with: [.consentAsked, .consentGiven, .consentWithdrawn]) { found.append(.consents) }
        if acts.contains(where: { $0.act.entry != nil }) { found.append(.optOuts) }
        if !names.isDisjoint(with: [.leftOrganisation, .bounced, .restricted, .holdPlaced]) { found.append(.marks) }
        if !requests.isEmpty { found.append(.requests) }
        return found
    }

    private static let relations: Set<Event.Name> = [
        .collected, .contacted, .organisationContacted, .demoBooked, .customerStarted, .customerEnded,
        .joinedOrganisation,
        .eventAttended, .questionAsked, .questionAnswered,
    ]

    /// How the purpose stands for the person.
    func explanation(of purpose: Slug) -> Explanation? {
        do throws(UnknownName) {
            let question = try Question(purpose: purpose, address: addressClass, under: policy)
            return Explanation(of: question, from: facts, under: policy, at: at)
        } catch {
            return nil
        }
    }

    /// The grounds on a consent or a contract that hold now.
    var portableGrounds: [(purpose: Purpose, ground: Ground)] {
        policy.purposes.flatMap { purpose in
            (explanation(of: purpose.id)?.grounds ?? []).compactMap { ground, standing in
                guard case .holds = standing, ground.basis == .consent || ground.basis == .contract else { return nil }
                return (purpose, ground)
            }
        }
    }
}
