import Postgres
public import Rules

/// Something that is reported about an address or a domain.
public struct Report: Sendable {
    public let subject: Subject
    public let event: Event
    /// When it happened; nil is now.
    public let at: Instant?
    public let evidence: Evidence?
    /// Of a collection: where the data comes from (Article 14(2)(f)). The contact keeps it, where it has none yet.
    public var source: String?

    /// About whom.
    public enum Subject: Hashable, Sendable {
        case address(Address)
        /// Every address at the domain; for suppressions alone.
        case domain(Domain)
        /// Whoever's address has this digest; for suppressions alone.
        case hashed(HashedAddress)
        /// Whoever a link was sent to, known by key alone.
        case person(KeyedPerson)
    }

    public init(_ event: Event, of subject: Subject, at: Instant? = nil, evidence: Evidence? = nil) {
        (self.event, self.subject, self.at, self.evidence) = (event, subject, at, evidence)
    }
}

/// What a committed act is: nothing else can say that it was done.
public struct Receipt: Hashable, Sendable {
    /// The act's number in the ledger.
    public let id: Int64
    /// From when it counts.
    public let at: Instant
    /// When it was written.
    public let recordedAt: Instant
    public let act: Act
    /// The purposes that the act's entry stops now; empty where it is no entry, or where a newer act of the person has
    /// lifted it already.
    public let stops: [Slug]
    /// Whether newer acts of the person have lifted the entry for all it covers: then it is recorded and stops nothing.
    public let isLifted: Bool
}

/// How far a stated time may be from the database's clock and still mean "now": clocks differ.
public let clockSkewMicrosecondsMax: Int64 = 300_000_000

extension Verb where Result == Receipt {
    /// Records what is reported and derives the standing anew.
    ///
    /// Throws `.standingEntry` for a consent or a resumed topic without evidence of the person's own act against an entry
    /// that stands, and `.inTheFuture` for an act that would loosen something later.
    public static func record(_ report: Report) -> Verb {
        var verb = Verb(report.event.priority) { scene, tx throws(StoreError) in
            try scene.record(report, in: tx)
        }
        verb.stillStands = { scene, tx throws(StoreError) in try scene.stillStops(report, in: tx) }
        return verb
    }
}

extension WriteScene {
    /// Does what ``Verb/record(_:)`` says, in a transaction that does more.
    func record(_ report: Report, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Receipt {
        let subject = self.subject(of: report.subject)
        // The organisation's own lock first; its people's follow in order.
        let organisation = try organisation(for: report, in: tx)
        try writer.lock([organisation.map { .organisation($0) } ?? subject], in: tx)

        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let before = try facts(of: report.subject, in: tx)
        let stamp = Stamp(now: now, before: before)
        if report.event == .restrictionLifted { try requireTold(report.subject, before: before, in: tx) }
        if case .swept = report.event, let bar = before.bar(under: policy, at: stamp.instant) {
            throw .mustBeKept(bar)
        }
        let act = try counted(report, before: before, under: policy, stamp: stamp)
        let at = try stamp.instant(for: act, claimed: report.at, before: before, under: policy)

        let target = organisation.map { LedgerSubject.organisation($0) } ?? subject
        let row = LedgerRow(
            subject: target, act: act, at: at, evidence: report.evidence.map { JSONB($0.json) },
            address: report.subject.address)
        // While the contact is there.
        let places = try places(of: report.subject, target, holder: writer.holder(of: act), in: tx)
        guard let receipt = try writer.append([row], in: tx).first else { throw .damaged("ledger receipts") }
        // Before the standing is derived: the link to the organisation goes with the contact.
        if act.name == .erased || act.name == .swept {
            try forgetContact(of: report.subject, by: receipt, act: act, at: max(at, now), before: before, in: tx)
        }
        try follow(act, target, places, at: now, in: tx)
        try settle(report, act, in: tx)

        let after = try facts(of: report.subject, in: tx)
        let entry = act.entry.map { DatedEntry(at: at, $0) }
        let stops = entry.map { after.purposes(stoppedBy: $0, under: policy, at: max(at, now)) } ?? []
        return Receipt(
            id: receipt.id, at: at, recordedAt: receipt.recordedAt, act: act, stops: stops,
            isLifted: entry != nil && stops.isEmpty)
    }

    /// Whether everything that the report's entry would stop is stopped now; true for what is no entry.
    ///
    /// Asked before the answer to an opt-out is given again: if the person came back since, it is a new opt-out; so is an
    /// erasure where a contact is stored again. Behind the person's lock, so that no consent that is being recorded slips in
    /// between.
    func stillStops(
        _ report: Report, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Bool {
        try writer.lock([subject(of: report.subject)], in: tx)
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        guard let entry = report.act(under: policy).entry else { return true }
        if report.event == .erased {
            let contacts = try tx.all(ContactSQL.read, (controller.id, contactKeys(of: report.subject)))
            guard contacts.isEmpty else { return false }
        }
        let facts = try facts(of: report.subject, in: tx)
        return facts.stops(entry, under: policy, at: max(now, facts.latestStamped ?? now))
    }

    func subject(of subject: Report.Subject) -> LedgerSubject {
        switch subject {
        case .address(let address): .address(keys(of: address))
        case .domain(let domain): .domain(domain, key: peppers.domainKey(for: domain))
        case .hashed(let hashed): .hashed(hashed.kind, key: peppers.current.key(for: hashed))
        case .person(let person): .address(PersonKeys(own: person.own, alias: person.alias))
        }
    }

    /// Every key under which something may be stored of the one address; empty of a domain.
    func contactKeys(of subject: Report.Subject) -> [AddressKey] {
        switch subject {
        case .address(let address): peppers.keys(for: address)
        case .person(let person): [person.own]
        case .domain, .hashed: []
        }
    }

    /// The organisation of the person, where the event is the organisation's and so moves all its people.
    private func organisation(
        for report: Report, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Int64? {
        guard report.event.isOfOrganisation else { return nil }
        return try tx.all(StandingSQL.organisations, (controller.id, contactKeys(of: report.subject))).first?.1
    }

    /// Where standings move with an act of the subject; empty where they are an organisation's people.
    private func places(
        of subject: Report.Subject, _ target: LedgerSubject, holder: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [StandingPlace] {
        switch target {
        case .address(let person): try places(of: subject, person, holder: holder, in: tx)
        case .domain(_, let key), .hashed(_, let key): [StandingPlace(holder: holder, key: key)]
        case .organisation: []
        }
    }

    /// Where a person's standing moves: under the key of the act, and under each older key that a contact of the address is
    /// stored with, so that its due date moves along.
    func places(
        of subject: Report.Subject, _ person: PersonKeys, holder: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [StandingPlace] {
        let own = StandingPlace(holder: holder, key: person.own)
        let older = contactKeys(of: subject).filter { $0 != person.own }
        guard !older.isEmpty else { return [own] }
        let stored = try tx.all(ContactSQL.read, (controller.id, older))
        return [own] + stored.map { StandingPlace(holder: controller.id, key: $0.key) }
    }

    func facts(
        of subject: Report.Subject, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Facts {
        switch subject {
        case .address(let address):
            // The kinds of digests as of this transaction, not of the request.
            let current = try catalogue.controller(controller.id)
            return try facts(of: LookupKeys(address, peppers, at: current), at: current, in: tx)
        case .domain(let domain): return try facts(at: peppers.domainKeys(for: domain), in: tx)
        case .hashed(let hashed): return try facts(at: peppers.all.map { $0.key(for: hashed) }, in: tx)
        case .person(let person):
            let current = try catalogue.controller(controller.id)
            return try facts(of: LookupKeys(person), at: current, in: tx)
        }
    }

    private func facts(
        of keys: LookupKeys, at current: ControllerRecord, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Facts {
        var facts = try writer.readStandings(keys.places(at: current), in: tx).facts(of: keys, at: current)
        facts.liftedElsewhere = try liftsElsewhere(of: keys.owns, in: tx).values.max()
        return facts
    }

    /// What stands at these keys alone.
    private func facts(
        at keys: [AddressKey], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Facts {
        let places = keys.flatMap {
            [StandingPlace(holder: controller.id, key: $0), StandingPlace(holder: controller.group, key: $0)]
        }
        return try writer.readStandings(places, in: tx).merged(places, at: controller)
    }

    /// The act as it counts: a consent that nothing shows to be the person's own, made now, is a claim.
    private func counted(
        _ report: Report, before: Facts, under policy: Policy, stamp: Stamp
    ) throws(StoreError) -> Act {
        let act = report.act(under: policy)
        let isShown = report.evidence.map { Evidence.liftingMethods.contains($0.method ?? "") } ?? false
        switch (act.name, act.source) {
        case (.consentGiven, .some(let source)):
            guard let purpose = act.purpose.flatMap({ policy.purpose($0) }) else { return act }
            if case .person = source, isShown, stamp.isNow(report.at, after: before.latestEntry) { return act }
            if let standing = before.standingEntry(against: purpose, topic: nil, under: policy, at: stamp.instant) {
                throw .standingEntry(standing)
            }
            if case .person = source {
                return Act(.consentGiven, purpose: act.purpose, source: .operator)
            }
            return act
        case (.topicResumed, _):
            if isShown, stamp.isNow(report.at, after: before.latestEntry) { return act }
            guard let purpose = act.purpose.flatMap({ policy.purpose($0) }), let topic = act.topic,
                let standing = before.standingEntry(against: purpose, topic: topic, under: policy, at: stamp.instant)
            else { return Act(.topicResumed, purpose: act.purpose, topic: act.topic, source: .operator) }
            throw .standingEntry(standing)
        default: return act
        }
    }

    /// What follows for the contact once the standing is derived.
    private func settle(
        _ report: Report, _ act: Act, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let keys = contactKeys(of: report.subject)
        switch act.name {
        case .holdReleased: try settleErasures(of: keys, in: tx).requireSound()
        case .collected:
            guard let source = report.source else { return }
            try tx.run(ContactSQL.setSource, (controller.id, keys, source))
        default: break
        }
    }

    /// What follows from an act: standings derived.
    private func follow(
        _ act: Act, _ target: LedgerSubject, _ places: [StandingPlace], at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        try writer.derive(places, at: now, in: tx)
        switch target {
        case .address(let person):
            try writer.deriveAliases(of: person, holder: writer.holder(of: act), at: now, in: tx)
        case .domain, .hashed: break
        case .organisation(let id): try deriveMembers(of: id, at: now, in: tx)
        }
    }

    /// Derives the standing of everybody who represents the organisation, in bounded steps of one transaction.
    ///
    /// Behind the organisation's lock and no lock of each person: there can be more of them than the server has locks. The
    /// rows are held instead, in the order of their keys.
    func deriveMembers(
        of organisation: Int64, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let members = try tx.all(OrganisationSQL.members, (controller.id, organisation))
        for start in stride(from: 0, to: members.count, by: membersPerStepMax) {
            let step = members[start..<min(start + membersPerStepMax, members.count)]
            try writer.derive(step.map { StandingPlace(holder: controller.id, key: $0) }, at: now, in: tx)
        }
    }
}

extension Report {
    /// The act under the policy. An opt-out that names a service message and no scope is of that purpose, since no wider one
    /// reaches it.
    fileprivate func act(under policy: Policy) -> Act {
        if case .unsubscribed(scope: nil, .some(let purpose), let topic) = event,
            policy.purpose(purpose)?.kind == .service
        {
            return Event.unsubscribed(scope: .purpose, purpose: purpose, topic: topic).act(under: policy)
        }
        return event.act(under: policy)
    }
}

/// How many members of an organisation one statement derives.
private let membersPerStepMax = 500

/// The instant at which an act that happens now counts: strictly after every earlier act on the person that the database
/// has stamped, however the clock was set.
struct Stamp {
    let now: Instant
    let instant: Instant

    init(now: Instant, before: Facts) {
        self.now = now
        let latest = before.latestStamped
        instant = latest.map { max(now, $0.advanced(byMicroseconds: 1)) } ?? now
    }

    /// Whether a stated time says no more than "now", give or take what clocks differ.
    ///
    /// Never where it lies before the latest entry: an act that is older than the opt-out does not lift it, however late it
    /// is reported.
    func isNow(_ claimed: Instant?, after entry: Instant?) -> Bool {
        guard let claimed else { return true }
        if let entry, claimed <= entry { return false }
        return claimed >= now.advanced(byMicroseconds: -clockSkewMicrosecondsMax)
    }

    /// From when the act counts.
    func instant(
        for act: Act, claimed: Instant?, before: Facts, under policy: Policy
    ) throws(StoreError) -> Instant {
        switch act.name {
        case .erased, .swept, .addressCorrected: return instant
        case .consentGiven, .topicResumed:
            if case .person = act.source ?? .person(confirmsObjection: false) { return instant }
            return try past(claimed, act)
        case .consentAsked, .joinedOrganisation, .addressConfirmed, .restrictionLifted, .holdReleased,
            .restrictionLiftingTold, .rectified:
            return try past(claimed, act)
        default: break
        }
        guard act.entry != nil else {
            // What is ahead by no more than clocks differ is now: a restriction that was acknowledged holds at once.
            guard let claimed else { return instant }
            return claimed <= now.advanced(byMicroseconds: clockSkewMicrosecondsMax) ? min(claimed, instant) : claimed
        }
        // An entry counts from the earlier of its own time and its commit.
        guard let claimed, claimed < instant else { return instant }
        // One that an act of the person would lift at once counts from its commit: what we acknowledge stops. A list of old
        // entries is not a new word of the person, and keeps its dates.
        return act.name != .suppressed && before.lifts(after: claimed) ? instant : claimed
    }

    private func past(_ claimed: Instant?, _ act: Act) throws(StoreError) -> Instant {
        guard let claimed else { return instant }
        guard claimed <= now.advanced(byMicroseconds: clockSkewMicrosecondsMax) else { throw .inTheFuture(act.name) }
        return min(claimed, instant)
    }
}

extension Report.Subject {
    /// Nil where only a key is known.
    var address: Address? { if case .address(let address) = self { address } else { nil } }

    /// A person's or a function's address; one that is known by its key alone counts as a person's.
    var addressClass: Question.AddressClass { address?.isRole == true ? .role : .named }
}

extension Event {
    fileprivate var priority: Priority {
        switch self {
        case .consentWithdrawn, .unsubscribed, .objected, .complained, .erased, .suppressed, .restricted: .optOut
        default: .normal
        }
    }

    fileprivate var isOfOrganisation: Bool {
        switch self {
        case .organisationContacted, .customerStarted, .customerEnded: true
        default: false
        }
    }
}
