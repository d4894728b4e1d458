import Postgres
import Rules

/// One of a slice's people, as they are locked.
struct SlicePerson {
    let line: Int64
    let key: AddressKey
    let alias: AddressKey?
    /// The organisation that the row names, where it is there.
    let organisationID: Int64?
    /// The one that it names, where that is not there.
    let newOrganisation: String?

    var subject: LedgerSubject { .address(PersonKeys(own: key, alias: alias ?? key)) }
}

/// A staged row, without the texts that stay in the database; or all the rows of a slice that say the same.
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
    /// Of a class, where those stand who are like that; empty of a single row.
    let lines: [Int64]

    var keys: PersonKeys { PersonKeys(own: key, alias: alias ?? key) }

    var subject: LedgerSubject { hashed.map { .hashed($0, key: key) } ?? .address(keys) }
}

/// A row whose contact is stored already.
struct SliceMatch {
    let line: Int64
    /// The contact would be the same afterwards.
    let isSame: Bool
}

/// Each look-up of a row by its key is a subquery that is not flattened (`offset 0`): a plan made while a table was small would
/// else read the whole of it for every slice.
enum SliceSQL {
    /// Whose locks a slice takes, in the order of keys.
    static let people = Statement(
        "import.slice-people",
        """
        select r.line, r.address_key, r.alias_key, o.id as organisation_id,
            case when o.id is null then r.organisation end as new_organisation
        from import_people($1, $2, $3, $4) r
        left join lateral (
            select o.id from organisation o where o.controller_id = $5 and o.identity = r.organisation offset 0
        ) o on true
        order by r.address_key, r.line
        """,
        in: (Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self), out: ("line", Int64.self),
        ("address_key", AddressKey.self), ("alias_key", AddressKey?.self), ("organisation_id", Int64?.self),
        ("new_organisation", String?.self), into: SlicePerson.init)
    /// A slice behind its locks: rows one by one where something is known of the person or the row is not simple, the others
    /// as classes of those that say the same, each with its lines. `$10` are the lines of organisations of which
    /// anything is known, `$11` these.
    static let parts = Statement(
        "import.slice",
        """
        with s as materialized (
            select r.line, r.address_key, r.alias_key, r.is_role, r.declined, r.hashed, r.words::text as words,
                r.is_from_person, r.at, r.contacted_at, r.consent_at, r.address, r.organisation, k.organisation_id as shared,
                $9 or r.hashed is not null or r.address_key = $7
                    or (r.declined is not null and (r.alias_key is not null or not $8))
                    or count(*) over (partition by r.address_key) > 1
                    or coalesce((
                        select true from standing t where t.holder_id = $5 and t.address_key = r.address_key
                    ), (
                        select true from standing t where t.holder_id = $6 and t.address_key = r.address_key
                    ), (
                        select true from standing t where t.holder_id = $5 and t.address_key = r.alias_key
                    ), (
                        select true from standing t where t.holder_id = $6 and t.address_key = r.alias_key
                    ), false) as is_single
            from import_slice($1, $2, $3, $4) r
            left join unnest($10::bigint[], $11::bigint[]) as k(line, organisation_id) on k.line = r.line
        )
        select s.line, s.address_key, s.alias_key, s.is_role, s.declined, s.hashed, s.words, s.is_from_person, s.at,
            s.contacted_at, s.consent_at, s.address, s.organisation, s.shared, '{}'::bigint[] as lines
        from s where s.is_single
        union all
        select 0, $7, null, s.is_role, s.declined, null, null, s.is_from_person, s.at,
            s.contacted_at, s.consent_at, '', null, s.shared, array_agg(s.line)
        from s where not s.is_single
        group by s.is_role, s.declined, s.is_from_person, s.at, s.contacted_at, s.consent_at, s.shared
        order by address_key, line
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self, Int64.self, AddressKey.self, Bool.self,
            Bool.self, [Int64].self, [Int64].self
        ), out: ("line", Int64.self), ("address_key", AddressKey.self), ("alias_key", AddressKey?.self),
        ("is_role", Bool.self), ("declined", ListedReason?.self), ("hashed", HashedAddress.Kind?.self),
        ("words", String?.self), ("is_from_person", Bool.self), ("at", Instant?.self),
        ("contacted_at", Instant?.self), ("consent_at", Instant?.self), ("address", String.self),
        ("organisation", String?.self), ("shared", Int64?.self), ("lines", [Int64].self),
        into: SliceRow.init)
    static let matches = Statement(
        "import.matches",
        """
        select r.line, coalesce(r.name, c.name) is not distinct from c.name
                and coalesce(r.position, c.position) is not distinct from c.position
                and coalesce(r.phone, c.phone) is not distinct from c.phone
                and coalesce(r.source, c.source) is not distinct from c.source
                and (r.organisation is null or o.id is not distinct from c.organisation_id) as is_same
        from import_slice($1, $2, $3, $4) r
        cross join lateral (
            select c.name, c.position, c.phone, c.source, c.organisation_id from contact c
            where c.controller_id = $5 and c.address_key = r.address_key offset 0
        ) c
        left join lateral (
            select o.id from organisation o where o.controller_id = $5 and o.identity = r.organisation offset 0
        ) o on true
        """,
        in: (Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self), out: ("line", Int64.self),
        ("is_same", Bool.self), into: SliceMatch.init(line:isSame:))
    /// In the order in which every writer makes organisations, so that none waits for another in a circle.
    static let createOrganisations = Statement(
        "import.create-organisations",
        """
        insert into organisation (controller_id, identity, number, name)
        select $5, n.organisation, n.organisation_number, n.organisation_name
        from (
            select distinct on (r.organisation collate "C") r.organisation, r.organisation_number, r.organisation_name
            from import_slice($1, $2, $3, $4) r join unnest($6::bigint[]) as t(line) on t.line = r.line
            order by r.organisation collate "C", r.line
        ) n
        on conflict do nothing returning id, identity
        """,
        in: (Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self, [Int64].self), out: ("id", Int64.self),
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
        select $5, r.address_key, r.address, r.name, r.position, r.phone, r.source, o.id, t.due_at, t.due_ground
        from import_slice($1, $2, $3, $4) r
        join unnest($6::bigint[], $7::timestamptz[], $8::text[]) as t(line, due_at, due_ground) on t.line = r.line
        left join lateral (
            select o.id from organisation o where o.controller_id = $5 and o.identity = r.organisation offset 0
        ) o on true
        order by r.address_key
        on conflict on constraint contact_key do update set name = coalesce(excluded.name, contact.name),
            position = coalesce(excluded.position, contact.position), phone = coalesce(excluded.phone, contact.phone),
            source = coalesce(excluded.source, contact.source),
            organisation_id = coalesce(excluded.organisation_id, contact.organisation_id), updated_at = now()
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self, [Int64].self, [Instant?].self,
            [String?].self
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
        people.erased, parts.erased, matches.erased, createOrganisations.erased, keepBefore.erased, putContacts.erased,
        append.erased,
    ]
}
