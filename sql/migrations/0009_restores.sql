-- 0009: what keeps a restored database from answering before it has all that was acknowledged.
--
-- Why: a backup is older than the latest opt-outs, and another cluster numbers its transactions anew.
-- Locks: nothing that is in use.

-- Which cluster the numbers of transactions are of. In another one they begin anew: what is added to them there keeps the
-- order of the ledger, so that neither the export nor the sealer steps over an act.
create table cluster (
    singleton boolean primary key default true check (singleton),
    system_identifier text not null,
    tx_offset bigint not null default 0 check (tx_offset >= 0),
    -- Why nothing may be answered before `maysend restore-check`; null: nothing is the matter.
    restore_wanted text
);
insert into cluster (system_identifier) select system_identifier::text from pg_control_system();
create trigger changed after update on cluster for each statement execute function catalogue_changed();

create function ledger_tx() returns xid8 language sql volatile set search_path = maysend as $$
    select (pg_current_xact_id()::text::bigint + tx_offset)::text::xid8 from cluster
$$;
create or replace function ledger_horizon() returns xid8 language sql stable set search_path = maysend as $$
    select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tx_offset)::text::xid8 from cluster
$$;
create or replace function ledger_frontier() returns xid8 language sql stable set search_path = maysend as $$
    select (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + tx_offset)::text::xid8 from cluster
$$;

create function want_restore_check(why text) returns void language sql security definer set search_path = maysend as $$
    update cluster set restore_wanted = why where restore_wanted is null
$$;
revoke execute on function want_restore_check from public;
grant execute on function want_restore_check to maysend_seal;
grant select on cluster to maysend_check, maysend_write, maysend_admin, maysend_audit, maysend_seal;
