-- 0007: what makes data go when its last ground goes.
--
-- Why: the sweep has to find the contacts that fall due without reading all.
-- Locks: contact for the two new columns, without a rewrite, and while its indexes are built; ledger while its rows are compared
-- with the wider rule of whom an act is. The due dates of contacts that are there are reckoned by the first sweep, in bounded
-- steps.

alter table contact
    add column due_at timestamptz,
    add column due_ground text;
comment on column contact.due_at is
    'the next instant at which nothing may keep the contact any more; null: no clock. A hint: the rules are asked again';
comment on column contact.due_ground is 'what keeps it until then, or why nothing does; null: never reckoned, which a sweep does first';
create index contact_due on contact (controller_id, due_at) include (due_ground) where due_at is not null;
-- Contacts that a list brings in by the ten thousand are reckoned afterwards.
create index contact_unreckoned on contact (controller_id, address_key) where due_ground is null;

-- Contacts to look at anew, in bounded steps: all of a controller's because a policy took effect or a list of digests came, or
-- those at a domain.
create table due_task (
    id bigint generated always as identity primary key,
    controller_id bigint not null references holder,
    policy_id bigint references policy,
    domain text,
    -- Contacts up to this key are done.
    done_to uuid not null default '00000000-0000-0000-0000-000000000000',
    created_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    constraint due_task_policy unique (controller_id, policy_id),
    constraint due_task_kind check (num_nonnulls(policy_id, domain) <= 1)
);
create index due_task_open on due_task (controller_id, id) where finished_at is null;

create table sweep_run (
    id bigint generated always as identity primary key,
    controller_id bigint not null references holder,
    actor text not null,
    -- Which process is at it; another takes over when nothing was heard of it for a while.
    instance uuid not null,
    policy text not null,
    started_at timestamptz not null default clock_timestamp(),
    heard_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    looked bigint not null default 0,
    moved bigint not null default 0,
    erased bigint not null default 0,
    -- How many were erased for which reason.
    grounds jsonb not null default '{}',
    -- SHA-256 chained over the keys that were erased, in the order of their acts.
    digest bytea not null default decode(repeat('00', 32), 'hex') check (length(digest) = 32)
);
create index sweep_run_latest on sweep_run (controller_id, id);
comment on table sweep_run is 'each sweep as it goes on: what it looked at, what it erased and why; finished, it is an act too';

-- The report of a sweep is an act like all others, of nobody in particular.
alter table ledger drop constraint ledger_subject, add constraint ledger_subject check (
    num_nonnulls(address_key, organisation_id) = case when act = 'sweep-reported' then 0 else 1 end
);

-- An act on a whole group, a domain or a digest moves due dates that its writer may not see or cannot find; the database
-- itself does it.
create function retention_hint() returns trigger language plpgsql security definer set search_path = maysend as $$
declare
    own bigint;
begin
    if new.hashed is not null then
        -- Nobody can tell whom it is about but by looking at everybody; once for all that come before that begins. Whoever
        -- looks holds the row, so that it begins before this or after it.
        for own in
            select h.id from holder h where h.kind = 'controller' and new.holder_id in (h.id, h.group_id) order by h.id
        loop
            perform from due_task t where t.controller_id = own and t.finished_at is null and t.policy_id is null
                and t.domain is null and t.done_to = '00000000-0000-0000-0000-000000000000' for update;
            if not found then insert into due_task (controller_id) values (own); end if;
        end loop;
    elsif new.domain is not null then
        insert into due_task (controller_id, domain)
            select h.id, new.domain from holder h
            where h.kind = 'controller' and new.holder_id in (h.id, h.group_id);
    else
        update contact c set due_at = clock_timestamp() from holder h
            where h.group_id = new.holder_id and c.controller_id = h.id and c.address_key = new.address_key
                and (c.due_at is null or c.due_at > clock_timestamp());
    end if;
    return null;
end $$;
create trigger retention_hint after insert on ledger for each row
    when (new.domain is not null or new.hashed is not null or new.holder_id <> new.controller_id)
    execute function retention_hint();

alter table due_task enable row level security;
alter table sweep_run enable row level security;
create policy own on due_task to maysend_write using (controller_id = current_controller());
create policy own on sweep_run to maysend_write using (controller_id = current_controller());
create policy every on due_task for select to maysend_audit using (true);
create policy every on sweep_run for select to maysend_audit using (true);
grant select, insert on due_task, sweep_run to maysend_write;
grant update (done_to, finished_at) on due_task to maysend_write;
grant update (instance, heard_at, finished_at, looked, moved, erased, grounds, digest) on sweep_run to maysend_write;
grant select on due_task, sweep_run to maysend_audit;
