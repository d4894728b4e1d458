-- The roles that the service takes on, least privilege each. Run by `maysend migrate` before the migrations, again and
-- again without harm. Needs CREATEROLE once; where the migrating user may not create roles, a superuser runs this file.
--
--   maysend_check   reads what a decision needs, of every controller; writes nothing
--   maysend_write   records acts and keeps contacts, of one controller at a time; cannot change or delete evidence
--   maysend_admin   applies policies, makes and revokes keys
--   maysend_seal    chains and signs the ledger, and journals it; writes nothing else
--   maysend_audit   reads everything and changes nothing
--   maysend_courier takes what lies in the outbox and says what became of it; sees no other personal data
do $$
declare
    name text;
begin
    foreach name in array array[
        'maysend_check', 'maysend_write', 'maysend_admin', 'maysend_audit', 'maysend_courier', 'maysend_seal'
    ] loop
        if not exists (select from pg_roles where rolname = name) then
            -- Two databases of one cluster may be migrated at the same time.
            begin
                execute format('create role %I nologin noinherit', name);
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
        -- Whoever migrates also serves, unless a login of its own is made and granted these roles.
        if not pg_has_role(current_user, name, 'member') then
            execute format('grant %I to current_user', name);
        end if;
    end loop;
end $$;
