import Postgres
import Rules
import Store

/// The statements of the bench: the one place outside the store that writes its tables, into a database of its own.
enum BenchSQL {
    static let holder = Statement(
        "bench.holder", "select id from maysend.holder where kind = 'controller' and slug = $1", in: Slug.self,
        out: ("id", Int64.self))

    static let standings = CopyIn<(Int64, AddressKey, Bytea, Instant)>(
        "bench.standings", table: "maysend.standing",
        columns: ("holder_id", Int64.self), ("address_key", AddressKey.self), ("facts", Bytea.self),
        ("derived_at", Instant.self))

    static let ledger = CopyIn<
        (
            Int64, Int64, AddressKey, String?, Event.Name, Slug?, Scope?, String?, Event.Suppression?, Event.Bounce?,
            Instant, String, JSONB?
        )
    >(
        "bench.ledger", table: "maysend.ledger", columns: ("holder_id", Int64.self), ("controller_id", Int64.self),
        ("address_key", AddressKey.self), ("domain", String?.self), ("act", Event.Name.self), ("purpose", Slug?.self),
        ("scope", Scope?.self), ("consent_by", String?.self), ("suppression", Event.Suppression?.self),
        ("bounce", Event.Bounce?.self), ("at", Instant.self), ("actor", String.self), ("evidence", JSONB?.self))

    static let contacts = CopyIn<(Int64, AddressKey, String, Instant?, String)>(
        "bench.contacts", table: "maysend.contact", columns: ("controller_id", Int64.self),
        ("address_key", AddressKey.self), ("address", String.self), ("due_at", Instant?.self),
        ("due_ground", String.self))

    static let contactCount = Statement(
        "bench.contact-count", "select count(*) from (select from maysend.contact limit 1) c", in: (),
        out: ("count", Int64.self))

    static let dueCount = Statement(
        "bench.due-count", "select count(*) from maysend.contact where due_at <= now()", in: (),
        out: ("count", Int64.self))

    static let tasksDone = """
        insert into maysend.due_task (controller_id, policy_id)
            select h.id, p.id from maysend.holder h join maysend.policy p on p.group_id = h.group_id
            on conflict do nothing;
        update maysend.due_task set finished_at = now() where finished_at is null
        """

    static let markTable = """
        create table public.bench_seed (
            version bigint not null, people bigint not null, seed bigint not null, made_at timestamptz not null)
        """

    static let mark = Statement(
        "bench.mark", "insert into public.bench_seed (version, people, seed, made_at) values ($1, $2, $3, $4)",
        in: (Int64.self, Int64.self, Int64.self, Instant.self))

    static let isMarked = Statement(
        "bench.is-marked", "select to_regclass('public.bench_seed') is not null as is_marked", in: (),
        out: ("is_marked", Bool.self))

    static let serverVersion = Statement(
        "bench.server-version", "select current_setting('server_version') as version", in: (),
        out: ("version", String.self))

    static let readMark = Statement(
        "bench.read-mark", "select version, people, seed, made_at from public.bench_seed", in: (),
        out: ("version", Int64.self), ("people", Int64.self), ("seed", Int64.self), ("made_at", Instant.self),
        into: SeedMark.init)

    static let insertTable = """
        create table if not exists public.bench_insert (
            id bigint generated always as identity primary key, address_key uuid not null, act text not null,
            at timestamptz not null default clock_timestamp())
        """

    /// A script of pgbench that writes one small row and commits it.
    static let insertScript = """
        insert into public.bench_insert (address_key, act) values (gen_random_uuid(), 'unsubscribed');

        """

    /// A script of pgbench that finds the first standing at or behind a random key: one descent of the index that checks
    /// use, one row.
    ///
    /// A key is a digest, so a random number falls near a random person.
    static let standingScript = """
        \\set high random(0, 4294967295)
        select facts, aliases from maysend.standing
        where holder_id = :holder
            and address_key >= (lpad(to_hex(cast(:high as bigint)), 8, '0') || '000000000000000000000000')::uuid
        order by holder_id, address_key limit 1;

        """
}
