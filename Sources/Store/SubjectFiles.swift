import Postgres
public import Rules

/// Everything that is held about one person at one controller: what Article 15 has them see.
public struct SubjectFile: Sendable {
    /// Nil where the person is known by a link and no contact is stored.
    public let address: String?
    public let key: AddressKey
    public let controller: ControllerRecord
    public let policy: Policy
    /// The instant for which all of it is said.
    public let at: Instant
    public let facts: Facts
    /// Nil where nothing but the key is stored.
    public let contact: StoredContact?
    /// What a hold keeps of a contact that was erased; nil where none does.
    public let held: StoredContact?
    /// Oldest first, those of the person's organisation among them.
    public let acts: [RecordedAct]
    public let requests: [SubjectRequest]
    public let steps: [RequestStep]

    /// A person's or a function's address.
    public let addressClass: Question.AddressClass

    /// What keeps the data, and until when.
    public var keepReasons: [KeptBy] { Rules.keepReasons(facts, address: addressClass, under: policy, at: at) }
}

/// What is stored of a person besides the key.
public struct StoredContact: Sendable {
    public let address: String
    public let name: String?
    public let position: String?
    public let phone: String?
    public let source: String?
    public let organisation: OrganisationName?
    public let createdAt: Instant
    public let updatedAt: Instant
}

/// An act as it stands in the ledger.
public struct RecordedAct: Sendable {
    public let id: Int64
    /// At whom it was recorded.
    public let controller: Int64
    public let act: Act
    public let at: Instant
    public let recordedAt: Instant
    public let actor: String
    /// A JSON object of words.
    public let evidence: String?
}

/// The most acts that one file holds.
public let subjectFileActsMax = 50_000

enum SubjectFileSQL {
    static let contact = Statement(
        "subject-file.contact",
        """
        select c.address, c.name, c.position, c.phone, c.source, o.number as organisation_number,
            o.name as organisation_name, c.created_at, c.updated_at, c.organisation_id
        from contact c left join organisation o on o.controller_id = c.controller_id and o.id = c.organisation_id
        where c.controller_id = $1 and c.address_key = any($2::uuid[]) order by c.updated_at desc limit 1
        """,
        in: (Int64.self, [AddressKey].self), out: ("address", String.self), ("name", String?.self),
        ("position", String?.self), ("phone", String?.self), ("source", String?.self),
        ("organisation_number", String?.self), ("organisation_name", String?.self), ("created_at", Instant.self),
        ("updated_at", Instant.self), ("organisation_id", Int64?.self))
    static let held = Statement(
        "subject-file.held",
        """
        select p.address, p.name, p.position, p.phone, p.source, o.number as organisation_number,
            o.name as organisation_name, p.stored_at, p.updated_at, p.organisation_id
        from pending_erasure p
        left join organisation o on o.controller_id = p.controller_id and o.id = p.organisation_id
        where p.controller_id = $1 and p.address_key = any($2::uuid[]) and p.address is not null
        order by p.updated_at desc limit 1
        """,
        in: (Int64.self, [AddressKey].self), out: ("address", String?.self), ("name", String?.self),
        ("position", String?.self), ("phone", String?.self), ("source", String?.self),
        ("organisation_number", String?.self), ("organisation_name", String?.self), ("stored_at", Instant?.self),
        ("updated_at", Instant?.self), ("organisation_id", Int64?.self))
    static let acts = Statement(
        "subject-file.acts",
        """
        select l.id, l.controller_id, l.act, l.purpose, l.topic, l.scope, l.consent_by, l.confirms_objection,
            l.suppression, l.bounce, l.hold, l.until, l.at, l.recorded_at, l.actor, l.evidence::text
        from ledger l
        where l.holder_id = any($1::bigint[]) and (l.address_key = any($2::uuid[]) or l.organisation_id = $3)
        order by l.id limit $4
        """,
        in: ([Int64].self, [AddressKey].self, Int64?.self, Int64.self), out: ("id", Int64.self),
        ("controller_id", Int64.self), ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self),
        ("scope", Scope?.self), ("consent_by", String?.self), ("confirms_objection", Bool.self),
        ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self), ("hold", Slug?.self),
        ("until", Instant?.self), ("at", Instant.self), ("recorded_at", Instant.self), ("actor", String.self),
        ("evidence", String?.self), into: RecordedAct.init)

    static let all: [AnyStatement] = [contact.erased, held.erased, acts.erased]
}

extension RecordedAct {
    init(
        id: Int64, controller: Int64, name: Event.Name, purpose: Slug?, topic: Slug?, scope: Scope?, consentBy: String?,
        confirmsObjection: Bool, suppression: Event.Suppression?, bounce: Event.Bounce?, hold: Slug?, until: Instant?,
        at: Instant, recordedAt: Instant, actor: String, evidence: String?
    ) {
        let stored = StoredAct(
            id: id, holder: controller, key: nil, organisation: nil, at: at, name: name, purpose: purpose, topic: topic,
            scope: scope, consentBy: consentBy, confirmsObjection: confirmsObjection, suppression: suppression,
            bounce: bounce, hold: hold, until: until)
        (self.id, self.controller, act, self.at) = (id, controller, stored.act, at)
        (self.recordedAt, self.actor, self.evidence) = (recordedAt, actor, evidence)
    }
}

extension Store {
    /// Everything that is held about the address at the controller, in one snapshot.
    public func subjectFile(of address: Address, by access: Access) async throws(StoreError) -> SubjectFile {
        try await read(for: access.controller) { tx throws(StoreError) in
            let scene = WriteScene(
                writer: LedgerWriter(access: access), catalogue: try self.catalogue(tx), peppers: self.peppers)
            return try scene.subjectFile(of: .address(address), in: tx)
        }
    }
}

extension WriteScene {
    func subjectFile(
        of subject: Report.Subject, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> SubjectFile {
        let keys = contactKeys(of: subject)
        guard let key = keys.first else { throw .damaged("a file of a domain") }
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let facts = try facts(of: subject, in: tx)
        let row = try tx.first(SubjectFileSQL.contact, (controller.id, keys))
        let held = try tx.first(SubjectFileSQL.held, (controller.id, keys))
        let acts = try tx.all(
            SubjectFileSQL.acts, ([controller.id, controller.group], keys, row?.9, Int64(subjectFileActsMax + 1)))
        guard acts.count <= subjectFileActsMax else { throw .tooMany(limit: subjectFileActsMax) }
        let requests = try tx.all(SubjectRequestSQL.ofPerson, (controller.id, keys))
        return SubjectFile(
            address: subject.address?.canonical ?? row?.0 ?? held?.0, key: key, controller: controller, policy: policy,
            at: max(now, facts.latestStamped ?? now), facts: facts,
            contact: row.map { row in
                StoredContact(
                    address: row.0, name: row.1, position: row.2, phone: row.3, source: row.4,
                    organisation: OrganisationName(number: row.5, name: row.6), createdAt: row.7, updatedAt: row.8)
            },
            held: held.map { held in
                StoredContact(
                    address: held.0 ?? "", name: held.1, position: held.2, phone: held.3, source: held.4,
                    organisation: OrganisationName(number: held.5, name: held.6), createdAt: held.7 ?? now,
                    updatedAt: held.8 ?? now)
            },
            acts: acts, requests: requests,
            steps: try tx.all(SubjectRequestSQL.steps, (controller.id, requests.map(\.id))),
            addressClass: subject.addressClass)
    }
}
