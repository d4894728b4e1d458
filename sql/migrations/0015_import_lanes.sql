-- Imports are merged in two lanes, and who may see a row is asked once a statement.
--
-- Why: a slice keeps one core busy and the other waits for it. A lane has half of all keys and a cursor of its own, and
-- whoever holds its row does its next slice. And current_controller(), in a policy, was called for each row that was written
-- or looked up, which was a third of what a look-up cost; in a subquery it is called once. A standing and an act are compared
-- with the controller and the group one after the other, because an array of both was taken for a condition of the index.
-- Locks: each table with a policy, for a moment. A merge that is under way goes on where it was, in one lane.

create table import_lane (
    number bigint not null,
    controller_id bigint not null,
    lane integer not null,
    -- The last key that is its own.
    until_key uuid not null,
    -- The last staged row that is merged, in the order of keys.
    cursor_key uuid,
    cursor_line bigint,
    -- The line on which the cursor's key stood first.
    cursor_first bigint,
    is_done boolean not null default false,
    constraint import_lane_key primary key (controller_id, number, lane)
);
comment on table import_lane is 'how far an import is, for each part of all keys';
alter table import_lane enable row level security;
create policy own on import_lane to maysend_write using (controller_id = (select current_controller()));
grant select, update (cursor_key, cursor_line, cursor_first, is_done) on import_lane to maysend_write;

insert into import_lane (number, controller_id, lane, until_key, cursor_key, cursor_line, cursor_first)
select number, controller_id, 0, 'ffffffff-ffff-ffff-ffff-ffffffffffff', cursor_key, cursor_line, cursor_first from import
where state = 'merging';
update import set cursor_key = null where state = 'merging';
alter table import drop column cursor_line, drop column cursor_first;
comment on column import.cursor_key is 'of an undo: the key from which on nobody was looked at';

-- All rows are in: they are merged in the order of their keys, each half by itself.
create or replace function sort_import_rows(n bigint) returns void
language plpgsql security definer set search_path = maysend as $$
begin
    perform own_import(n);
    execute format('create index on %I (address_key, line)', 'import_row_' || n);
    insert into import_lane (number, controller_id, lane, cursor_key, until_key) values
        (n, current_controller(), 0, null, '7fffffff-ffff-ffff-ffff-ffffffffffff'),
        (n, current_controller(), 1, '80000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
end $$;

drop function import_slice, import_people;

-- The next rows of a lane in the order of keys; planned anew each time, for the partition itself.
create function import_slice(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint)
returns setof import_row
language plpgsql stable security definer set search_path = maysend rows 1000 as $$
begin
    perform own_import(n);
    return query execute format(
        'select * from %I where (address_key, line) > ($1, $2) and address_key <= $3 order by address_key, line limit $4',
        'import_row_' || n)
        using after_key, after_line, until_key, rows;
end $$;

-- The same without the texts that no judgement needs.
create function import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint)
returns table (
    line bigint, address_key uuid, alias_key uuid, is_role boolean, declined text, is_hashed boolean,
    is_from_person boolean, at timestamptz, contacted_at timestamptz, consent_at timestamptz, organisation text)
language plpgsql stable security definer set search_path = maysend rows 1000 as $$
begin
    perform own_import(n);
    return query execute format(
        'select line, address_key, alias_key, is_role, declined, hashed is not null, is_from_person, at, contacted_at, '
            'consent_at, organisation from %I '
            'where (address_key, line) > ($1, $2) and address_key <= $3 order by address_key, line limit $4',
        'import_row_' || n)
        using after_key, after_line, until_key, rows;
end $$;

revoke execute on function import_slice, import_people from public;
grant execute on function import_slice, import_people to maysend_write;

do $$
declare
    name text;
begin
    foreach name in array array[
        'contact', 'due_task', 'idempotency', 'import', 'import_before', 'import_verdict', 'letter', 'organisation',
        'pending_erasure', 'subject_request', 'subject_request_step', 'sweep_run'
    ] loop
        execute format('drop policy if exists own on %I', name);
        execute format(
            'create policy own on %I to maysend_write using (controller_id = (select current_controller()))', name);
    end loop;
end $$;
drop policy if exists own on notice;
create policy own on notice to maysend_write using (group_id = (select current_group()));
drop policy if exists own on standing;
create policy own on standing to maysend_write
    using (holder_id = (select current_controller()) or holder_id = (select current_group()));
drop policy if exists own on ledger;
create policy own on ledger for insert to maysend_write
    with check (
        controller_id = (select current_controller())
        and (holder_id = (select current_controller()) or holder_id = (select current_group())));
drop policy if exists readable on ledger;
create policy readable on ledger for select to maysend_write
    using (holder_id = (select current_controller()) or holder_id = (select current_group()));
