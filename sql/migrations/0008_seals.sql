-- 0008: what shows that the acts are those that were recorded.
--
-- Why: an act that is changed, deleted, put in or cut off must be found.
-- Locks: ledger while its index is built. The sealer chains what is there in bounded steps, once it runs.

-- The order in which acts are sealed, exported and journaled: that of their transactions, so that none slips in before.
create index ledger_order on ledger (tx, id);

-- One link a row: SHA-256 over the link before it and all of the act. Of every controller, because it is one ledger.
create table seal (
    position bigint primary key check (position > 0),
    ledger_id bigint not null,
    digest bytea not null check (length(digest) = 32),
    constraint seal_ledger unique (ledger_id)
);
create table seal_head (
    number bigint primary key check (number > 0),
    position bigint not null,
    digest bytea not null check (length(digest) = 32),
    signed_at timestamptz not null,
    -- The public half, and the signature over number, position, digest and time.
    key bytea not null check (length(key) = 32),
    signature bytea not null check (length(signature) = 64)
);
comment on table seal is 'the ledger''s chain of digests: any act that is changed, taken out or put in breaks it';
comment on table seal_head is 'the chain''s end as it was signed; keep one outside to notice what is cut off';
create trigger append_only before update or delete on seal for each row execute function ledger_is_append_only();
create trigger append_only_truncate before truncate on seal for each statement execute function ledger_is_append_only();
create trigger append_only before update or delete on seal_head for each row execute function ledger_is_append_only();
create trigger append_only_truncate before truncate on seal_head
    for each statement execute function ledger_is_append_only();

alter table seal enable row level security;
alter table seal_head enable row level security;
create policy sealing on seal to maysend_seal using (true);
create policy sealing on seal_head to maysend_seal using (true);
create policy sealing on ledger for select to maysend_seal using (true);
create policy every on seal for select to maysend_audit using (true);
create policy every on seal_head for select to maysend_audit using (true);
grant usage on schema maysend to maysend_seal;
grant select on ledger, holder, migration to maysend_seal;
grant select, insert on seal, seal_head to maysend_seal;
grant select on seal, seal_head to maysend_audit;

-- Every act below it is committed or never will be, so nothing slips in before what was read; none can be at or beyond the
-- frontier.
create function ledger_horizon() returns xid8 language sql stable as $$ select pg_snapshot_xmin(pg_current_snapshot()) $$;
create function ledger_frontier() returns xid8 language sql stable as $$ select pg_snapshot_xmax(pg_current_snapshot()) $$;
