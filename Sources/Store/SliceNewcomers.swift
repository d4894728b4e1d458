import Postgres
import Rules

/// People of a slice of whom nothing is known and whose rows say the same: judged once, written together.
struct NewcomerClass {
    let people: [SlicePerson]
    let verdict: ImportVerdict
    let reason: String?
    /// Whose the standing is.
    let holder: Int64
    /// Nil where nothing is stored of them.
    let facts: [UInt8]?
    let due: DueDate?
    let acts: [ImportedAt]

    var isKept: Bool { verdict == .created }
}

/// An act that a list adds.
struct ImportedAt {
    let imported: ImportedAct
    let at: Instant

    var facts: [Fact] { imported.act.facts(at: at) ?? [] }
}

enum NewcomerSQL {
    /// Stores the contacts of newcomers, in the order of keys, in which the rows come.
    ///
    /// `$7` and `$8` say of each place of the slice of which class it is, 0 of none that is stored, and which organisation it
    /// names, 0 none. What a class comes to is taken from its place in arrays, by no join, whose plan would not know how many
    /// there are.
    static let contacts = Statement(
        "import.put-newcomers",
        """
        insert into contact (controller_id, address_key, address, name, position, phone, source, organisation_id, due_at,
            due_ground)
        select $6, r.address_key, r.address, r.name, r.position, r.phone, r.source, nullif(($8::bigint[])[r.place], 0),
            ($9::timestamptz[])[($7::bigint[])[r.place]], ($10::text[])[($7::bigint[])[r.place]]
        from import_slice($1, $2, $3, $4, $5) with ordinality as r(number, line, address_key, alias_key, is_role, declined,
            hashed, words, is_from_person, at, contacted_at, consent_at, address, name, position, phone, source,
            organisation, organisation_number, organisation_name, place)
        where ($7::bigint[])[r.place] > 0
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self, [Int64].self,
            [Int64].self,
            [Instant?].self, [String?].self
        ))
    /// Writes the acts, standings and verdicts of newcomers of whose acts nobody else is told, in the order of keys: `$3` to
    /// `$7` are the people with their classes, `$8` to `$13` the classes with the places of their acts, `$14` to `$20` the
    /// acts. How many people they were.
    static let enter = Statement(
        "import.enter-newcomers",
        """
        with s as materialized (
            select k.line, k.address_key, k.alias_key, k.words, k.class
            from unnest($3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[])
                as k(line, address_key, alias_key, words, class)
        ), acts as (
            insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, scope, consent_by,
                suppression, bounce, at, actor, evidence)
            select ($10::bigint[])[a.class], $2, a.address_key, a.alias_key, ($14::text[])[a.place], ($15::text[])[a.place],
                ($16::text[])[a.place], ($17::text[])[a.place], ($18::text[])[a.place], ($19::text[])[a.place],
                ($20::timestamptz[])[a.place], $21, case when a.words is null then $22 else $22 || a.words::jsonb end
            from (
                select s.address_key, s.alias_key, s.words, s.class, ($12::bigint[])[s.class] as place from s
                where ($12::bigint[])[s.class] <= ($13::bigint[])[s.class]
                union all
                select s.address_key, s.alias_key, s.words, s.class, g.place from s
                cross join lateral generate_series(($12::bigint[])[s.class] + 1, ($13::bigint[])[s.class]) as g(place)
                where ($12::bigint[])[s.class] < ($13::bigint[])[s.class]
            ) a
        ), standings as (
            insert into standing (holder_id, address_key, facts, derived_at)
            select ($10::bigint[])[s.class], s.address_key, ($11::bytea[])[s.class], $23
            from s where ($11::bytea[])[s.class] is not null
        ), verdicts as (
            insert into import_verdict (number, controller_id, line, address_key, until_key, verdict, reason, lines,
                address_keys)
            select $1, $2, v.lines[1], ($4::uuid[])[1], ($4::uuid[])[cardinality($4::uuid[])], v.verdict, v.reason, v.lines,
                v.address_keys
            from (
                select ($8::text[])[s.class] as verdict, ($9::text[])[s.class] as reason, array_agg(s.line) as lines,
                    array_agg(s.address_key) as address_keys
                from s group by 1, 2
            ) v
        )
        select count(*) as people from s
        """,
        in: (
            Int64.self, Int64.self, [Int64].self, PackedUUIDs.self, [AddressKey?].self, [String?].self, [Int64].self,
            [ImportVerdict].self, [String?].self, [Int64].self, [Bytea?].self, [Int64].self, [Int64].self,
            [Event.Name].self, [Slug?].self, [Scope?].self, [String?].self, [Event.Suppression?].self,
            [Event.Bounce?].self, [Instant].self, String.self, JSONB.self, Instant.self
        ), out: ("people", Int64.self))
    /// The same of those of whose acts recipients are told, each person's of one act at most; their notices in bundles.
    static let enterTold = Statement(
        "import.enter-told-newcomers",
        """
        with s as materialized (
            select k.line, k.address_key, k.alias_key, k.words, k.class
            from unnest($3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[])
                as k(line, address_key, alias_key, words, class)
        ), acts as (
            insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, scope, consent_by,
                suppression, bounce, at, actor, evidence)
            select ($10::bigint[])[a.class], $2, a.address_key, a.alias_key, ($14::text[])[a.place], ($15::text[])[a.place],
                ($16::text[])[a.place], ($17::text[])[a.place], ($18::text[])[a.place], ($19::text[])[a.place],
                ($20::timestamptz[])[a.place], $21, case when a.words is null then $22 else $22 || a.words::jsonb end
            from (
                select s.address_key, s.alias_key, s.words, s.class, ($12::bigint[])[s.class] as place from s
                where ($12::bigint[])[s.class] <= ($13::bigint[])[s.class]
                union all
                select s.address_key, s.alias_key, s.words, s.class, g.place from s
                cross join lateral generate_series(($12::bigint[])[s.class] + 1, ($13::bigint[])[s.class]) as g(place)
                where ($12::bigint[])[s.class] < ($13::bigint[])[s.class]
            ) a
            returning id, act, scope
        ), bundles as (
            insert into notice_bundle (controller_id, group_id, recipient, act_ids, notice_ids, last_id)
            select n.controller_id, $27, n.recipient, array_agg(n.act_id), array_agg(n.id), max(n.id)
            from (
                select p.controller_id, p.recipient, a.id as act_id, nextval('notice_id') as id
                from acts a join unnest($24::bigint[], $25::text[]) as p(controller_id, recipient)
                    on a.act = any($26::text[]) and (p.controller_id = $2 or a.scope = 'group')
                order by p.controller_id, p.recipient, a.id
            ) n
            group by n.controller_id, n.recipient
        ), standings as (
            insert into standing (holder_id, address_key, facts, derived_at)
            select ($10::bigint[])[s.class], s.address_key, ($11::bytea[])[s.class], $23
            from s where ($11::bytea[])[s.class] is not null
        ), verdicts as (
            insert into import_verdict (number, controller_id, line, address_key, until_key, verdict, reason, lines,
                address_keys)
            select $1, $2, v.lines[1], ($4::uuid[])[1], ($4::uuid[])[cardinality($4::uuid[])], v.verdict, v.reason, v.lines,
                v.address_keys
            from (
                select ($8::text[])[s.class] as verdict, ($9::text[])[s.class] as reason, array_agg(s.line) as lines,
                    array_agg(s.address_key) as address_keys
                from s group by 1, 2
            ) v
        )
        select count(*) as people from s
        """,
        in: (
            Int64.self, Int64.self, [Int64].self, PackedUUIDs.self, [AddressKey?].self, [String?].self, [Int64].self,
            [ImportVerdict].self, [String?].self, [Int64].self, [Bytea?].self, [Int64].self, [Int64].self,
            [Event.Name].self, [Slug?].self, [Scope?].self, [String?].self, [Event.Suppression?].self,
            [Event.Bounce?].self, [Instant].self, String.self, JSONB.self, Instant.self,
            [Int64].self, [Slug].self, [Event.Name].self, Int64.self
        ), out: ("people", Int64.self))

    static let all: [AnyStatement] = [contacts.erased, enter.erased, enterTold.erased]
}

extension WriteScene {
    /// Writes what comes of the classes; `made` are the organisations that were just made.
    func write(
        _ classes: [NewcomerClass], _ people: SlicePeople, _ range: SliceRange, of held: HeldImport,
        made: [String: Int64], at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !classes.isEmpty else { return }
        let kept = classes.reduce(0) { $0 + ($1.isKept ? $1.people.count : 0) }
        if kept > 0 {
            let slice = range.parameters
            let stored = try tx.run(
                NewcomerSQL.contacts,
                (
                    slice.0, slice.1, slice.2, slice.3, slice.4, controller.id,
                    people.classes(classes) { $0.isKept }, people.organisations(with: made),
                    classes.map { $0.due?.next }, classes.map { $0.due?.ground }
                ))
            guard stored == kept else { throw .damaged("newcomers of import \(held.id)") }
        }
        try enter(classes, people.newcomers(of: classes), range.parameters.0, of: held, at: now, in: tx)
    }

    private func enter(
        _ classes: [NewcomerClass], _ newcomers: SliceNewcomers, _ number: Int64, of held: HeldImport, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let acts = classes.flatMap(\.acts)
        // Where the acts of each class begin and end among all.
        let ends = classes.reduce(into: [Int64(0)]) { $0.append(($0.last ?? 0) + Int64($1.acts.count)) }
        let told = Set(acts.map(\.imported.act.name)).filter(\.isTold).sorted { $0.rawValue < $1.rawValue }
        let places = told.isEmpty ? [] : try recipients(at: now)
        let row = (
            number, controller.id, newcomers.lines, newcomers.keys, newcomers.aliases, newcomers.words,
            newcomers.classes, classes.map(\.verdict), classes.map(\.reason), classes.map(\.holder),
            classes.map { $0.facts.map { Bytea($0) } }, ends.dropLast().map { $0 + 1 }, Array(ends.dropFirst()),
            acts.map(\.imported.act.name), acts.map(\.imported.act.purpose), acts.map(\.imported.act.scope),
            acts.map { $0.imported.act.source?.word }, acts.map(\.imported.act.suppression),
            acts.map(\.imported.act.bounce), acts.map(\.at), writer.access.actor, JSONB(held.evidence + "}"), now
        )
        let count =
            places.isEmpty
            ? try tx.one(NewcomerSQL.enter, row)
            : try tx.one(
                NewcomerSQL.enterTold,
                (
                    row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9, row.10, row.11, row.12,
                    row.13,
                    row.14, row.15, row.16, row.17, row.18, row.19, row.20, row.21, row.22, places.map(\.controller),
                    places.map(\.recipient), told, controller.group
                ))
        guard count == classes.reduce(0, { $0 + $1.people.count }) else {
            throw .damaged("newcomers of import \(held.id)")
        }
    }

    /// Whoever may have to be told of an act, here and at the other companies of the group.
    func recipients(at now: Instant) throws(StoreError) -> [RecipientPlace] {
        let recipients = try catalogue.policy(of: controller, at: now).recipients.map(\.id)
        return catalogue.controllers.filter { $0.group == controller.group }.flatMap { company in
            recipients.map { RecipientPlace(controller: company.id, recipient: $0) }
        }
    }
}
