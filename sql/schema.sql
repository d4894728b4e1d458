-- Written by make schema from sql/migrations; not to be edited.

-- Name: maysend; Type: SCHEMA; Schema: -; Owner: postgres

CREATE SCHEMA maysend;

ALTER SCHEMA maysend OWNER TO postgres;

-- Name: catalogue_changed(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.catalogue_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    update catalogue_epoch set epoch = epoch + 1;
    return null;
end $$;

ALTER FUNCTION maysend.catalogue_changed() OWNER TO postgres;

-- Name: cluster_changed(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.cluster_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    update catalogue_epoch set epoch = epoch + 1, incarnation = gen_random_uuid();
    return null;
end $$;

ALTER FUNCTION maysend.cluster_changed() OWNER TO postgres;

-- Name: current_controller(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.current_controller() RETURNS bigint
    LANGUAGE sql STABLE
    AS $$ select nullif(current_setting('maysend.controller', true), '')::bigint $$;

ALTER FUNCTION maysend.current_controller() OWNER TO postgres;

-- Name: current_group(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.current_group() RETURNS bigint
    LANGUAGE sql STABLE
    AS $$ select nullif(current_setting('maysend.group', true), '')::bigint $$;

ALTER FUNCTION maysend.current_group() OWNER TO postgres;

-- Name: digests_needed(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.digests_needed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    perform from holder where id = new.holder_id and new.hashed = any(has_hashes);
    if not found then
        update holder set has_hashes = has_hashes || new.hashed
        where id = new.holder_id and not new.hashed = any(has_hashes);
    end if;
    return null;
end $$;

ALTER FUNCTION maysend.digests_needed() OWNER TO postgres;

-- Name: drop_broken_imports(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.drop_broken_imports() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
declare
    broken record;
    count bigint := 0;
begin
    for broken in
        select i.number from import i where i.state = 'receiving' and i.lease_until < clock_timestamp()
        for update skip locked
    loop
        execute format('drop table if exists %I', 'import_row_' || broken.number);
        update import set state = 'failed', finished_at = clock_timestamp(),
            failure = 'the upload broke off; nothing was stored, send the list again'
        where number = broken.number;
        count := count + 1;
    end loop;
    return count;
end $$;

ALTER FUNCTION maysend.drop_broken_imports() OWNER TO postgres;

-- Name: drop_import_rows(bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.drop_import_rows(n bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    perform own_import(n);
    execute format('drop table if exists %I', 'import_row_' || n);
end $$;

ALTER FUNCTION maysend.drop_import_rows(n bigint) OWNER TO postgres;

-- Name: import_people(bigint, uuid, bigint, uuid, bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) RETURNS TABLE(line bigint, address_key uuid, alias_key uuid, is_role boolean, declined text, is_hashed boolean, is_from_person boolean, at timestamp with time zone, contacted_at timestamp with time zone, consent_at timestamp with time zone, organisation text, words text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $_$
begin
    perform own_import(n);
    return query execute format(
        'select line, address_key, alias_key, is_role, declined, hashed is not null, is_from_person, at, contacted_at, '
            'consent_at, organisation, case when declined is not null then words::text end from %I '
            'where (address_key, line) > ($1, $2) and address_key <= $3 order by address_key, line limit $4',
        'import_row_' || n)
        using after_key, after_line, until_key, rows;
end $_$;

ALTER FUNCTION maysend.import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) OWNER TO postgres;

-- Name: import_row; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.import_row (
    number bigint NOT NULL,
    line bigint NOT NULL,
    address_key uuid NOT NULL,
    alias_key uuid,
    is_role boolean NOT NULL,
    declined text,
    hashed text,
    words jsonb,
    is_from_person boolean NOT NULL,
    at timestamp with time zone,
    contacted_at timestamp with time zone,
    consent_at timestamp with time zone,
    address text NOT NULL,
    name text,
    "position" text,
    phone text,
    source text,
    organisation text,
    organisation_number text,
    organisation_name text,
    CONSTRAINT import_row_declined_check CHECK ((declined = ANY (ARRAY['complained'::text, 'unsubscribed'::text, 'bounced'::text, 'listed'::text]))),
    CONSTRAINT import_row_hashed_check CHECK ((hashed = ANY (ARRAY['md5'::text, 'sha-1'::text, 'sha-256'::text, 'sha-512'::text])))
)
PARTITION BY LIST (number);

ALTER TABLE maysend.import_row OWNER TO postgres;

-- Name: import_slice(bigint, uuid, bigint, uuid, bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.import_slice(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) RETURNS SETOF maysend.import_row
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $_$
begin
    perform own_import(n);
    return query execute format(
        'select * from %I where (address_key, line) > ($1, $2) and address_key <= $3 order by address_key, line limit $4',
        'import_row_' || n)
        using after_key, after_line, until_key, rows;
end $_$;

ALTER FUNCTION maysend.import_slice(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) OWNER TO postgres;

-- Name: is_named(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.is_named() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
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

ALTER FUNCTION maysend.is_named() OWNER TO postgres;

-- Name: is_settled(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.is_settled() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'maysend'
    AS $$
    select c.restore_wanted is null and c.system_identifier = s.system_identifier::text
    from cluster c, pg_control_system() s
$$;

ALTER FUNCTION maysend.is_settled() OWNER TO postgres;

-- Name: ledger_frontier(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.ledger_frontier() RETURNS xid8
    LANGUAGE sql STABLE
    SET search_path TO 'maysend'
    AS $$
    select (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + tx_offset)::text::xid8 from cluster
$$;

ALTER FUNCTION maysend.ledger_frontier() OWNER TO postgres;

-- Name: ledger_horizon(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.ledger_horizon() RETURNS xid8
    LANGUAGE sql STABLE
    SET search_path TO 'maysend'
    AS $$
    select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tx_offset)::text::xid8 from cluster
$$;

ALTER FUNCTION maysend.ledger_horizon() OWNER TO postgres;

-- Name: ledger_is_append_only(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.ledger_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the ledger is append-only' using errcode = 'insufficient_privilege';
end $$;

ALTER FUNCTION maysend.ledger_is_append_only() OWNER TO postgres;

-- Name: ledger_tx(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.ledger_tx() RETURNS xid8
    LANGUAGE sql
    SET search_path TO 'maysend'
    AS $$
    select (pg_current_xact_id()::text::bigint + tx_offset)::text::xid8 from cluster
$$;

ALTER FUNCTION maysend.ledger_tx() OWNER TO postgres;

-- Name: lifted_elsewhere(uuid[]); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.lifted_elsewhere(keys uuid[]) RETURNS TABLE(address_key uuid, at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
    select l.address_key, max(l.at) from holder h
    join ledger l on l.holder_id = h.id and l.address_key = any(keys)
    where h.group_id = current_group() and h.id <> current_controller() and l.act in ('consent-given', 'topic-resumed')
    group by l.address_key
$$;

ALTER FUNCTION maysend.lifted_elsewhere(keys uuid[]) OWNER TO postgres;

-- Name: FUNCTION lifted_elsewhere(keys uuid[]); Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON FUNCTION maysend.lifted_elsewhere(keys uuid[]) IS 'when each person last did what lifts an entry at another company of the group';

-- Name: lookup_needed(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.lookup_needed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    if new.domain is not null then
        insert into known_domain values (new.holder_id, new.address_key) on conflict do nothing;
        perform from holder where id = new.holder_id and has_domains;
        if not found then update holder set has_domains = true where id = new.holder_id; end if;
    else
        perform from holder where id = new.holder_id and has_persons;
        if not found then update holder set has_persons = true where id = new.holder_id; end if;
    end if;
    return null;
end $$;

ALTER FUNCTION maysend.lookup_needed() OWNER TO postgres;

-- Name: next_import(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.next_import() RETURNS TABLE(number bigint, controller_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
    select i.number, i.controller_id from import i
    where i.state in ('merging', 'undoing')
    order by (select max(o.served_at) from import o
        where o.controller_id = i.controller_id and o.state in ('merging', 'undoing')) nulls first, i.served_at nulls first,
        i.number
    limit 1
$$;

ALTER FUNCTION maysend.next_import() OWNER TO postgres;

-- Name: notice_addresses(bigint, text, bigint[]); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.notice_addresses(controller bigint, to_whom text, ids bigint[]) RETURNS TABLE(id bigint, address text, new_address text)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'maysend'
    AS $$
    select n.id,
        (select c.address from holder h join contact c on c.controller_id = h.id and c.address_key = n.address_key
        where h.group_id = n.group_id order by h.id <> n.controller_id, h.id limit 1),
        (select c.address from holder h join contact c on c.controller_id = h.id and c.address_key = n.new_key
        where h.group_id = n.group_id order by h.id <> n.controller_id, h.id limit 1)
    from unnest(ids) as i(id) join notice n on n.controller_id = controller and n.recipient = to_whom and n.id = i.id
    where n.state = 'waiting' and n.lease is not null and n.domain is null and exists (
        select from recipient_endpoint e
        where e.controller_id = controller and e.recipient = to_whom and e.with_address and e.state = 'live'
    )
$$;

ALTER FUNCTION maysend.notice_addresses(controller bigint, to_whom text, ids bigint[]) OWNER TO postgres;

-- Name: FUNCTION notice_addresses(controller bigint, to_whom text, ids bigint[]); Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON FUNCTION maysend.notice_addresses(controller bigint, to_whom text, ids bigint[]) IS 'only of notices that somebody holds, and only where the recipient is set to need the address';

-- Name: notice_webhook_id(bigint, text, bigint, uuid, timestamp with time zone); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.notice_webhook_id(controller bigint, recipient text, act bigint, key uuid, recorded timestamp with time zone) RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    select md5(concat_ws('/', controller, recipient, act, key, extract(epoch from recorded at time zone 'UTC')))::uuid
$$;

ALTER FUNCTION maysend.notice_webhook_id(controller bigint, recipient text, act bigint, key uuid, recorded timestamp with time zone) OWNER TO postgres;

-- Name: open_import_rows(bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.open_import_rows(n bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    perform own_import(n);
    execute format('create table %I partition of import_row for values in (%s)', 'import_row_' || n, n);
end $$;

ALTER FUNCTION maysend.open_import_rows(n bigint) OWNER TO postgres;

-- Name: own_import(bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.own_import(n bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    perform from import where number = n and controller_id = current_controller();
    if not found then raise exception 'no such import' using errcode = 'insufficient_privilege'; end if;
end $$;

ALTER FUNCTION maysend.own_import(n bigint) OWNER TO postgres;

-- Name: receive_earlier(bigint, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.receive_earlier(request bigint, earlier timestamp with time zone, due timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    update subject_request set received_at = earlier, due_at = due
    where id = request and controller_id = current_controller() and received_at > earlier and closed_at is null;
    return found;
end $$;

ALTER FUNCTION maysend.receive_earlier(request bigint, earlier timestamp with time zone, due timestamp with time zone) OWNER TO postgres;

-- Name: retention_hint(); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.retention_hint() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
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

ALTER FUNCTION maysend.retention_hint() OWNER TO postgres;

-- Name: roll_idempotency(date); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.roll_idempotency(today date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
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

ALTER FUNCTION maysend.roll_idempotency(today date) OWNER TO postgres;

-- Name: FUNCTION roll_idempotency(today date); Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON FUNCTION maysend.roll_idempotency(today date) IS 'makes this month''s partition and the next one''s, drops those older than the last';

-- Name: roll_import_verdicts(date); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.roll_import_verdicts(today date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
declare
    months_kept constant integer := 13;
    first date := date_trunc('month', today)::date;
    month date;
    old record;
begin
    for step in 0..1 loop
        month := (first + make_interval(months => step))::date;
        begin
            execute format(
                'create table if not exists %I partition of import_verdict for values from (%L) to (%L)',
                'import_verdict_' || to_char(month, 'YYYY_MM'), month, (month + interval '1 month')::date);
        exception when check_violation then
            -- The default partition has rows of that month already, and goes on taking them.
            null;
        end;
    end loop;
    for old in
        select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'import_verdict'::regclass and c.relname <> 'import_verdict_default'
            and c.relname < 'import_verdict_' || to_char(first - make_interval(months => months_kept), 'YYYY_MM')
    loop
        execute format('drop table %I', old.name);
    end loop;
    -- Without its verdicts an import cannot be undone.
    delete from import_before b where b.changed_at < first - make_interval(months => months_kept);
end $$;

ALTER FUNCTION maysend.roll_import_verdicts(today date) OWNER TO postgres;

-- Name: FUNCTION roll_import_verdicts(today date); Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON FUNCTION maysend.roll_import_verdicts(today date) IS 'makes this month''s partition and the next one''s, drops what is older than 13 months';

-- Name: roll_outbox(date); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.roll_outbox(today date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
declare
    first date := date_trunc('month', today)::date;
    month date;
    parent text;
    old record;
    is_needed boolean;
begin
    foreach parent in array array['letter', 'notice'] loop
        for step in 0..1 loop
            month := (first + make_interval(months => step))::date;
            begin
                execute format(
                    'create table if not exists %I partition of %I for values from (%L) to (%L)',
                    parent || '_' || to_char(month, 'YYYY_MM'), parent, month, (month + interval '1 month')::date);
            exception when check_violation then
                -- The default partition has rows of that month already, and goes on taking them.
                null;
            end;
        end loop;
        for old in
            select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = parent::regclass and c.relname <> parent || '_default'
                and c.relname < parent || '_' || to_char(first - interval '1 month', 'YYYY_MM')
        loop
            execute format(
                'select exists (select from %I where state not in (''delivered'', ''given-up'', ''undeliverable''))',
                old.name)
                into is_needed;
            if not is_needed then execute format('drop table %I', old.name); end if;
        end loop;
    end loop;
end $$;

ALTER FUNCTION maysend.roll_outbox(today date) OWNER TO postgres;

-- Name: FUNCTION roll_outbox(today date); Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON FUNCTION maysend.roll_outbox(today date) IS 'makes this month''s partitions and the next one''s, drops older ones in which nothing waits';

-- Name: sort_import_rows(bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.sort_import_rows(n bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
begin
    perform own_import(n);
    execute format('create index on %I (address_key, line)', 'import_row_' || n);
    insert into import_lane (number, controller_id, lane, cursor_key, until_key) values
        (n, current_controller(), 0, null, '7fffffff-ffff-ffff-ffff-ffffffffffff'),
        (n, current_controller(), 1, '80000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
end $$;

ALTER FUNCTION maysend.sort_import_rows(n bigint) OWNER TO postgres;

-- Name: unpack_notices(bigint, text); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.unpack_notices(controller bigint, to_whom text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
declare
    unpacked bigint;
begin
    with bundle as (
        delete from notice_bundle b where b.controller_id = controller and b.recipient = to_whom and b.id = (
            select n.id from notice_bundle n where n.controller_id = controller and n.recipient = to_whom
            order by n.id limit 1 for update skip locked
        ) returning b.*
    ), written as (
        insert into notice (id, controller_id, group_id, recipient, webhook_id, act_id, act, purpose, topic, scope,
            suppression, at, recorded_at, address_key, posted_at)
        select u.id, b.controller_id, b.group_id, b.recipient,
            notice_webhook_id(b.controller_id, b.recipient, l.id, l.address_key, l.recorded_at), l.id, l.act, l.purpose,
            l.topic, l.scope, l.suppression, l.at, l.recorded_at, l.address_key, b.posted_at
        from bundle b cross join lateral unnest(b.act_ids, b.notice_ids) as u(act_id, id) join ledger l on l.id = u.act_id
        returning id
    )
    select count(*) into unpacked from written;
    return unpacked;
end $$;

ALTER FUNCTION maysend.unpack_notices(controller bigint, to_whom text) OWNER TO postgres;

-- Name: want_restore_check(text); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.want_restore_check(why text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
    update cluster set restore_wanted = why where restore_wanted is null
$$;

ALTER FUNCTION maysend.want_restore_check(why text) OWNER TO postgres;

-- Name: wipe_notice_addresses(timestamp with time zone, bigint); Type: FUNCTION; Schema: maysend; Owner: postgres

CREATE FUNCTION maysend.wipe_notice_addresses(before timestamp with time zone, step bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'maysend'
    AS $$
declare
    wiped bigint;
begin
    with spent as materialized (
        select n.controller_id, n.recipient, n.month, n.id, n.posted_at < before and e.kind = 'hubspot' and not exists (
                select from holder h join contact c on c.controller_id = h.id and c.address_key = n.address_key
                where h.group_id = n.group_id
            ) as is_untellable
        from recipient_endpoint e join notice n on n.controller_id = e.controller_id and n.recipient = e.recipient
        where n.address is not null and n.posted_at < case when e.with_address then before else 'infinity' end
            and (n.lease is null or n.due_at < clock_timestamp())
        limit step for update of n skip locked
    ), done as (
        update notice n set address = null, lease = null,
            state = case when s.is_untellable then 'undeliverable' else n.state end,
            answer = case when s.is_untellable then 'not told in time' else n.answer end,
            settled_at = case when s.is_untellable then clock_timestamp() else n.settled_at end
        from spent s
        where n.controller_id = s.controller_id and n.recipient = s.recipient and n.month = s.month and n.id = s.id
        returning n.id
    )
    select count(*) into wiped from done;
    return wiped;
end $$;

ALTER FUNCTION maysend.wipe_notice_addresses(before timestamp with time zone, step bigint) OWNER TO postgres;

-- Name: api_key; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.api_key (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_key_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT api_key_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['check'::text, 'write'::text, 'import'::text, 'subject'::text, 'admin'::text])))
);

ALTER TABLE maysend.api_key OWNER TO postgres;

-- Name: COLUMN api_key.digest; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.api_key.digest IS 'SHA-256 of the whole key; the key itself is shown once and kept nowhere';

-- Name: api_key_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.api_key ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.api_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: catalogue_epoch; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.catalogue_epoch (
    singleton boolean DEFAULT true NOT NULL,
    epoch bigint NOT NULL,
    incarnation uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT catalogue_epoch_singleton_check CHECK (singleton)
);

ALTER TABLE maysend.catalogue_epoch OWNER TO postgres;

-- Name: COLUMN catalogue_epoch.incarnation; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.catalogue_epoch.incarnation IS 'made anew by whatever a restore needs: epochs of another one say nothing';

-- Name: cluster; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.cluster (
    singleton boolean DEFAULT true NOT NULL,
    system_identifier text NOT NULL,
    tx_offset bigint DEFAULT 0 NOT NULL,
    restore_wanted text,
    CONSTRAINT cluster_singleton_check CHECK (singleton),
    CONSTRAINT cluster_tx_offset_check CHECK ((tx_offset >= 0))
);

ALTER TABLE maysend.cluster OWNER TO postgres;

-- Name: ledger; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.ledger (
    id bigint NOT NULL,
    holder_id bigint NOT NULL,
    controller_id bigint NOT NULL,
    address_key uuid,
    alias_key uuid,
    domain text,
    organisation_id bigint,
    act text NOT NULL,
    purpose text,
    topic text,
    scope text,
    consent_by text,
    confirms_objection boolean DEFAULT false NOT NULL,
    suppression text,
    bounce text,
    hold text,
    until timestamp with time zone,
    at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    evidence jsonb,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    hashed text,
    CONSTRAINT ledger_bounce_check CHECK ((bounce = ANY (ARRAY['hard'::text, 'soft'::text]))),
    CONSTRAINT ledger_consent_by_check CHECK ((consent_by = ANY (ARRAY['person'::text, 'import'::text, 'operator'::text]))),
    CONSTRAINT ledger_hashed CHECK (((hashed IS NULL) OR ((act = 'suppressed'::text) AND (address_key IS NOT NULL) AND (alias_key IS NULL) AND (domain IS NULL)))),
    CONSTRAINT ledger_hashed_check CHECK ((hashed = ANY (ARRAY['md5'::text, 'sha-1'::text, 'sha-256'::text, 'sha-512'::text]))),
    CONSTRAINT ledger_scope_check CHECK ((scope = ANY (ARRAY['topic'::text, 'purpose'::text, 'controller'::text, 'group'::text]))),
    CONSTRAINT ledger_subject CHECK ((num_nonnulls(address_key, organisation_id) =
CASE
    WHEN (act = 'sweep-reported'::text) THEN 0
    ELSE 1
END)),
    CONSTRAINT ledger_suppression_check CHECK ((suppression = ANY (ARRAY['imported'::text, 'domain-suppressed'::text])))
);

ALTER TABLE maysend.ledger OWNER TO postgres;

-- Name: COLUMN ledger.hashed; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.ledger.hashed IS 'of which kind of digest the address key is made; null where it is made of the address';

-- Name: consent; Type: VIEW; Schema: maysend; Owner: postgres

CREATE VIEW maysend.consent WITH (security_invoker='true') AS
 SELECT ledger.id,
    ledger.controller_id,
    ledger.address_key,
    ledger.act,
    ledger.purpose,
    ledger.consent_by,
    ledger.confirms_objection,
    ledger.at,
    ledger.recorded_at,
    ledger.actor,
    ledger.evidence
   FROM maysend.ledger
  WHERE (ledger.act = ANY (ARRAY['consent-asked'::text, 'consent-given'::text, 'consent-withdrawn'::text]));

ALTER TABLE maysend.consent OWNER TO postgres;

-- Name: contact; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.contact (
    controller_id bigint NOT NULL,
    address_key uuid NOT NULL,
    address text NOT NULL,
    name text,
    "position" text,
    phone text,
    source text,
    organisation_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone,
    due_ground text
);

ALTER TABLE maysend.contact OWNER TO postgres;

-- Name: TABLE contact; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.contact IS 'what is stored of a person besides the key; the only table with personal data, and erasable';

-- Name: COLUMN contact.due_at; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.contact.due_at IS 'the next instant at which nothing may keep the contact any more; null: no clock. A hint: the rules are asked again';

-- Name: COLUMN contact.due_ground; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.contact.due_ground IS 'what keeps it until then, or why nothing does; null: never reckoned, which a sweep does first';

-- Name: due_task; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.due_task (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    policy_id bigint,
    domain text,
    done_to uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT due_task_kind CHECK ((num_nonnulls(policy_id, domain) <= 1))
);

ALTER TABLE maysend.due_task OWNER TO postgres;

-- Name: due_task_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.due_task ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.due_task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: holder; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.holder (
    id bigint NOT NULL,
    kind text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    group_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    has_persons boolean DEFAULT false NOT NULL,
    has_domains boolean DEFAULT false NOT NULL,
    has_hashes text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT holder_group CHECK (((kind = 'controller'::text) = (group_id IS NOT NULL))),
    CONSTRAINT holder_kind_check CHECK ((kind = ANY (ARRAY['controller'::text, 'group'::text])))
);

ALTER TABLE maysend.holder OWNER TO postgres;

-- Name: TABLE holder; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.holder IS 'whose standing a fact moves: a controller, or a group of controllers';

-- Name: COLUMN holder.has_persons; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.holder.has_persons IS 'of a group: an act on an address was ever recorded for the whole group';

-- Name: COLUMN holder.has_domains; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.holder.has_domains IS 'a domain was ever suppressed here';

-- Name: COLUMN holder.has_hashes; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.holder.has_hashes IS 'the kinds of digests of which there was ever an entry here';

-- Name: holder_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.holder ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.holder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: idempotency; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.idempotency (
    controller_id bigint NOT NULL,
    key text NOT NULL,
    month date NOT NULL,
    request_digest bytea NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_request_digest_check CHECK ((length(request_digest) = 32))
)
PARTITION BY RANGE (month);

ALTER TABLE maysend.idempotency OWNER TO postgres;

-- Name: idempotency_default; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.idempotency_default (
    controller_id bigint NOT NULL,
    key text NOT NULL,
    month date NOT NULL,
    request_digest bytea NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_request_digest_check CHECK ((length(request_digest) = 32))
);

ALTER TABLE maysend.idempotency_default OWNER TO postgres;

-- Name: import; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.import (
    number bigint NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    controller_id bigint NOT NULL,
    pepper integer NOT NULL,
    kind text NOT NULL,
    name text,
    source text,
    collected_at timestamp with time zone,
    scope text DEFAULT 'controller'::text NOT NULL,
    consent_purpose text,
    guess jsonb,
    digest bytea,
    state text NOT NULL,
    failure text,
    same_as uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text NOT NULL,
    finished_at timestamp with time zone,
    lines bigint DEFAULT 0 NOT NULL,
    created bigint DEFAULT 0 NOT NULL,
    updated bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    suppressed bigint DEFAULT 0 NOT NULL,
    no_ground bigint DEFAULT 0 NOT NULL,
    duplicate bigint DEFAULT 0 NOT NULL,
    invalid bigint DEFAULT 0 NOT NULL,
    empty bigint DEFAULT 0 NOT NULL,
    taken_back bigint DEFAULT 0 NOT NULL,
    left_behind bigint DEFAULT 0 NOT NULL,
    cursor_key uuid,
    lease_by text,
    lease_until timestamp with time zone,
    served_at timestamp with time zone,
    CONSTRAINT import_adds_up CHECK (((state <> ALL (ARRAY['finished'::text, 'undoing'::text, 'undone'::text])) OR (lines = (((((((created + updated) + unchanged) + suppressed) + no_ground) + duplicate) + invalid) + empty)))),
    CONSTRAINT import_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT import_kind_check CHECK ((kind = ANY (ARRAY['leads'::text, 'suppressions'::text]))),
    CONSTRAINT import_refused CHECK (((state = 'failed'::text) = (failure IS NOT NULL))),
    CONSTRAINT import_scope_check CHECK ((scope = ANY (ARRAY['controller'::text, 'group'::text]))),
    CONSTRAINT import_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'merging'::text, 'finished'::text, 'failed'::text, 'undoing'::text, 'undone'::text])))
);

ALTER TABLE maysend.import OWNER TO postgres;

-- Name: TABLE import; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.import IS 'a list that came in: where from, how far it is, what became of its lines';

-- Name: COLUMN import.cursor_key; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.import.cursor_key IS 'of an undo: the key from which on nobody was looked at';

-- Name: import_before; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.import_before (
    number bigint NOT NULL,
    controller_id bigint NOT NULL,
    address_key uuid NOT NULL,
    name text,
    "position" text,
    phone text,
    source text,
    organisation_id bigint,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE maysend.import_before OWNER TO postgres;

-- Name: import_lane; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.import_lane (
    number bigint NOT NULL,
    controller_id bigint NOT NULL,
    lane integer NOT NULL,
    until_key uuid NOT NULL,
    cursor_key uuid,
    cursor_line bigint,
    cursor_first bigint,
    is_done boolean DEFAULT false NOT NULL
);

ALTER TABLE maysend.import_lane OWNER TO postgres;

-- Name: TABLE import_lane; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.import_lane IS 'how far an import is, for each part of all keys';

-- Name: import_number_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.import ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.import_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: import_verdict; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.import_verdict (
    number bigint NOT NULL,
    controller_id bigint NOT NULL,
    month date DEFAULT (date_trunc('month'::text, now()))::date NOT NULL,
    line bigint NOT NULL,
    address_key uuid,
    verdict text NOT NULL,
    reason text,
    duplicate_of bigint,
    lines bigint[],
    address_keys uuid[],
    until_key uuid,
    CONSTRAINT import_verdict_lines CHECK (((lines IS NULL) OR ((cardinality(address_keys) = cardinality(lines)) AND (until_key IS NOT NULL) AND (duplicate_of IS NULL))))
)
PARTITION BY RANGE (month);
ALTER TABLE ONLY maysend.import_verdict ALTER COLUMN lines SET STORAGE EXTERNAL;
ALTER TABLE ONLY maysend.import_verdict ALTER COLUMN address_keys SET STORAGE EXTERNAL;

ALTER TABLE maysend.import_verdict OWNER TO postgres;

-- Name: COLUMN import_verdict.lines; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.import_verdict.lines IS 'null: the row is about one line; else about all these, and line is the first of them';

-- Name: COLUMN import_verdict.address_keys; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.import_verdict.address_keys IS 'whose those lines are, in the same order: none before address_key, none behind until_key';

-- Name: import_verdict_default; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.import_verdict_default (
    number bigint NOT NULL,
    controller_id bigint NOT NULL,
    month date DEFAULT (date_trunc('month'::text, now()))::date NOT NULL,
    line bigint NOT NULL,
    address_key uuid,
    verdict text NOT NULL,
    reason text,
    duplicate_of bigint,
    lines bigint[],
    address_keys uuid[],
    until_key uuid,
    CONSTRAINT import_verdict_lines CHECK (((lines IS NULL) OR ((cardinality(address_keys) = cardinality(lines)) AND (until_key IS NOT NULL) AND (duplicate_of IS NULL))))
);
ALTER TABLE ONLY maysend.import_verdict_default ALTER COLUMN lines SET STORAGE EXTERNAL;
ALTER TABLE ONLY maysend.import_verdict_default ALTER COLUMN address_keys SET STORAGE EXTERNAL;

ALTER TABLE maysend.import_verdict_default OWNER TO postgres;

-- Name: instance; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.instance (
    id uuid NOT NULL,
    name text NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    state text DEFAULT 'live'::text NOT NULL,
    absence_seconds integer NOT NULL,
    missed_seconds double precision DEFAULT 0 NOT NULL,
    missed_at timestamp with time zone,
    CONSTRAINT instance_absence_seconds_check CHECK ((absence_seconds > 0)),
    CONSTRAINT instance_state_check CHECK ((state = ANY (ARRAY['live'::text, 'absent'::text, 'forgotten'::text])))
)
WITH (fillfactor='20');

ALTER TABLE maysend.instance OWNER TO postgres;

-- Name: TABLE instance; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.instance IS 'who may hold opt-outs that are not in the register; a row a beat, and none after an end in order';

-- Name: instance_ending; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.instance_ending (
    id bigint NOT NULL,
    instance_id uuid NOT NULL,
    name text NOT NULL,
    how text NOT NULL,
    beat_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_by text NOT NULL,
    CONSTRAINT instance_ending_how_check CHECK ((how = ANY (ARRAY['absent'::text, 'forgotten'::text])))
);

ALTER TABLE maysend.instance_ending OWNER TO postgres;

-- Name: instance_ending_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.instance_ending ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.instance_ending_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: known_domain; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.known_domain (
    holder_id bigint NOT NULL,
    address_key uuid NOT NULL
);

ALTER TABLE maysend.known_domain OWNER TO postgres;

-- Name: TABLE known_domain; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.known_domain IS 'a domain of which an act was ever recorded at the holder: where a check has to look for its standing';

-- Name: ledger_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: letter_id; Type: SEQUENCE; Schema: maysend; Owner: postgres

CREATE SEQUENCE maysend.letter_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE maysend.letter_id OWNER TO postgres;

-- Name: letter; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.letter (
    id bigint DEFAULT nextval('maysend.letter_id'::regclass) NOT NULL,
    month date DEFAULT (date_trunc('month'::text, now()))::date NOT NULL,
    controller_id bigint NOT NULL,
    address_key uuid NOT NULL,
    purpose text NOT NULL,
    language text NOT NULL,
    message_id uuid DEFAULT gen_random_uuid() NOT NULL,
    content bytea,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease uuid,
    answer text,
    posted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT letter_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'given-up'::text]))),
    CONSTRAINT letter_wiped CHECK (((state = 'waiting'::text) = (content IS NOT NULL)))
)
PARTITION BY RANGE (month);

ALTER TABLE maysend.letter OWNER TO postgres;

-- Name: COLUMN letter.answer; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.letter.answer IS 'the code of the relay''s last answer; never its text, which may repeat the address';

-- Name: letter_default; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.letter_default (
    id bigint DEFAULT nextval('maysend.letter_id'::regclass) NOT NULL,
    month date DEFAULT (date_trunc('month'::text, now()))::date NOT NULL,
    controller_id bigint NOT NULL,
    address_key uuid NOT NULL,
    purpose text NOT NULL,
    language text NOT NULL,
    message_id uuid DEFAULT gen_random_uuid() NOT NULL,
    content bytea,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease uuid,
    answer text,
    posted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT letter_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'given-up'::text]))),
    CONSTRAINT letter_wiped CHECK (((state = 'waiting'::text) = (content IS NOT NULL)))
);

ALTER TABLE maysend.letter_default OWNER TO postgres;

-- Name: migration; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.migration (
    version integer NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE maysend.migration OWNER TO postgres;

-- Name: notice_id; Type: SEQUENCE; Schema: maysend; Owner: postgres

CREATE SEQUENCE maysend.notice_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE maysend.notice_id OWNER TO postgres;

-- Name: notice; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.notice (
    id bigint DEFAULT nextval('maysend.notice_id'::regclass) NOT NULL,
    month date DEFAULT (date_trunc('month'::text, now()))::date NOT NULL,
    controller_id bigint NOT NULL,
    group_id bigint NOT NULL,
    recipient text NOT NULL,
    webhook_id uuid DEFAULT gen_random_uuid() NOT NULL,
    act_id bigint NOT NULL,
    act text NOT NULL,
    purpose text,
    topic text,
    scope text,
    suppression text,
    at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    address_key uuid NOT NULL,
    domain text,
    new_key uuid,
    address bytea,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease uuid,
    answer text,
    posted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT notice_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'quarantined'::text, 'undeliverable'::text]))),
    CONSTRAINT notice_wiped CHECK (((state <> ALL (ARRAY['delivered'::text, 'undeliverable'::text])) OR (address IS NULL)))
)
PARTITION BY RANGE (month);

ALTER TABLE maysend.notice OWNER TO postgres;

-- Name: TABLE notice; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.notice IS 'one row for each recipient and act that it must be told of';

-- Name: COLUMN notice.state; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.notice.state IS 'undeliverable: the recipient is not told, and nothing waits behind it';

-- Name: notice_bundle; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.notice_bundle (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    group_id bigint NOT NULL,
    recipient text NOT NULL,
    act_ids bigint[] NOT NULL,
    notice_ids bigint[] NOT NULL,
    last_id bigint NOT NULL,
    posted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT notice_bundle_act_ids_check CHECK ((cardinality(act_ids) > 0)),
    CONSTRAINT notice_bundle_check CHECK ((cardinality(notice_ids) = cardinality(act_ids)))
);
ALTER TABLE ONLY maysend.notice_bundle ALTER COLUMN act_ids SET STORAGE EXTERNAL;
ALTER TABLE ONLY maysend.notice_bundle ALTER COLUMN notice_ids SET STORAGE EXTERNAL;

ALTER TABLE maysend.notice_bundle OWNER TO postgres;

-- Name: TABLE notice_bundle; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.notice_bundle IS 'notices of acts of an import that are not written out yet, one row for each slice and recipient';

-- Name: notice_bundle_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.notice_bundle ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.notice_bundle_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: notice_default; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.notice_default (
    id bigint DEFAULT nextval('maysend.notice_id'::regclass) NOT NULL,
    month date DEFAULT (date_trunc('month'::text, now()))::date NOT NULL,
    controller_id bigint NOT NULL,
    group_id bigint NOT NULL,
    recipient text NOT NULL,
    webhook_id uuid DEFAULT gen_random_uuid() NOT NULL,
    act_id bigint NOT NULL,
    act text NOT NULL,
    purpose text,
    topic text,
    scope text,
    suppression text,
    at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    address_key uuid NOT NULL,
    domain text,
    new_key uuid,
    address bytea,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease uuid,
    answer text,
    posted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT notice_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'quarantined'::text, 'undeliverable'::text]))),
    CONSTRAINT notice_wiped CHECK (((state <> ALL (ARRAY['delivered'::text, 'undeliverable'::text])) OR (address IS NULL)))
);

ALTER TABLE maysend.notice_default OWNER TO postgres;

-- Name: organisation; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.organisation (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    identity text NOT NULL,
    number text,
    name text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT organisation_named CHECK (((number IS NOT NULL) OR (name IS NOT NULL)))
);

ALTER TABLE maysend.organisation OWNER TO postgres;

-- Name: organisation_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.organisation ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.organisation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: pending_erasure; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.pending_erasure (
    controller_id bigint NOT NULL,
    address_key uuid NOT NULL,
    act_id bigint NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    done_at timestamp with time zone,
    address text,
    name text,
    "position" text,
    phone text,
    source text,
    organisation_id bigint,
    stored_at timestamp with time zone,
    updated_at timestamp with time zone,
    CONSTRAINT pending_erasure_held CHECK (((done_at IS NULL) OR (num_nonnulls(address, name, "position", phone, source, organisation_id, stored_at, updated_at) = 0)))
);

ALTER TABLE maysend.pending_erasure OWNER TO postgres;

-- Name: TABLE pending_erasure; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.pending_erasure IS 'erasures that a hold defers, with the contact that the hold keeps; once they are carried out, only that they were';

-- Name: COLUMN pending_erasure.due_at; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.pending_erasure.due_at IS 'when a sweep looks whether a hold still stands; null: at a release alone';

-- Name: COLUMN pending_erasure.stored_at; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.pending_erasure.stored_at IS 'since when the contact was stored';

-- Name: pepper; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.pepper (
    version integer NOT NULL,
    fingerprint bytea NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    note text,
    CONSTRAINT pepper_version_check CHECK ((version > 0))
);

ALTER TABLE maysend.pepper OWNER TO postgres;

-- Name: policy; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.policy (
    id bigint NOT NULL,
    group_id bigint NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    effective timestamp with time zone NOT NULL,
    source text NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_by text NOT NULL,
    CONSTRAINT policy_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT policy_version_check CHECK ((version > 0))
);

ALTER TABLE maysend.policy OWNER TO postgres;

-- Name: TABLE policy; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.policy IS 'every version of every policy as it was applied; what is in effect is judged at read time';

-- Name: policy_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.policy ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.policy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: recipient_endpoint; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.recipient_endpoint (
    controller_id bigint NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    url text NOT NULL,
    with_address boolean DEFAULT false NOT NULL,
    secrets bytea[] NOT NULL,
    state text DEFAULT 'live'::text NOT NULL,
    state_since timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by text NOT NULL,
    failure text,
    failing_since timestamp with time zone,
    CONSTRAINT recipient_endpoint_failing CHECK (((failure IS NULL) = (failing_since IS NULL))),
    CONSTRAINT recipient_endpoint_kind_check CHECK ((kind = ANY (ARRAY['webhook'::text, 'hubspot'::text]))),
    CONSTRAINT recipient_endpoint_secrets_check CHECK (((cardinality(secrets) >= 1) AND (cardinality(secrets) <= 2))),
    CONSTRAINT recipient_endpoint_state_check CHECK ((state = ANY (ARRAY['live'::text, 'paused'::text, 'gone'::text])))
);

ALTER TABLE maysend.recipient_endpoint OWNER TO postgres;

-- Name: COLUMN recipient_endpoint.state; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.recipient_endpoint.state IS 'gone: it answered 410 and is told nothing until somebody resumes it';

-- Name: COLUMN recipient_endpoint.failure; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.recipient_endpoint.failure IS 'why nothing arrives there, as a code or a sentence without the URL; null: it does';

-- Name: register; Type: VIEW; Schema: maysend; Owner: postgres

CREATE VIEW maysend.register WITH (security_invoker='true') AS
 SELECT ledger.id,
    ledger.holder_id,
    ledger.controller_id,
    ledger.address_key,
    ledger.alias_key,
    ledger.domain,
    ledger.act,
    ledger.suppression,
    ledger.scope,
    ledger.purpose,
    ledger.topic,
    ledger.at,
    ledger.recorded_at,
    ledger.actor,
    ledger.evidence,
    ledger.tx
   FROM maysend.ledger
  WHERE (ledger.act = ANY (ARRAY['unsubscribed'::text, 'consent-withdrawn'::text, 'objected'::text, 'complained'::text, 'erased'::text, 'suppressed'::text]));

ALTER TABLE maysend.register OWNER TO postgres;

-- Name: seal; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.seal (
    "position" bigint NOT NULL,
    ledger_id bigint NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT seal_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT seal_position_check CHECK (("position" > 0))
);

ALTER TABLE maysend.seal OWNER TO postgres;

-- Name: TABLE seal; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.seal IS 'the ledger''s chain of digests: any act that is changed, taken out or put in breaks it';

-- Name: seal_head; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.seal_head (
    number bigint NOT NULL,
    "position" bigint NOT NULL,
    digest bytea NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    key bytea NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT seal_head_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT seal_head_key_check CHECK ((length(key) = 32)),
    CONSTRAINT seal_head_number_check CHECK ((number > 0)),
    CONSTRAINT seal_head_signature_check CHECK ((length(signature) = 64))
);

ALTER TABLE maysend.seal_head OWNER TO postgres;

-- Name: TABLE seal_head; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.seal_head IS 'the chain''s end as it was signed; keep one outside to notice what is cut off';

-- Name: standing; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.standing (
    holder_id bigint NOT NULL,
    address_key uuid NOT NULL,
    facts bytea NOT NULL,
    aliases bytea DEFAULT '\x'::bytea NOT NULL,
    derived_at timestamp with time zone NOT NULL
)
WITH (fillfactor='85');

ALTER TABLE maysend.standing OWNER TO postgres;

-- Name: subject_request; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.subject_request (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    address_key uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    language text,
    received_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    extended_months integer DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT subject_request_check CHECK ((due_at > received_at)),
    CONSTRAINT subject_request_closed CHECK (((closed_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'refused'::text])))),
    CONSTRAINT subject_request_extended_months_check CHECK (((extended_months >= 0) AND (extended_months <= 2))),
    CONSTRAINT subject_request_kind_check CHECK ((kind = ANY (ARRAY['export'::text, 'rectify'::text, 'erase'::text, 'restrict'::text, 'object'::text]))),
    CONSTRAINT subject_request_state_check CHECK ((state = ANY (ARRAY['received'::text, 'identity-asked'::text, 'identified'::text, 'done'::text, 'refused'::text])))
);

ALTER TABLE maysend.subject_request OWNER TO postgres;

-- Name: TABLE subject_request; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.subject_request IS 'what persons asked for, by address key alone, and by when it is due (Article 12(3))';

-- Name: subject_request_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.subject_request ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.subject_request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: subject_request_step; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.subject_request_step (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    request_id bigint NOT NULL,
    step text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    note text,
    CONSTRAINT subject_request_step_step_check CHECK ((step = ANY (ARRAY['received'::text, 'asked-again'::text, 'received-earlier'::text, 'identity-asked'::text, 'identified'::text, 'extended'::text, 'refused'::text, 'done'::text, 'told'::text, 'to-be-told'::text])))
);

ALTER TABLE maysend.subject_request_step OWNER TO postgres;

-- Name: subject_request_step_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.subject_request_step ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.subject_request_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: sweep_run; Type: TABLE; Schema: maysend; Owner: postgres

CREATE TABLE maysend.sweep_run (
    id bigint NOT NULL,
    controller_id bigint NOT NULL,
    actor text NOT NULL,
    instance uuid NOT NULL,
    policy text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    heard_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    looked bigint DEFAULT 0 NOT NULL,
    moved bigint DEFAULT 0 NOT NULL,
    erased bigint DEFAULT 0 NOT NULL,
    grounds jsonb DEFAULT '{}'::jsonb NOT NULL,
    digest bytea DEFAULT decode(repeat('00'::text, 32), 'hex'::text) NOT NULL,
    strays_to uuid,
    CONSTRAINT sweep_run_digest_check CHECK ((length(digest) = 32))
);

ALTER TABLE maysend.sweep_run OWNER TO postgres;

-- Name: TABLE sweep_run; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON TABLE maysend.sweep_run IS 'each sweep as it goes on: what it looked at, what it erased and why; finished, it is an act too';

-- Name: COLUMN sweep_run.strays_to; Type: COMMENT; Schema: maysend; Owner: postgres

COMMENT ON COLUMN maysend.sweep_run.strays_to IS 'contacts up to this key were looked at for acts under another pepper than their own; null: nobody is to be looked for';

-- Name: sweep_run_id_seq; Type: SEQUENCE; Schema: maysend; Owner: postgres

ALTER TABLE maysend.sweep_run ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME maysend.sweep_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: idempotency_default; Type: TABLE ATTACH; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.idempotency ATTACH PARTITION maysend.idempotency_default DEFAULT;

-- Name: import_verdict_default; Type: TABLE ATTACH; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import_verdict ATTACH PARTITION maysend.import_verdict_default DEFAULT;

-- Name: letter_default; Type: TABLE ATTACH; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.letter ATTACH PARTITION maysend.letter_default DEFAULT;

-- Name: notice_default; Type: TABLE ATTACH; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.notice ATTACH PARTITION maysend.notice_default DEFAULT;

-- Name: api_key api_key_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);

-- Name: api_key api_key_prefix; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.api_key
    ADD CONSTRAINT api_key_prefix UNIQUE (prefix);

-- Name: catalogue_epoch catalogue_epoch_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.catalogue_epoch
    ADD CONSTRAINT catalogue_epoch_pkey PRIMARY KEY (singleton);

-- Name: cluster cluster_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.cluster
    ADD CONSTRAINT cluster_pkey PRIMARY KEY (singleton);

-- Name: contact contact_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.contact
    ADD CONSTRAINT contact_key PRIMARY KEY (controller_id, address_key);

-- Name: due_task due_task_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.due_task
    ADD CONSTRAINT due_task_pkey PRIMARY KEY (id);

-- Name: due_task due_task_policy; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.due_task
    ADD CONSTRAINT due_task_policy UNIQUE (controller_id, policy_id);

-- Name: holder holder_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.holder
    ADD CONSTRAINT holder_pkey PRIMARY KEY (id);

-- Name: holder holder_slug; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.holder
    ADD CONSTRAINT holder_slug UNIQUE (kind, slug);

-- Name: idempotency idempotency_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.idempotency
    ADD CONSTRAINT idempotency_key PRIMARY KEY (controller_id, key, month);

-- Name: idempotency_default idempotency_default_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.idempotency_default
    ADD CONSTRAINT idempotency_default_pkey PRIMARY KEY (controller_id, key, month);

-- Name: import_before import_before_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import_before
    ADD CONSTRAINT import_before_key PRIMARY KEY (controller_id, address_key, number);

-- Name: import import_id; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import
    ADD CONSTRAINT import_id UNIQUE (controller_id, id);

-- Name: import_lane import_lane_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import_lane
    ADD CONSTRAINT import_lane_key PRIMARY KEY (controller_id, number, lane);

-- Name: import import_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import
    ADD CONSTRAINT import_pkey PRIMARY KEY (number);

-- Name: instance_ending instance_ending_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.instance_ending
    ADD CONSTRAINT instance_ending_pkey PRIMARY KEY (id);

-- Name: instance instance_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.instance
    ADD CONSTRAINT instance_key PRIMARY KEY (id);

-- Name: known_domain known_domain_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.known_domain
    ADD CONSTRAINT known_domain_key PRIMARY KEY (holder_id, address_key);

-- Name: ledger ledger_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (id);

-- Name: letter letter_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.letter
    ADD CONSTRAINT letter_key PRIMARY KEY (controller_id, id, month);

-- Name: letter_default letter_default_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.letter_default
    ADD CONSTRAINT letter_default_pkey PRIMARY KEY (controller_id, id, month);

-- Name: migration migration_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);

-- Name: notice_bundle notice_bundle_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.notice_bundle
    ADD CONSTRAINT notice_bundle_key PRIMARY KEY (controller_id, recipient, id);

-- Name: notice notice_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.notice
    ADD CONSTRAINT notice_key PRIMARY KEY (controller_id, recipient, id, month);

-- Name: notice_default notice_default_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.notice_default
    ADD CONSTRAINT notice_default_pkey PRIMARY KEY (controller_id, recipient, id, month);

-- Name: organisation organisation_identity; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.organisation
    ADD CONSTRAINT organisation_identity UNIQUE (controller_id, identity);

-- Name: organisation organisation_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (id);

-- Name: pending_erasure pending_erasure_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.pending_erasure
    ADD CONSTRAINT pending_erasure_key PRIMARY KEY (controller_id, address_key);

-- Name: pepper pepper_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.pepper
    ADD CONSTRAINT pepper_pkey PRIMARY KEY (version);

-- Name: policy policy_effective; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.policy
    ADD CONSTRAINT policy_effective UNIQUE (group_id, effective);

-- Name: policy policy_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (id);

-- Name: policy policy_version; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.policy
    ADD CONSTRAINT policy_version UNIQUE (group_id, version);

-- Name: recipient_endpoint recipient_endpoint_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.recipient_endpoint
    ADD CONSTRAINT recipient_endpoint_key PRIMARY KEY (controller_id, recipient);

-- Name: seal_head seal_head_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.seal_head
    ADD CONSTRAINT seal_head_pkey PRIMARY KEY (number);

-- Name: seal seal_ledger; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.seal
    ADD CONSTRAINT seal_ledger UNIQUE (ledger_id);

-- Name: seal seal_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY ("position");

-- Name: standing standing_key; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.standing
    ADD CONSTRAINT standing_key PRIMARY KEY (holder_id, address_key);

-- Name: subject_request subject_request_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.subject_request
    ADD CONSTRAINT subject_request_pkey PRIMARY KEY (id);

-- Name: subject_request_step subject_request_step_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.subject_request_step
    ADD CONSTRAINT subject_request_step_pkey PRIMARY KEY (id);

-- Name: sweep_run sweep_run_pkey; Type: CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.sweep_run
    ADD CONSTRAINT sweep_run_pkey PRIMARY KEY (id);

-- Name: contact_due; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX contact_due ON maysend.contact USING btree (controller_id, due_at) INCLUDE (due_ground) WHERE (due_at IS NOT NULL);

-- Name: contact_organisation; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX contact_organisation ON maysend.contact USING btree (organisation_id) WHERE (organisation_id IS NOT NULL);

-- Name: contact_unreckoned; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX contact_unreckoned ON maysend.contact USING btree (controller_id, address_key) WHERE (due_ground IS NULL);

-- Name: due_task_open; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX due_task_open ON maysend.due_task USING btree (controller_id, id) WHERE (finished_at IS NULL);

-- Name: import_busy; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX import_busy ON maysend.import USING btree (state) WHERE (state = ANY (ARRAY['receiving'::text, 'merging'::text, 'undoing'::text]));

-- Name: import_digest; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX import_digest ON maysend.import USING btree (controller_id, digest);

-- Name: import_verdict_number; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX import_verdict_number ON ONLY maysend.import_verdict USING brin (number, address_key) WITH (pages_per_range='16');

-- Name: import_verdict_default_number_address_key_idx; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX import_verdict_default_number_address_key_idx ON maysend.import_verdict_default USING brin (number, address_key) WITH (pages_per_range='16');

-- Name: import_verdict_lines; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX import_verdict_lines ON ONLY maysend.import_verdict USING btree (number, address_key) WHERE (lines IS NOT NULL);

-- Name: import_verdict_default_number_address_key_idx1; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX import_verdict_default_number_address_key_idx1 ON maysend.import_verdict_default USING btree (number, address_key) WHERE (lines IS NOT NULL);

-- Name: ledger_alias; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX ledger_alias ON maysend.ledger USING btree (holder_id, alias_key) WHERE (alias_key IS NOT NULL);

-- Name: ledger_order; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX ledger_order ON maysend.ledger USING btree (tx, id);

-- Name: ledger_organisation; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX ledger_organisation ON maysend.ledger USING btree (organisation_id) WHERE (organisation_id IS NOT NULL);

-- Name: ledger_person; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX ledger_person ON maysend.ledger USING btree (holder_id, address_key) WHERE (address_key IS NOT NULL);

-- Name: ledger_register; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX ledger_register ON maysend.ledger USING btree (holder_id, tx, id) WHERE (act = ANY (ARRAY['unsubscribed'::text, 'consent-withdrawn'::text, 'objected'::text, 'complained'::text, 'erased'::text, 'suppressed'::text]));

-- Name: letter_person; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX letter_person ON ONLY maysend.letter USING btree (controller_id, address_key) WHERE (state = 'waiting'::text);

-- Name: letter_default_controller_id_address_key_idx; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX letter_default_controller_id_address_key_idx ON maysend.letter_default USING btree (controller_id, address_key) WHERE (state = 'waiting'::text);

-- Name: letter_due; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX letter_due ON ONLY maysend.letter USING btree (due_at, id) WHERE (state = 'waiting'::text);

-- Name: letter_default_due_at_id_idx; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX letter_default_due_at_id_idx ON maysend.letter_default USING btree (due_at, id) WHERE (state = 'waiting'::text);

-- Name: notice_addressed; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX notice_addressed ON ONLY maysend.notice USING btree (controller_id, recipient, posted_at) WHERE (address IS NOT NULL);

-- Name: notice_person; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX notice_person ON ONLY maysend.notice USING btree (controller_id, recipient, address_key, id) WHERE (state <> 'delivered'::text);

-- Name: notice_default_controller_id_recipient_address_key_id_idx; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX notice_default_controller_id_recipient_address_key_id_idx ON maysend.notice_default USING btree (controller_id, recipient, address_key, id) WHERE (state <> 'delivered'::text);

-- Name: notice_due; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX notice_due ON ONLY maysend.notice USING btree (controller_id, recipient, due_at, id) WHERE (state = 'waiting'::text);

-- Name: notice_default_controller_id_recipient_due_at_id_idx; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX notice_default_controller_id_recipient_due_at_id_idx ON maysend.notice_default USING btree (controller_id, recipient, due_at, id) WHERE (state = 'waiting'::text);

-- Name: notice_default_controller_id_recipient_posted_at_idx; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX notice_default_controller_id_recipient_posted_at_idx ON maysend.notice_default USING btree (controller_id, recipient, posted_at) WHERE (address IS NOT NULL);

-- Name: pending_erasure_due; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX pending_erasure_due ON maysend.pending_erasure USING btree (controller_id, due_at) WHERE (done_at IS NULL);

-- Name: subject_request_due; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX subject_request_due ON maysend.subject_request USING btree (controller_id, due_at, id) WHERE (closed_at IS NULL);

-- Name: subject_request_open; Type: INDEX; Schema: maysend; Owner: postgres

CREATE UNIQUE INDEX subject_request_open ON maysend.subject_request USING btree (controller_id, address_key, kind) WHERE (closed_at IS NULL);

-- Name: subject_request_person; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX subject_request_person ON maysend.subject_request USING btree (controller_id, address_key);

-- Name: subject_request_step_request; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX subject_request_step_request ON maysend.subject_request_step USING btree (request_id, id);

-- Name: sweep_run_latest; Type: INDEX; Schema: maysend; Owner: postgres

CREATE INDEX sweep_run_latest ON maysend.sweep_run USING btree (controller_id, id);

-- Name: idempotency_default_pkey; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.idempotency_key ATTACH PARTITION maysend.idempotency_default_pkey;

-- Name: import_verdict_default_number_address_key_idx; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.import_verdict_number ATTACH PARTITION maysend.import_verdict_default_number_address_key_idx;

-- Name: import_verdict_default_number_address_key_idx1; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.import_verdict_lines ATTACH PARTITION maysend.import_verdict_default_number_address_key_idx1;

-- Name: letter_default_controller_id_address_key_idx; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.letter_person ATTACH PARTITION maysend.letter_default_controller_id_address_key_idx;

-- Name: letter_default_due_at_id_idx; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.letter_due ATTACH PARTITION maysend.letter_default_due_at_id_idx;

-- Name: letter_default_pkey; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.letter_key ATTACH PARTITION maysend.letter_default_pkey;

-- Name: notice_default_controller_id_recipient_address_key_id_idx; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.notice_person ATTACH PARTITION maysend.notice_default_controller_id_recipient_address_key_id_idx;

-- Name: notice_default_controller_id_recipient_due_at_id_idx; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.notice_due ATTACH PARTITION maysend.notice_default_controller_id_recipient_due_at_id_idx;

-- Name: notice_default_controller_id_recipient_posted_at_idx; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.notice_addressed ATTACH PARTITION maysend.notice_default_controller_id_recipient_posted_at_idx;

-- Name: notice_default_pkey; Type: INDEX ATTACH; Schema: maysend; Owner: postgres

ALTER INDEX maysend.notice_key ATTACH PARTITION maysend.notice_default_pkey;

-- Name: ledger append_only; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON maysend.ledger FOR EACH ROW EXECUTE FUNCTION maysend.ledger_is_append_only();

-- Name: seal append_only; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON maysend.seal FOR EACH ROW EXECUTE FUNCTION maysend.ledger_is_append_only();

-- Name: seal_head append_only; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON maysend.seal_head FOR EACH ROW EXECUTE FUNCTION maysend.ledger_is_append_only();

-- Name: ledger append_only_truncate; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON maysend.ledger FOR EACH STATEMENT EXECUTE FUNCTION maysend.ledger_is_append_only();

-- Name: seal append_only_truncate; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON maysend.seal FOR EACH STATEMENT EXECUTE FUNCTION maysend.ledger_is_append_only();

-- Name: seal_head append_only_truncate; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON maysend.seal_head FOR EACH STATEMENT EXECUTE FUNCTION maysend.ledger_is_append_only();

-- Name: api_key changed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER changed AFTER INSERT OR DELETE OR UPDATE ON maysend.api_key FOR EACH STATEMENT EXECUTE FUNCTION maysend.catalogue_changed();

-- Name: cluster changed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER changed AFTER UPDATE ON maysend.cluster FOR EACH ROW EXECUTE FUNCTION maysend.cluster_changed();

-- Name: holder changed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER changed AFTER INSERT OR DELETE OR UPDATE ON maysend.holder FOR EACH STATEMENT EXECUTE FUNCTION maysend.catalogue_changed();

-- Name: policy changed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER changed AFTER INSERT OR DELETE OR UPDATE ON maysend.policy FOR EACH STATEMENT EXECUTE FUNCTION maysend.catalogue_changed();

-- Name: recipient_endpoint changed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER changed AFTER INSERT OR DELETE OR UPDATE OF with_address ON maysend.recipient_endpoint FOR EACH STATEMENT EXECUTE FUNCTION maysend.catalogue_changed();

-- Name: ledger digests_needed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER digests_needed AFTER INSERT ON maysend.ledger FOR EACH ROW WHEN ((new.hashed IS NOT NULL)) EXECUTE FUNCTION maysend.digests_needed();

-- Name: ledger lookup_needed; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER lookup_needed AFTER INSERT ON maysend.ledger FOR EACH ROW WHEN (((new.domain IS NOT NULL) OR (new.holder_id <> new.controller_id))) EXECUTE FUNCTION maysend.lookup_needed();

-- Name: holder named; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER named BEFORE DELETE ON maysend.holder FOR EACH ROW EXECUTE FUNCTION maysend.is_named();

-- Name: organisation named; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER named BEFORE DELETE ON maysend.organisation FOR EACH ROW EXECUTE FUNCTION maysend.is_named();

-- Name: ledger retention_hint; Type: TRIGGER; Schema: maysend; Owner: postgres

CREATE TRIGGER retention_hint AFTER INSERT ON maysend.ledger FOR EACH ROW WHEN (((new.domain IS NOT NULL) OR (new.hashed IS NOT NULL) OR (new.holder_id <> new.controller_id))) EXECUTE FUNCTION maysend.retention_hint();

-- Name: api_key api_key_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.api_key
    ADD CONSTRAINT api_key_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: due_task due_task_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.due_task
    ADD CONSTRAINT due_task_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: due_task due_task_policy_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.due_task
    ADD CONSTRAINT due_task_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES maysend.policy(id);

-- Name: holder holder_group_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.holder
    ADD CONSTRAINT holder_group_id_fkey FOREIGN KEY (group_id) REFERENCES maysend.holder(id);

-- Name: import_before import_before_contact; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import_before
    ADD CONSTRAINT import_before_contact FOREIGN KEY (controller_id, address_key) REFERENCES maysend.contact(controller_id, address_key) ON DELETE CASCADE;

-- Name: import import_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.import
    ADD CONSTRAINT import_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: letter letter_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE maysend.letter
    ADD CONSTRAINT letter_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: notice_bundle notice_bundle_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.notice_bundle
    ADD CONSTRAINT notice_bundle_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: notice_bundle notice_bundle_group_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.notice_bundle
    ADD CONSTRAINT notice_bundle_group_id_fkey FOREIGN KEY (group_id) REFERENCES maysend.holder(id);

-- Name: organisation organisation_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.organisation
    ADD CONSTRAINT organisation_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: pending_erasure pending_erasure_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.pending_erasure
    ADD CONSTRAINT pending_erasure_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: pending_erasure pending_erasure_organisation_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.pending_erasure
    ADD CONSTRAINT pending_erasure_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES maysend.organisation(id);

-- Name: policy policy_group_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.policy
    ADD CONSTRAINT policy_group_id_fkey FOREIGN KEY (group_id) REFERENCES maysend.holder(id);

-- Name: recipient_endpoint recipient_endpoint_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.recipient_endpoint
    ADD CONSTRAINT recipient_endpoint_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: subject_request subject_request_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.subject_request
    ADD CONSTRAINT subject_request_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: subject_request_step subject_request_step_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.subject_request_step
    ADD CONSTRAINT subject_request_step_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: subject_request_step subject_request_step_request_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.subject_request_step
    ADD CONSTRAINT subject_request_step_request_id_fkey FOREIGN KEY (request_id) REFERENCES maysend.subject_request(id);

-- Name: sweep_run sweep_run_controller_id_fkey; Type: FK CONSTRAINT; Schema: maysend; Owner: postgres

ALTER TABLE ONLY maysend.sweep_run
    ADD CONSTRAINT sweep_run_controller_id_fkey FOREIGN KEY (controller_id) REFERENCES maysend.holder(id);

-- Name: letter audited; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY audited ON maysend.letter FOR SELECT TO maysend_audit USING (true);

-- Name: notice audited; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY audited ON maysend.notice FOR SELECT TO maysend_audit USING (true);

-- Name: notice_bundle audited; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY audited ON maysend.notice_bundle FOR SELECT TO maysend_audit USING (true);

-- Name: contact; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.contact ENABLE ROW LEVEL SECURITY;

-- Name: due_task; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.due_task ENABLE ROW LEVEL SECURITY;

-- Name: contact every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.contact FOR SELECT TO maysend_audit USING (true);

-- Name: due_task every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.due_task FOR SELECT TO maysend_audit USING (true);

-- Name: import every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.import FOR SELECT TO maysend_audit USING (true);

-- Name: known_domain every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.known_domain FOR SELECT TO maysend_check, maysend_audit USING (true);

-- Name: ledger every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.ledger FOR SELECT TO maysend_audit USING (true);

-- Name: letter every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.letter TO maysend_courier USING (true);

-- Name: notice every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.notice TO maysend_courier USING (true);

-- Name: notice_bundle every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.notice_bundle FOR SELECT TO maysend_courier USING (true);

-- Name: organisation every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.organisation FOR SELECT TO maysend_audit USING (true);

-- Name: pending_erasure every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.pending_erasure FOR SELECT TO maysend_audit USING (true);

-- Name: seal every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.seal FOR SELECT TO maysend_audit USING (true);

-- Name: seal_head every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.seal_head FOR SELECT TO maysend_audit USING (true);

-- Name: standing every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.standing FOR SELECT TO maysend_check, maysend_audit USING (true);

-- Name: subject_request every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.subject_request FOR SELECT TO maysend_audit USING (true);

-- Name: subject_request_step every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.subject_request_step FOR SELECT TO maysend_audit USING (true);

-- Name: sweep_run every; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY every ON maysend.sweep_run FOR SELECT TO maysend_audit USING (true);

-- Name: idempotency; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.idempotency ENABLE ROW LEVEL SECURITY;

-- Name: import; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.import ENABLE ROW LEVEL SECURITY;

-- Name: import_before; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.import_before ENABLE ROW LEVEL SECURITY;

-- Name: import_lane; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.import_lane ENABLE ROW LEVEL SECURITY;

-- Name: import_verdict; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.import_verdict ENABLE ROW LEVEL SECURITY;

-- Name: known_domain; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.known_domain ENABLE ROW LEVEL SECURITY;

-- Name: ledger; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.ledger ENABLE ROW LEVEL SECURITY;

-- Name: letter; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.letter ENABLE ROW LEVEL SECURITY;

-- Name: notice; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.notice ENABLE ROW LEVEL SECURITY;

-- Name: notice_bundle; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.notice_bundle ENABLE ROW LEVEL SECURITY;

-- Name: organisation; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.organisation ENABLE ROW LEVEL SECURITY;

-- Name: contact own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.contact TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: due_task own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.due_task TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: idempotency own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.idempotency TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: import own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.import TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: import_before own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.import_before TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: import_lane own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.import_lane TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: import_verdict own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.import_verdict TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: ledger own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.ledger FOR INSERT TO maysend_write WITH CHECK (((controller_id = ( SELECT maysend.current_controller() AS current_controller)) AND ((holder_id = ( SELECT maysend.current_controller() AS current_controller)) OR (holder_id = ( SELECT maysend.current_group() AS current_group)))));

-- Name: letter own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.letter TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: notice own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.notice TO maysend_write USING ((group_id = ( SELECT maysend.current_group() AS current_group)));

-- Name: notice_bundle own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.notice_bundle TO maysend_write USING ((group_id = ( SELECT maysend.current_group() AS current_group)));

-- Name: organisation own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.organisation TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: pending_erasure own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.pending_erasure TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: standing own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.standing TO maysend_write USING (((holder_id = ( SELECT maysend.current_controller() AS current_controller)) OR (holder_id = ( SELECT maysend.current_group() AS current_group))));

-- Name: subject_request own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.subject_request TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: subject_request_step own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.subject_request_step TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: sweep_run own; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY own ON maysend.sweep_run TO maysend_write USING ((controller_id = ( SELECT maysend.current_controller() AS current_controller)));

-- Name: pending_erasure; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.pending_erasure ENABLE ROW LEVEL SECURITY;

-- Name: ledger readable; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY readable ON maysend.ledger FOR SELECT TO maysend_write USING (((holder_id = ( SELECT maysend.current_controller() AS current_controller)) OR (holder_id = ( SELECT maysend.current_group() AS current_group))));

-- Name: seal; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.seal ENABLE ROW LEVEL SECURITY;

-- Name: seal_head; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.seal_head ENABLE ROW LEVEL SECURITY;

-- Name: ledger sealing; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY sealing ON maysend.ledger FOR SELECT TO maysend_seal USING (true);

-- Name: seal sealing; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY sealing ON maysend.seal TO maysend_seal USING (true);

-- Name: seal_head sealing; Type: POLICY; Schema: maysend; Owner: postgres

CREATE POLICY sealing ON maysend.seal_head TO maysend_seal USING (true);

-- Name: standing; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.standing ENABLE ROW LEVEL SECURITY;

-- Name: subject_request; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.subject_request ENABLE ROW LEVEL SECURITY;

-- Name: subject_request_step; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.subject_request_step ENABLE ROW LEVEL SECURITY;

-- Name: sweep_run; Type: ROW SECURITY; Schema: maysend; Owner: postgres

ALTER TABLE maysend.sweep_run ENABLE ROW LEVEL SECURITY;

-- Name: SCHEMA maysend; Type: ACL; Schema: -; Owner: postgres

GRANT USAGE ON SCHEMA maysend TO maysend_check;
GRANT USAGE ON SCHEMA maysend TO maysend_write;
GRANT USAGE ON SCHEMA maysend TO maysend_admin;
GRANT USAGE ON SCHEMA maysend TO maysend_audit;
GRANT USAGE ON SCHEMA maysend TO maysend_courier;
GRANT USAGE ON SCHEMA maysend TO maysend_seal;

-- Name: FUNCTION drop_broken_imports(); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.drop_broken_imports() FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.drop_broken_imports() TO maysend_write;

-- Name: FUNCTION drop_import_rows(n bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.drop_import_rows(n bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.drop_import_rows(n bigint) TO maysend_write;

-- Name: FUNCTION import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.import_people(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) TO maysend_write;

-- Name: TABLE import_row; Type: ACL; Schema: maysend; Owner: postgres

GRANT INSERT ON TABLE maysend.import_row TO maysend_write;

-- Name: FUNCTION import_slice(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.import_slice(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.import_slice(n bigint, after_key uuid, after_line bigint, until_key uuid, rows bigint) TO maysend_write;

-- Name: FUNCTION lifted_elsewhere(keys uuid[]); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.lifted_elsewhere(keys uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.lifted_elsewhere(keys uuid[]) TO maysend_write;

-- Name: FUNCTION next_import(); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.next_import() FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.next_import() TO maysend_write;

-- Name: FUNCTION notice_addresses(controller bigint, to_whom text, ids bigint[]); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.notice_addresses(controller bigint, to_whom text, ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.notice_addresses(controller bigint, to_whom text, ids bigint[]) TO maysend_courier;

-- Name: FUNCTION open_import_rows(n bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.open_import_rows(n bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.open_import_rows(n bigint) TO maysend_write;

-- Name: FUNCTION own_import(n bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.own_import(n bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.own_import(n bigint) TO maysend_write;

-- Name: FUNCTION receive_earlier(request bigint, earlier timestamp with time zone, due timestamp with time zone); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.receive_earlier(request bigint, earlier timestamp with time zone, due timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.receive_earlier(request bigint, earlier timestamp with time zone, due timestamp with time zone) TO maysend_write;

-- Name: FUNCTION roll_idempotency(today date); Type: ACL; Schema: maysend; Owner: postgres

GRANT ALL ON FUNCTION maysend.roll_idempotency(today date) TO maysend_write;

-- Name: FUNCTION roll_import_verdicts(today date); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.roll_import_verdicts(today date) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.roll_import_verdicts(today date) TO maysend_write;

-- Name: FUNCTION roll_outbox(today date); Type: ACL; Schema: maysend; Owner: postgres

GRANT ALL ON FUNCTION maysend.roll_outbox(today date) TO maysend_write;
GRANT ALL ON FUNCTION maysend.roll_outbox(today date) TO maysend_courier;

-- Name: FUNCTION sort_import_rows(n bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.sort_import_rows(n bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.sort_import_rows(n bigint) TO maysend_write;

-- Name: FUNCTION unpack_notices(controller bigint, to_whom text); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.unpack_notices(controller bigint, to_whom text) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.unpack_notices(controller bigint, to_whom text) TO maysend_courier;

-- Name: FUNCTION want_restore_check(why text); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.want_restore_check(why text) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.want_restore_check(why text) TO maysend_seal;

-- Name: FUNCTION wipe_notice_addresses(before timestamp with time zone, step bigint); Type: ACL; Schema: maysend; Owner: postgres

REVOKE ALL ON FUNCTION maysend.wipe_notice_addresses(before timestamp with time zone, step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION maysend.wipe_notice_addresses(before timestamp with time zone, step bigint) TO maysend_courier;
GRANT ALL ON FUNCTION maysend.wipe_notice_addresses(before timestamp with time zone, step bigint) TO maysend_admin;

-- Name: TABLE api_key; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.api_key TO maysend_check;
GRANT SELECT ON TABLE maysend.api_key TO maysend_write;
GRANT SELECT,INSERT ON TABLE maysend.api_key TO maysend_admin;
GRANT SELECT ON TABLE maysend.api_key TO maysend_audit;

-- Name: COLUMN api_key.revoked_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(revoked_at) ON TABLE maysend.api_key TO maysend_admin;

-- Name: TABLE catalogue_epoch; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.catalogue_epoch TO maysend_check;
GRANT SELECT ON TABLE maysend.catalogue_epoch TO maysend_write;
GRANT SELECT ON TABLE maysend.catalogue_epoch TO maysend_admin;
GRANT SELECT ON TABLE maysend.catalogue_epoch TO maysend_audit;
GRANT SELECT ON TABLE maysend.catalogue_epoch TO maysend_courier;
GRANT SELECT ON TABLE maysend.catalogue_epoch TO maysend_seal;

-- Name: TABLE cluster; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.cluster TO maysend_check;
GRANT SELECT ON TABLE maysend.cluster TO maysend_write;
GRANT SELECT ON TABLE maysend.cluster TO maysend_admin;
GRANT SELECT ON TABLE maysend.cluster TO maysend_audit;
GRANT SELECT ON TABLE maysend.cluster TO maysend_seal;
GRANT SELECT ON TABLE maysend.cluster TO maysend_courier;

-- Name: TABLE ledger; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.ledger TO maysend_write;
GRANT SELECT ON TABLE maysend.ledger TO maysend_audit;
GRANT SELECT ON TABLE maysend.ledger TO maysend_seal;

-- Name: TABLE consent; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.consent TO maysend_write;
GRANT SELECT ON TABLE maysend.consent TO maysend_audit;

-- Name: TABLE contact; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE maysend.contact TO maysend_write;
GRANT SELECT ON TABLE maysend.contact TO maysend_audit;

-- Name: TABLE due_task; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.due_task TO maysend_write;
GRANT SELECT ON TABLE maysend.due_task TO maysend_audit;

-- Name: COLUMN due_task.done_to; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(done_to) ON TABLE maysend.due_task TO maysend_write;

-- Name: COLUMN due_task.finished_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(finished_at) ON TABLE maysend.due_task TO maysend_write;

-- Name: TABLE holder; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.holder TO maysend_check;
GRANT SELECT ON TABLE maysend.holder TO maysend_write;
GRANT SELECT,INSERT ON TABLE maysend.holder TO maysend_admin;
GRANT SELECT ON TABLE maysend.holder TO maysend_audit;
GRANT SELECT ON TABLE maysend.holder TO maysend_courier;
GRANT SELECT ON TABLE maysend.holder TO maysend_seal;

-- Name: COLUMN holder.name; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(name) ON TABLE maysend.holder TO maysend_admin;

-- Name: TABLE idempotency; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.idempotency TO maysend_write;

-- Name: TABLE import; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT,UPDATE ON TABLE maysend.import TO maysend_write;
GRANT SELECT ON TABLE maysend.import TO maysend_audit;

-- Name: TABLE import_before; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT,DELETE ON TABLE maysend.import_before TO maysend_write;

-- Name: TABLE import_lane; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.import_lane TO maysend_write;

-- Name: COLUMN import_lane.cursor_key; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(cursor_key) ON TABLE maysend.import_lane TO maysend_write;

-- Name: COLUMN import_lane.cursor_line; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(cursor_line) ON TABLE maysend.import_lane TO maysend_write;

-- Name: COLUMN import_lane.cursor_first; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(cursor_first) ON TABLE maysend.import_lane TO maysend_write;

-- Name: COLUMN import_lane.is_done; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(is_done) ON TABLE maysend.import_lane TO maysend_write;

-- Name: TABLE import_verdict; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.import_verdict TO maysend_write;

-- Name: TABLE instance; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.instance TO maysend_check;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE maysend.instance TO maysend_write;
GRANT SELECT ON TABLE maysend.instance TO maysend_admin;
GRANT SELECT ON TABLE maysend.instance TO maysend_audit;

-- Name: COLUMN instance.state; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(state) ON TABLE maysend.instance TO maysend_admin;

-- Name: TABLE instance_ending; Type: ACL; Schema: maysend; Owner: postgres

GRANT INSERT ON TABLE maysend.instance_ending TO maysend_write;
GRANT SELECT,INSERT ON TABLE maysend.instance_ending TO maysend_admin;
GRANT SELECT ON TABLE maysend.instance_ending TO maysend_audit;

-- Name: TABLE known_domain; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.known_domain TO maysend_check;
GRANT SELECT ON TABLE maysend.known_domain TO maysend_audit;

-- Name: SEQUENCE letter_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT USAGE ON SEQUENCE maysend.letter_id TO maysend_write;

-- Name: TABLE letter; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.letter TO maysend_write;
GRANT SELECT ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(id) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.month; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(month) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.controller_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(controller_id) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.purpose; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(purpose) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.language; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(language) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.message_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(message_id) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.content; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(content) ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.state; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(state) ON TABLE maysend.letter TO maysend_audit;
GRANT UPDATE(state) ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.attempts; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(attempts) ON TABLE maysend.letter TO maysend_audit;
GRANT UPDATE(attempts) ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.due_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(due_at) ON TABLE maysend.letter TO maysend_audit;
GRANT UPDATE(due_at) ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.lease; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(lease) ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.answer; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(answer) ON TABLE maysend.letter TO maysend_audit;
GRANT UPDATE(answer) ON TABLE maysend.letter TO maysend_courier;

-- Name: COLUMN letter.posted_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(posted_at) ON TABLE maysend.letter TO maysend_audit;

-- Name: COLUMN letter.settled_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(settled_at) ON TABLE maysend.letter TO maysend_audit;
GRANT UPDATE(settled_at) ON TABLE maysend.letter TO maysend_courier;

-- Name: TABLE migration; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.migration TO maysend_check;
GRANT SELECT ON TABLE maysend.migration TO maysend_write;
GRANT SELECT ON TABLE maysend.migration TO maysend_admin;
GRANT SELECT ON TABLE maysend.migration TO maysend_audit;
GRANT SELECT ON TABLE maysend.migration TO maysend_courier;
GRANT SELECT ON TABLE maysend.migration TO maysend_seal;

-- Name: SEQUENCE notice_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT USAGE ON SEQUENCE maysend.notice_id TO maysend_write;

-- Name: TABLE notice; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.notice TO maysend_write;
GRANT SELECT ON TABLE maysend.notice TO maysend_courier;

-- Name: COLUMN notice.id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(id) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.month; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(month) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.controller_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(controller_id) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.group_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(group_id) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.recipient; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(recipient) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.webhook_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(webhook_id) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.act_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(act_id) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.act; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(act) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.address_key; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(address_key) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.address; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(address) ON TABLE maysend.notice TO maysend_courier;
GRANT UPDATE(address) ON TABLE maysend.notice TO maysend_write;

-- Name: COLUMN notice.state; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(state) ON TABLE maysend.notice TO maysend_write;
GRANT SELECT(state) ON TABLE maysend.notice TO maysend_audit;
GRANT UPDATE(state) ON TABLE maysend.notice TO maysend_courier;

-- Name: COLUMN notice.attempts; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(attempts) ON TABLE maysend.notice TO maysend_write;
GRANT SELECT(attempts) ON TABLE maysend.notice TO maysend_audit;
GRANT UPDATE(attempts) ON TABLE maysend.notice TO maysend_courier;

-- Name: COLUMN notice.due_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(due_at) ON TABLE maysend.notice TO maysend_write;
GRANT SELECT(due_at) ON TABLE maysend.notice TO maysend_audit;
GRANT UPDATE(due_at) ON TABLE maysend.notice TO maysend_courier;

-- Name: COLUMN notice.lease; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(lease) ON TABLE maysend.notice TO maysend_courier;

-- Name: COLUMN notice.answer; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(answer) ON TABLE maysend.notice TO maysend_audit;
GRANT UPDATE(answer) ON TABLE maysend.notice TO maysend_courier;
GRANT UPDATE(answer) ON TABLE maysend.notice TO maysend_write;

-- Name: COLUMN notice.posted_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(posted_at) ON TABLE maysend.notice TO maysend_audit;

-- Name: COLUMN notice.settled_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(settled_at) ON TABLE maysend.notice TO maysend_write;
GRANT SELECT(settled_at) ON TABLE maysend.notice TO maysend_audit;
GRANT UPDATE(settled_at) ON TABLE maysend.notice TO maysend_courier;

-- Name: TABLE notice_bundle; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.notice_bundle TO maysend_write;
GRANT SELECT ON TABLE maysend.notice_bundle TO maysend_courier;
GRANT SELECT ON TABLE maysend.notice_bundle TO maysend_audit;

-- Name: TABLE organisation; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT,UPDATE ON TABLE maysend.organisation TO maysend_write;
GRANT SELECT ON TABLE maysend.organisation TO maysend_audit;

-- Name: TABLE pending_erasure; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.pending_erasure TO maysend_write;
GRANT SELECT ON TABLE maysend.pending_erasure TO maysend_audit;

-- Name: COLUMN pending_erasure.act_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(act_id) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.asked_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(asked_at) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.due_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(due_at) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.done_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(done_at) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.address; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(address) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.name; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(name) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure."position"; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE("position") ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.phone; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(phone) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.source; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(source) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.organisation_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(organisation_id) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.stored_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(stored_at) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: COLUMN pending_erasure.updated_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(updated_at) ON TABLE maysend.pending_erasure TO maysend_write;

-- Name: TABLE pepper; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.pepper TO maysend_check;
GRANT SELECT ON TABLE maysend.pepper TO maysend_write;
GRANT SELECT,INSERT ON TABLE maysend.pepper TO maysend_admin;
GRANT SELECT ON TABLE maysend.pepper TO maysend_audit;
GRANT SELECT ON TABLE maysend.pepper TO maysend_courier;

-- Name: TABLE policy; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.policy TO maysend_check;
GRANT SELECT ON TABLE maysend.policy TO maysend_write;
GRANT SELECT,INSERT ON TABLE maysend.policy TO maysend_admin;
GRANT SELECT ON TABLE maysend.policy TO maysend_audit;
GRANT SELECT ON TABLE maysend.policy TO maysend_courier;

-- Name: TABLE recipient_endpoint; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.recipient_endpoint TO maysend_courier;
GRANT SELECT,INSERT,UPDATE ON TABLE maysend.recipient_endpoint TO maysend_admin;

-- Name: COLUMN recipient_endpoint.controller_id; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(controller_id) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(controller_id) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(controller_id) ON TABLE maysend.recipient_endpoint TO maysend_audit;

-- Name: COLUMN recipient_endpoint.recipient; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(recipient) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(recipient) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(recipient) ON TABLE maysend.recipient_endpoint TO maysend_audit;

-- Name: COLUMN recipient_endpoint.kind; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(kind) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(kind) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(kind) ON TABLE maysend.recipient_endpoint TO maysend_audit;

-- Name: COLUMN recipient_endpoint.url; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(url) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(url) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(url) ON TABLE maysend.recipient_endpoint TO maysend_audit;

-- Name: COLUMN recipient_endpoint.with_address; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(with_address) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(with_address) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(with_address) ON TABLE maysend.recipient_endpoint TO maysend_audit;

-- Name: COLUMN recipient_endpoint.state; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(state) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(state) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(state) ON TABLE maysend.recipient_endpoint TO maysend_audit;
GRANT UPDATE(state) ON TABLE maysend.recipient_endpoint TO maysend_courier;

-- Name: COLUMN recipient_endpoint.state_since; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(state_since) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(state_since) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(state_since) ON TABLE maysend.recipient_endpoint TO maysend_audit;
GRANT UPDATE(state_since) ON TABLE maysend.recipient_endpoint TO maysend_courier;

-- Name: COLUMN recipient_endpoint.failure; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(failure) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(failure) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(failure) ON TABLE maysend.recipient_endpoint TO maysend_audit;
GRANT UPDATE(failure) ON TABLE maysend.recipient_endpoint TO maysend_courier;

-- Name: COLUMN recipient_endpoint.failing_since; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT(failing_since) ON TABLE maysend.recipient_endpoint TO maysend_check;
GRANT SELECT(failing_since) ON TABLE maysend.recipient_endpoint TO maysend_write;
GRANT SELECT(failing_since) ON TABLE maysend.recipient_endpoint TO maysend_audit;
GRANT UPDATE(failing_since) ON TABLE maysend.recipient_endpoint TO maysend_courier;

-- Name: TABLE register; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.register TO maysend_write;
GRANT SELECT ON TABLE maysend.register TO maysend_audit;

-- Name: TABLE seal; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.seal TO maysend_seal;
GRANT SELECT ON TABLE maysend.seal TO maysend_audit;

-- Name: TABLE seal_head; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.seal_head TO maysend_seal;
GRANT SELECT ON TABLE maysend.seal_head TO maysend_audit;

-- Name: TABLE standing; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT ON TABLE maysend.standing TO maysend_check;
GRANT SELECT,INSERT,UPDATE ON TABLE maysend.standing TO maysend_write;
GRANT SELECT ON TABLE maysend.standing TO maysend_audit;

-- Name: TABLE subject_request; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.subject_request TO maysend_write;
GRANT SELECT ON TABLE maysend.subject_request TO maysend_audit;

-- Name: COLUMN subject_request.state; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(state) ON TABLE maysend.subject_request TO maysend_write;

-- Name: COLUMN subject_request.due_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(due_at) ON TABLE maysend.subject_request TO maysend_write;

-- Name: COLUMN subject_request.extended_months; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(extended_months) ON TABLE maysend.subject_request TO maysend_write;

-- Name: COLUMN subject_request.closed_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(closed_at) ON TABLE maysend.subject_request TO maysend_write;

-- Name: TABLE subject_request_step; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.subject_request_step TO maysend_write;
GRANT SELECT ON TABLE maysend.subject_request_step TO maysend_audit;

-- Name: TABLE sweep_run; Type: ACL; Schema: maysend; Owner: postgres

GRANT SELECT,INSERT ON TABLE maysend.sweep_run TO maysend_write;
GRANT SELECT ON TABLE maysend.sweep_run TO maysend_audit;

-- Name: COLUMN sweep_run.instance; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(instance) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.heard_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(heard_at) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.finished_at; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(finished_at) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.looked; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(looked) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.moved; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(moved) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.erased; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(erased) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.grounds; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(grounds) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.digest; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(digest) ON TABLE maysend.sweep_run TO maysend_write;

-- Name: COLUMN sweep_run.strays_to; Type: ACL; Schema: maysend; Owner: postgres

GRANT UPDATE(strays_to) ON TABLE maysend.sweep_run TO maysend_write;

