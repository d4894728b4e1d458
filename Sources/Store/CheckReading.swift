import Postgres
import Rules

enum CheckSQL {
    /// One row with the edition, the clock and an instance that may hold opt-outs which are not in the register yet, if there
    /// is one; and one row for each standing that is there: of persons by `$1` and `$2`, of domains by `$3` and `$4`, which
    /// are looked for among the few that are known first.
    static let standings = Statement(
        "check.standings",
        """
        select e.epoch, clock_timestamp() as now, p.name as peer, p.seconds_left, null::bigint as holder_id,
            null::uuid as address_key, null::bytea as facts, null::bytea as aliases, e.incarnation,
            hashtextextended(pg_relation_filepath(e.tableoid), 0) as place, pg_postmaster_start_time() as started_at
        from catalogue_epoch e left join lateral (
            select i.name, ceil(greatest(i.absence_seconds - i.missed_seconds, 0))::integer as seconds_left
            from instance i
            where i.state = 'live' and i.beat_at not between clock_timestamp() - interval '3 seconds' and clock_timestamp()
            limit 1
        ) p on true
        union all
        select null, null, null, null, s.holder_id, s.address_key, s.facts, s.aliases, null, null, null
        from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
        cross join lateral (
            select s.* from standing s where s.holder_id = k.holder_id and s.address_key = k.address_key offset 0
        ) s
        union all
        select null, null, null, null, s.holder_id, s.address_key, s.facts, s.aliases, null, null, null
        from unnest($3::bigint[], $4::uuid[]) as k(holder_id, address_key)
        cross join lateral (
            select d.* from known_domain d where d.holder_id = k.holder_id and d.address_key = k.address_key offset 0
        ) d
        cross join lateral (
            select s.* from standing s where s.holder_id = d.holder_id and s.address_key = d.address_key offset 0
        ) s
        """,
        in: ([Int64].self, [AddressKey].self, [Int64].self, [AddressKey].self), out: ("epoch", Int64?.self),
        ("now", Instant?.self),
        ("peer", String?.self), ("seconds_left", Int32?.self), ("holder_id", Int64?.self),
        ("address_key", AddressKey?.self), ("facts", Bytea?.self), ("aliases", Bytea?.self),
        ("incarnation", PGUUID?.self), ("place", Int64?.self), ("started_at", Instant?.self),
        into: CheckRow.init)

    static func input(_ places: some Sequence<CheckPlaces>) -> ([Int64], [AddressKey], [Int64], [AddressKey]) {
        var (persons, domains) = (PlaceColumns(), PlaceColumns())
        for some in places {
            for place in some.persons { persons.add(place) }
            for place in some.domains { domains.add(place) }
        }
        return (persons.holders, persons.keys, domains.holders, domains.keys)
    }

    static let all: [AnyStatement] = [standings.erased, list.erased]
}

/// A row of what a check query returns.
enum CheckRow: Sendable {
    case moment(Edition, now: Instant)
    /// Whatever the standings say, an acknowledged opt-out may be missing among them.
    case heldBack(HeldBack)
    case standing(StandingRow)
    case neither

    init(
        epoch: Int64?, now: Instant?, peer: String?, secondsLeft: Int32?, holder: Int64?, key: AddressKey?,
        facts: Bytea?, aliases: Bytea?, incarnation: PGUUID?, place: Int64?, startedAt: Instant?
    ) {
        if let peer {
            self = .heldBack(HeldBack(instance: peer, secondsLeft: Int(secondsLeft ?? 0)))
        } else if let now,
            let edition = Edition(epoch: epoch, incarnation: incarnation, place: place, startedAt: startedAt)
        {
            self = .moment(edition, now: now)
        } else if let holder, let key, let facts, let aliases {
            self = .standing(StandingRow(StandingPlace(holder: holder, key: key), facts: facts, aliases: aliases))
        } else {
            self = .neither
        }
    }
}

/// What one check query saw: the standings, and the instant and the catalogue's edition of the same statement.
struct CheckReading: Sendable {
    let edition: Edition
    let now: Instant
    let standings: Standings

    init(_ rows: [CheckRow]) throws(StoreError) {
        var moment: (edition: Edition, now: Instant)?
        var standings: [StandingRow] = []
        standings.reserveCapacity(rows.count)
        for row in rows {
            switch row {
            case .moment(let edition, let now): moment = (edition, now)
            case .standing(let standing): standings.append(standing)
            case .heldBack(let heldBack): throw .heldBack(heldBack)
            case .neither: throw .damaged("check.standings")
            }
        }
        guard let moment else { throw .damaged("catalogue_epoch") }
        (edition, now) = moment
        self.standings = Standings(standings)
    }

    static func result(of rows: Result<[CheckRow], PostgresError>) -> Result<CheckReading, StoreError> {
        switch rows {
        case .failure(let error): return .failure(StoreError(error))
        case .success(let rows):
            do throws(StoreError) { return .success(try CheckReading(rows)) } catch { return .failure(error) }
        }
    }
}

/// Places as two columns, each once, for an address form or a domain is shared by many.
struct PlaceColumns {
    private var seen = Set<StandingPlace>()
    private(set) var holders: [Int64] = []
    private(set) var keys: [AddressKey] = []

    mutating func add(_ place: StandingPlace) {
        guard seen.insert(place).inserted else { return }
        holders.append(place.holder)
        keys.append(place.key)
    }
}
