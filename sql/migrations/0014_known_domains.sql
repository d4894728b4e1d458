-- The domains of which something was ever recorded, by themselves. A check asks of nearly every address whether anything
-- stands against its domain, nearly always in vain, and each such look-up walked through the index of all people: memory
-- that is in no cache. There are few such domains, so whether there is anything to read is now seen in a small table that
-- always is. Like the marks of 0002 it is written by the database in the very transaction that records the act, so a check
-- that could see the act sees the domain too; like them it is never taken back.
--
-- Locks: ledger against writes while the acts on domains are read once, so that none slips in between; opt-outs wait for
-- that long.
lock table ledger in share row exclusive mode;

create table known_domain (
    holder_id bigint not null,
    address_key uuid not null,
    constraint known_domain_key primary key (holder_id, address_key)
);
comment on table known_domain is 'a domain of which an act was ever recorded at the holder: where a check has to look for its standing';

create or replace function lookup_needed() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    if new.domain is not null then
        insert into known_domain values (new.holder_id, new.address_key) on conflict do nothing;
        perform from holder where id = new.holder_id and has_domains;
        if not found then update holder set has_domains = true where id = new.holder_id; end if;
    else
        perform from holder where id = new.holder_id and has_persons;
        if not found then update holder set has_persons = true where id = new.holder_id; end if;
    end if;
    return null;
end $$;

insert into known_domain
select distinct holder_id, address_key from ledger where domain is not null and address_key is not null;

alter table known_domain enable row level security;
create policy every on known_domain for select to maysend_check, maysend_audit using (true);
grant select on known_domain to maysend_check, maysend_audit;
