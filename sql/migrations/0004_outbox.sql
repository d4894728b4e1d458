-- 0004: the outbox. Letters to persons and notices to recipients are posted in the transaction of the act that they belong
-- to, so there is none without its act and no act without it; the courier takes them from here.
--
-- Why: Article 19 wants every recipient told, and a confirmation mail must not be lost between two systems.
-- Locks: nothing that is in use.

-- How a recipient that a policy names is reached. No part of the policy: it holds secrets.
create table recipient_endpoint (
    controller_id bigint not null references holder,
    recipient text not null,
    kind text not null check (kind in ('webhook', 'hubspot')),
    url text not null,
    with_address boolean not null default false,
    -- Sealed, newest first; two while they are being rotated.
    secrets bytea[] not null check (cardinality(secrets) between 1 and 2),
    state text not null default 'live' check (state in ('live', 'paused', 'gone')),
    state_since timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    updated_by text not null,
    constraint recipient_endpoint_key primary key (controller_id, recipient)
);
comment on column recipient_endpoint.state is 'gone: it answered 410 and is told nothing until somebody resumes it';

-- Which recipients need the address is known wherever an act is recorded.
create trigger changed after insert or delete or update of with_address on recipient_endpoint
    for each statement execute function catalogue_changed();

create sequence letter_id;
create table letter (
    id bigint not null default nextval('letter_id'),
    month date not null default date_trunc('month', now())::date,
    controller_id bigint not null references holder,
    address_key uuid not null,
    purpose text not null,
    language text not null,
    message_id uuid not null default gen_random_uuid(),
    -- Address, subject and texts, sealed; gone as soon as the letter is delivered or given up.
    content bytea,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given-up')),
    attempts integer not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease uuid,
    answer text,
    posted_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    constraint letter_key primary key (controller_id, id, month),
    constraint letter_wiped check ((state = 'waiting') = (content is not null))
) partition by range (month);
comment on column letter.answer is 'the code of the relay''s last answer; never its text, which may repeat the address';
create index letter_due on letter (due_at, id) where state = 'waiting';
create table letter_default partition of letter default;

create sequence notice_id;
create table notice (
    id bigint not null default nextval('notice_id'),
    month date not null default date_trunc('month', now())::date,
    controller_id bigint not null references holder,
    group_id bigint not null references holder,
    recipient text not null,
    -- The same however often it is sent; it outlives a restore, which a number would not.
    webhook_id uuid not null default gen_random_uuid(),
    act_id bigint not null,
    act text not null,
    purpose text,
    topic text,
    scope text,
    suppression text,
    at timestamptz not null,
    recorded_at timestamptz not null,
    address_key uuid not null,
    domain text,
    -- Of a rectification: the key of the address that is right.
    new_key uuid,
    -- Where the recipient needs it: the address (of a rectification both), sealed; gone when it was told.
    address bytea,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'quarantined')),
    attempts integer not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease uuid,
    answer text,
    posted_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    constraint notice_key primary key (controller_id, recipient, id, month),
    constraint notice_wiped check (state <> 'delivered' or address is null)
) partition by range (month);
comment on table notice is 'one row for each recipient and act that it must be told of';
create index notice_due on notice (controller_id, recipient, due_at, id) where state = 'waiting';
create index notice_person on notice (controller_id, recipient, address_key, id) where state <> 'delivered';
create table notice_default partition of notice default;

-- A month is dropped whole when it is older than the last one and nothing in it still waits.
create function roll_outbox(today date) returns void language plpgsql security definer set search_path = maysend as $$
declare
    first date := date_trunc('month', today)::date;
    month date;
    parent text;
    old record;
    is_needed boolean;
begin
    foreach parent in array array['letter', 'notice'] loop
        for step in 0..1 loop
            month := (first + make_interval(months => step))::date;
            begin
                execute format(
                    'create table if not exists %I partition of %I for values from (%L) to (%L)',
                    parent || '_' || to_char(month, 'YYYY_MM'), parent, month, (month + interval '1 month')::date);
            exception when check_violation then
                -- The default partition has rows of that month already, and goes on taking them.
                null;
            end;
        end loop;
        for old in
            select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = parent::regclass and c.relname <> parent || '_default'
                and c.relname < parent || '_' || to_char(first - interval '1 month', 'YYYY_MM')
        loop
            execute format(
                'select exists (select from %I where state not in (''delivered'', ''given-up''))', old.name)
                into is_needed;
            if not is_needed then execute format('drop table %I', old.name); end if;
        end loop;
    end loop;
end $$;
comment on function roll_outbox is 'makes this month''s partitions and the next one''s, drops older ones in which nothing waits';

alter table letter enable row level security;
alter table notice enable row level security;
create policy own on letter to maysend_write using (controller_id = current_controller());
-- A group-wide act is told to the recipients of every company in the group.
create policy own on notice to maysend_write using (group_id = current_group());
create policy every on letter to maysend_courier using (true);
create policy every on notice to maysend_courier using (true);
create policy audited on letter for select to maysend_audit using (true);
create policy audited on notice for select to maysend_audit using (true);

grant usage on schema maysend to maysend_courier;
grant select on holder, policy, catalogue_epoch, migration, pepper to maysend_courier;
grant select (controller_id, recipient, kind, url, with_address, state, state_since) on recipient_endpoint
    to maysend_check, maysend_write, maysend_audit;
grant select on recipient_endpoint to maysend_courier, maysend_admin;
grant insert, update on recipient_endpoint to maysend_admin;
grant update (state, state_since) on recipient_endpoint to maysend_courier;
grant usage on sequence letter_id, notice_id to maysend_write;
grant select, insert on letter, notice to maysend_write;
-- To send again what is in quarantine.
grant update (state, attempts, due_at, settled_at) on notice to maysend_write;
grant select (id, month, controller_id, group_id, recipient, webhook_id, act_id, act, address_key, state, attempts, due_at,
    answer, posted_at, settled_at) on notice to maysend_audit;
grant select (id, month, controller_id, purpose, language, message_id, state, attempts, due_at, answer, posted_at,
    settled_at) on letter to maysend_audit;
grant select, update (content, state, attempts, due_at, lease, answer, settled_at) on letter to maysend_courier;
grant select, update (address, state, attempts, due_at, lease, answer, settled_at) on notice to maysend_courier;
grant execute on function roll_outbox to maysend_write, maysend_courier;

select roll_outbox(current_date);
