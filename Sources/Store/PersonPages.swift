import Postgres
public import Rules

/// What stands between a controller and the holder of a link to their own page.
public struct PersonStanding: Sendable {
    public let controller: ControllerRecord
    /// The policy that judges now.
    public let policy: Policy
    public let choices: Choices
    /// How the request for consent of a confirmation link stands; nil for another link, and for a purpose that is gone.
    public let confirmation: Confirmation?
    /// The instant of all this, by the database's clock.
    public let at: Instant

    init(of link: Link, _ facts: Facts, _ controller: ControllerRecord, _ policy: Policy, at now: Instant) {
        let now = max(now, facts.latestStamped ?? now)
        (self.controller, self.policy, at) = (controller, policy, now)
        choices = Choices(of: facts, address: .named, under: policy, at: now)
        let purpose = link.type == .confirmation ? link.purpose.flatMap { policy.purpose($0) } : nil
        confirmation = purpose.map {
            Confirmation(of: $0, askedAt: link.mintedAt, from: facts, under: policy, at: now)
        }
    }
}

/// What a person did at their own page, once it was committed.
public struct PersonReceipt: Sendable {
    /// From when it counts; nil where nothing was changed.
    public let at: Instant?
    /// What stands after it.
    public let standing: PersonStanding
}

/// What a person wants at their own page.
public enum PersonWish: Sendable {
    /// The boxes as they are now.
    case ticks(Ticks)
    /// Everything, of the company or its group.
    case stop(Scope)
}

extension Verb where Result == PersonReceipt {
    /// Records what the person wants, all of it or nothing; what stops needs no contact. `evidence` shows each act.
    ///
    /// Throws `.deadPepper` where no check would find it.
    public static func choose(
        _ link: Link, _ wish: PersonWish, evidence: @escaping @Sendable (Event) -> Evidence?
    ) -> Verb {
        Verb(.optOut) { scene, tx throws(StoreError) in
            try scene.act(by: link, in: tx) { standing in
                let events: [Event] =
                    switch wish {
                    case .ticks(let ticks): ticks.events(on: standing.choices)
                    case .stop(let scope): [.unsubscribed(scope: scope, purpose: nil, topic: nil)]
                    }
                return events.map { ($0, evidence($0)) }
            }
        }
    }

    /// Records the consent that a confirmation link asks for, and that the address is the person's.
    ///
    /// Nothing where the request does not wait any more, and where the person objected and the page did not name that:
    /// the standing of the receipt says how it is.
    public static func confirm(
        _ link: Link, namesObjection: Bool, evidence: @escaping @Sendable (Event) -> Evidence?
    ) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            try scene.act(by: link, in: tx) { standing in
                guard case .open(let isObjected, _) = standing.confirmation, let purpose = link.purpose,
                    namesObjection || !isObjected
                else { return [] }
                let consent = Event.consentGiven(purpose, by: .person(confirmsObjection: isObjected))
                return [(consent, evidence(consent)), (.addressConfirmed, evidence(.addressConfirmed))]
            }
        }
    }
}

extension WriteScene {
    /// Records the acts of a link's person: what loosens only with what shows it to be their own.
    fileprivate func act(
        by link: Link, in tx: borrowing Transaction<StoreError>,
        _ wanted: (PersonStanding) -> [(event: Event, evidence: Evidence?)]
    ) throws(StoreError) -> PersonReceipt {
        let press = try press(of: link, in: tx)
        let rows = wanted(PersonStanding(of: link, press.before, controller, press.policy, at: press.now)).filter {
            event, evidence in
            !event.loosens || Evidence.liftingMethods.contains(evidence?.method ?? "")
        }.map { event, evidence in
            LedgerRow(
                subject: .address(press.person), act: event.act(under: press.policy), at: press.stamp.instant,
                evidence: evidence.map { JSONB($0.json) })
        }
        let after = try record(rows, of: press, in: tx).after
        return PersonReceipt(
            at: rows.isEmpty ? nil : press.stamp.instant,
            standing: PersonStanding(of: link, after, controller, press.policy, at: press.now))
    }
}

extension Event {
    fileprivate var loosens: Bool {
        switch self {
        case .consentGiven, .topicResumed, .addressConfirmed: true
        default: false
        }
    }
}

extension Store {
    /// What stands for the holder of the link; nil where its controller is not known here.
    ///
    /// Reads by a query that is sent after the call, and changes nothing.
    public func page(of link: Link) async throws(StoreError) -> PersonStanding? {
        guard let access = try await access(of: link) else { return nil }
        let lookup = LookupKeys(link.person)
        return try await read(for: access.controller) { tx throws(StoreError) in
            let now = try tx.one(LedgerSQL.clock, ())
            let policy = try self.catalogue(tx).policy(of: access.controller, at: now)
            let facts = try LedgerWriter(access: access).readStandings(lookup.places(at: access.controller), in: tx)
                .facts(of: lookup, at: access.controller)
            return PersonStanding(of: link, facts, access.controller, policy, at: now)
        }
    }
}
