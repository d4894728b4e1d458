import Postgres
public import Rules

/// An entry of the unsubscribe register, as it is shown.
public struct RegisterEntry: Sendable {
    public let id: Int64
    public let controller: Slug
    /// The only identifier that is kept of the person.
    public let key: AddressKey
    /// Set on an entry that stops every address at a domain.
    public let domain: String?
    public let entry: Entry
    public let at: Instant
    public let recordedAt: Instant
    public let actor: String
    /// A JSON object.
    public let evidence: String?
    /// How the address asked is meant by it.
    public let via: Via
    /// The purposes that it stops now.
    public let stops: [Slug]

    /// How an entry meets an address.
    public enum Via: String, Sendable {
        case address, alias, domain
        /// By a digest of the address, on a list that named nobody.
        case hash
    }
}

/// A page of the register, in the order in which transactions committed.
public struct RegisterPage: Sendable {
    public let entries: [RegisterEntry]
    /// Ask for what follows with this; nil after the last entry.
    public let next: RegisterCursor?
}

/// A place in the export that no late commit is ever missed behind.
public struct RegisterCursor: Hashable, Sendable, CustomStringConvertible {
    let transaction: UInt64
    let id: Int64

    public static let start = RegisterCursor(transaction: 0, id: 0)

    init(transaction: UInt64, id: Int64) { (self.transaction, self.id) = (transaction, id) }

    /// Reads what `description` writes.
    public init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let transaction = UInt64(parts[0]), let id = Int64(parts[1]), id >= 0 else {
            return nil
        }
        self.init(transaction: transaction, id: id)
    }

    public var description: String { "\(transaction).\(id)" }

    /// The place in the ledger that it names.
    public var position: ActPosition { ActPosition(transaction: transaction, id: id) }
}

struct RegisterRow {
    let id: Int64
    let holder: Int64
    let controller: Int64
    let key: AddressKey
    let domain: String?
    let act: Act
    let at: Instant
    let recordedAt: Instant
    let actor: String
    let evidence: String?
    let transaction: UInt64
}

enum RegisterSQL {
    static let lookup = Statement(
        "register.lookup",
        """
        select distinct r.id, r.holder_id, r.controller_id, r.address_key, r.domain, r.act, r.suppression, r.scope,
            r.purpose, r.topic, r.at, r.recorded_at, r.actor, r.evidence::text, r.tx
        from ledger r
        where r.act in ('unsubscribed', 'consent-withdrawn', 'objected', 'complained', 'erased', 'suppressed')
            and r.holder_id = any($1::bigint[]) and (r.address_key = any($2::uuid[]) or r.alias_key = any($2::uuid[]))
        order by r.id
        """,
        in: ([Int64].self, [AddressKey].self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("controller_id", Int64.self), ("address_key", AddressKey?.self), ("domain", String?.self),
        ("act", Event.Name.self), ("suppression", Event.Suppression?.self), ("scope", Scope?.self),
        ("purpose", Slug?.self), ("topic", Slug?.self), ("at", Instant.self), ("recorded_at", Instant.self),
        ("actor", String.self), ("evidence", String?.self), ("tx", XID8.self), into: RegisterRow.init)
    static let page = Statement(
        "register.page",
        """
        select r.id, r.holder_id, r.controller_id, r.address_key, r.domain, r.act, r.suppression, r.scope,
            r.purpose, r.topic, r.at, r.recorded_at, r.actor, r.evidence::text, r.tx
        from ledger r
        where r.act in ('unsubscribed', 'consent-withdrawn', 'objected', 'complained', 'erased', 'suppressed')
            and r.holder_id = any($1::bigint[]) and (r.tx, r.id) > ($2::xid8, $3) and r.tx < ledger_horizon()
        order by r.tx, r.id limit $4
        """,
        in: ([Int64].self, XID8.self, Int64.self, Int64.self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("controller_id", Int64.self), ("address_key", AddressKey?.self), ("domain", String?.self),
        ("act", Event.Name.self), ("suppression", Event.Suppression?.self), ("scope", Scope?.self),
        ("purpose", Slug?.self), ("topic", Slug?.self), ("at", Instant.self), ("recorded_at", Instant.self),
        ("actor", String.self), ("evidence", String?.self), ("tx", XID8.self), into: RegisterRow.init)

    static let all: [AnyStatement] = [lookup.erased, page.erased]
}

extension RegisterRow {
    fileprivate init(
        id: Int64, holder: Int64, controller: Int64, key: AddressKey?, domain: String?, name: Event.Name,
        suppression: Event.Suppression?, scope: Scope?, purpose: Slug?, topic: Slug?, at: Instant, recordedAt: Instant,
        actor: String, evidence: String?, transaction: XID8
    ) {
        (self.id, self.holder, self.controller) = (id, holder, controller)
        (self.key, self.domain) = (key ?? AddressKey(high: 0, low: 0), domain)
        act = Act(name, purpose: purpose, topic: topic, scope: scope, suppression: suppression)
        (self.at, self.recordedAt, self.actor, self.evidence) = (at, recordedAt, actor, evidence)
        self.transaction = transaction.value
    }
}

/// The most entries on a page.
public let registerPageEntriesMax = 1_000

extension Store {
    /// Every entry that bears on the address: on itself, on another address of its alias form, on its domain.
    public func entries(on address: Address, by access: Access) async throws(StoreError) -> [RegisterEntry] {
        return try await read(for: access.controller) { tx throws(StoreError) in
            let catalogue = try self.catalogue(tx)
            let controller = try catalogue.controller(access.controller.id)
            let keys = LookupKeys(address, self.peppers, at: controller)
            let now = try tx.one(LedgerSQL.clock, ())
            let policy = try catalogue.policy(of: controller, at: now)
            let rows = try tx.all(
                RegisterSQL.lookup, ([controller.id, controller.group], keys.all))
            var entries: [RegisterEntry] = []
            for row in rows {
                let via: RegisterEntry.Via =
                    keys.isOwn(row.key)
                    ? .address : keys.isDomain(row.key) ? .domain : keys.hashed(row.key) ?? .alias
                if via == .alias, policy.aliases == .ignore { continue }
                let places = [controller.id, controller.group].map { StandingPlace(holder: $0, key: row.key) }
                let facts = try LedgerWriter(access: access).readStandings(places, in: tx).merged(
                    places, at: controller)
                entries.append(try row.entry(in: catalogue, via: via, facts: facts, under: policy, at: now))
            }
            return entries
        }
    }

    /// The entries after the cursor, in commit order; what is still uncommitted is never stepped over.
    public func registerPage(
        after cursor: RegisterCursor, limit: Int, by access: Access
    ) async throws(StoreError) -> RegisterPage {
        try await read(for: access.controller) { tx throws(StoreError) in
            let controller = access.controller
            let catalogue = try self.catalogue(tx)
            let now = try tx.one(LedgerSQL.clock, ())
            let policy = try catalogue.policy(of: controller, at: now)
            let rows = try tx.all(
                RegisterSQL.page,
                (
                    [controller.id, controller.group], XID8(cursor.transaction), cursor.id,
                    Int64(min(limit, registerPageEntriesMax))
                ))
            let places = Set(rows.map(\.key)).flatMap { key in
                [controller.id, controller.group].map { StandingPlace(holder: $0, key: key) }
            }
            let standings = try LedgerWriter(access: access).readStandings(places, in: tx)
            var entries: [RegisterEntry] = []
            for row in rows {
                let facts = try standings.merged(places.filter { $0.key == row.key }, at: controller)
                entries.append(try row.entry(in: catalogue, via: .address, facts: facts, under: policy, at: now))
            }
            let next = rows.last.map { RegisterCursor(transaction: $0.transaction, id: $0.id) }
            return RegisterPage(entries: entries, next: next)
        }
    }

    func read<Result: Sendable>(
        for controller: ControllerRecord, isolation: Isolation = .readCommitted,
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await writes.read(
            .normal, isolation: isolation,
            settings: [
                Setting("maysend.controller", String(controller.id)),
                Setting("maysend.group", String(controller.group)),
            ],
            body)
    }
}

extension RegisterRow {
    fileprivate func entry(
        in catalogue: Catalogue, via: RegisterEntry.Via, facts: Facts, under policy: Policy, at now: Instant
    ) throws(StoreError) -> RegisterEntry {
        guard let entry = act.entry, let origin = catalogue.controllers.first(where: { $0.id == controller }) else {
            throw .damaged("register \(id)")
        }
        let asked = max(now, facts.latestStamped ?? now)
        return RegisterEntry(
            id: id, controller: origin.slug, key: key, domain: domain, entry: entry, at: at, recordedAt: recordedAt,
            actor: actor, evidence: evidence, via: via,
            stops: facts.purposes(stoppedBy: DatedEntry(at: at, entry), under: policy, at: asked))
    }
}
