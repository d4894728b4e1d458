import Postgres
public import Rules

/// How many contacts fall due in which month, and what keeps them until then, if nothing else happens.
///
/// Those of the ground `lookGround` do not fall due then but are looked at: a fact is dated at that instant, as the end of a
/// customer relation, or an entry of the group or damage was found; most of them are kept for longer.
public struct Forecast: Sendable {
    /// When it was made.
    public let at: Instant
    /// Those due already, which the next sweep takes, by ground; of `lookGround` whom it looks at and may keep.
    public let overdue: [Count]
    /// The coming months, this one's rest first; each has all its grounds.
    public let months: [Month]
    /// Those with a clock that ends later, and those without any.
    public let later: Int64
    public let unlimited: Int64
    /// Whether due dates are still being reckoned anew, so that the figures will move.
    public let isPending: Bool

    /// The ground of those who are only looked at.
    public static let lookGround = "to-be-looked-at"

    /// How many months may be asked.
    public static let monthsMax = 60
    public static let monthsStandard = 12

    /// How many for one ground.
    public struct Count: Hashable, Sendable {
        /// `newsletter/cold-lead`.
        public let ground: String
        public let count: Int64
    }

    /// One month, in UTC.
    public struct Month: Hashable, Sendable {
        /// `2026-12`.
        public let name: String
        public let counts: [Count]

        public var total: Int64 { counts.reduce(0) { $0 + $1.count } }
    }
}

enum ForecastSQL {
    /// One pass over the index of due dates.
    static let counts = Statement(
        "forecast.counts",
        """
        select case when c.due_at <= $2 then '' else to_char(c.due_at at time zone 'UTC', 'YYYY-MM') end as month,
            coalesce(c.due_ground, '?') as ground, count(*) as count
        from contact c
        where c.controller_id = $1 and c.due_at < date_trunc('month', $2 at time zone 'UTC') at time zone 'UTC'
            + make_interval(months => $3)
        group by 1, 2 order by 1, 2
        """,
        in: (Int64.self, Instant.self, Int32.self), out: ("month", String?.self), ("ground", String?.self),
        ("count", Int64.self))
    static let rest = Statement(
        "forecast.rest",
        """
        select count(c.due_at) as later, count(*) - count(c.due_at) as unlimited from contact c
        where c.controller_id = $1 and (c.due_at is null
            or c.due_at >= date_trunc('month', $2 at time zone 'UTC') at time zone 'UTC' + make_interval(months => $3))
        """,
        in: (Int64.self, Instant.self, Int32.self), out: ("later", Int64.self), ("unlimited", Int64.self))
    static let months = Statement(
        "forecast.months",
        """
        select to_char(m, 'YYYY-MM') as month
        from generate_series(date_trunc('month', $1 at time zone 'UTC'),
            date_trunc('month', $1 at time zone 'UTC') + make_interval(months => $2 - 1), interval '1 month') as m
        """,
        in: (Instant.self, Int32.self), out: ("month", String?.self), into: { (month: String?) in month ?? "" })

    static let all: [AnyStatement] = [counts.erased, rest.erased, months.erased]
}

extension Store {
    /// Counts, in the database, what falls due in the coming months.
    public func forecast(months: Int, by access: Access) async throws(StoreError) -> Forecast {
        guard (1...Forecast.monthsMax).contains(months) else { throw .tooMany(limit: Forecast.monthsMax) }
        return try await sight(of: access.controller) { tx throws(StoreError) in
            let controller = access.controller
            let now = try tx.one(LedgerSQL.clock, ())
            let version = try self.catalogue(tx).version(of: controller, at: now)
            let asked = (controller.id, now, Int32(months))
            var counts: [String: [Forecast.Count]] = [:]
            for (month, ground, count) in try tx.all(ForecastSQL.counts, asked) {
                counts[month ?? "", default: []].append(Forecast.Count(ground: ground ?? "?", count: count))
            }
            let (later, unlimited) = try tx.one(ForecastSQL.rest, asked)
            return Forecast(
                at: now, overdue: counts[""] ?? [],
                months: try tx.all(ForecastSQL.months, (now, Int32(months))).map {
                    Forecast.Month(name: $0, counts: counts[$0] ?? [])
                },
                later: later, unlimited: unlimited,
                isPending: try tx.one(SweepSQL.isPending, (controller.id, version.id)))
        }
    }
}
