-- The people of a slice, without what the list says of them.
--
-- Why: their locks are taken before anything else is read, and for those a key, a line and an organisation are enough.

create function import_people(n bigint, after_key uuid, after_line bigint, rows bigint)
returns table (line bigint, address_key uuid, alias_key uuid, organisation text)
language plpgsql stable security definer set search_path = maysend rows 1000 as $$
begin
    perform own_import(n);
    return query execute format(
        'select line, address_key, alias_key, organisation from %I where (address_key, line) > ($1, $2) '
            'order by address_key, line limit $3', 'import_row_' || n)
        using after_key, after_line, rows;
end $$;

revoke execute on function import_people from public;
grant execute on function import_people to maysend_write;
