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
    /// What the contact was before lists changed it, oldest first: kept so that a list can be taken back.
    public let earlier: [EarlierContact]
    /// Oldest first, those of the person's organisation among them, and every entry that bears on the address: by a digest,
    /// on its domain, on another address of its alias form.
    public let acts: [RecordedAct]
    public let requests: [SubjectRequest]
    public let steps: [RequestStep]

    /// A person's or a function's address.
    public let addressClass: Question.AddressClass

    /// What is there besides, of which an erasure would leave something.
    public let traces: KeptAfterErasure.Traces

    /// What keeps the data, and until when.
    public var keepReasons: [KeptBy] { Rules.keepReasons(facts, address: addressClass, under: policy, at: at) }

    /// What an erasure would leave, and what that rests on: Article 17(3).
    public var keptAfterErasure: [KeptAfterErasure] { KeptAfterErasure.all(of: traces) }
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

/// What a contact was before a list changed it.
public struct EarlierContact: Sendable {
    public let name: String?
    public let position: String?
    public let phone: String?
    public let source: String?
    public let organisation: OrganisationName?
    /// When the list changed it.
    public let replacedAt: Instant
}

/// An act as it stands in the ledger.
public struct RecordedAct: Sendable {
    public let id: Int64
    /// Whose it is, as seen from the address.
    public let of: ActSubject
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
    static let earlier = Statement(
        "subject-file.earlier",
        """
        select b.name, b.position, b.phone, b.source, o.number as organisation_number, o.name as organisation_name,
            b.changed_at
        from import_before b left join organisation o on o.controller_id = b.controller_id and o.id = b.organisation_id
        where b.controller_id = $1 and b.address_key = any($2::uuid[]) order by b.changed_at, b.number
        """,
        in: (Int64.self, [AddressKey].self), out: ("name", String?.self), ("position", String?.self),
        ("phone", String?.self), ("source", String?.self), ("organisation_number", String?.self),
        ("organisation_name", String?.self), ("changed_at", Instant.self), into: EarlierContact.init)

    /// Of the person and their organisation all, of whoever else it concerns the entries alone.
    static let acts = Statement(
        "subject-file.acts",
        """
        select l.id, l.controller_id, l.address_key, l.domain, l.organisation_id, l.act, l.purpose, l.topic, l.scope,
            l.consent_by, l.confirms_objection, l.suppression, l.bounce, l.hold, l.until, l.at, l.recorded_at, l.actor,
            l.evidence::text
        from ledger l
        where l.holder_id = any($1::bigint[]) and (
            l.address_key = any($2::uuid[])
            or (l.address_key = any($3::uuid[]) or l.alias_key = any($3::uuid[])) and l.act in (
                'unsubscribed', 'consent-withdrawn', 'objected', 'complained', 'erased', 'suppressed')
            or l.organisation_id = $4)
        order by l.id limit $5
        """,
        in: ([Int64].self, [AddressKey].self, [AddressKey].self, Int64?.self, Int64.self), out: ("id", Int64.self),
        ("controller_id", Int64.self), ("address_key", AddressKey?.self), ("domain", String?.self),
        ("organisation_id", Int64?.self), ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self),
        ("scope", Scope?.self), ("consent_by", String?.self), ("confirms_objection", Bool.self),
        ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self), ("hold", Slug?.self),
        ("until", Instant?.self), ("at", Instant.self), ("recorded_at", Instant.self), ("actor", String.self),
        ("evidence", String?.self))

    static let all: [AnyStatement] = [contact.erased, held.erased, earlier.erased, acts.erased]
}

extension EarlierContact {
    fileprivate init(
        name: String?, position: String?, phone: String?, source: String?, number: String?, organisation: String?,
        replacedAt: Instant
    ) {
        (self.name, self.position, self.phone, self.source) = (name, position, phone, source)
        self.organisation = OrganisationName(number: number, name: organisation)
        self.replacedAt = replacedAt
    }
}

extension Store {
    /// Everything that is held about the address at the controller, in one snapshot.
    public func subjectFile(of address: Address, by access: Access) async throws(StoreError) -> SubjectFile {
        try await subjectFile(by: access) { (_, _) throws(StoreError) in .address(address) }
    }

    /// The same of whoever a link was sent to.
    func subjectFile(of person: KeyedPerson, by access: Access) async throws(StoreError) -> SubjectFile {
        try await subjectFile(by: access) { scene, tx throws(StoreError) in
            try scene.storedAddress(of: person, in: tx).map { Report.Subject.address($0) } ?? .person(person)
        }
    }

    private func subjectFile(
        by access: Access,
        of subject:
            @escaping @Sendable (WriteScene, borrowing Transaction<StoreError>) throws(StoreError)
            -> Report.Subject
    ) async throws(StoreError) -> SubjectFile {
        try await read(for: access.controller, isolation: .repeatableRead) { tx throws(StoreError) in
            let scene = WriteScene(
                writer: LedgerWriter(access: access), catalogue: try self.catalogue(tx), peppers: self.peppers)
            return try scene.subjectFile(of: subject(scene, tx), in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func subjectFile(
        of subject: Report.Subject, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> SubjectFile {
        let current = try catalogue.controller(controller.id)
        let lookup: LookupKeys
        switch subject {
        case .address(let address): lookup = LookupKeys(address, peppers, at: current)
        case .person(let person): lookup = LookupKeys(person)
        case .domain, .hashed: throw .damaged("a file of a domain")
        }
        let keys = lookup.owns
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let facts = try facts(of: subject, in: tx)
        let row = try tx.first(SubjectFileSQL.contact, (controller.id, keys))
        let held = try tx.first(SubjectFileSQL.held, (controller.id, keys))
        let requests = try tx.all(SubjectRequestSQL.ofPerson, (controller.id, keys))
        let at = max(now, facts.latestStamped ?? now)
        let holds = keepReasons(facts, address: subject.addressClass, under: policy, at: at).filter { $0.hold != nil }
        var traces = try traces(of: subject, facts, holds: holds, under: policy, at: at, in: tx)
        // Those who need the address are told of the erasure by it.
        let places = policy.recipients.map { RecipientPlace(controller: controller.id, recipient: $0.id) }
        if row != nil, places.contains(where: catalogue.needsAddress) { traces.hasUndelivered = true }
        return SubjectFile(
            address: subject.address?.canonical ?? row?.0 ?? held?.0, key: lookup.current.own, controller: controller,
            policy: policy, at: at, facts: facts,
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
            earlier: try tx.all(SubjectFileSQL.earlier, (controller.id, keys)),
            acts: try recordedActs(lookup, organisation: row?.9, under: policy, in: tx), requests: requests,
            steps: try tx.all(SubjectRequestSQL.steps, (controller.id, requests.map(\.id))),
            addressClass: subject.addressClass, traces: traces)
    }

    private func recordedActs(
        _ lookup: LookupKeys, organisation: Int64?, under policy: Policy, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [RecordedAct] {
        let rows = try tx.all(
            SubjectFileSQL.acts,
            (
                [controller.id, controller.group], lookup.owns, lookup.all, organisation, Int64(subjectFileActsMax + 1)
            ))
        guard rows.count <= subjectFileActsMax else { throw .tooMany(limit: subjectFileActsMax) }
        return rows.compactMap { row in
            let of = lookup.subject(row.2, organisation: row.4, domain: row.3)
            if of == .alias, policy.aliases == .ignore { return nil }
            let stored = StoredAct(
                id: row.0, holder: row.1, key: nil, organisation: nil, at: row.15, name: row.5, purpose: row.6,
                topic: row.7, scope: row.8, consentBy: row.9, confirmsObjection: row.10, suppression: row.11,
                bounce: row.12, hold: row.13, until: row.14)
            return RecordedAct(
                id: row.0, of: of, controller: row.1, act: stored.act, at: row.15, recordedAt: row.16, actor: row.17,
                evidence: row.18)
        }
    }
}
