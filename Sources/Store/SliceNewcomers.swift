import Postgres
import Rules

/// People of a slice of whom nothing is known and whose rows say the same: judged once, written by one statement.
struct NewcomerClass {
    /// What their rows have in common.
    let row: SliceRow
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
    /// Writes what comes of all newcomers: contacts, acts, notices, standings, verdicts. How many they were.
    ///
    /// `$6` to `$8` say which lines they are, of which class each is and which organisation it names. What a class comes to is
    /// taken from its place in arrays, by no join, whose plan would not know how many there are.
    static let put = Statement(
        "import.put-newcomers",
        """
        with s as materialized (
            select r.line, r.address_key, r.alias_key, r.address, r.name, r.position, r.phone, r.source,
                case when r.declined is not null then r.words end as words, p.class, p.organisation_id
            from import_slice($1, $2, $3, $4) r
            join unnest($6::bigint[], $7::bigint[], $8::bigint[]) as p(line, class, organisation_id) on p.line = r.line
        ), contacts as (
            insert into contact (controller_id, address_key, address, name, position, phone, source, organisation_id, due_at,
                due_ground)
            select $5, s.address_key, s.address, s.name, s.position, s.phone, s.source, s.organisation_id,
                ($13::timestamptz[])[s.class], ($14::text[])[s.class]
            from s where ($9::text[])[s.class] = 'created' order by s.address_key
        ), acts as (
            insert into ledger (holder_id, controller_id, address_key, alias_key, act, purpose, scope, consent_by,
                suppression, bounce, at, actor, evidence)
            select ($11::bigint[])[s.class], $5, s.address_key, s.alias_key, ($17::text[])[a.place], ($18::text[])[a.place],
                ($19::text[])[a.place], ($20::text[])[a.place], ($21::text[])[a.place], ($22::text[])[a.place],
                ($23::timestamptz[])[a.place], $24, case when s.words is null then $25 else $25 || s.words end
            from s
            cross join lateral generate_series(($15::bigint[])[s.class], ($16::bigint[])[s.class]) as a(place)
            order by s.address_key, a.place
            returning id, act, scope, suppression, at, recorded_at, address_key
        ), notices as (
            insert into notice (controller_id, group_id, recipient, act_id, act, scope, suppression, at, recorded_at,
                address_key)
            select p.controller_id, $30, p.recipient, a.id, a.act, a.scope, a.suppression, a.at, a.recorded_at, a.address_key
            from acts a join unnest($27::bigint[], $28::text[]) as p(controller_id, recipient)
                on a.act = any($29::text[]) and (p.controller_id = $5 or a.scope = 'group')
            order by a.id
        ), standings as (
            insert into standing (holder_id, address_key, facts, derived_at)
            select ($11::bigint[])[s.class], s.address_key, ($12::bytea[])[s.class], $26
            from s where ($12::bytea[])[s.class] is not null order by 1, 2
        ), verdicts as (
            insert into import_verdict (number, controller_id, line, address_key, verdict, reason)
            select $1, $5, s.line, s.address_key, ($9::text[])[s.class], ($10::text[])[s.class] from s order by s.address_key
        )
        select count(*) as people from s
        """,
        in: (
            Int64.self, AddressKey.self, Int64.self, Int64.self, Int64.self, [Int64].self, [Int64].self, [Int64?].self,
            [ImportVerdict].self, [String?].self, [Int64].self, [Bytea?].self, [Instant?].self, [String?].self,
            [Int64].self, [Int64].self, [Event.Name].self, [Slug?].self, [Scope?].self, [String?].self,
            [Event.Suppression?].self, [Event.Bounce?].self, [Instant].self, String.self, JSONB.self, Instant.self,
            [Int64].self, [Slug].self, [Event.Name].self, Int64.self
        ), out: ("people", Int64.self))

    static let all: [AnyStatement] = [put.erased]
}

extension WriteScene {
    /// Writes what comes of the classes; `organisations` are those that their lines name.
    func write(
        _ classes: [NewcomerClass], _ range: SliceRange, of held: HeldImport, organisations: [Int64: Int64],
        at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !classes.isEmpty else { return }
        let slice = range.parameters
        let lines = classes.flatMap(\.row.lines)
        let acts = classes.flatMap(\.acts)
        // Where the acts of each class begin and end among all.
        let ends = classes.reduce(into: [Int64(0)]) { $0.append(($0.last ?? 0) + Int64($1.acts.count)) }
        let told = Set(acts.map(\.imported.act.name)).filter(\.isTold).sorted { $0.rawValue < $1.rawValue }
        let places = told.isEmpty ? [] : try recipients(at: now)
        let people = try tx.one(
            NewcomerSQL.put,
            (
                slice.0, slice.1, slice.2, slice.3, controller.id, lines,
                classes.enumerated().flatMap { index, one in one.row.lines.map { _ in Int64(index + 1) } },
                lines.map { organisations[$0] }, classes.map(\.verdict), classes.map(\.reason), classes.map(\.holder),
                classes.map { $0.facts.map { Bytea($0) } }, classes.map { $0.due?.next },
                classes.map { $0.due?.retention.ground }, ends.dropLast().map { $0 + 1 }, Array(ends.dropFirst()),
                acts.map(\.imported.act.name), acts.map(\.imported.act.purpose), acts.map(\.imported.act.scope),
                acts.map { $0.imported.act.source?.word }, acts.map(\.imported.act.suppression),
                acts.map(\.imported.act.bounce), acts.map(\.at), writer.access.actor, JSONB(held.evidence + "}"), now,
                places.map(\.controller), places.map(\.recipient), told, controller.group
            ))
        guard people == lines.count else { throw .damaged("newcomers of import \(held.id)") }
    }

    /// Whoever may have to be told of an act, here and at the other companies of the group.
    func recipients(at now: Instant) throws(StoreError) -> [RecipientPlace] {
        let recipients = try catalogue.policy(of: controller, at: now).recipients.map(\.id)
        return catalogue.controllers.filter { $0.group == controller.group }.flatMap { company in
            recipients.map { RecipientPlace(controller: company.id, recipient: $0) }
        }
    }
}
