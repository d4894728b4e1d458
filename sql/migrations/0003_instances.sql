-- Instances that have a spool. While the database is away such an instance keeps opt-outs on its own disk, and
-- acknowledges them only when its lease here has lapsed; every check reads, together with its rows, whether there is one
-- whose lease has. So no check says "eligible" that an acknowledged opt-out in a spool forbids. Holds no personal data and
-- belongs to no controller. Locks: nothing that is in use.
create table instance (
    -- Kept in the spool's folder.
    id uuid not null,
    name text not null,
    -- By this database's clock, at a moment when the beat had not been sent yet.
    beat_at timestamptz not null,
    state text not null default 'live' check (state in ('live', 'absent', 'forgotten')),
    absence_seconds integer not null check (absence_seconds > 0),
    -- For how long it was missed while another instance looked.
    missed_seconds double precision not null default 0,
    missed_at timestamptz,
    constraint instance_key primary key (id)
) with (fillfactor = 20);
comment on table instance is 'who may hold opt-outs that are not in the register; a row a beat, and none after an end in order';

-- That nobody waits for an instance any more, which may have held acknowledged opt-outs: when, and who said so.
create table instance_ending (
    id bigint generated always as identity primary key,
    instance_id uuid not null,
    name text not null,
    how text not null check (how in ('absent', 'forgotten')),
    beat_at timestamptz not null,
    ended_at timestamptz not null default clock_timestamp(),
    ended_by text not null
);

grant select on instance to maysend_check, maysend_write, maysend_admin, maysend_audit;
grant insert, update, delete on instance to maysend_write;
grant update (state) on instance to maysend_admin;
grant insert on instance_ending to maysend_write, maysend_admin;
grant select on instance_ending to maysend_admin, maysend_audit;
