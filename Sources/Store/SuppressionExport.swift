import Postgres
public import Rules

/// Why somebody is not to be written to, as a list of it says.
public struct StandingRefusal: Sendable {
    public let address: Address
    public let reason: ListedReason
    public let at: Instant
    /// A JSON object of what the list that it came by says beside that.
    public let words: String?
}

/// A page of contacts and what stands against them.
public struct StandingRefusalPage: Sendable {
    public let refusals: [StandingRefusal]
    /// Ask for what follows with this; nil at the end. A page may be empty and not the last.
    public let next: AddressKey?
}

/// Addresses that one query looks up.
public let refusalAddressesMax = 2_000

private struct RefusingAct {
    let key: AddressKey
    let name: Event.Name
    let scope: Scope?
    let bounce: Event.Bounce?
    let at: Instant
    let evidence: String?

    init(key: AddressKey?, name: Event.Name, scope: Scope?, bounce: Event.Bounce?, at: Instant, evidence: String?) {
        self.key = key ?? AddressKey(high: 0, low: 0)
        (self.name, self.scope, self.bounce, self.at, self.evidence) = (name, scope, bounce, at, evidence)
    }
}

enum SuppressionExportSQL {
    static let contacts = Statement(
        "suppression-export.contacts",
        """
        select address_key, address from contact where controller_id = $1 and address_key > $2 order by address_key limit $3
        """,
        in: (Int64.self, AddressKey.self, Int64.self), out: ("address_key", AddressKey.self), ("address", String.self))
    fileprivate static let acts = Statement(
        "suppression-export.acts",
        """
        select l.address_key, l.act, l.scope, l.bounce, l.at, l.evidence::text
        from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
        cross join lateral (
            select l.* from ledger l where l.holder_id = k.holder_id and l.address_key = k.address_key offset 0
        ) l
        where l.act in ('unsubscribed', 'objected', 'complained', 'erased', 'suppressed') and l.scope in ('controller', 'group')
            or l.act = 'bounced' and l.bounce = 'hard'
        order by l.at, l.id
        """,
        in: ([Int64].self, [AddressKey].self), out: ("address_key", AddressKey?.self), ("act", Event.Name.self),
        ("scope", Scope?.self), ("bounce", Event.Bounce?.self), ("at", Instant.self), ("evidence", String?.self),
        into: RefusingAct.init)
    /// People of whom the register keeps no more than the key.
    static let nameless = Statement(
        "suppression-export.nameless",
        """
        select count(distinct r.address_key) as people from register r
        where r.holder_id = any($1::bigint[]) and r.domain is null and not exists (
            select from contact c where c.controller_id = $2 and c.address_key = r.address_key)
        """,
        in: ([Int64].self, Int64.self), out: ("people", Int64.self))

    static let all: [AnyStatement] = [contacts.erased, acts.erased, nameless.erased]
}

extension Store {
    /// What stands against each of the addresses, for every purpose of marketing: at most `refusalAddressesMax` of them.
    public func standingRefusals(
        of addresses: [Address], by access: Access
    ) async throws(StoreError) -> [StandingRefusal] {
        guard addresses.count <= refusalAddressesMax else { throw .tooMany(limit: refusalAddressesMax) }
        return try await read(for: access.controller) { tx throws(StoreError) in
            try self.refusals(of: addresses, at: access.controller, in: tx)
        }
    }

    /// What stands against the contacts behind that key.
    public func standingRefusals(
        ofContactsAfter key: AddressKey?, by access: Access
    ) async throws(StoreError) -> StandingRefusalPage {
        try await read(for: access.controller) { tx throws(StoreError) in
            let rows = try tx.all(
                SuppressionExportSQL.contacts,
                (access.controller.id, key ?? AddressKey(high: 0, low: 0), Int64(refusalAddressesMax)))
            var addresses: [Address] = []
            for (key, text) in rows {
                do throws(AddressError) { addresses.append(try Address(parsing: text)) } catch {
                    throw .damaged("contact \(key)")
                }
            }
            return StandingRefusalPage(
                refusals: try self.refusals(of: addresses, at: access.controller, in: tx),
                next: rows.count == refusalAddressesMax ? rows.last?.0 : nil)
        }
    }

    /// Of how many people the register keeps no more than the key, so that no list can name them.
    public func namelessRefusals(by access: Access) async throws(StoreError) -> Int {
        try await read(for: access.controller) { tx throws(StoreError) in
            Int(
                try tx.one(
                    SuppressionExportSQL.nameless,
                    ([access.controller.id, access.controller.group], access.controller.id)))
        }
    }

    private func refusals(
        of addresses: [Address], at controller: ControllerRecord, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [StandingRefusal] {
        let now = try tx.one(LedgerSQL.clock, ())
        let policy = try catalogue(tx).policy(of: controller, at: now)
        let keys = addresses.map { address in peppers.all.map { $0.key(for: address) } }
        let places = keys.flatMap { $0 }.flatMap { key in
            [StandingPlace(holder: controller.id, key: key), StandingPlace(holder: controller.group, key: key)]
        }
        let standings = try LedgerWriter(access: Access(controller: controller, scopes: [], actor: "export"))
            .readStandings(places, in: tx)
        let acts = Dictionary(
            grouping: try tx.all(SuppressionExportSQL.acts, (places.map(\.holder), places.map(\.key))), by: \.key)
        var refusals: [StandingRefusal] = []
        for (address, keys) in zip(addresses, keys) {
            let own = keys.flatMap { acts[$0] ?? [] }
            guard !own.isEmpty else { continue }
            let facts = try standings.merged(
                keys.flatMap { key in
                    [
                        StandingPlace(holder: controller.id, key: key),
                        StandingPlace(holder: controller.group, key: key),
                    ]
                }, at: controller)
            var said: Set<ListedReason> = []
            for act in own.sorted(by: { $0.at < $1.at }) where act.stands(facts, under: policy, at: now) {
                guard said.insert(act.reason).inserted else { continue }
                refusals.append(
                    StandingRefusal(address: address, reason: act.reason, at: act.at, words: act.evidence))
            }
        }
        return refusals
    }
}

extension RefusingAct {
    var reason: ListedReason {
        switch name {
        case .complained: .complained
        case .bounced: .bounced
        case .suppressed: .listed
        default: .unsubscribed
        }
    }

    /// Whether nothing that came after it has taken it back.
    func stands(_ facts: Facts, under policy: Policy, at now: Instant) -> Bool {
        if name == .bounced { return !facts.own.contains { $0.kind == .addressConfirmed && $0.at > at } }
        let asked = max(now, facts.latestStamped ?? now)
        return (facts.own + facts.group).contains { fact in
            guard case .entry(let entry) = fact.kind, fact.at <= at, entry.reach.scope == scope else { return false }
            let dated = DatedEntry(at: fact.at, entry)
            return !facts.purposes(stoppedBy: dated, under: policy, at: asked).isEmpty
        }
    }
}
