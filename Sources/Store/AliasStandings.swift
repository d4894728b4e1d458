import Postgres
import Rules

/// A stored act behind the alias form of its address.
struct AliasedAct {
    let alias: AddressKey
    let stored: StoredAct

    init(
        alias: AddressKey, id: Int64, holder: Int64, key: AddressKey?, organisation: Int64?, at: Instant,
        name: Event.Name, purpose: Slug?, topic: Slug?, scope: Scope?, consentBy: String?, confirmsObjection: Bool,
        suppression: Event.Suppression?, bounce: Event.Bounce?, hold: Slug?, until: Instant?
    ) {
        self.alias = alias
        stored = StoredAct(
            id: id, holder: holder, key: key, organisation: organisation, at: at, name: name, purpose: purpose,
            topic: topic, scope: scope, consentBy: consentBy, confirmsObjection: confirmsObjection,
            suppression: suppression, bounce: bounce, hold: hold, until: until)
    }
}

enum AliasStandingSQL {
    static let acts = Statement(
        "alias-standing.acts",
        """
        select k.alias_key, l.id, l.holder_id, l.address_key, l.organisation_id, l.at, l.act, l.purpose, l.topic, l.scope,
            l.consent_by, l.confirms_objection, l.suppression, l.bounce, l.hold, l.until
        from unnest($2::uuid[]) as k(alias_key)
        cross join lateral (select * from ledger l where l.holder_id = $1 and l.alias_key = k.alias_key offset 0) l
        """,
        in: (Int64.self, [AddressKey].self), out: ("alias_key", AddressKey.self), ("id", Int64.self),
        ("holder_id", Int64.self), ("address_key", AddressKey?.self), ("organisation_id", Int64?.self),
        ("at", Instant.self), ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self),
        ("scope", Scope?.self), ("consent_by", String?.self), ("confirms_objection", Bool.self),
        ("suppression", Event.Suppression?.self), ("bounce", Event.Bounce?.self), ("hold", Slug?.self),
        ("until", Instant?.self),
        into: AliasedAct.init)

    static let put = Statement(
        "alias-standing.put",
        """
        insert into standing (holder_id, address_key, facts, aliases, derived_at)
        select $1, k.address_key, '', k.aliases, $4 from unnest($2::uuid[], $3::bytea[]) as k(address_key, aliases)
        on conflict on constraint standing_key do update set aliases = excluded.aliases
        """,
        in: (Int64.self, [AddressKey].self, [Bytea].self, Instant.self))

    static let all: [AnyStatement] = [acts.erased, put.erased]
}

extension LedgerWriter {
    /// Derives for many persons in one statement what other addresses of their alias forms may read of them.
    func deriveAliases(
        of persons: [PersonKeys], holder: Int64, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let forms = Set(persons.lazy.filter { $0.alias != $0.own }.map(\.alias)).sorted { $0 < $1 }
        guard !forms.isEmpty else { return }
        var facts: [AddressKey: [AddressKey: [Fact]]] = [:]
        for found in try tx.all(AliasStandingSQL.acts, (holder, forms)) {
            guard let key = found.stored.key else { continue }
            facts[found.alias, default: [:]][key, default: []] += try found.stored.facts().filter(\.mattersToAliases)
        }
        try tx.run(
            AliasStandingSQL.put,
            (
                holder, forms,
                forms.map { form in Bytea(FactsCode.encodeAliases((facts[form] ?? [:]).map { ($0.key, $0.value) })) },
                now
            ))
    }
}
