-- Slices have as many rows as their locks allow, and a slice's verdicts of one kind are one row.
--
-- Why: a verdict for every line was a tenth of what merging a list cost, and of most lines of a slice the same is said. What the
-- newcomers of a slice come to is now written once, with all their lines; each line still stands in exactly one row. And acts and
-- standings are written from what was read for the locks, so that a list of opt-outs is read once and not twice.
-- Locks: import_verdict while its rows are looked through once, which stay as they are; notice_bundle, for a moment.

alter table import_verdict
    add column lines bigint[],
    add column address_keys uuid[],
    add column until_key uuid,
    add constraint import_verdict_lines check (
        lines is null or cardinality(address_keys) = cardinality(lines) and until_key is not null and duplicate_of is null);
-- Keys are as random as anything: to look for what can be shortened is in vain.
alter table import_verdict alter column lines set storage external, alter column address_keys set storage external;
comment on column import_verdict.lines is 'null: the row is about one line; else about all these, and line is the first of them';
comment on column import_verdict.address_keys is 'whose those lines are, in the same order: none before address_key, none behind until_key';
create index import_verdict_lines on import_verdict (number, address_key) where lines is not null;

drop function import_people;

-- The rows of a slice without the texts that no judgement needs.
create function import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint)
returns table (
    line bigint, address_key uuid, alias_key uuid, is_role boolean, declined text, is_hashed boolean,
    is_from_person boolean, at timestamptz, contacted_at timestamptz, consent_at timestamptz, organisation text, words text)
language plpgsql stable security definer set search_path = maysend rows 1000 as $$
begin
    perform own_import(n);
    return query execute format(
        'select line, address_key, alias_key, is_role, declined, hashed is not null, is_from_person, at, contacted_at, '
            'consent_at, organisation, case when declined is not null then words::text end from %I '
            'where (address_key, line) > ($1, $2) and address_key <= $3 order by address_key, line limit $4',
        'import_row_' || n)
        using after_key, after_line, until_key, rows;
end $$;

revoke execute on function import_people from public;
grant execute on function import_people to maysend_write;

-- The same of the numbers in a bundle: compressing them took longer than writing them, and a bundle does not stay.
alter table notice_bundle alter column act_ids set storage external, alter column notice_ids set storage external;
