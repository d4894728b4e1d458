public import Postgres
public import Rules

/// Seconds after its last beat for which an instance is believed to have no opt-out of its own. Stated in SQL as well.
public let leaseSeconds = 3
/// Seconds between two beats.
public let beatSeconds = 1

/// The name by which the database knows an instance that has a spool.
public struct InstanceID: Hashable, Sendable, CustomStringConvertible {
    let uuid: PGUUID

    /// Of exactly 16 bytes, else nil.
    public init?(bytes: [UInt8]) {
        guard let uuid = PGUUID(bytes: bytes) else { return nil }
        self.uuid = uuid
    }

    /// Reads what `description` writes.
    public init?(parsing text: String) {
        guard let uuid = PGUUID(text) else { return nil }
        self.uuid = uuid
    }

    fileprivate init(_ uuid: PGUUID) { self.uuid = uuid }

    public var description: String { uuid.description }
}

/// An instance as the database knows it.
public struct InstanceRecord: Hashable, Sendable {
    public let id: InstanceID
    public let name: String
    public let state: State
    public let beatAt: Instant
    /// Whether its last beat is older than the lease, so that it may hold opt-outs.
    public let isLapsed: Bool
    /// Seconds for which it was missed while another instance looked.
    public let missedSeconds: Double
    /// Seconds after which nobody waits for it any more.
    public let absenceSeconds: Int

    public enum State: String, Sendable, PostgresWrapped {
        /// It beats, or may hold opt-outs and is waited for.
        case live
        /// It was missed for longer than it may be; nobody waits for it. What it holds is unknown.
        case absent
        /// An operator said that it does not come back.
        case forgotten
    }

    /// Why no check is answered.
    public var mayHold: Bool { state == .live && isLapsed }
    /// Seconds until nobody waits for it any more, counted while somebody looks.
    public var secondsLeft: Int { Int(max(Double(absenceSeconds) - missedSeconds, 0).rounded(.up)) }
}

enum InstanceSQL {
    static let clock = Statement(
        "instance.clock", "select clock_timestamp() as now", in: (), out: ("now", Instant.self))

    /// The beat is the database's own time of a moment at which it had not been sent yet, so one that arrives late renews
    /// nothing.
    static let register = Statement(
        "instance.register",
        """
        insert into instance (id, name, beat_at, absence_seconds) values ($1, $2, $3, $4)
        on conflict on constraint instance_key do update set name = excluded.name, beat_at = excluded.beat_at,
            absence_seconds = excluded.absence_seconds, state = 'live', missed_seconds = 0, missed_at = null
        returning clock_timestamp() as now
        """,
        in: (PGUUID.self, String.self, Instant.self, Int32.self), out: ("now", Instant.self))
    static let beat = Statement(
        "instance.beat",
        """
        update instance set beat_at = $2, state = 'live', missed_seconds = 0, missed_at = null where id = $1
        returning clock_timestamp() as now
        """,
        in: (PGUUID.self, Instant.self), out: ("now", Instant.self))
    static let end = Statement("instance.end", "delete from instance where id = $1", in: (PGUUID.self))

    static let all = Statement(
        "instance.all",
        """
        select id, name, state, beat_at,
            beat_at not between clock_timestamp() - interval '3 seconds' and clock_timestamp() as is_lapsed,
            missed_seconds, absence_seconds
        from instance order by name, id
        """,
        in: (), out: ("id", PGUUID.self), ("name", String.self), ("state", InstanceRecord.State.self),
        ("beat_at", Instant.self), ("is_lapsed", Bool?.self), ("missed_seconds", Double.self),
        ("absence_seconds", Int32.self),
        into: { id, name, state, beatAt, isLapsed, missed, absence in
            InstanceRecord(
                id: InstanceID(id), name: name, state: state, beatAt: beatAt, isLapsed: isLapsed ?? true,
                missedSeconds: missed, absenceSeconds: Int(absence))
        })

    /// Counts the time for which the others are missed, only as far as somebody looked: a database that was away makes
    /// nobody absent.
    static let miss = Statement(
        "instance.miss",
        """
        with lapsed as (
            select id, missed_seconds
                + least(greatest(coalesce(extract(epoch from clock_timestamp() - missed_at), 0), 0), 2) as missed
            from instance
            where state = 'live' and id is distinct from $1
                and beat_at not between clock_timestamp() - interval '3 seconds' and clock_timestamp()
            for update skip locked
        ), counted as (
            update instance i set missed_seconds = l.missed, missed_at = clock_timestamp(),
                state = case when l.missed >= i.absence_seconds then 'absent' else 'live' end
            from lapsed l where i.id = l.id
            returning i.id, i.name, i.state, i.beat_at
        )
        insert into instance_ending (instance_id, name, how, beat_at, ended_by)
        select id, name, 'absent', beat_at, $2 from counted where state = 'absent'
        """,
        in: (PGUUID?.self, String.self))

    static let forget = Statement(
        "instance.forget",
        """
        with forgotten as (
            update instance set state = 'forgotten'
            where id = $1 and state <> 'forgotten'
                and beat_at not between clock_timestamp() - interval '3 seconds' and clock_timestamp()
            returning id, name, beat_at
        )
        insert into instance_ending (instance_id, name, how, beat_at, ended_by)
        select id, name, 'forgotten', beat_at, $2 from forgotten
        """,
        in: (PGUUID.self, String.self))

    static let statements: [AnyStatement] = [
        clock.erased, register.erased, beat.erased, end.erased, all.erased, miss.erased, forget.erased,
    ]
}

/// What became of a beat.
public enum BeatOutcome: Sendable {
    /// The database heard it; its clock, read before it answered.
    case heard(Instant)
    /// The database does not know the instance.
    case unknown
    /// It was never sent.
    case notSent(StoreError)
    /// It may have arrived, or may yet.
    case maybeSent(StoreError)
}

/// How an instance is known to the others, on a connection of its own, so that no flood of requests keeps it silent.
public final class Presence: Sendable {
    private let database: Database

    private static let deadlines = Deadlines(
        queue: .milliseconds(250), statement: .seconds(1), transaction: .seconds(1))

    /// Connects in the background with one connection.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        var configuration = Postgres.Configuration(url: url)
        configuration.role = "maysend_write"
        configuration.connections = 1
        configuration.applicationName = "maysend_beat"
        // Nobody's row is ever locked for longer than this, even if this machine falls off the network in between.
        configuration.settings = [
            Setting("search_path", "maysend"), Setting("idle_in_transaction_session_timeout", "2000"),
            Setting("lock_timeout", "500"),
        ]
        configuration.connectTimeout = .seconds(1)
        configuration.commitDeadline = .seconds(1)
        configuration.commitResolution = .seconds(1)
        do throws(PostgresError) {
            database = try Database(configuration, random: random, observe: observe)
        } catch {
            throw StoreError(error)
        }
    }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) { try await database.answers(within: limit) }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(2)) }

    /// The database's clock.
    public func clock() async throws(StoreError) -> Instant {
        do throws(PostgresError) {
            guard let now = try await database.first(InstanceSQL.clock, (), deadlines: Self.deadlines) else {
                throw PostgresError.rowCount("instance.clock")
            }
            return now
        } catch {
            throw StoreError(error)
        }
    }

    /// Makes the instance known, or known again.
    public func register(_ id: InstanceID, name: String, beatAt: Instant, absenceSeconds: Int) async -> BeatOutcome {
        await send { tx throws(PostgresError) in
            try tx.first(InstanceSQL.register, (id.uuid, name, beatAt, Int32(clamping: absenceSeconds)))
        }
    }

    /// Says that the instance held nothing at the moment.
    public func beat(_ id: InstanceID, beatAt: Instant) async -> BeatOutcome {
        await send { tx throws(PostgresError) in try tx.first(InstanceSQL.beat, (id.uuid, beatAt)) }
    }

    private func send(
        _ body: @escaping @Sendable (borrowing Transaction<PostgresError>) throws(PostgresError) -> Instant?
    ) async -> BeatOutcome {
        do throws(PostgresError) {
            let heard = try await database.write(.optOut, deadlines: Self.deadlines, body)
            return heard.map { .heard($0) } ?? .unknown
        } catch {
            switch error {
            case .unavailable, .queueDeadline, .queueFull, .shutDown: return .notSent(StoreError(error))
            default: return .maybeSent(StoreError(error))
            }
        }
    }

    /// Every instance there is.
    public func instances() async throws(StoreError) -> [InstanceRecord] {
        do throws(PostgresError) {
            return try await database.all(InstanceSQL.all, (), deadlines: Self.deadlines)
        } catch {
            throw StoreError(error)
        }
    }

    /// Counts the time for which the others are missed; `id` is the one that looks, where it is known.
    public func miss(by id: InstanceID?, name: String) async throws(StoreError) {
        _ = try await database.write(.normal, deadlines: Self.deadlines) { tx throws(StoreError) in
            try tx.run(InstanceSQL.miss, (id?.uuid, name))
        }
    }

    /// Takes the instance out: it holds nothing and ends.
    public func end(_ id: InstanceID) async throws(StoreError) {
        _ = try await database.write(.optOut, deadlines: Self.deadlines) { tx throws(StoreError) in
            try tx.run(InstanceSQL.end, id.uuid)
        }
    }
}

extension Administration {
    /// Every instance there is.
    public func instances() async throws(StoreError) -> [InstanceRecord] {
        try await write { tx throws(StoreError) in try tx.all(InstanceSQL.all, ()) }
    }

    /// Nobody waits for the instance any more; who said so is recorded. False for one that is not known, beats, or is
    /// forgotten already.
    public func forget(_ id: InstanceID, by user: String) async throws(StoreError) -> Bool {
        try await write { tx throws(StoreError) in try tx.run(InstanceSQL.forget, (id.uuid, user)) > 0 }
    }
}
