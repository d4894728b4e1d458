import Postgres
import Rules

/// People of a slice of whom nothing is known and whose rows say the same: judged once, written by one statement.
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
    /// Writes what comes of newcomers of whose acts nobody else is told: contacts, acts, standings, verdicts, all in the
    /// order of keys, in which the rows come. How many they were.
    ///
    /// `$7` and `$8` say of each place of the slice of which class it is, 0 of none, and which organisation it names. What a
    /// class comes to is taken from its place in arrays, by no join, whose plan would not know how many there are.
    static let put = Statement(
        "import.put-newcomers",
        """
        with s as materialized (
            select r.line, r.address_key, r.alias_key, r.address, r.name, r.position, r.phone, r.source,
                case when r.declined is not null then r.words end as words, ($7::bigint[])[r.place] as class,
                ($8::bigint[])[r.place] as organisation_id
            from import_slice($1, $2, $3, $4, $5) with ordinality as r(number, line, address_key, alias_key, is_role, declined,
                hashed, words, is_from_person, at, contacted_at, consent_at, address, name, position, phone, source,
                organisation, organisation_number, organisation_name, place)
            where ($7::bigint[])[r.place] > 0
        ), contacts as (
            insert into contact (controller_id, address_key, address, name, position, phone, source, organisation_id, due_at,
                due_ground)
            select $6, s.address_key, s.address, s.name, s.position, s.phone, s.source, s.organisation_id,
                ($13::timestamptz[])[s.class], ($14::text[])[s.class]
            from s where ($9::text[])[s.class] = 'created'
        ), acts as (
            insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, scope, consent_by,
                suppression, bounce, at, actor, evidence)
            select ($11::bigint[])[s.class], $6, s.address_key, s.alias_key, ($17::text[])[a.place], ($18::text[])[a.place],
                ($19::text[])[a.place], ($20::text[])[a.place], ($21::text[])[a.place], ($22::text[])[a.place],
                ($23::timestamptz[])[a.place], $24, case when s.words is null then $25 else $25 || s.words end
            from s
            cross join lateral generate_series(($15::bigint[])[s.class], ($16::bigint[])[s.class]) as a(place)
        ), standings as (
            insert into standing (holder_id, address_key, facts, derived_at)
            select ($11::bigint[])[s.class], s.address_key, ($12::bytea[])[s.class], $26
            from s where ($12::bytea[])[s.class] is not null
        ), verdicts as (
            insert into import_verdict (number, controller_id, line, address_key, verdict, reason)
            select $1, $6, s.line, s.address_key, ($9::text[])[s.class], ($10::text[])[s.class] from s
        )
        select count(*) as people from s
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self, [Int64].self,
            [Int64?].self,
            [ImportVerdict].self, [String?].self, [Int64].self, [Bytea?].self, [Instant?].self, [String?].self,
            [Int64].self, [Int64].self, [Event.Name].self, [Slug?].self, [Scope?].self, [String?].self,
            [Event.Suppression?].self, [Event.Bounce?].self, [Instant].self, String.self, JSONB.self, Instant.self
        ), out: ("people", Int64.self))
    /// The same of those of whose acts recipients are told, each person's of one act at most; their notices in bundles.
    static let putTold = Statement(
        "import.put-told-newcomers",
        """
        with s as materialized (
            select r.line, r.address_key, r.alias_key, r.address, r.name, r.position, r.phone, r.source,
                case when r.declined is not null then r.words end as words, ($7::bigint[])[r.place] as class,
                ($8::bigint[])[r.place] as organisation_id
            from import_slice($1, $2, $3, $4, $5) with ordinality as r(number, line, address_key, alias_key, is_role, declined,
                hashed, words, is_from_person, at, contacted_at, consent_at, address, name, position, phone, source,
                organisation, organisation_number, organisation_name, place)
            where ($7::bigint[])[r.place] > 0
        ), contacts as (
            insert into contact (controller_id, address_key, address, name, position, phone, source, organisation_id, due_at,
                due_ground)
            select $6, s.address_key, s.address, s.name, s.position, s.phone, s.source, s.organisation_id,
                ($13::timestamptz[])[s.class], ($14::text[])[s.class]
            from s where ($9::text[])[s.class] = 'created'
        ), acts as (
            insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, scope, consent_by,
                suppression, bounce, at, actor, evidence)
            select ($11::bigint[])[s.class], $6, s.address_key, s.alias_key, ($17::text[])[a.place], ($18::text[])[a.place],
                ($19::text[])[a.place], ($20::text[])[a.place], ($21::text[])[a.place], ($22::text[])[a.place],
                ($23::timestamptz[])[a.place], $24, case when s.words is null then $25 else $25 || s.words end
            from s
            cross join lateral generate_series(($15::bigint[])[s.class], ($16::bigint[])[s.class]) as a(place)
            returning id, act, scope
        ), bundles as (
            insert into notice_bundle (controller_id, group_id, recipient, act_ids, notice_ids, last_id)
            select n.controller_id, $30, n.recipient, array_agg(n.act_id order by n.act_id),
                array_agg(n.id order by n.act_id), max(n.id)
            from (
                select p.controller_id, p.recipient, a.id as act_id, nextval('notice_id') as id
                from acts a join unnest($27::bigint[], $28::text[]) as p(controller_id, recipient)
                    on a.act = any($29::text[]) and (p.controller_id = $6 or a.scope = 'group')
            ) n
            group by n.controller_id, n.recipient
        ), standings as (
            insert into standing (holder_id, address_key, facts, derived_at)
            select ($11::bigint[])[s.class], s.address_key, ($12::bytea[])[s.class], $26
            from s where ($12::bytea[])[s.class] is not null
        ), verdicts as (
            insert into import_verdict (number, controller_id, line, address_key, verdict, reason)
            select $1, $6, s.line, s.address_key, ($9::text[])[s.class], ($10::text[])[s.class] from s
        )
        select count(*) as people from s
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, AddressKey.self, Int64.self, Int64.self, [Int64].self,
            [Int64?].self,
            [ImportVerdict].self, [String?].self, [Int64].self, [Bytea?].self, [Instant?].self, [String?].self,
            [Int64].self, [Int64].self, [Event.Name].self, [Slug?].self, [Scope?].self, [String?].self,
            [Event.Suppression?].self, [Event.Bounce?].self, [Instant].self, String.self, JSONB.self, Instant.self,
            [Int64].self, [Slug].self, [Event.Name].self, Int64.self
        ), out: ("people", Int64.self))

    static let all: [AnyStatement] = [put.erased, putTold.erased]
}

extension WriteScene {
    /// Writes what comes of the classes; `made` are the organisations that were just made.
    func write(
        _ classes: [NewcomerClass], _ people: SlicePeople, _ range: SliceRange, of held: HeldImport,
        made: [String: Int64], at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !classes.isEmpty else { return }
        let slice = range.parameters
        let acts = classes.flatMap(\.acts)
        // Where the acts of each class begin and end among all.
        let ends = classes.reduce(into: [Int64(0)]) { $0.append(($0.last ?? 0) + Int64($1.acts.count)) }
        let told = Set(acts.map(\.imported.act.name)).filter(\.isTold).sorted { $0.rawValue < $1.rawValue }
        let places = told.isEmpty ? [] : try recipients(at: now)
        let row = (
            slice.0, slice.1, slice.2, slice.3, slice.4, controller.id, people.classes(classes),
            people.organisations(with: made), classes.map(\.verdict), classes.map(\.reason), classes.map(\.holder),
            classes.map { $0.facts.map { Bytea($0) } }, classes.map { $0.due?.next },
            classes.map { $0.due?.retention.ground }, ends.dropLast().map { $0 + 1 }, Array(ends.dropFirst()),
            acts.map(\.imported.act.name), acts.map(\.imported.act.purpose), acts.map(\.imported.act.scope),
            acts.map { $0.imported.act.source?.word }, acts.map(\.imported.act.suppression),
            acts.map(\.imported.act.bounce), acts.map(\.at), writer.access.actor, JSONB(held.evidence + "}"), now
        )
        let count =
            places.isEmpty
            ? try tx.one(NewcomerSQL.put, row)
            : try tx.one(
                NewcomerSQL.putTold,
                (
                    row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9, row.10, row.11, row.12,
                    row.13,
                    row.14, row.15, row.16, row.17, row.18, row.19, row.20, row.21, row.22, row.23, row.24, row.25,
                    places.map(\.controller), places.map(\.recipient), told, controller.group
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
