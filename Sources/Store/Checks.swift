import Postgres
public import Rules

/// What is asked about an address before a send.
public struct CheckTerms: Sendable {
    public let purpose: Slug
    public let topic: Slug?
    /// At which instant; nil is now. Later is allowed, earlier is not.
    public let at: Instant?

    public init(purpose: Slug, topic: Slug? = nil, at: Instant? = nil) {
        (self.purpose, self.topic, self.at) = (purpose, topic, at)
    }
}

/// One question about one address.
public struct Check: Sendable {
    public let address: Address
    public let terms: CheckTerms

    public init(address: Address, terms: CheckTerms) {
        (self.address, self.terms) = (address, terms)
    }

    public init(address: Address, purpose: Slug, topic: Slug? = nil, at: Instant? = nil) {
        self.init(address: address, terms: CheckTerms(purpose: purpose, topic: topic, at: at))
    }
}

/// A verdict with all that a mail tool needs beside it.
public struct CheckAnswer: Sendable {
    private let opinion: Opinion
    /// The instant that was asked.
    public let at: Instant
    private let origin: Origin?

    /// Whose mail it would be, to whom and about what: what its links say.
    struct Origin: Sendable {
        let controller: Int64
        let person: KeyedPerson
        let purpose: Slug
        let topic: Slug?
        let now: Instant
    }

    init(_ opinion: Opinion, at: Instant, origin: Origin?) {
        (self.opinion, self.at, self.origin) = (opinion, at, origin)
    }

    /// Whether the mail may go, and why.
    public var verdict: Verdict { opinion.verdict }
    /// The policy version that judged, as `stratsys@1`.
    public var policy: String { opinion.policy.label }

    /// The link that the mail must carry, made at this moment; nil where no mail may go or where it is no marketing.
    public func link(_ type: LinkType, campaign: Campaign?) -> Link? {
        origin.map { origin in
            Link(
                type, controller: origin.controller, person: origin.person, purpose: origin.purpose,
                topic: origin.topic, campaign: campaign, mintedAt: origin.now)
        }
    }

    /// For each tracking purpose of the policy, whether it is eligible.
    public var tracking: [(purpose: Slug, isEligible: Bool)] { opinion.tracking }
    /// Until when something keeps the contact.
    public var keeping: Keeping { opinion.keeping }
    /// By when the person is due the notice of Article 14; nil where none is.
    public var noticeDue: Instant? { opinion.noticeDue }
}

/// Why there is no verdict: the question itself is wrong.
public enum CheckFault: Error, Hashable, Sendable {
    case unknownName(UnknownName)
    /// A purpose of kind `record` is kept and never sent.
    case notSendable(Slug)
    /// The instant asked lies before now.
    case inThePast(asked: Instant, now: Instant)
    /// No policy version is in effect at the instant.
    case noPolicy(String)
}

extension Store {
    /// Answers one question.
    public func verdict(_ check: Check, by access: Access) async throws(StoreError) -> Result<CheckAnswer, CheckFault> {
        var controller = access.controller
        while true {
            let keys = LookupKeys(check.address, peppers, toCheckAt: controller)
            let reading = try await desk.read(keys.checkPlaces(at: controller))
            let catalogue = try await self.catalogue(of: reading)
            let current = try catalogue.controller(controller.id)
            if current == controller {
                return try Judge(check.terms, at: current, catalogue, reading.now)
                    .answer(check.address, keys, reading.standings)
            }
            // More may be known of the address than was looked for: ask again, for all of it.
            controller = current
        }
    }

    /// What the catalogue in memory says of a key: enough to begin with, never to answer by.
    public func provisionalAccess(
        of key: APIKey, at now: Instant
    ) async throws(StoreError) -> Result<Access, AccessRefusal> {
        try await cachedCatalogue().outcome(of: key, at: now)
    }

    /// Answers one question of whoever holds the key, in one round trip: the key is judged by the same snapshot as the
    /// question.
    public func verdict(
        _ check: Check, with key: APIKey, provisional: Access, at now: Instant
    ) async throws(StoreError) -> Result<(access: Access, answer: Result<CheckAnswer, CheckFault>), AccessRefusal> {
        let keys = LookupKeys(check.address, peppers, toCheckAt: provisional.controller)
        let reading = try await desk.read(keys.checkPlaces(at: provisional.controller))
        let catalogue = try await self.catalogue(of: reading)
        switch catalogue.outcome(of: key, at: max(now, reading.now)) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let access) where access.controller != provisional.controller:
            // Another controller's key, or more is known of this one than was looked for: ask again, for the right rows.
            return .success((access, try await verdict(check, by: access)))
        case .success(let access):
            let judge = Judge(check.terms, at: access.controller, catalogue, reading.now)
            return .success((access, try judge.answer(check.address, keys, reading.standings)))
        }
    }

    /// The catalogue of the reading's edition, or a newer one.
    func catalogue(of reading: CheckReading) async throws(StoreError) -> Catalogue {
        try await catalogue(of: reading.edition)
    }
}

/// Judges by one catalogue, at one instant, what is asked on the same terms.
struct Judge {
    private let terms: CheckTerms
    private let controller: ControllerRecord
    private let catalogue: Catalogue
    private let now: Instant

    init(_ terms: CheckTerms, at controller: ControllerRecord, _ catalogue: Catalogue, _ now: Instant) {
        (self.terms, self.controller, self.catalogue, self.now) = (terms, controller, catalogue, now)
    }

    /// By what an address is judged: the instant that is asked, and the question under the policy of that instant.
    struct Ruling {
        let now: Instant
        let asked: Instant
        let policy: Policy
        let question: Question
    }

    func answer(
        _ address: Address, _ keys: LookupKeys, _ standings: Standings
    ) throws(StoreError) -> Result<CheckAnswer, CheckFault> {
        let facts = try standings.facts(of: keys, at: controller)
        return ruling(on: address.isRole ? .role : .named, facts.latestStamped).map {
            answer(keys.person, facts, by: $0)
        }
    }

    /// The ruling on addresses of a class. `stamped` is the latest instant in the facts that only the database stamps: what
    /// can be read was committed before, so it counts, whatever a clock that was set back says.
    func ruling(on address: Question.AddressClass, _ stamped: Instant?) -> Result<Ruling, CheckFault> {
        let now = max(now, stamped ?? now)
        var asked = now
        if let at = terms.at {
            guard at >= now.advanced(byMicroseconds: -clockSkewMicrosecondsMax) else {
                return .failure(.inThePast(asked: at, now: now))
            }
            asked = max(at, now)
        }
        let policy: Policy
        do {
            policy = try catalogue.policy(of: controller, at: asked)
        } catch {
            return .failure(.noPolicy(error.description))
        }
        do throws(UnknownName) {
            let question = try Question(
                purpose: terms.purpose, topic: terms.topic, address: address, under: policy)
            guard question.purpose.kind != .record else { return .failure(.notSendable(terms.purpose)) }
            return .success(Ruling(now: now, asked: asked, policy: policy, question: question))
        } catch {
            return .failure(.unknownName(error))
        }
    }

    func answer(_ person: KeyedPerson, _ facts: Facts, by ruling: Ruling) -> CheckAnswer {
        let opinion = Opinion(of: ruling.question, from: facts, under: ruling.policy, at: ruling.asked)
        let hasLink = opinion.verdict.isEligible && ruling.question.purpose.kind == .marketing
        let origin = CheckAnswer.Origin(
            controller: controller.id, person: person, purpose: terms.purpose, topic: terms.topic, now: ruling.now)
        return CheckAnswer(opinion, at: ruling.asked, origin: hasLink ? origin : nil)
    }
}
