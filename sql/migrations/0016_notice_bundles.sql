-- Notices of a slice of newcomers lie in bundles until somebody can be told.
--
-- Why: a list of a million opt-outs wrote a million notices to each recipient, with four index entries each, which took longer
-- than entering the opt-outs; and most recipients of a policy have no endpoint yet. A bundle has the numbers of the acts and
-- those that their notices will have; everything else is in the ledger, which nobody changes. It is written in the
-- transaction of its acts. The courier unpacks a recipient's bundles before it claims anything for it, and a notice that
-- can be seen can be seen only together with every bundle of earlier acts of the person, so each person's are told in order.
-- Locks: nothing that is in use.

create table notice_bundle (
    id bigint generated always as identity,
    controller_id bigint not null references holder,
    group_id bigint not null references holder,
    recipient text not null,
    -- In the same order.
    act_ids bigint[] not null check (cardinality(act_ids) > 0),
    notice_ids bigint[] not null check (cardinality(notice_ids) = cardinality(act_ids)),
    last_id bigint not null,
    posted_at timestamptz not null default clock_timestamp(),
    constraint notice_bundle_key primary key (controller_id, recipient, id)
);
comment on table notice_bundle is 'notices of acts of an import that are not written out yet, one row for each slice and recipient';

alter table notice_bundle enable row level security;
create policy own on notice_bundle to maysend_write using (group_id = (select current_group()));
create policy every on notice_bundle for select to maysend_courier using (true);
create policy audited on notice_bundle for select to maysend_audit using (true);
grant select, insert on notice_bundle to maysend_write;
grant select on notice_bundle to maysend_courier, maysend_audit;

-- The same before it is unpacked and after, and after a restore another than that of any other act.
create function notice_webhook_id(controller bigint, recipient text, act bigint, key uuid, recorded timestamptz) returns uuid
language sql stable as $$
    select md5(concat_ws('/', controller, recipient, act, key, extract(epoch from recorded at time zone 'UTC')))::uuid
$$;

-- Writes one bundle of a recipient out; how many notices it had, 0 where none is left or somebody else is at the last.
create function unpack_notices(controller bigint, to_whom text) returns bigint
language plpgsql security definer set search_path = maysend as $$
declare
    unpacked bigint;
begin
    with bundle as (
        delete from notice_bundle b where b.controller_id = controller and b.recipient = to_whom and b.id = (
            select n.id from notice_bundle n where n.controller_id = controller and n.recipient = to_whom
            order by n.id limit 1 for update skip locked
        ) returning b.*
    ), written as (
        insert into notice (id, controller_id, group_id, recipient, webhook_id, act_id, act, purpose, topic, scope,
            suppression, at, recorded_at, address_key, posted_at)
        select u.id, b.controller_id, b.group_id, b.recipient,
            notice_webhook_id(b.controller_id, b.recipient, l.id, l.address_key, l.recorded_at), l.id, l.act, l.purpose,
            l.topic, l.scope, l.suppression, l.at, l.recorded_at, l.address_key, b.posted_at
        from bundle b cross join lateral unnest(b.act_ids, b.notice_ids) as u(act_id, id) join ledger l on l.id = u.act_id
        returning id
    )
    select count(*) into unpacked from written;
    return unpacked;
end $$;

revoke execute on function unpack_notices from public;
grant execute on function unpack_notices to maysend_courier;
