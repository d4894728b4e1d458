-- What persons ask for and by when it is due, and erasures that wait for a hold to end.
--
-- Why: Articles 12 and 15 to 22 of the GDPR have clocks, and who did what must be shown. Locks: nothing that is in use.

-- Requests of persons. Who is an address key; where to answer is the contact's address or the one that the letter carries.
create table subject_request (
    id bigint generated always as identity primary key,
    controller_id bigint not null references holder,
    address_key uuid not null,
    kind text not null check (kind in ('export', 'rectify', 'erase', 'restrict', 'object')),
    state text not null check (state in ('received', 'identity-asked', 'identified', 'done', 'refused')),
    language text,
    received_at timestamptz not null,
    due_at timestamptz not null check (due_at > received_at),
    -- Article 12(3): by two further months at most.
    extended_months integer not null default 0 check (extended_months between 0 and 2),
    closed_at timestamptz,
    constraint subject_request_closed check ((closed_at is not null) = (state in ('done', 'refused')))
);
-- One of a kind is open for a person at a time; asking again is the same request.
create unique index subject_request_open on subject_request (controller_id, address_key, kind) where closed_at is null;
create index subject_request_due on subject_request (controller_id, due_at, id) where closed_at is null;
create index subject_request_person on subject_request (controller_id, address_key);
comment on table subject_request is 'what persons asked for, by address key alone, and by when it is due (Article 12(3))';

-- Who did what with a request, and why. Written once.
create table subject_request_step (
    id bigint generated always as identity primary key,
    controller_id bigint not null references holder,
    request_id bigint not null references subject_request,
    step text not null check (
        step in ('received', 'asked-again', 'identity-asked', 'identified', 'extended', 'refused', 'done')),
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    note text
);
create index subject_request_step_request on subject_request_step (request_id, id);

-- Erasures that a hold defers: the person is forgotten for every decision at once, and the contact goes when the holds end.
create table pending_erasure (
    controller_id bigint not null references holder,
    address_key uuid not null,
    -- The act of erasure in the ledger.
    act_id bigint not null,
    asked_at timestamptz not null,
    -- When the holds that stood then end by themselves; null where one has no end.
    due_at timestamptz,
    done_at timestamptz,
    constraint pending_erasure_key primary key (controller_id, address_key)
);
create function contact_erased() returns trigger language plpgsql security definer set search_path = maysend as $$
begin
    update pending_erasure set done_at = clock_timestamp()
    where controller_id = old.controller_id and address_key = old.address_key and done_at is null;
    return null;
end $$;
-- Whoever erases the contact: the release of the hold, the sweep, or an erasure that nothing defers.
create trigger erased after delete on contact for each row execute function contact_erased();

alter table subject_request enable row level security;
alter table subject_request_step enable row level security;
alter table pending_erasure enable row level security;
create policy own on subject_request to maysend_write using (controller_id = current_controller());
create policy own on subject_request_step to maysend_write using (controller_id = current_controller());
create policy own on pending_erasure to maysend_write using (controller_id = current_controller());
create policy every on subject_request for select to maysend_audit using (true);
create policy every on subject_request_step for select to maysend_audit using (true);
create policy every on pending_erasure for select to maysend_audit using (true);
grant select, insert on subject_request to maysend_write;
grant update (state, due_at, extended_months, closed_at) on subject_request to maysend_write;
grant select, insert on subject_request_step to maysend_write;
grant select, insert on pending_erasure to maysend_write;
grant update (act_id, asked_at, due_at, done_at) on pending_erasure to maysend_write;
grant select on subject_request, subject_request_step, pending_erasure to maysend_audit;
