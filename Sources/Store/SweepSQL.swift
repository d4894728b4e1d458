import Postgres
import Rules

/// The statements of the sweep, its tasks and its reports.
enum SweepSQL {
    /// Whoever sweeps a controller holds this for the length of a step.
    static let lead = Statement(
        "sweep.lead", "select pg_try_advisory_xact_lock(hashtextextended('maysend.sweep/' || $1, 0)) as leads",
        in: (String.self), out: ("leads", Bool?.self), into: { (leads: Bool?) in leads ?? false })

    static let latest = Statement(
        "sweep.latest",
        """
        select id, instance, policy, started_at, heard_at, finished_at, looked, moved, erased, grounds::text, digest
        from sweep_run where controller_id = $1 order by id desc limit 1
        """,
        in: (Int64.self), out: ("id", Int64.self), ("instance", AddressKey.self), ("policy", String.self),
        ("started_at", Instant.self), ("heard_at", Instant.self), ("finished_at", Instant?.self),
        ("looked", Int64.self), ("moved", Int64.self), ("erased", Int64.self), ("grounds", String?.self),
        ("digest", Bytea.self))

    static let runs = Statement(
        "sweep.runs",
        """
        select id, instance, policy, started_at, heard_at, finished_at, looked, moved, erased, grounds::text, digest
        from sweep_run where controller_id = $1 order by id desc limit $2
        """,
        in: (Int64.self, Int64.self), out: ("id", Int64.self), ("instance", AddressKey.self), ("policy", String.self),
        ("started_at", Instant.self), ("heard_at", Instant.self), ("finished_at", Instant?.self),
        ("looked", Int64.self), ("moved", Int64.self), ("erased", Int64.self), ("grounds", String?.self),
        ("digest", Bytea.self))

    static let begin = Statement(
        "sweep.begin",
        "insert into sweep_run (controller_id, actor, instance, policy, strays_to) values ($1, $2, $3, $4, $5)",
        in: (Int64.self, String.self, AddressKey.self, String.self, AddressKey?.self))

    static let take = Statement(
        "sweep.take",
        "update sweep_run set instance = $3, heard_at = clock_timestamp() where controller_id = $1 and id = $2",
        in: (Int64.self, Int64.self, AddressKey.self))

    static let note = Statement(
        "sweep.note",
        """
        update sweep_run s set heard_at = clock_timestamp(), looked = looked + $3, moved = moved + $4,
            erased = erased + $5, digest = $6, grounds = (
                select coalesce(jsonb_object_agg(g.ground, g.count), '{}') from (
                    select a.ground, sum(a.count) as count from (
                        select key as ground, value::bigint as count from jsonb_each_text(s.grounds)
                        union all
                        select r.ground, r.count from unnest($7::text[], $8::bigint[]) as r(ground, count)
                    ) a group by a.ground
                ) g
            ),
            finished_at = case when $9 then clock_timestamp() end
        where controller_id = $1 and id = $2
        """,
        in: (
            Int64.self, Int64.self, Int64.self, Int64.self, Int64.self, Bytea.self, [String].self, [Int64].self,
            Bool.self
        ))

    /// The report as an act of the ledger: sealed and kept like all others. Once, by whoever finishes the run.
    static let report = Statement(
        "sweep.report",
        """
        insert into ledger (holder_id, controller_id, act, at, actor, evidence)
        select s.controller_id, s.controller_id, 'sweep-reported', s.finished_at, $3, jsonb_build_object('sweep', s.id::text,
            'policy', s.policy, 'started-at', s.started_at, 'looked', s.looked, 'erased', s.erased, 'grounds', s.grounds,
            'digest', encode(s.digest, 'hex'))
        from sweep_run s where s.controller_id = $1 and s.id = $2 and s.finished_at is not null
        """,
        in: (Int64.self, Int64.self, String.self))

    static let due = Statement(
        "sweep.due",
        """
        select address_key from contact where controller_id = $1 and due_at <= $2 order by due_at limit $3
        """,
        in: (Int64.self, Instant.self, Int64.self), out: ("address_key", AddressKey.self),
        into: { (key: AddressKey) in key })

    /// Contacts that were stored and never reckoned.
    static let unreckoned = Statement(
        "sweep.unreckoned",
        """
        select address_key from contact where controller_id = $1 and due_ground is null order by address_key limit $2
        """,
        in: (Int64.self, Int64.self), out: ("address_key", AddressKey.self), into: { (key: AddressKey) in key })

    /// Makes the task of the policy that is in effect, once.
    static let reckonPolicy = Statement(
        "sweep.reckon-policy",
        """
        insert into due_task (controller_id, policy_id) values ($1, $2)
        on conflict on constraint due_task_policy do nothing
        """,
        in: (Int64.self, Int64.self))

    /// The task to go on with, and all others that are just as far: many domains are looked for in one pass. Held until the
    /// step ends, so that whoever adds to a task that has not begun knows whether it has.
    static let tasks = Statement(
        "sweep.tasks",
        """
        select t.id, t.domain, t.done_to from due_task t join (
            select domain is null as is_everybody, done_to from due_task
            where controller_id = $1 and finished_at is null order by domain is not null, done_to limit 1
        ) f on f.is_everybody = (t.domain is null) and f.done_to = t.done_to
        where t.controller_id = $1 and t.finished_at is null order by t.id limit $2 for update of t
        """,
        in: (Int64.self, Int64.self), out: ("id", Int64.self), ("domain", String?.self), ("done_to", AddressKey.self))

    static let taskStep = Statement(
        "sweep.task-step",
        """
        update due_task set done_to = $3, finished_at = case when $4 then clock_timestamp() end
        where controller_id = $1 and id = any($2::bigint[])
        """,
        in: (Int64.self, [Int64].self, AddressKey.self, Bool.self))

    static let after = Statement(
        "sweep.after",
        """
        select address_key, address from contact where controller_id = $1 and address_key > $2
        order by address_key limit $3
        """,
        in: (Int64.self, AddressKey.self, Int64.self), out: ("address_key", AddressKey.self),
        ("address", String.self))

    static let straysTo = Statement(
        "sweep.strays-to", "select strays_to from sweep_run where controller_id = $1 and id = $2",
        in: (Int64.self, Int64.self), out: ("strays_to", AddressKey?.self), into: { (key: AddressKey?) in key })

    /// The contacts of whom anything is known under their other key.
    static let strays = Statement(
        "sweep.strays",
        """
        select distinct k.contact as address_key from unnest($2::uuid[], $3::uuid[]) as k(contact, other)
        where exists (
            select from unnest($1::bigint[]) as h(id)
            cross join lateral (
                select from standing s where s.holder_id = h.id and s.address_key = k.other offset 0
            ) s
        ) order by 1
        """,
        in: ([Int64].self, [AddressKey].self, [AddressKey].self), out: ("address_key", AddressKey?.self),
        into: { (key: AddressKey?) in key })

    static let strayStep = Statement(
        "sweep.stray-step",
        "update sweep_run set strays_to = $3, heard_at = clock_timestamp() where controller_id = $1 and id = $2",
        in: (Int64.self, Int64.self, AddressKey?.self))

    static let isPending = Statement(
        "sweep.is-pending",
        """
        select exists (select from due_task where controller_id = $1 and finished_at is null)
            or not exists (select from due_task where controller_id = $1 and policy_id = $2)
            or exists (select from contact where controller_id = $1 and due_ground is null) as pending
        """,
        in: (Int64.self, Int64.self), out: ("pending", Bool?.self), into: { (pending: Bool?) in pending ?? true })

    static let dueAfter = Statement(
        "sweep.due-after",
        """
        select address_key, due_at from contact
        where controller_id = $1 and due_at <= $2 and (due_at, address_key) > ($3, $4)
        order by due_at, address_key limit $5
        """,
        in: (Int64.self, Instant.self, Instant.self, AddressKey.self, Int64.self),
        out: ("address_key", AddressKey.self), ("due_at", Instant?.self))

    static let all: [AnyStatement] = [
        lead.erased, latest.erased, runs.erased, begin.erased, take.erased, note.erased, report.erased, due.erased,
        unreckoned.erased,
        reckonPolicy.erased, tasks.erased, taskStep.erased, after.erased, isPending.erased, dueAfter.erased,
        straysTo.erased, strays.erased, strayStep.erased,
    ]
}
