-- Hashed entries: suppressions of whoever's address has a digest. They are acts like others, under a key made of the kind
-- and the digest, so that a check finds them with the statement it sends anyway. The digest itself is not kept: a list of
-- addresses would open it. As with domains (0002), the holder is marked in the transaction that records the first entry of
-- a kind, and the epoch of the catalogue moves with it, so that no check that sees the entry looks without its digest.
--
-- Locks: ledger and holder for an instant; no row is rewritten.
alter table ledger
    add column hashed text check (hashed in ('md5', 'sha-1', 'sha-256', 'sha-512')),
    add constraint ledger_hashed check (
        hashed is null or (act = 'suppressed' and address_key is not null and alias_key is null and domain is null));
comment on column ledger.hashed is 'of which kind of digest the address key is made; null where it is made of the address';
alter table holder
    add column has_hashes text[] not null default '{}';
comment on column holder.has_hashes is 'the kinds of digests of which there was ever an entry here';

create function digests_needed() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    perform from holder where id = new.holder_id and new.hashed = any(has_hashes);
    if not found then
        update holder set has_hashes = has_hashes || new.hashed
        where id = new.holder_id and not new.hashed = any(has_hashes);
    end if;
    return null;
end $$;
create trigger digests_needed after insert on ledger for each row
    when (new.hashed is not null) execute function digests_needed();
