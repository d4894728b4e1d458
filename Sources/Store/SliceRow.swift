import Postgres
import Rules

/// A staged row, without the texts that stay in the database; or what the rows of a class have in common.
struct SliceRow {
    /// File and line in one number.
    let line: Int64
    let key: AddressKey
    let alias: AddressKey?
    let isRole: Bool
    /// Why it is not to be written to; nil for a lead.
    let declined: ListedReason?
    /// Of what kind of digest the key is made; nil where it is made of the address.
    let hashed: HashedAddress.Kind?
    let words: String?
    let isFromPerson: Bool
    let at: Instant?
    let contactedAt: Instant?
    let consentAt: Instant?
    /// The digest in hexadecimal, where that is all that is known.
    let address: String
    /// What makes two mentions of an organisation the same.
    let organisation: String?
    /// Its id, where anything is known of it.
    let shared: Int64?

    var keys: PersonKeys { PersonKeys(own: key, alias: alias ?? key) }

    var subject: LedgerSubject { hashed.map { .hashed($0, key: key) } ?? .address(keys) }
}

/// A row whose contact is stored already.
struct SliceMatch {
    let line: Int64
    /// The contact's key; another than the row's where it is stored under another pepper than the list.
    let key: AddressKey
    /// The contact would be the same afterwards.
    let isSame: Bool
}

/// Each look-up of a row by its key is a subquery that is not flattened (`offset 0`): a plan made while a table was small would
/// else read the whole of it for every slice.
enum SliceSQL {
    /// The people of a slice, those whose rows say the same together; each by place, in the order of keys, with the
    /// organisation that the row names or, where that is not there, the name.
    static let people = Statement(
        "import.slice-people",
        """
        select r.is_role, r.declined, r.is_hashed, r.is_from_person, r.at, r.contacted_at, r.consent_at,
            array_agg(r.place) as places, array_agg(r.line) as lines, array_agg(r.address_key) as keys,
            array_agg(r.alias_key) as aliases, array_agg(o.id) as organisations,
            array_agg(case when o.id is null then r.organisation end) as new_organisations, array_agg(r.words) as words
        from import_people($1, $2, $3, $4, $5) with ordinality as r(line, address_key, alias_key, is_role, declined,
            is_hashed, is_from_person, at, contacted_at, consent_at, organisation, words, place)
        left join lateral (
            select o.id from organisation o where o.controller_id = $6 and o.identity = r.organisation offset 0
        ) o on true
        group by r.is_role, r.declined, r.is_hashed, r.is_from_person, r.at, r.contacted_at, r.consent_at
        """,
        in: (Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self),
        out: ("is_role", Bool.self), ("declined", ListedReason?.self), ("is_hashed", Bool.self),
        ("is_from_person", Bool.self), ("at", Instant?.self), ("contacted_at", Instant?.self),
        ("consent_at", Instant?.self), ("places", [Int64].self), ("lines", [Int64].self), ("keys", [AddressKey].self),
        ("aliases", [AddressKey?].self), ("organisations", [Int64?].self), ("new_organisations", [String?].self),
        ("words", [String?].self), into: SliceGroup.init)
    /// Of whom anything is known, by place, asked behind the locks; at the group only where it has anybody.
    static let known = Statement(
        "import.known",
        """
        select k.place
        from unnest($1::uuid[], $2::uuid[]) with ordinality as k(address_key, alias_key, place)
        where coalesce((
            select true from standing t where t.holder_id = $3 and t.address_key = k.address_key
        ), case when $5 then (
            select true from standing t where t.holder_id = $4 and t.address_key = k.address_key
        ) end, case when k.alias_key is not null then coalesce((
            select true from standing t where t.holder_id = $3 and t.address_key = k.alias_key
        ), (
            select true from standing t where t.holder_id = $4 and t.address_key = k.alias_key
        )) end, false)
        """,
        in: (PackedUUIDs.self, [AddressKey?].self, Int64.self, Int64.self, Bool.self),
        out: ("place", Int64.self))
    /// The rows of a slice that are judged one by one: `$6` are their lines, `$7` the organisations of which anything is known.
    static let singles = Statement(
        "import.slice",
        """
        select r.line, r.address_key, r.alias_key, r.is_role, r.declined, r.hashed, r.words::text as words, r.is_from_person,
            r.at, r.contacted_at, r.consent_at, r.address, r.organisation, k.organisation_id as shared
        from import_slice($1, $2, $3, $4, $5) r
        join unnest($6::bigint[], $7::bigint[]) as k(line, organisation_id) on k.line = r.line
        order by r.address_key, r.line
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, [Int64].self, [Int64?].self
        ), out: ("line", Int64.self), ("address_key", AddressKey.self), ("alias_key", AddressKey?.self),
        ("is_role", Bool.self), ("declined", ListedReason?.self), ("hashed", HashedAddress.Kind?.self),
        ("words", String?.self), ("is_from_person", Bool.self), ("at", Instant?.self),
        ("contacted_at", Instant?.self), ("consent_at", Instant?.self), ("address", String.self),
        ("organisation", String?.self), ("shared", Int64?.self), into: SliceRow.init)
    /// `$7` and `$8` are the lines whose contact has another key, with that key.
    static let matches = Statement(
        "import.matches",
        """
        select r.line, c.address_key, coalesce(r.name, c.name) is not distinct from c.name
                and coalesce(r.position, c.position) is not distinct from c.position
                and coalesce(r.phone, c.phone) is not distinct from c.phone
                and coalesce(r.source, c.source) is not distinct from c.source
                and (r.organisation is null or o.id is not distinct from c.organisation_id) as is_same
        from (
            select r.line, r.name, r.position, r.phone, r.source, r.organisation,
                coalesce(k.contact_key, r.address_key) as contact_key
            from import_slice($1, $2, $3, $4, $5) r
            left join unnest($7::bigint[], $8::uuid[]) as k(line, contact_key) on k.line = r.line offset 0
        ) r
        cross join lateral (
            select c.address_key, c.name, c.position, c.phone, c.source, c.organisation_id from contact c
            where c.controller_id = $6 and c.address_key = r.contact_key offset 0
        ) c
        left join lateral (
            select o.id from organisation o where o.controller_id = $6 and o.identity = r.organisation offset 0
        ) o on true
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self, [Int64].self,
            [AddressKey].self
        ),
        out: ("line", Int64.self), ("address_key", AddressKey.self), ("is_same", Bool.self),
        into: SliceMatch.init(line:key:isSame:))
    /// In the order in which every writer makes organisations, so that none waits for another in a circle.
    static let createOrganisations = Statement(
        "import.create-organisations",
        """
        insert into organisation (controller_id, identity, number, name)
        select $6, n.organisation, n.organisation_number, n.organisation_name
        from (
            select distinct on (r.organisation collate "C") r.organisation, r.organisation_number, r.organisation_name
            from import_slice($1, $2, $3, $4, $5) r join unnest($7::bigint[]) as t(line) on t.line = r.line
            order by r.organisation collate "C", r.line
        ) n
        on conflict do nothing returning id, identity
        """,
        in: (Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self, [Int64].self),
        out: ("id", Int64.self),
        ("identity", String.self))
    static let keepBefore = Statement(
        "import.keep-before",
        """
        insert into import_before (number, controller_id, address_key, name, position, phone, source, organisation_id)
        select $1, c.controller_id, c.address_key, c.name, c.position, c.phone, c.source, c.organisation_id
        from contact c where c.controller_id = $2 and c.address_key = any($3::uuid[])
        on conflict do nothing
        """,
        in: (Int64.self, Int64.self, [AddressKey].self))
    static let putContacts = Statement(
        "import.put-contacts",
        """
        insert into contact (controller_id, address_key, address, name, position, phone, source, organisation_id, due_at,
            due_ground)
        select $6, coalesce(t.contact_key, r.address_key), r.address, r.name, r.position, r.phone, r.source, o.id, t.due_at,
            t.due_ground
        from import_slice($1, $2, $3, $4, $5) r
        join unnest($7::bigint[], $8::timestamptz[], $9::text[], $10::uuid[]) as t(line, due_at, due_ground, contact_key)
            on t.line = r.line
        left join lateral (
            select o.id from organisation o where o.controller_id = $6 and o.identity = r.organisation offset 0
        ) o on true
        order by 2
        on conflict on constraint contact_key do update set name = coalesce(excluded.name, contact.name),
            position = coalesce(excluded.position, contact.position), phone = coalesce(excluded.phone, contact.phone),
            source = coalesce(excluded.source, contact.source),
            organisation_id = coalesce(excluded.organisation_id, contact.organisation_id), updated_at = now()
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self, [Int64].self,
            [Instant?].self, [String?].self, [AddressKey?].self
        ))
    static let append = Statement(
        "import.append",
        """
        insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, consent_by, at, actor, evidence)
        select $1, $1, r.address_key, r.alias_key, r.act, r.purpose, r.consent_by, r.at, $2, $3
        from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
            as r(address_key, alias_key, act, purpose, consent_by, at)
        """,
        in: (
            Int64.self, String.self, JSONB.self, [AddressKey].self, [AddressKey?].self, [Event.Name].self, [Slug?].self,
            [String?].self, [Instant].self
        ))

    static let all: [AnyStatement] = [
        people.erased, known.erased, singles.erased, matches.erased, createOrganisations.erased, keepBefore.erased,
        putContacts.erased, append.erased,
    ]
}
