-- An opt-out of the whole group is lifted at each of its companies by what the person does there. Whether an older one still
-- stands everywhere can so be known only from what they did at the others, whose acts a company may not read. This function
-- tells the instant of the latest of those acts and nothing else of them.
--
-- Locks: nothing that is in use.
create function lifted_elsewhere(keys uuid[]) returns table (address_key uuid, at timestamptz)
    language sql stable security definer set search_path = maysend as $$
    select l.address_key, max(l.at) from holder h
    join ledger l on l.holder_id = h.id and l.address_key = any(keys)
    where h.group_id = current_group() and h.id <> current_controller() and l.act in ('consent-given', 'topic-resumed')
    group by l.address_key
$$;
comment on function lifted_elsewhere is 'when each person last did what lifts an entry at another company of the group';
revoke all on function lifted_elsewhere from public;
grant execute on function lifted_elsewhere to maysend_write;
