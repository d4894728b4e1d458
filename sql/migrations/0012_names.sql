-- Contacts name their controller and their organisation, and notices their controller and group; that nothing is named which
-- is not there is held from the other side.
--
-- Why: a foreign key looks its row up again, and locks it, for each contact of a list and each notice of an act, which was half
-- of what a contact cost. The controller and the group are the session's own, by the row's policy, and the organisation comes
-- from a row that was just read. So only taking one away could leave a name behind, and that is refused here. Nothing takes any
-- away today.
-- Locks: contact, notice, organisation and holder, for a moment.

alter table contact drop constraint contact_controller_id_fkey, drop constraint contact_organisation_id_fkey;
alter table notice drop constraint notice_controller_id_fkey, drop constraint notice_group_id_fkey;

create function is_named() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    -- Nothing that could name it comes while this looks, and until it is over.
    lock table contact, notice in share row exclusive mode;
    if tg_table_name = 'holder' then
        perform from contact c where c.controller_id = old.id
        union all
            select from notice n where old.id in (n.controller_id, n.group_id) limit 1;
    else
        perform from contact c where c.organisation_id = old.id limit 1;
    end if;
    if found then
        raise exception 'there are names of this %', tg_table_name using errcode = 'foreign_key_violation';
    end if;
    return old;
end $$;
create trigger named before delete on organisation for each row execute function is_named();
create trigger named before delete on holder for each row execute function is_named();
