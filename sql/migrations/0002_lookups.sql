-- What a check may leave out. Most companies never suppress a domain and many never bind a whole group; where nothing of the
-- kind was ever recorded there is nothing to look for, and a check reads one row instead of four. The mark is set by the
-- database in the very transaction that records the first such act, and with it the epoch of the catalogue moves, which
-- every check reads together with its rows: a check that sees the act sees the new epoch too, and looks again.
--
-- Locks: holder for an instant. Reads the ledger once to set the marks of what is there.
alter table holder
    add column has_persons boolean not null default false,
    add column has_domains boolean not null default false;
comment on column holder.has_persons is 'of a group: an act on an address was ever recorded for the whole group';
comment on column holder.has_domains is 'a domain was ever suppressed here';

create function lookup_needed() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    if new.domain is not null then
        perform from holder where id = new.holder_id and has_domains;
        if not found then update holder set has_domains = true where id = new.holder_id; end if;
    else
        perform from holder where id = new.holder_id and has_persons;
        if not found then update holder set has_persons = true where id = new.holder_id; end if;
    end if;
    return null;
end $$;
create trigger lookup_needed after insert on ledger for each row
    when (new.domain is not null or new.holder_id <> new.controller_id) execute function lookup_needed();

update holder h set
    has_persons = exists (
        select from ledger l where l.holder_id = h.id and l.holder_id <> l.controller_id and l.domain is null),
    has_domains = exists (select from ledger l where l.holder_id = h.id and l.domain is not null);
