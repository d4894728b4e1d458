import Postgres
public import Rules

/// All that is on record of one address at a controller: every act, what stands, and what is due.
public struct Story: Sendable {
    /// The instant at which it was told.
    public let at: Instant
    public let key: AddressKey
    /// Oldest first.
    public let acts: [Told]
    /// From when there are more acts than one story tells; nil: these are all.
    public let moreFrom: Instant?
    /// What the person asked for.
    public let requests: [SubjectRequest]
    /// Whether data of the person are stored.
    public let isStored: Bool
    public let policy: Policy
    /// One verdict a purpose that is ever sent for, in the policy's order.
    public let verdicts: [(purpose: Purpose, verdict: Verdict)]
    public let retention: Retention
    /// The next instant at which that may change by itself; nil: no clock.
    public let nextLook: Instant?

    /// An act as it is told.
    public struct Told: Sendable {
        public let id: Int64
        public let act: Act
        public let at: Instant
        public let recordedAt: Instant
        public let actor: String
        /// A JSON object.
        public let evidence: String?
        public let of: ActSubject
        /// Whether it bound the whole group.
        public let isOfGroup: Bool
        /// At whom it happened.
        public let controller: Slug
    }
}

enum StorySQL {
    static let acts = Statement(
        "story.acts",
        """
        select l.id, l.holder_id, l.address_key, l.organisation_id, l.at, l.act, l.purpose, l.topic, l.scope, l.consent_by,
            l.confirms_objection, l.suppression, l.bounce, l.hold, l.until, l.recorded_at, l.actor, l.evidence::text, l.domain,
            h.slug
        from ledger l join holder h on h.id = l.controller_id
        where l.at >= $6 and (
            l.holder_id = any($1::bigint[]) and (l.address_key = any($2::uuid[]) or l.alias_key = any($2::uuid[]))
            or l.organisation_id = (
                select c.organisation_id from contact c where c.controller_id = $3 and c.address_key = any($4::uuid[]) limit 1
            ))
        order by l.at, l.id limit $5
        """,
        in: ([Int64].self, [AddressKey].self, Int64.self, [AddressKey].self, Int64.self, Instant.self),
        out: ("id", Int64.self),
        ("holder_id", Int64.self), ("address_key", AddressKey?.self), ("organisation_id", Int64?.self),
        ("at", Instant.self), ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self),
        ("scope", Scope?.self), ("consent_by", String?.self), ("confirms_objection", Bool.self),
        ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self), ("hold", Slug?.self),
        ("until", Instant?.self), ("recorded_at", Instant.self), ("actor", String.self), ("evidence", String?.self),
        ("domain", String?.self), ("slug", Slug.self))

    static let all: [AnyStatement] = [acts.erased]
}

/// The most acts that one story tells at a time.
public let actsPerStoryMax = 10_000

extension Store {
    /// Tells what is on record of the address since the instant, or from the beginning: what does not fit is said to be there
    /// (`moreFrom`).
    public func story(
        of address: Address, from start: Instant = .min, actsMax: Int = actsPerStoryMax, by access: Access
    ) async throws(StoreError) -> Story {
        let peppers = peppers
        return try await sight(of: access.controller) { tx throws(StoreError) in
            let catalogue = try self.catalogue(tx)
            let controller = try catalogue.controller(access.controller.id)
            let keys = LookupKeys(address, peppers, at: controller)
            let rows = try tx.all(
                StorySQL.acts,
                (
                    [controller.id, controller.group], keys.all, controller.id, keys.owns, Int64(max(actsMax, 1) + 1),
                    start
                ))
            var acts: [Story.Told] = []
            for row in rows.prefix(max(actsMax, 1)) {
                let stored = StoredAct(
                    id: row.0, holder: row.1, key: row.2, organisation: row.3, at: row.4, name: row.5, purpose: row.6,
                    topic: row.7, scope: row.8, consentBy: row.9, confirmsObjection: row.10, suppression: row.11,
                    bounce: row.12, hold: row.13, until: row.14)
                acts.append(
                    Story.Told(
                        id: row.0, act: stored.act, at: row.4, recordedAt: row.15, actor: row.16, evidence: row.17,
                        of: keys.subject(row.2, organisation: row.3, domain: row.18),
                        isOfGroup: row.1 == controller.group, controller: row.19))
            }
            let writer = LedgerWriter(access: access)
            let facts = try writer.readStandings(keys.places(at: controller), in: tx).facts(of: keys, at: controller)
            let clock = try tx.one(LedgerSQL.clock, ())
            let now = max(clock, facts.latestStamped ?? clock)
            let policy = try catalogue.policy(of: controller, at: now)
            let addressClass: Question.AddressClass = address.isRole ? .role : .named
            var verdicts: [(purpose: Purpose, verdict: Verdict)] = []
            for purpose in policy.purposes where purpose.kind != .record {
                do throws(UnknownName) {
                    let question = try Question(purpose: purpose.id, address: addressClass, under: policy)
                    verdicts.append((purpose, decide(question, from: facts, under: policy, at: now)))
                } catch {
                    throw StoreError.unknownName(error)
                }
            }
            let found = retention(facts, address: addressClass, under: policy, at: now)
            return Story(
                at: now, key: keys.current.own, acts: acts,
                moreFrom: rows.count > acts.count ? rows[acts.count].4 : nil,
                requests: try tx.all(SubjectRequestSQL.ofPerson, (controller.id, keys.owns)),
                isStored: try !tx.all(DueSQL.contacts, (controller.id, keys.all)).isEmpty, policy: policy,
                verdicts: verdicts, retention: found, nextLook: facts.nextLook(after: now, found))
        }
    }
}
