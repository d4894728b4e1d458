import CPQ
import Glibc

/// Why a connection could not be made; never how libpq words it, which may repeat the connection string.
public enum ConnectFailure: Error, Equatable, Sendable {
    /// Nobody answers at that address.
    case unreachable
    /// Someone answers and refuses: unknown database or role, wrong password, too many connections, starting up.
    case refused
    /// A password is needed and none is configured.
    case passwordNeeded
    /// Not within ``Configuration/connectTimeout``.
    case timeout
    /// The session's settings or its role could not be set.
    case setUp(PostgresError)
    /// The system gave no memory.
    case exhausted
}

enum SetUpSQL {
    /// Settings in order, the role last; and when the server last lost its statistics (see ``CommitOutcome``).
    static let settings = Statement(
        "postgres.settings",
        """
        select (select pg_catalog.count(pg_catalog.set_config(s.name, s.value, false))
                from rows from (pg_catalog.unnest($1), pg_catalog.unnest($2)) as s(name, value)) as applied,
               pg_catalog.pg_stat_get_bgwriter_stat_reset_time() as stamp
        """,
        in: ([String].self, [String].self), out: ("applied", Int64.self), ("stamp", Timestamp?.self))
}

/// Opens a connection and sets its session up, all by `end`.
func connect(_ configuration: Configuration, wake: Wake, until end: Moment) throws(ConnectFailure) -> Session {
    guard let connection = startConnecting(configuration) else { throw .exhausted }
    do throws(ConnectFailure) {
        try finishConnecting(connection, wake: wake, until: end)
    } catch {
        PQfinish(connection)
        throw error
    }
    let session = Session(connection, wake: wake, cancelGrace: configuration.cancelGrace)
    do throws(PostgresError) {
        session.term = .housekeeping(max(end - Moment.now, .zero))
        let settings = sessionSettings(configuration)
        let applied = try session.rows(SetUpSQL.settings, (settings.map(\.name), settings.map(\.value)))
        session.stamp = applied.first?.1
    } catch {
        throw .setUp(error)
    }
    return session
}

private func sessionSettings(_ configuration: Configuration) -> [Setting] {
    var settings = configuration.settings
    settings += [Setting("TimeZone", "UTC"), Setting("default_transaction_read_only", "on")]
    settings += [Setting("client_min_messages", "warning")]
    if let role = configuration.role { settings.append(Setting("role", role)) }
    return settings
}

private func startConnecting(_ configuration: Configuration) -> OpaquePointer? {
    let keys = ["dbname", "client_encoding", "application_name"]
    let values = [configuration.url, "UTF8", configuration.applicationName]
    let cKeys = keys.map { strdup($0) }
    let cValues = values.map { strdup($0) }
    defer { for text in cKeys + cValues { free(text) } }
    let keyPointers: [UnsafePointer<CChar>?] = cKeys.map { UnsafePointer($0) } + [nil]
    let valuePointers: [UnsafePointer<CChar>?] = cValues.map { UnsafePointer($0) } + [nil]
    return PQconnectStartParams(keyPointers, valuePointers, 1)
}

private func finishConnecting(
    _ connection: OpaquePointer, wake: Wake, until end: Moment
) throws(ConnectFailure) {
    var isAnswered = false
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
        let status = PQstatus(connection)
        if status == CONNECTION_AWAITING_RESPONSE || status == CONNECTION_AUTH_OK { isAnswered = true }
        guard status != CONNECTION_BAD, state != PGRES_POLLING_FAILED else {
            if PQconnectionNeedsPassword(connection) == 1 { throw .passwordNeeded }
            throw isAnswered ? .refused : .unreachable
        }
        guard Moment.now < end else { throw .timeout }
        let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
        // A wake for another reason must not make libpq block: it is asked again only when the socket is ready.
        guard wake.wait(socket: PQsocket(connection), events: Int32(events), until: end) else { continue }
        state = PQconnectPoll(connection)
    }
}

/// That libpq understands the connection string.
func isConnectionString(_ url: String) -> Bool {
    guard let options = PQconninfoParse(url, nil) else { return false }
    PQconninfoFree(options)
    return true
}
