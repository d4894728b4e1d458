import Postgres
public import Rules

/// What stands between a controller and the person of a link, as its pages show it.
public struct LinkStanding: Sendable {
    /// The company whose mail it was.
    public let controller: ControllerRecord
    /// The other companies of its group, by their names.
    public let groupNames: [String]
    /// The policy that judges now.
    public let policy: Policy
    /// What the mail was for, as the policy has it now; nil where it does no longer.
    public let purpose: Purpose?
    /// Its topic, likewise.
    public let topic: Slug?
    /// What stands against another mail of that purpose and topic; nil: nothing does.
    public let entry: DatedEntry?
    /// The marketing purposes that an entry stops as a whole.
    public let stopped: [Slug]
    /// What a press binds, where the person chooses no scope.
    public let standardScope: Scope
    /// The scopes that would stop more than what stands, narrowest first.
    public let scopes: [Scope]
    /// When the person consented to the purpose after the mail was made: then a page asks before it stops anything.
    public let consentedAt: Instant?
    /// What may be taken back; nil where nothing may.
    public let undo: Undo?
    /// The instant of all this, by the database's clock.
    public let at: Instant

    init(
        of link: Link, _ facts: Facts, _ controller: ControllerRecord, _ catalogue: Catalogue, _ policy: Policy,
        at now: Instant
    ) {
        let now = max(now, facts.latestStamped ?? now)
        (self.controller, self.policy, at) = (controller, policy, now)
        groupNames = catalogue.siblings(of: controller).map(\.name)
        let purpose = policy.purpose(link.purpose ?? policy.defaultPurpose)
        let topic = link.topic.flatMap { purpose?.topics.contains($0) == true ? $0 : nil }
        (self.purpose, self.topic) = (purpose, topic)
        entry = purpose.flatMap { facts.standingEntry(against: $0, topic: topic, under: policy, at: now) }
        stopped = policy.purposes.filter {
            $0.kind == .marketing && facts.standingEntry(against: $0, topic: nil, under: policy, at: now) != nil
        }.map(\.id)
        standardScope = link.unsubscribe(nil, under: policy).scope ?? policy.defaultScope
        let isAlone = groupNames.isEmpty
        scopes = Scope.allCases.filter { scope in
            let act = link.unsubscribe(scope, under: policy)
            guard act.scope == scope, !(scope == .group && isAlone), let entry = act.entry else { return false }
            return facts.entry(binding: entry, under: policy, at: now) == nil
        }
        let consent = purpose.flatMap { facts.latestConsent(to: $0.id, at: now) }
        consentedAt = consent.flatMap { $0 > link.mintedAt ? $0 : nil }
        undo = Undo(of: link, from: facts, under: policy, at: now)
    }
}

/// What a link's standing is reckoned from.
struct LinkFacts: Sendable {
    let link: Link
    let facts: Facts
    let controller: ControllerRecord
    let catalogue: Catalogue
    let policy: Policy
    let now: Instant

    var standing: LinkStanding { LinkStanding(of: link, facts, controller, catalogue, policy, at: now) }
}

extension Store {
    /// What stands for the person of the link; nil where its controller is not known here.
    ///
    /// Reads by a query that is sent after the call, and changes nothing.
    public func standing(of link: Link) async throws(StoreError) -> LinkStanding? {
        guard var controller = try await controller(of: link) else { return nil }
        let keys = LookupKeys(link.person)
        while true {
            let siblings = try await cachedCatalogue().siblings(of: controller)
            let reading = try await desk.read(
                CheckPlaces(
                    persons: keys.places(at: controller)
                        + siblings.map { StandingPlace(holder: $0.id, key: link.person.own) }))
            let catalogue = try await self.catalogue(of: reading)
            let current = try catalogue.controller(controller.id)
            if current.group == controller.group {
                let policy = try catalogue.policy(of: current, at: reading.now)
                var facts = try reading.standings.facts(of: keys, at: current)
                facts.liftedElsewhere = try reading.standings.liftElsewhere(of: link.person.own, at: siblings)
                return LinkStanding(of: link, facts, current, catalogue, policy, at: reading.now)
            }
            controller = current
        }
    }

    /// The access that a link gives: to record its person's acts at its controller, and nothing else. Nil where the
    /// controller is not known here.
    public func access(of link: Link) async throws(StoreError) -> Access? {
        try await controller(of: link).map { Access(linkTo: $0) }
    }

    /// The same without asking anybody; nil also where memory knows nothing of the controller.
    public func believedAccess(of link: Link) -> Access? {
        catalogueInMemory?.controllers.first { $0.id == link.controller }.map { Access(linkTo: $0) }
    }

    private func controller(of link: Link) async throws(StoreError) -> ControllerRecord? {
        let known = try await cachedCatalogue()
        if let found = known.controllers.first(where: { $0.id == link.controller }) { return found }
        // It may have come since; asked of the database at most as often as such links are sealed, and that takes a key.
        return try await catalogue().controllers.first { $0.id == link.controller }
    }
}
