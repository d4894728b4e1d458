-- Imports: lists in bulk, staged, merged in slices, each line with its verdict.
--
-- Why: a list of a million rows must survive any crash, account for every line once, and never hold up a check.
-- Locks: nothing that is in use.

create table import (
    -- Short, for the partitions and the rows; outside, an import is its id.
    number bigint generated always as identity primary key,
    id uuid not null default gen_random_uuid(),
    controller_id bigint not null references holder,
    -- Under which version its keys were made; while that is live, they mean the people they were made of.
    pepper integer not null,
    kind text not null check (kind in ('leads', 'suppressions')),
    name text,
    source text,
    collected_at timestamptz,
    -- Of suppressions: how far its entries reach.
    scope text not null default 'controller' check (scope in ('controller', 'group')),
    -- The purpose that the list's consent column claims consent for.
    consent_purpose text,
    -- How the file was understood: words, no personal data.
    guess jsonb,
    digest bytea check (length(digest) = 32),
    state text not null check (state in ('receiving', 'merging', 'finished', 'failed', 'undoing', 'undone')),
    failure text,
    same_as uuid,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    finished_at timestamptz,
    -- Lines that came in, the header and a separator line not counted.
    lines bigint not null default 0,
    created bigint not null default 0,
    updated bigint not null default 0,
    unchanged bigint not null default 0,
    suppressed bigint not null default 0,
    no_ground bigint not null default 0,
    duplicate bigint not null default 0,
    invalid bigint not null default 0,
    empty bigint not null default 0,
    -- Of an undo: people taken back, and left because somebody acted on them since or what was added cannot be taken away.
    taken_back bigint not null default 0,
    left_behind bigint not null default 0,
    -- The last staged row that is merged, in the order of keys; of an undo, the key from which on nobody was looked at.
    cursor_key uuid,
    cursor_line bigint,
    -- The line on which the cursor's key stood first.
    cursor_first bigint,
    -- Who receives it, and until when that is believed. What is received belongs to nobody: whoever has the row's lock
    -- does the next slice, so the death of a process frees it at once.
    lease_by text,
    lease_until timestamptz,
    -- When its controller had its last slice merged: the one that waited longest is next.
    served_at timestamptz,
    constraint import_id unique (controller_id, id),
    constraint import_adds_up check (
        state not in ('finished', 'undoing', 'undone')
        or lines = created + updated + unchanged + suppressed + no_ground + duplicate + invalid + empty),
    constraint import_refused check ((state = 'failed') = (failure is not null))
);
create index import_digest on import (controller_id, digest);
create index import_busy on import (state) where state in ('receiving', 'merging', 'undoing');
comment on table import is 'a list that came in: where from, how far it is, what became of its lines';

-- What a list says, line by line, until it is merged. Holds plaintext, so a partition of its own for each import, dropped
-- whole in the transaction that finishes it. Logged: a list whose upload was acknowledged survives a crash of the server.
-- Without row-level security, because COPY knows none; so the serving role may add rows and read none: they are read by a
-- function that looks whose they are.
create table import_row (
    number bigint not null,
    line bigint not null,
    address_key uuid not null,
    alias_key uuid,
    is_role boolean not null,
    -- Why the list says that this person is not to be written to; null for a lead.
    declined text check (declined in ('complained', 'unsubscribed', 'bounced', 'listed')),
    -- Of which kind of digest the key is made; null where it is made of the address.
    hashed text check (hashed in ('md5', 'sha-1', 'sha-256', 'sha-512')),
    -- The list's own words about that.
    words jsonb,
    -- The person gave the data (Art. 13), so no notice is due.
    is_from_person boolean not null,
    at timestamptz,
    contacted_at timestamptz,
    consent_at timestamptz,
    -- The digest, where that is all that is known.
    address text not null,
    name text,
    position text,
    phone text,
    source text,
    organisation text,
    organisation_number text,
    organisation_name text
) partition by list (number);

-- What became of every line. Kept by month and dropped whole.
create table import_verdict (
    number bigint not null,
    controller_id bigint not null,
    month date not null default date_trunc('month', now())::date,
    line bigint not null,
    address_key uuid,
    verdict text not null,
    -- The code of a refusal, or what is wrong with which column; holds nothing of the row.
    reason text,
    duplicate_of bigint
) partition by range (month);
-- The rows of one import lie together, and those of its people in the order of their keys, as they were merged.
create index import_verdict_number on import_verdict using brin (number, address_key) with (pages_per_range = 16);
create table import_verdict_default partition of import_verdict default;

-- What a contact was before an import changed it, for the undo; goes with the contact, whoever erases that.
create table import_before (
    number bigint not null,
    controller_id bigint not null,
    address_key uuid not null,
    name text,
    position text,
    phone text,
    source text,
    organisation_id bigint,
    changed_at timestamptz not null default now(),
    constraint import_before_key primary key (controller_id, address_key, number),
    constraint import_before_contact foreign key (controller_id, address_key) references contact on delete cascade
);

alter table import enable row level security;
alter table import_verdict enable row level security;
alter table import_before enable row level security;
create policy own on import to maysend_write using (controller_id = current_controller());
create policy own on import_verdict to maysend_write using (controller_id = current_controller());
create policy own on import_before to maysend_write using (controller_id = current_controller());
create policy every on import for select to maysend_audit using (true);
grant select, insert, update on import to maysend_write;
grant insert on import_row to maysend_write;
grant select, insert on import_verdict to maysend_write;
grant select, insert on import_before to maysend_write;
grant select on import to maysend_audit;

create function own_import(n bigint) returns void language plpgsql security definer set search_path = maysend as $$
begin
    perform from import where number = n and controller_id = current_controller();
    if not found then raise exception 'no such import' using errcode = 'insufficient_privilege'; end if;
end $$;

create function open_import_rows(n bigint) returns void language plpgsql security definer set search_path = maysend as $$
begin
    perform own_import(n);
    execute format('create table %I partition of import_row for values in (%s)', 'import_row_' || n, n);
end $$;

-- All rows are in: they are merged in the order of their keys.
create function sort_import_rows(n bigint) returns void language plpgsql security definer set search_path = maysend as $$
begin
    perform own_import(n);
    execute format('create index on %I (address_key, line)', 'import_row_' || n);
end $$;

create function drop_import_rows(n bigint) returns void language plpgsql security definer set search_path = maysend as $$
begin
    perform own_import(n);
    execute format('drop table if exists %I', 'import_row_' || n);
end $$;

-- The next rows in the order of keys; planned anew each time, for the partition itself.
create function import_slice(n bigint, after_key uuid, after_line bigint, rows bigint) returns setof import_row
language plpgsql stable security definer set search_path = maysend rows 1000 as $$
begin
    perform own_import(n);
    return query execute format(
        'select * from %I where (address_key, line) > ($1, $2) order by address_key, line limit $3', 'import_row_' || n)
        using after_key, after_line, rows;
end $$;

-- Which import is next, of whichever controller: of the one that has waited longest.
create function next_import() returns table (number bigint, controller_id bigint)
language sql stable security definer set search_path = maysend as $$
    select i.number, i.controller_id from import i
    where i.state in ('merging', 'undoing')
    order by (select max(o.served_at) from import o
        where o.controller_id = i.controller_id and o.state in ('merging', 'undoing')) nulls first, i.served_at nulls first,
        i.number
    limit 1
$$;

-- Uploads that broke off: nothing of them was merged, so they are over, and what was staged is dropped.
create function drop_broken_imports() returns bigint language plpgsql security definer set search_path = maysend as $$
declare
    broken record;
    count bigint := 0;
begin
    for broken in
        select i.number from import i where i.state = 'receiving' and i.lease_until < clock_timestamp()
        for update skip locked
    loop
        execute format('drop table if exists %I', 'import_row_' || broken.number);
        update import set state = 'failed', finished_at = clock_timestamp(),
            failure = 'the upload broke off; nothing was stored, send the list again'
        where number = broken.number;
        count := count + 1;
    end loop;
    return count;
end $$;

create function roll_import_verdicts(today date) returns void language plpgsql security definer set search_path = maysend as $$
declare
    months_kept constant integer := 13;
    first date := date_trunc('month', today)::date;
    month date;
    old record;
begin
    for step in 0..1 loop
        month := (first + make_interval(months => step))::date;
        begin
            execute format(
                'create table if not exists %I partition of import_verdict for values from (%L) to (%L)',
                'import_verdict_' || to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
        exception when check_violation then
            -- The default partition has rows of that month already, and goes on taking them.
            null;
        end;
    end loop;
    for old in
        select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'import_verdict'::regclass and c.relname <> 'import_verdict_default'
            and c.relname < 'import_verdict_' || to_char(first - make_interval(months => months_kept), 'YYYY_MM')
    loop
        execute format('drop table %I', old.name);
    end loop;
    -- Without its verdicts an import cannot be undone.
    delete from import_before b where b.changed_at < first - make_interval(months => months_kept);
end $$;
comment on function roll_import_verdicts is 'makes this month''s partition and the next one''s, drops what is older than 13 months';

revoke execute on function own_import, open_import_rows, sort_import_rows, drop_import_rows, import_slice, next_import,
    drop_broken_imports, roll_import_verdicts from public;
grant execute on function own_import, open_import_rows, sort_import_rows, drop_import_rows, import_slice, next_import,
    drop_broken_imports, roll_import_verdicts to maysend_write;

select roll_import_verdicts(current_date);
