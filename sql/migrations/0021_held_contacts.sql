-- What a hold keeps of an erased contact lies apart from what is stored of the person since; a sweep looks for people who are
-- known under two peppers; and whoever marks a due date leaves a mark.
--
-- Why: a contact that stayed in its place for a hold got mixed with what came after the erasure, and nobody could tell the two
-- apart when the hold ended. An act under the newest pepper moves no due date of a contact that is stored under an older one. And
-- a due date that was reckoned without an entry of the group must not be written over the mark of that entry.
-- Locks: pending_erasure, sweep_run and contact for new columns and a trigger less, a moment each. The erasures that wait are
-- looked at by the first sweep, which puts what they hold apart. So are those that were called done while the old contact stayed:
-- what was given since cannot be told from it any more, so of those the address alone stays, and only where something keeps it.

alter table pending_erasure
    add column address text,
    add column name text,
    add column position text,
    add column phone text,
    add column source text,
    add column organisation_id bigint references organisation,
    add column stored_at timestamptz,
    add column updated_at timestamptz,
    add constraint pending_erasure_held check (
        done_at is null or num_nonnulls(address, name, position, phone, source, organisation_id, stored_at, updated_at) = 0);
comment on table pending_erasure is
    'erasures that a hold defers, with the contact that the hold keeps; once they are carried out, only that they were';
comment on column pending_erasure.due_at is 'when a sweep looks whether a hold still stands; null: at a release alone';
comment on column pending_erasure.stored_at is 'since when the contact was stored';
create index pending_erasure_due on pending_erasure (controller_id, due_at) where done_at is null;
grant update (address, name, position, phone, source, organisation_id, stored_at, updated_at) on pending_erasure to maysend_write;

drop trigger erased on contact;
drop function contact_erased();
update pending_erasure p set done_at = null
from contact c
where c.controller_id = p.controller_id and c.address_key = p.address_key and p.done_at is not null and c.created_at < p.asked_at;
update pending_erasure set due_at = clock_timestamp() where done_at is null;

alter table sweep_run add column strays_to uuid;
comment on column sweep_run.strays_to is
    'contacts up to this key were looked at for acts under another pepper than their own; null: nobody is to be looked for';
grant update (strays_to) on sweep_run to maysend_write;

create or replace function retention_hint() returns trigger language plpgsql security definer set search_path = maysend as $$
declare
    own bigint;
begin
    if new.hashed is not null then
        -- Nobody can tell whom it is about but by looking at everybody; once for all that come before that begins. Whoever
        -- looks holds the row, so that it begins before this or after it.
        for own in
            select h.id from holder h where h.kind = 'controller' and new.holder_id in (h.id, h.group_id) order by h.id
        loop
            perform from due_task t where t.controller_id = own and t.finished_at is null and t.policy_id is null
                and t.domain is null and t.done_to = '00000000-0000-0000-0000-000000000000' for update;
            if not found then insert into due_task (controller_id) values (own); end if;
        end loop;
    elsif new.domain is not null then
        insert into due_task (controller_id, domain)
            select h.id, new.domain from holder h
            where h.kind = 'controller' and new.holder_id in (h.id, h.group_id);
    else
        -- Also one that is due already: whoever reckons it just now has not seen this entry, and sees that the date has moved.
        update contact c set due_at = clock_timestamp(), due_ground = case when c.due_ground is not null then 'to-be-looked-at' end
            from holder h where h.group_id = new.holder_id and c.controller_id = h.id and c.address_key = new.address_key;
    end if;
    return null;
end $$;
