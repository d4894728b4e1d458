-- What cannot be told ends as such, no address lies in the outbox for long, and a recipient that fails says so.
--
-- Why: a notice that a recipient cannot act on without an address, and that had none, went into quarantine, and every later one of
-- that person waited behind it for good, an erasure too. The courier now asks here for the address of whoever is still stored,
-- and what has none is `undeliverable`, which nobody waits behind; so is what an operator discards. A recipient that is paused,
-- gone or in quarantine kept the sealed address of somebody erased for ever: it is wiped after a time. And why a recipient
-- cannot be told stood in the log alone.
-- Locks: notice while its rows are looked through once, recipient_endpoint for a moment.

alter table notice
    drop constraint notice_state_check,
    add constraint notice_state_check check (state in ('waiting', 'delivered', 'quarantined', 'undeliverable')),
    drop constraint notice_wiped,
    add constraint notice_wiped check (state not in ('delivered', 'undeliverable') or address is null);
comment on column notice.state is 'undeliverable: the recipient is not told, and nothing waits behind it';
create index notice_addressed on notice (controller_id, recipient, posted_at) where address is not null;

-- They are tried again: with the address, where the person is stored, and else they block nobody.
update notice set state = 'waiting', attempts = 0, due_at = clock_timestamp(), settled_at = null
    where state = 'quarantined' and answer = 'address unknown';

alter table recipient_endpoint
    add column failure text,
    add column failing_since timestamptz,
    add constraint recipient_endpoint_failing check ((failure is null) = (failing_since is null));
comment on column recipient_endpoint.failure is 'why nothing arrives there, as a code or a sentence without the URL; null: it does';
grant select (failure, failing_since) on recipient_endpoint to maysend_check, maysend_write, maysend_audit;
grant update (failure, failing_since) on recipient_endpoint to maysend_courier;
-- To settle what shall not be told.
grant update (address, answer) on notice to maysend_write;

-- The addresses of whom a courier is about to tell a recipient that needs them: what is stored at the recipient's controller, or
-- else at another company of the group.
create function notice_addresses(controller bigint, to_whom text, ids bigint[])
returns table (id bigint, address text, new_address text)
language sql stable security definer set search_path = maysend rows 100 as $$
    select n.id,
        (select c.address from holder h join contact c on c.controller_id = h.id and c.address_key = n.address_key
        where h.group_id = n.group_id order by h.id <> n.controller_id, h.id limit 1),
        (select c.address from holder h join contact c on c.controller_id = h.id and c.address_key = n.new_key
        where h.group_id = n.group_id order by h.id <> n.controller_id, h.id limit 1)
    from unnest(ids) as i(id) join notice n on n.controller_id = controller and n.recipient = to_whom and n.id = i.id
    where n.state = 'waiting' and n.lease is not null and n.domain is null and exists (
        select from recipient_endpoint e
        where e.controller_id = controller and e.recipient = to_whom and e.with_address and e.state = 'live'
    )
$$;
comment on function notice_addresses is 'only of notices that somebody holds, and only where the recipient is set to need the address';

-- Wipes the addresses of notices that were posted before an instant, and of those whose recipient needs none; how many. What was
-- posted before it and is of no use without an address is undeliverable, unless the person is still stored somewhere in the group.
create function wipe_notice_addresses(before timestamptz, step bigint) returns bigint
language plpgsql security definer set search_path = maysend as $$
declare
    wiped bigint;
begin
    with spent as materialized (
        select n.controller_id, n.recipient, n.month, n.id, n.posted_at < before and e.kind = 'hubspot' and not exists (
                select from holder h join contact c on c.controller_id = h.id and c.address_key = n.address_key
                where h.group_id = n.group_id
            ) as is_untellable
        from recipient_endpoint e join notice n on n.controller_id = e.controller_id and n.recipient = e.recipient
        where n.address is not null and n.posted_at < case when e.with_address then before else 'infinity' end
            and (n.lease is null or n.due_at < clock_timestamp())
        limit step for update of n skip locked
    ), done as (
        update notice n set address = null, lease = null,
            state = case when s.is_untellable then 'undeliverable' else n.state end,
            answer = case when s.is_untellable then 'not told in time' else n.answer end,
            settled_at = case when s.is_untellable then clock_timestamp() else n.settled_at end
        from spent s
        where n.controller_id = s.controller_id and n.recipient = s.recipient and n.month = s.month and n.id = s.id
        returning n.id
    )
    select count(*) into wiped from done;
    return wiped;
end $$;

-- A month is dropped whole when it is older than the last one and nothing in it still waits.
create or replace function roll_outbox(today date) returns void
language plpgsql security definer set search_path = maysend as $$
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
                'select exists (select from %I where state not in (''delivered'', ''given-up'', ''undeliverable''))',
                old.name)
                into is_needed;
            if not is_needed then execute format('drop table %I', old.name); end if;
        end loop;
    end loop;
end $$;

revoke execute on function notice_addresses, wipe_notice_addresses from public;
grant execute on function notice_addresses to maysend_courier;
grant execute on function wipe_notice_addresses to maysend_courier, maysend_admin;
