-- 0001: the ledger of acts, the standing that is derived from it, contacts, organisations, policies and keys.
--
-- Why: nothing exists yet. Locks: nothing that is in use.
-- Runs in one transaction, as the schema's owner, with search_path = maysend.

-- Controllers and groups share one space of ids, because a standing belongs to either.
create table holder (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('controller', 'group')),
    slug text not null,
    name text not null,
    group_id bigint references holder,
    created_at timestamptz not null default now(),
    constraint holder_slug unique (kind, slug),
    constraint holder_group check ((kind = 'controller') = (group_id is not null))
);
comment on table holder is 'whose standing a fact moves: a controller, or a group of controllers';

create table policy (
    id bigint generated always as identity primary key,
    group_id bigint not null references holder,
    name text not null,
    version integer not null check (version > 0),
    effective timestamptz not null,
    source text not null,
    digest bytea not null check (length(digest) = 32),
    applied_at timestamptz not null default now(),
    applied_by text not null,
    constraint policy_version unique (group_id, version),
    constraint policy_effective unique (group_id, effective)
);
comment on table policy is 'every version of every policy as it was applied; what is in effect is judged at read time';

create table api_key (
    id bigint generated always as identity primary key,
    controller_id bigint not null references holder,
    name text not null,
    prefix text not null,
    digest bytea not null check (length(digest) = 32),
    scopes text[] not null check (
        cardinality(scopes) > 0 and scopes <@ array['check', 'write', 'import', 'subject', 'admin']
    ),
    created_at timestamptz not null default now(),
    created_by text not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    constraint api_key_prefix unique (prefix)
);
comment on column api_key.digest is 'SHA-256 of the whole key; the key itself is shown once and kept nowhere';

-- What the servers hold in memory of the three tables above is good as long as this number stands.
create table catalogue_epoch (
    singleton boolean primary key default true check (singleton),
    epoch bigint not null
);
insert into catalogue_epoch values (true, 1);
create function catalogue_changed() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    update catalogue_epoch set epoch = epoch + 1;
    return null;
end $$;
create trigger changed after insert or update or delete on holder for each statement execute function catalogue_changed();
create trigger changed after insert or update or delete on policy for each statement execute function catalogue_changed();
create trigger changed after insert or update or delete on api_key for each statement execute function catalogue_changed();

create table organisation (
    id bigint generated always as identity primary key,
    controller_id bigint not null references holder,
    -- The number, or without one the folded name; made by the program, so that there is one idea of "the same".
    identity text not null,
    number text,
    name text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint organisation_identity unique (controller_id, identity),
    constraint organisation_named check (number is not null or name is not null)
);

create table contact (
    controller_id bigint not null references holder,
    address_key uuid not null,
    address text not null,
    name text,
    position text,
    phone text,
    source text,
    organisation_id bigint references organisation,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint contact_key primary key (controller_id, address_key)
);
create index contact_organisation on contact (organisation_id) where organisation_id is not null;
comment on table contact is 'what is stored of a person besides the key; the only table with personal data, and erasable';

-- Acts, append-only. No plaintext: who is an address key, and evidence holds no address.
create table ledger (
    id bigint generated always as identity primary key,
    -- Of whom the standing moves: the controller, or for a group-wide entry its group.
    holder_id bigint not null,
    -- At whom it happened.
    controller_id bigint not null,
    address_key uuid,
    -- The key of the address's alias form, where that is another address.
    alias_key uuid,
    domain text,
    organisation_id bigint,
    act text not null,
    purpose text,
    topic text,
    scope text check (scope in ('topic', 'purpose', 'controller', 'group')),
    consent_by text check (consent_by in ('person', 'import', 'operator')),
    confirms_objection boolean not null default false,
    suppression text check (suppression in ('imported', 'domain-suppressed')),
    bounce text check (bounce in ('hard', 'soft')),
    hold text,
    until timestamptz,
    at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    actor text not null,
    evidence jsonb,
    tx xid8 not null default pg_current_xact_id(),
    constraint ledger_subject check (num_nonnulls(address_key, organisation_id) = 1)
);
create index ledger_person on ledger (holder_id, address_key) where address_key is not null;
create index ledger_alias on ledger (holder_id, alias_key) where alias_key is not null;
create index ledger_organisation on ledger (organisation_id) where organisation_id is not null;
-- The export by cursor: in the order of transactions, so that a page never misses one that commits late.
create index ledger_register on ledger (holder_id, tx, id)
    where act in ('unsubscribed', 'consent-withdrawn', 'objected', 'complained', 'erased', 'suppressed');

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete on ledger for each row execute function ledger_is_append_only();
create trigger append_only_truncate before truncate on ledger for each statement execute function ledger_is_append_only();

-- The register and the consents are the ledger seen from one side, so that there is no second copy to drift.
create view register with (security_invoker = true) as
    select id, holder_id, controller_id, address_key, alias_key, domain, act, suppression, scope, purpose, topic, at,
        recorded_at, actor, evidence, tx
    from ledger
    where act in ('unsubscribed', 'consent-withdrawn', 'objected', 'complained', 'erased', 'suppressed');
create view consent with (security_invoker = true) as
    select id, controller_id, address_key, act, purpose, consent_by, confirms_objection, at, recorded_at, actor, evidence
    from ledger
    where act in ('consent-asked', 'consent-given', 'consent-withdrawn');

-- One row per holder and address: the dated facts that a decision needs, derived from the ledger.
create table standing (
    holder_id bigint not null,
    address_key uuid not null,
    facts bytea not null,
    -- Entries, and what lifts them, of other addresses whose alias form this address is.
    aliases bytea not null default '',
    -- The instant at which what could change no later answer was left out.
    derived_at timestamptz not null,
    constraint standing_key primary key (holder_id, address_key)
) with (fillfactor = 85);

-- Answers to writes that a client may send again. Kept by month and dropped whole.
create table idempotency (
    controller_id bigint not null,
    key text not null,
    month date not null,
    request_digest bytea not null check (length(request_digest) = 32),
    status integer not null,
    body bytea not null,
    created_at timestamptz not null default now(),
    constraint idempotency_key primary key (controller_id, key, month)
) partition by range (month);

-- Takes what no month has: a write must never fail for want of a partition.
create table idempotency_default partition of idempotency default;

create function roll_idempotency(today date) returns void language plpgsql security definer set search_path = maysend as $$
declare
    first date := date_trunc('month', today)::date;
    month date;
    old record;
begin
    for step in 0..1 loop
        month := (first + make_interval(months => step))::date;
        begin
            execute format(
                'create table if not exists %I partition of idempotency for values from (%L) to (%L)',
                'idempotency_' || to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
        exception when check_violation then
            -- The default partition has rows of that month already, and goes on taking them.
            null;
        end;
    end loop;
    delete from idempotency_default d where d.month < (first - interval '1 month')::date;
    for old in
        select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'idempotency'::regclass and c.relname <> 'idempotency_default'
            and c.relname < 'idempotency_' || to_char(first - interval '1 month', 'YYYY_MM')
    loop
        execute format('drop table %I', old.name);
    end loop;
end $$;
comment on function roll_idempotency is 'makes this month''s partition and the next one''s, drops those older than the last';

-- What the loaded pepper must answer, so that a wrong one is noticed before it splits the register.
create table pepper (
    version integer primary key check (version > 0),
    fingerprint bytea not null,
    registered_at timestamptz not null default now(),
    note text
);

-- The second wall: a writer sees and moves the rows of the one controller that its transaction names, and its group's.
create function current_controller() returns bigint language sql stable as
    $$ select nullif(current_setting('maysend.controller', true), '')::bigint $$;
create function current_group() returns bigint language sql stable as
    $$ select nullif(current_setting('maysend.group', true), '')::bigint $$;

alter table organisation enable row level security;
alter table contact enable row level security;
alter table ledger enable row level security;
alter table standing enable row level security;
alter table idempotency enable row level security;
create policy own on organisation to maysend_write using (controller_id = current_controller());
create policy own on contact to maysend_write using (controller_id = current_controller());
create policy own on idempotency to maysend_write using (controller_id = current_controller());
create policy own on standing to maysend_write using (holder_id in (current_controller(), current_group()));
create policy readable on ledger for select to maysend_write using (holder_id in (current_controller(), current_group()));
create policy own on ledger for insert to maysend_write
    with check (controller_id = current_controller() and holder_id in (current_controller(), current_group()));
create policy every on standing for select to maysend_check, maysend_audit using (true);
create policy every on ledger for select to maysend_audit using (true);
create policy every on contact for select to maysend_audit using (true);
create policy every on organisation for select to maysend_audit using (true);

grant usage on schema maysend to maysend_check, maysend_write, maysend_admin, maysend_audit;
grant select on holder, policy, api_key, catalogue_epoch, migration, pepper
    to maysend_check, maysend_write, maysend_admin, maysend_audit;
grant select on standing to maysend_check;
grant select, insert on ledger to maysend_write;
grant select on register, consent to maysend_write, maysend_audit;
grant select, insert, update on standing, organisation to maysend_write;
grant select, insert, update, delete on contact to maysend_write;
grant select, insert on idempotency to maysend_write;
grant execute on function roll_idempotency to maysend_write;
grant insert on holder, policy, api_key, pepper to maysend_admin;
grant update (name) on holder to maysend_admin;
grant update (revoked_at) on api_key to maysend_admin;
grant select on ledger, standing, contact, organisation to maysend_audit;

select roll_idempotency(current_date);
